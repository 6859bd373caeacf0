"""One run of the engine: matches become alerts, batch by batch."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from vigie._core import Engine, Match, Rules
from vigie.errors import CaptureError
from vigie.model.alert import Alert
from vigie.runtime.host_names import resolved
from vigie.runtime.rules import sources
from vigie.runtime.rules.items import CompiledRule
from vigie.runtime.rules.load import load

if TYPE_CHECKING:
    from vigie.runtime.daemon.engine import LiveEngine

BATCH = 256
"""Matches that are handed over at once, at most about so many."""

EVENTS_BETWEEN_LOOKS = 500_000
"""Events, a tenth of a second of them, after which the clock is looked at and signals are heard."""


class Watch:
    """Runs rules over a source of events.

    rules: per source of events the compiled set and, by index, what alerts say of each rule. first: the first rule
    that matches an event is the only one.
    """

    def __init__(
        self,
        rules: Sequence[tuple[Rules, Sequence[CompiledRule]]],
        *,
        first: bool = True,
        static_fields: Mapping[str, str] | None = None,
        buffer_base64: bool = False,
    ) -> None:
        self._rules = [compiled for _, compiled in rules]
        self._hostname = hostname()
        names = sorted({name for core, _ in rules for name in core.host_names()})
        self.engine = Engine(
            [core for core, _ in rules],
            first=first,
            static_fields=dict(static_fields or {}),
            buffer_base64=buffer_base64,
            utc_offset=time.localtime().tm_gmtoff,
            host_names=resolved(names) if names else [],
        )

    def open(self, path: Path) -> None:
        """Takes events from a capture from now on. Raises CaptureError when it cannot be opened."""
        try:
            self.engine.replay(str(path))
        except OSError as error:
            raise CaptureError(f"the capture {path} could not be opened: {reason(error)}") from error

    def replay(self, path: Path, *, seconds: float = 0) -> Iterator[list[Alert]]:
        """Alerts of a capture, in the order of its events. Stops after `seconds`, 0 for never. Raises CaptureError
        when the capture cannot be opened, and at the point where it is damaged: what was before has been yielded."""
        self.open(path)
        deadline = time.monotonic() + seconds if seconds else None
        while (matches := self.engine.next(BATCH, EVENTS_BETWEEN_LOOKS)) is not None:
            if matches:
                yield self.alerts(matches)
            if deadline is not None and time.monotonic() >= deadline:
                return
        damage = self.engine.damage()
        if damage is not None:
            what, offset = damage
            events = self.engine.counters()["events"]
            at = "" if offset is None else f" (at byte {offset})"
            hint = f"the {events} events before that were judged" if events else "a capture of Falco or sysdig is read"
            raise CaptureError(f"{path}: {what}{at}", hint)

    def alerts(self, matches: Sequence[Match]) -> list[Alert]:
        """What is told of matches."""
        return [self._alert(match) for match in matches]

    def replace(self, rules: Sequence[tuple[Rules, Sequence[CompiledRule]]]) -> None:
        """Other rules from now on, for events to come; the state of the host stays."""
        cast("LiveEngine", self.engine).replace([core for core, _ in rules])
        self._rules = [compiled for _, compiled in rules]

    def _alert(self, match: Match) -> Alert:
        rule = self._rules[match.source][match.rule]
        return Alert(
            time=match.time,
            rule=rule.name,
            priority=rule.priority,
            source=rule.source,
            message=match.message,
            fields=match.fields,
            tags=rule.tags,
            hostname=self._hostname,
        )


def reason(error: OSError) -> str:
    """What the system said, without the number that the engine's errors end with."""
    return error.strerror or str(error).partition(" (os error ")[0]


def watch(
    capture: str | Path, rules: Sequence[str | Path] = (), *, library: Sequence[str] = ("stable",)
) -> Iterator[Alert]:
    """Alerts of a recorded capture, as its events are judged.

    rules: files or folders, after those of our own that `library` names (`stable`, `incubating`, `sandbox`). Raises
    RuleError when a file cannot be used, CaptureError when the capture cannot be read, or not to its end.
    """
    files = [*sources.library(library), *sources.find([str(path) for path in rules])]
    runner = Watch(load(files).ruleset.sets)
    for alerts in runner.replay(Path(capture)):
        yield from alerts


def hostname() -> str:
    """The name that alerts carry: `FALCO_HOSTNAME` when it is set, as with the peer, else the machine's."""
    name = os.environ.get("FALCO_HOSTNAME") or socket.gethostname()
    return os.fsencode(name).decode(errors="replace")
