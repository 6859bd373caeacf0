"""What the settings of a run mean for its rules: which files, which of their rules, what is added to outputs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vigie.errors import UsageError
from vigie.runtime.rules import sources
from vigie.runtime.rules.document import Source
from vigie.runtime.rules.settings import SOURCES, AppendOutput, RuleSettings, Selection
from vigie.settings.resolve import shown
from vigie.settings.watch.keys import AppendOutput as AppendKeys
from vigie.settings.watch.keys import Selected, WatchKeys
from vigie.settings.watch.options import WatchSettings


def rule_settings(settings: WatchSettings, watched: Sequence[str] = SOURCES, *, schema: bool = False) -> RuleSettings:
    """The part of the settings that concerns rules. watched: sources of events. schema: also compare the files with
    the JSON schema. Raises UsageError."""
    keys = settings.keys
    return RuleSettings(
        priority=settings.priority,
        selections=tuple(_selections(keys)),
        append=tuple(_append(entry) for entry in keys.append_output),
        static=tuple(keys.static_fields),
        sources=tuple(watched),
        first=keys.rule_matching == "first",
        schema=schema,
    )


def _selections(keys: WatchKeys) -> list[Selection]:
    found = []
    for index, entry in enumerate(keys.rules):
        chosen: list[tuple[bool, Selected]] = []
        if entry.enable is not None:
            chosen.append((True, entry.enable))
        if entry.disable is not None:
            chosen.append((False, entry.disable))
        for enable, what in chosen:
            if (what.rule is None) == (what.tag is None):
                raise UsageError(f"rules[{index}]: must name a rule or a tag")
            found.append(Selection(enable=enable, rule=what.rule or "", tag=what.tag or ""))
        if len(chosen) != 1:
            raise UsageError(f"rules[{index}]: must be either enable or disable")
    return found


def _append(entry: AppendKeys) -> AppendOutput:
    # A name alone defines nothing: it may be said again.
    fields = {extra: extra for extra in entry.extra_fields if isinstance(extra, str)}
    templates: dict[str, str] = {}
    for extra in entry.extra_fields:
        for name, template in extra.items() if isinstance(extra, dict) else ():
            if name in templates:
                raise UsageError(f"append_output: the field {shown(name)} is defined twice")
            templates[name] = template
    fields.update(templates)
    return AppendOutput(
        source=entry.match.source or "",
        tags=tuple(entry.match.tags),
        rule=entry.match.rule or "",
        output=entry.extra_output,
        suggested=entry.suggested_output,
        fields=tuple(fields.items()),
    )


def rule_files(
    given: Sequence[str], library: Sequence[str], keys: WatchKeys, *, otherwise: Sequence[str] = ("stable",)
) -> list[Source]:
    """The rule files of a run: those given, else those of the settings that exist, else our own. library: what of our
    own rules is loaded before the others; otherwise: what of them is taken when nobody names any. Raises UsageError
    when settings name files and none is there."""
    own = list(sources.library(library)) if library else []
    if given:
        return [*own, *sources.find(given)]
    named = keys.rules_files
    if not named:
        return own or list(sources.library(otherwise))
    there = [path for path in named if Path(path).exists()]
    if not there and not own:
        raise UsageError(
            f"no rules file is there: {', '.join(map(shown, named[:4]))}",
            "name files with -r, or take Vigie's own: --library stable",
        )
    return [*own, *sources.find(there)]
