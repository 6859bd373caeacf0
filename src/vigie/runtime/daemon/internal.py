"""What the watch says of itself, as alerts of the source `internal`. Names, texts and fields are the peer's; fields
that the peer does not have stand beside them."""

from __future__ import annotations

import time
from collections.abc import Mapping

from vigie.model.alert import FieldValue, InternalAlert, Priority
from vigie.runtime.watch import hostname

DROP = "Falco internal: syscall event drop"
TIMEOUTS = "Falco internal: timeouts notification"
METRICS = "Falco internal: metrics snapshot"
RESTART = "Falco internal: hot restart failure"
CAPTURE = "Falco internal: capture size limit reached"


def drop(lost: int, fields: Mapping[str, FieldValue]) -> InternalAlert:
    """Events were dropped."""
    return _alert(DROP, Priority.Debug, f"{DROP}. {lost} system calls dropped in last second.", fields)


def timeouts(count: int, last_event: int) -> InternalAlert:
    """Nothing came for a while. last_event: nanoseconds since the epoch, 0 for none."""
    text = f"{TIMEOUTS}. {count} consecutive timeouts without event."
    return _alert(TIMEOUTS, Priority.Debug, text, {"last_event_time": clock(last_event) if last_event else "none"})


def metrics(fields: Mapping[str, FieldValue]) -> InternalAlert:
    """Counters."""
    return _alert(METRICS, Priority.Informational, "Falco metrics snapshot", fields)


def restart(why: str) -> InternalAlert:
    """New settings or rules cannot be used; the old ones go on."""
    return _alert(RESTART, Priority.Critical, f"{RESTART}: {why}", {})


def capture(limit: int, written: int) -> InternalAlert:
    """A recording became too large. limit: megabytes. written: bytes."""
    text = f"{CAPTURE}. Configured limit: {limit} MB."
    return _alert(CAPTURE, Priority.Informational, text, {"max_file_size_mb": limit, "written_bytes": written})


def _alert(rule: str, priority: Priority, text: str, fields: Mapping[str, FieldValue]) -> InternalAlert:
    return InternalAlert(
        time=time.time_ns(), rule=rule, priority=priority, text=text, fields=dict(fields), hostname=hostname()
    )


def clock(nanoseconds: int) -> str:
    """Local time of day, `12:00:00.000000000`."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return f"{time.strftime('%H:%M:%S', time.localtime(seconds))}.{rest:09}"
