"""What each rule costs, measured on recorded events."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec import Struct

from vigie.errors import CaptureError
from vigie.runtime.rules.load import Loaded
from vigie.runtime.watch import Watch


class Cost(Struct, frozen=True, kw_only=True):
    """Of one rule. tried: how often its condition was evaluated; seconds: all evaluations together."""

    rule: str
    source: str
    tried: int
    matched: int
    seconds: float

    @property
    def each(self) -> float:
        """Nanoseconds of one evaluation."""
        return self.seconds * 1e9 / self.tried if self.tried else 0.0


class Profile(Struct, frozen=True, kw_only=True):
    """Of a run. costs: the most expensive rule first. events: that were read, that any rule looked at. damage: why the
    capture ended early, for the caller to raise."""

    costs: tuple[Cost, ...]
    events: int
    judged: int
    damage: CaptureError | None


def profile(loaded: Loaded, capture: Path, *, first: bool = True) -> Profile:
    """Runs the rules over a capture with a clock at each evaluation. Raises RuleError for rules that cannot be used,
    CaptureError for a capture that cannot be opened."""
    sets = loaded.ruleset.sets
    watch = Watch(sets, first=first)
    watch.engine.profile()
    damage = None
    try:
        for _ in watch.replay(capture):
            pass
    except CaptureError as error:
        if not watch.engine.counters()["events"]:
            raise
        damage = error
    costs = [
        Cost(rule=rule.name, source=rule.source, tried=tried, matched=matched, seconds=seconds)
        for (_, rules), measured in zip(sets, watch.engine.costs(), strict=True)
        for rule, (tried, matched, seconds) in zip(rules, measured, strict=True)
        if loaded.known[rule.name].runs
    ]
    costs.sort(key=lambda cost: (-cost.seconds, cost.rule))
    counters = watch.engine.counters()
    return Profile(costs=tuple(costs), events=counters["events"], judged=counters["events_judged"], damage=damage)


def table(result: Profile) -> str:
    """A line a rule, and the sum."""
    seconds = sum(cost.seconds for cost in result.costs)
    width = max((len(cost.rule) for cost in result.costs), default=4)
    lines = [f"{'rule':<{width}}  {'evaluations':>12}  {'hits':>8}  {'time':>11}  {'share':>6}  {'each':>9}"]
    for cost in result.costs:
        share = cost.seconds / seconds if seconds else 0
        lines.append(
            f"{cost.rule:<{width}}  {cost.tried:>12}  {cost.matched:>8}  {cost.seconds * 1e3:>8.3f} ms  {share:>6.1%}"
            f"  {cost.each:>6.0f} ns"
        )
    lines += ["", f"{result.events} events, {result.judged} looked at by rules, {seconds * 1e3:.3f} ms in conditions"]
    return "\n".join(lines) + "\n"


def document(result: Profile) -> dict[str, Any]:
    """The same for programs."""
    return {
        "events": result.events,
        "judged": result.judged,
        "rules": [
            {
                "rule": cost.rule,
                "source": cost.source,
                "evaluations": cost.tried,
                "hits": cost.matched,
                "seconds": cost.seconds,
                "nanoseconds_each": round(cost.each, 1),
            }
            for cost in result.costs
        ],
    }
