"""Outputs of rules: what the settings append, and what is deprecated in them."""

from __future__ import annotations

from functools import cache

from msgspec import Struct

from vigie.runtime.rules.collect import Rule
from vigie.runtime.rules.settings import AppendOutput, RuleSettings

DEPRECATED = "%container.info"
"""Was replaced by facts about the container; now by nothing, since they are appended to every output."""


class Output(Struct):
    """The template of a rule, and further fields: name and template."""

    template: str
    fields: list[tuple[str, str]]
    deprecated: bool


@cache
def _suggested() -> tuple[str, ...]:
    from vigie._core import fields

    return tuple(row[1] for row in fields() if row[0] in ("container", "k8s") and "format_suggested" in row[5])


def suggested(source: str, static: tuple[str, ...]) -> str:
    """The template of the fields that are suggested for a source: static ones, then those of containers."""
    names = [f"static.{name}" for name in sorted(static)]
    if source == "syscall":
        names += _suggested()
    return " ".join(f"{name.replace('.', '_')}=%{name}" for name in names)


def applies(entry: AppendOutput, rule: Rule) -> bool:
    """Whether an entry of `append_output` is for a rule."""
    return entry.source in ("", rule.source) and entry.rule in ("", rule.name) and set(entry.tags) <= set(rule.tags)


def of(rule: Rule, settings: RuleSettings) -> Output:
    """The output of a rule with all that is appended."""
    own = rule.output
    deprecated = DEPRECATED in own
    parts = [own.replace(DEPRECATED, "") if deprecated else own]
    fields: dict[str, str] = {}
    for entry in settings.append:
        if not applies(entry, rule):
            continue
        if entry.output:
            parts.append(entry.output)
        if entry.suggested:
            parts.append(suggested(rule.source, settings.static))
        fields.update(entry.fields)
    return Output(" ".join(part for part in parts if part), list(fields.items()), deprecated)
