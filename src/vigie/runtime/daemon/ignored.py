"""Rules about system calls that move data (`read`, `sendto` …). As with the peer these are not captured unless all
calls are asked for, since they are most of what happens on a host; a rule about nothing else would be silent."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from vigie.runtime.daemon.affected import named
from vigie.runtime.rules.items import CompiledRule

CATEGORIES = ("io_read", "io_write")


def data_calls() -> frozenset[str]:
    """Names of the event types of such calls."""
    from vigie import _core

    return frozenset(row[1] for row in _core.event_types() if row[3] in CATEGORIES)


def told(rules: Sequence[CompiledRule], *, everything: bool, custom: Collection[str] = ()) -> list[str]:
    """What is to be said of rules that look at them. everything, custom: `all` and `custom_set` of `base_syscalls`."""
    if everything:
        return []
    left_out = data_calls() - set(custom)
    about = [rule for rule in rules if rule.runs and rule.events and not left_out.isdisjoint(rule.events)]
    silent = [rule.name for rule in about if left_out.issuperset(rule.events)]
    if not silent:
        return []
    calls = sorted({event for rule in about if rule.name in silent for event in rule.events})
    return [
        f"{', '.join(calls)}: calls that move data are captured with base_syscalls.all alone; until then these rules "
        f"find nothing: {named(silent)}"
    ]
