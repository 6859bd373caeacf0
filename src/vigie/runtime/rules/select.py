"""Which rules run, and in which order."""

from __future__ import annotations

from collections.abc import Iterable

from vigie.runtime.rules.collect import Rule
from vigie.runtime.rules.settings import RuleSettings, Selection


def running(rules: Iterable[Rule], settings: RuleSettings) -> list[Rule]:
    """The rules that run, in the order in which they are tried: as defined, those that the settings enable last."""
    able = [rule for rule in rules if rule.priority <= settings.priority and not rule.unknown_source]
    active = {rule.name: rule for rule in able if rule.enabled}
    for selection in settings.selections:
        for rule in able:
            if not selects(selection, rule):
                continue
            if selection.enable:
                active.setdefault(rule.name, rule)
            else:
                active.pop(rule.name, None)
    return list(active.values())


def selects(selection: Selection, rule: Rule) -> bool:
    """Whether an entry of the settings concerns a rule."""
    if selection.rule and matches(selection.rule, rule.name):
        return True
    return bool(selection.tag) and selection.tag in rule.tags


def matches(pattern: str, name: str) -> bool:
    """Whether a name is as in the pattern, in which each `*` stands for any text."""
    first, *middle = pattern.split("*")
    if not middle:
        return name == first
    last = middle.pop()
    if not name.startswith(first):
        return False
    at = len(first)
    for part in middle:
        found = name.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(name) - len(last) >= at and name.endswith(last)
