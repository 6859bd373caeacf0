"""An alert as one line, text or JSON, as the peer prints it.

Source: the peer's documented alert formats. JSON keys stand in the order of their bytes on every level; the text is
escaped like the inside of a JSON string, so that nothing in an event can break a line.
"""

from __future__ import annotations

import time
from typing import Any

import msgspec
from msgspec import Struct

from vigie.model.alert import Alert


class LineFormat(Struct, frozen=True, kw_only=True):
    """What a line holds. iso: times in UTC and ISO 8601 in text; the other switches concern JSON."""

    json: bool = False
    iso: bool = False
    include_output: bool = True
    include_message: bool = False
    include_fields: bool = True
    include_tags: bool = True


def write(alert: Alert, form: LineFormat) -> str:
    """The line, without its end."""
    output = f"{prefix(alert, iso=form.iso)} {alert.message}"
    if not form.json:
        return _json(output)[1:-1]
    document: dict[str, Any] = {
        "hostname": alert.hostname,
        "priority": alert.priority.name,
        "rule": alert.rule,
        "source": alert.source,
        "time": f"{instant(alert.time)}Z",
    }
    if form.include_message:
        document["message"] = alert.message
    if form.include_output:
        document["output"] = output
    if form.include_fields:
        # The prefix's time first: an extra field of the same name is the one that stays.
        document["output_fields"] = {"evt.time.iso8601" if form.iso else "evt.time": alert.time, **alert.fields}
    if form.include_tags:
        document["tags"] = list(alert.tags)
    return _json(document)


_ENCODER = msgspec.json.Encoder(order="sorted")


def _json(value: Any) -> str:
    """Without blanks, letters as they are, numbers that JSON has not as null."""
    return _ENCODER.encode(value).decode()


def prefix(alert: Alert, *, iso: bool) -> str:
    """`12:00:00.000000000: Warning`, in UTC with `iso`, else in local time: by the clock that is in force now, as with
    the peer, summer or not."""
    if iso:
        return f"{instant(alert.time)}+0000: {alert.priority.name}"
    return f"{clock(alert.time)}: {alert.priority.name}"


def clock(nanoseconds: int) -> str:
    """`12:00:00.000000000`, local."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    local = time.gmtime(seconds + time.localtime().tm_gmtoff)
    return f"{time.strftime('%H:%M:%S', local)}.{rest:09}"


def instant(nanoseconds: int) -> str:
    """`2026-01-31T12:00:00.000000000`, UTC, without a zone."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{rest:09}"
