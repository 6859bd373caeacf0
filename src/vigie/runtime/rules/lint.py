"""Advice about rules that load: names nobody uses, rules that never run, order that surprises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol, TypeGuard

from msgspec import Struct

from vigie.runtime.rules.problems import Where

if TYPE_CHECKING:
    from vigie.runtime.rules.compile import Known
    from vigie.runtime.rules.load import Loaded


class Advice(Struct, frozen=True):
    """One remark. about: `shadowed`, `never`, `repeated`, `redefined` or the code of a warning."""

    about: str
    message: str
    where: Where


class Judge(Protocol):
    """What the engine knows about compiled rules of one source."""

    def never(self, index: int) -> bool:
        """Whether no event can match."""

    def implies(self, one: int, other: int) -> bool:
        """Whether every event that matches one rule matches the other."""


def remarks(loaded: Loaded, *, first: bool = True) -> Iterator[Advice]:
    """All remarks about files without errors. first: of several rules that match an event only the first does."""
    for problem in loaded.problems:
        if not problem.fatal:
            yield Advice(problem.code, problem.message, problem.where)
    yield from _redefined(loaded)
    for core, compiled in loaded.compiler.sets if loaded.compiler else ():
        rules = [known for rule in compiled if (known := loaded.known[rule.name]).runs]
        repeated = list(_repeated(rules))
        yield from repeated
        if _judges(core):
            told = {advice.where for advice in repeated}
            yield from (advice for advice in _judged(core, rules, first) if advice.where not in told)


def _judges(core: object) -> TypeGuard[Judge]:
    """Whether the engine at hand can prove things about rules."""
    return hasattr(core, "never") and hasattr(core, "implies")


def _redefined(loaded: Loaded) -> Iterator[Advice]:
    """Names defined twice in one file: a slip, most of the time. A definition in a later file is meant to replace."""
    for where, earlier in loaded.collection.redefined:
        message = f"the {where.kind} '{where.name}' replaces the one of the same name on line {earlier.line}"
        yield Advice("redefined", message, where)


def _repeated(rules: list[Known]) -> Iterator[Advice]:
    """Rules whose conditions are word for word those of earlier ones."""
    seen: dict[str, Known] = {}
    for known in rules:
        text = " ".join(known.resolved.text.split())
        earlier = seen.setdefault(text, known)
        if earlier is not known:
            message = f"the condition is that of the rule '{earlier.rule.name}'"
            yield Advice("repeated", message, known.rule.where)


def _judged(core: Judge, rules: list[Known], first: bool) -> Iterator[Advice]:
    """What the engine can prove: rules that no event matches, and those that an earlier one always takes away."""
    by_events: dict[str, list[Known]] = {}
    for known in rules:
        name = known.rule.name
        if core.never(known.index):
            yield Advice("never", f"no event can match the condition of the rule '{name}'", known.rule.where)
            continue
        broader = next((one for one in _earlier(by_events, known) if core.implies(known.index, one.index)), None)
        if first and broader is not None:
            message = (
                f"'{broader.rule.name}' comes before and matches whatever this rule does: with 'rule_matching: first' "
                "this one never alerts"
            )
            yield Advice("shadowed", message, known.rule.where)
        for event in known.events or [""]:
            by_events.setdefault(event, []).append(known)


def _earlier(by_events: dict[str, list[Known]], known: Known) -> Iterator[Known]:
    """Earlier rules that could match whatever this one does: they are tried on all of its types of events."""
    yield from by_events.get("", ())
    if known.events:
        # It is enough to look at those of one type: a broader rule has them all.
        yield from by_events.get(known.events[0], ())
