"""One run of the engine: matches become alerts, batch by batch."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from vigie._core import Engine, Match, Rules
from vigie.errors import CaptureError
from vigie.model.alert import Alert
from vigie.runtime.host_names import resolved
from vigie.runtime.rules import sources
from vigie.runtime.rules.items import CompiledRule
from vigie.runtime.rules.load import load

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

BATCH = 256
"""Matches that are handed over at once, at most about so many."""

EVENTS_BETWEEN_LOOKS = 500_000
"""Events, a tenth of a second of them, after which the clock is looked at and signals are heard."""

KEEP = 300.0
"""Seconds for which rules that were replaced are remembered: matches of them may still wait for their containers."""

MISSING = "vigie.container_missing"
"""The output field that says why nothing is known of an alert's container."""

Compiled: TypeAlias = tuple[Rules, Sequence[CompiledRule]]
"""The rules of one source of events, and by index what alerts say of each."""


class Watch:
    """Runs rules over a source of events.

    rules: per source of events the compiled set and, by index, what alerts say of each rule. first: the first rule
    that matches an event is the only one. wait: seconds that an alert waits for the metadata of its container; one
    that waited in vain says why it is missing.
    """

    def __init__(
        self,
        rules: Sequence[Compiled],
        *,
        first: bool = True,
        static_fields: Mapping[str, str] | None = None,
        buffer_base64: bool = False,
        wait: float = 0,
    ) -> None:
        self._rules = {0: [compiled for _, compiled in rules]}
        self._replaced: dict[int, float] = {}
        self._generation = 0
        self._hostname = hostname()
        self._waits = wait > 0
        self.engine = Engine(
            [core for core, _ in rules],
            first=first,
            static_fields=dict(static_fields or {}),
            buffer_base64=buffer_base64,
            utc_offset=time.localtime().tm_gmtoff,
            host_names=_resolved(rules),
            wait_ms=round(wait * 1000),
        )

    @property
    def rules(self) -> list[Sequence[CompiledRule]]:
        """What alerts say of the rules that run now."""
        return self._rules[self._generation]

    def replace(
        self,
        rules: Sequence[Compiled],
        *,
        first: bool = True,
        static_fields: Mapping[str, str] | None = None,
        buffer_base64: bool = False,
        wait: float = 0,
    ) -> None:
        """Other rules and settings from now on, for events to come; the state of the host stays. From one other thread
        than that which takes the matches, too."""
        now = time.monotonic()
        for old in [old for old, when in self._replaced.items() if now - when > KEEP]:
            del self._replaced[old], self._rules[old]
        self._replaced[self._generation] = now
        # Matches of the new rules may come before the call returns.
        self._rules[self._generation + 1] = [compiled for _, compiled in rules]
        self._generation = self.engine.replace(
            [core for core, _ in rules],
            first=first,
            static_fields=dict(static_fields or {}),
            buffer_base64=buffer_base64,
            utc_offset=time.localtime().tm_gmtoff,
            host_names=_resolved(rules),
            wait_ms=round(wait * 1000),
        )
        self._waits = wait > 0

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

    def _alert(self, match: Match) -> Alert:
        rule = self._rules[match.generation][match.source][match.rule]
        message, fields = match.message, match.fields
        if self._waits and match.missing:
            message = f"{message} (container: {match.missing})"
            fields = {**fields, MISSING: match.missing}
        return Alert(
            time=match.time,
            rule=rule.name,
            priority=rule.priority,
            source=rule.source,
            message=message,
            fields=fields,
            tags=rule.tags,
            hostname=self._hostname,
        )


def _resolved(rules: Sequence[Compiled]) -> list[tuple[IPv4Address | IPv6Address, str]]:
    names = sorted({name for core, _ in rules for name in core.host_names()})
    return resolved(names) if names else []


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
