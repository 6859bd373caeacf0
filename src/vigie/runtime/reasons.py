"""Why rules match one event or not: which parts of their conditions hold in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from vigie.alerts.line import instant
from vigie.errors import CaptureError, UsageError
from vigie.log import printable
from vigie.runtime.rules.load import Loaded
from vigie.runtime.watch import Watch
from vigie.settings.resolve import nearest, shown

SHOWN = ("evt.type", "proc.name", "thread.tid", "evt.args")
"""Fields of the event that are told with it."""

LONGEST = 160
"""Characters of a comparison or a value that are shown; JSON has them whole."""


class Part(Struct, frozen=True):
    """One part of a condition: `and`, `or`, `not`, a macro's name, or a comparison with what it compares."""

    depth: int
    text: str
    result: bool | None
    value: str


class Reason(Struct, frozen=True, kw_only=True):
    """Of one rule. tried: it looks at events of this type at all; runs: it is enabled."""

    rule: str
    tried: bool
    runs: bool
    parts: tuple[Part, ...]

    @property
    def matches(self) -> bool:
        """Whether the event is one that the rule alerts on."""
        return self.tried and bool(self.parts) and self.parts[0].result is True


class Explanation(Struct, frozen=True, kw_only=True):
    """Of one event. judged: False when it only updates the state and rules never see it."""

    number: int
    time: int
    type: str
    process: str
    thread: str
    arguments: str
    judged: bool
    reasons: tuple[Reason, ...]


def explain(loaded: Loaded, capture: Path, wanted: int, *, by_time: bool = False, rule: str = "") -> Explanation:
    """Explains one event, by its number or its time, for one rule or for all that look at such events. Raises RuleError
    for rules that cannot be used, UsageError for a rule or an event that is not there, CaptureError."""
    sets = loaded.ruleset.sets
    if rule and rule not in loaded.known:
        raise UsageError(f"there is no rule {shown(rule)}", nearest(rule, loaded.known))
    conditions = [
        [(i, loaded.known[one.name].resolved.condition) for i, one in enumerate(rules) if rule in ("", one.name)]
        for _, rules in sets
    ]
    resolver = loaded.resolver
    macros = {name: macro.condition for name, macro in resolver.macros.items()} if resolver else {}
    watch = Watch(sets)
    watch.open(capture)
    engine = watch.engine
    found = engine.explain(wanted, conditions, macros, SHOWN, by_time=by_time)
    if found is None:
        raise _absent(capture, wanted, by_time, engine.counters()["events"], engine.damage())
    number, time, index, judged, (kind, process, thread, arguments), explained = found
    names = [one.name for one in sets[index][1]] if index is not None else []
    reasons = [
        Reason(
            rule=names[at],
            tried=tried,
            runs=loaded.known[names[at]].runs,
            parts=tuple(Part(*part) for part in parts),
        )
        for at, tried, parts in explained
        if tried or rule
    ]
    return Explanation(
        number=number,
        time=time,
        type=kind,
        process=process,
        thread=thread,
        arguments=arguments,
        judged=judged,
        reasons=tuple(reasons),
    )


def _absent(
    capture: Path, wanted: int, by_time: bool, events: int, damage: tuple[str, int | None] | None
) -> CaptureError | UsageError:
    if damage is not None:
        what, offset = damage
        at = "" if offset is None else f" (at byte {offset})"
        return CaptureError(
            f"{capture}: {what}{at}", f"the event is not among the {events} before that" if events else ""
        )
    if by_time:
        return UsageError(f"{capture} has no event of the time {wanted}", "an alert's evt.time is such a time")
    return UsageError(f"{capture} has no event {wanted}", f"its events have the numbers 1 to {events}")


def text(explanation: Explanation, *, full: bool = False, first: bool = True) -> str:
    """The event, and of each rule the parts that decide; with `full` all parts. first: of several rules that match only
    the first alerts."""
    return "".join(f"{line}\n" for line in _lines(explanation, full, first))


def _lines(explanation: Explanation, full: bool, first: bool) -> Iterator[str]:
    who = f"{printable(explanation.process)}, thread {explanation.thread}"
    yield f"event {explanation.number} at {instant(explanation.time)}Z: {explanation.type} of {who}"
    if explanation.arguments:
        yield f"  {_cut(explanation.arguments)}"
    if not explanation.judged:
        yield "rules do not see this event: it only updates the state"
    elif not explanation.reasons:
        yield "no rule looks at such events"
    before = ""
    for reason in explanation.reasons:
        yield ""
        taken = f", but '{before}' comes first and is the one that alerts" if before and reason.matches else ""
        yield f"{reason.rule}: {_verdict(reason, explanation)}{taken}"
        before = before or (reason.rule if first and reason.matches else "")
        for part in reason.parts if full else decisive(reason.parts):
            yield _line(part)


def _verdict(reason: Reason, explanation: Explanation) -> str:
    if not reason.runs:
        return "is disabled"
    if not reason.tried:
        return f"does not look at {explanation.type} events" if explanation.judged else "is not tried"
    return "matches" if reason.matches else "does not match"


def _line(part: Part) -> str:
    result = {True: "true", False: "false", None: "?"}[part.result]
    value = f"   [{_cut(part.value)}]" if part.value else ""
    return f"  {result:<5} {'  ' * part.depth}{_cut(part.text)}{value}"


def _cut(text: str) -> str:
    plain = printable(text)
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}…"


def decisive(parts: Sequence[Part]) -> Iterator[Part]:
    """The parts that make the whole what it is: of an `and` that fails those that fail, of an `or` that holds those
    that hold."""
    hidden: int | None = None
    above: list[Part] = []
    for part in parts:
        if hidden is not None and part.depth > hidden:
            continue
        hidden = None
        del above[part.depth :]
        outer = above[-1] if above else None
        decided = outer is not None and (outer.text, outer.result) in (("and", False), ("or", True))
        if decided and outer is not None and part.result is not outer.result:
            hidden = part.depth
            continue
        above.append(part)
        yield part


def document(explanation: Explanation) -> dict[str, Any]:
    """All of it, for programs; parts as a tree in the order of the text, with their depth."""
    return {
        "event": {
            "number": explanation.number,
            "time": explanation.time,
            "type": explanation.type,
            "process": explanation.process,
            "thread": explanation.thread,
            "arguments": explanation.arguments,
            "judged": explanation.judged,
        },
        "rules": [
            {
                "rule": reason.rule,
                "enabled": reason.runs,
                "tried": reason.tried,
                "matches": reason.matches,
                "parts": [
                    {"depth": part.depth, "text": part.text, "result": part.result, "value": part.value}
                    for part in reason.parts
                ],
            }
            for reason in explanation.reasons
        ],
    }
