"""What rules, macros and lists are made of: a table for people, everything for programs (the peer's form)."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from vigie.errors import UsageError
from vigie.model.alert import Priority
from vigie.runtime.rules.check_exceptions import quoted
from vigie.runtime.rules.collect import PLUGINS, List, Macro, Rule
from vigie.runtime.rules.settings import SOURCES

if TYPE_CHECKING:
    from vigie._core import Condition
    from vigie.runtime.rules.compile import Known
    from vigie.runtime.rules.load import Loaded
    from vigie.runtime.rules.resolve import Resolved, Resolver

NAME_WIDTH = 50
WIDTH = 110
PLUGIN_OF = {"container": "container", "k8s": "container", "ka": "k8saudit", "json": "json", "jevt": "json"}
"""By the first part of a field's name, the plugin that has it with the peer."""


def table(loaded: Loaded, rule: str = "") -> str:
    """Names and descriptions of all rules, or of one. Raises UsageError when there is no such rule."""
    rows = [("Rule", "Description"), ("----", "-----------")]
    rows += [(one.name, one.desc) for one in _chosen(loaded, rule)]
    return "".join(_row(name, desc) for name, desc in rows)


def _row(name: str, desc: str) -> str:
    wrapped = textwrap.wrap(desc, WIDTH - NAME_WIDTH - 1) or [""]
    lines = [f"{name:<{NAME_WIDTH}} {wrapped[0]}".rstrip(), *(" " * (NAME_WIDTH + 1) + line for line in wrapped[1:])]
    return "\n".join(lines) + "\n"


def _chosen(loaded: Loaded, rule: str) -> list[Rule]:
    rules = loaded.collection.rules
    if not rule:
        return list(rules.values())
    if rule not in rules:
        raise UsageError(f"there is no rule '{rule}'", "-L lists the names of all rules")
    return [rules[rule]]


def document(loaded: Loaded, rule: str = "") -> dict[str, Any]:
    """All that is known of everything, or of one rule. Raises UsageError when there is no such rule."""
    resolver = loaded.resolver
    if resolver is None or any(problem.fatal for problem in loaded.problems):
        return {}
    rules = [_rule(one, loaded.known.get(one.name), resolver) for one in _chosen(loaded, rule)]
    if rule:
        return {"rules": rules}
    collection = loaded.collection
    document: dict[str, Any] = {}
    if collection.engine_versions:
        document["required_engine_version"] = str(max(one.version for one in collection.engine_versions))
    if collection.plugin_versions:
        document["required_plugin_versions"] = [
            {
                "name": one.name,
                "version": str(one.version),
                "alternatives": [{"name": name, "version": str(version)} for name, version in one.alternatives],
            }
            for one in collection.plugin_versions
        ]
    document["rules"] = rules
    document["macros"] = [_macro(macro, resolver) for macro in collection.macros.values()]
    document["lists"] = [_list(one, resolver) for one in collection.lists.values()]
    return document


def _plugins(fields: Iterable[str], source: str = "") -> list[str]:
    names = {PLUGIN_OF[prefix] for field in fields if (prefix := field.partition(".")[0]) in PLUGIN_OF}
    if source == "k8s_audit":
        names.add("k8saudit")
    return sorted(names & set(PLUGINS))


def _printed(condition: Condition) -> str:
    """A condition as the peer prints it; as an excuse when its macros make it endless."""
    try:
        return condition.text()
    except ValueError as error:
        return f"({error})"


def _rule(rule: Rule, known: Known | None, resolver: Resolver) -> dict[str, Any]:
    info = {
        "name": rule.name,
        "condition": rule.condition,
        "priority": Priority(rule.priority).name,
        "output": rule.output,
        "description": rule.desc,
        "enabled": rule.enabled,
        "source": rule.source,
        "capture": rule.capture,
        "capture_duration": rule.capture_duration,
        "tags": sorted(rule.tags),
    }
    if known is None:  # left out: of a source or with a field that is not there
        return {"info": info, "details": {}}
    fields = known.condition.fields()
    exceptions = rule.exceptions
    details = {
        "macros": sorted(known.resolved.macros),
        "lists": sorted(known.resolved.lists),
        "condition_operators": known.condition.operators(),
        "condition_fields": fields,
        "output_fields": sorted(set(known.output_fields)),
        "extra_output_formatted_fields": dict(known.output.fields),
        "exception_names": [one.name for one in exceptions],
        "exception_fields": sorted({field for one in exceptions for field in _texts(one.fields)}),
        "exception_operators": sorted({comp for one in exceptions for comp in _texts(one.comps)}),
        "events": known.events,
        "condition_compiled": _printed(known.condition),
        "output_compiled": known.output.template,
        "plugins": _plugins([*fields, *known.output_fields], rule.source),
    }
    return {"info": info, "details": details}


def _texts(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value or ()


def _macro(macro: Macro, resolver: Resolver) -> dict[str, Any]:
    resolved: Resolved = resolver.macros[macro.name]
    condition = resolver.expanded[macro.name]
    fields = condition.fields()
    details = {
        "used": macro.name in resolver.used_macros,
        "macros": sorted(resolved.macros),
        "lists": sorted(resolved.lists),
        "condition_operators": condition.operators(),
        "condition_fields": fields,
        "events": _events(macro.name, condition),
        "condition_compiled": _printed(condition),
        "plugins": _plugins(fields),
    }
    return {"info": {"name": macro.name, "condition": macro.condition}, "details": details}


def _events(name: str, condition: Condition) -> list[str]:
    """The event types that a macro can match, in the first source whose fields it names; none for all."""
    from vigie._core import Rules

    for source in SOURCES:
        try:
            return Rules(source).add(name, condition, "-", (), False)[1]
        except ValueError:
            continue
    return []


def _list(one: List, resolver: Resolver) -> dict[str, Any]:
    details = {
        "used": one.name in resolver.used_lists,
        "lists": sorted(resolver.lists.named[one.name]),
        "items_compiled": [quoted(item) for item in resolver.lists.items[one.name]],
        "plugins": [],
    }
    return {"info": {"name": one.name, "items": list(one.items)}, "details": details}
