"""From the nodes of a rule file to items: which kinds, which keys, which types."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vigie.model.alert import Priority
from vigie.runtime.rules import document
from vigie.runtime.rules.document import Node, Source
from vigie.runtime.rules.items import (
    APPEND,
    DEFINE,
    OVERRIDE,
    TOGGLE,
    EngineVersion,
    Item,
    ListItem,
    MacroItem,
    PluginVersion,
    RuleItem,
    Version,
)
from vigie.runtime.rules.problems import Problems, Unfit, Where
from vigie.runtime.rules.read_exceptions import exceptions
from vigie.runtime.rules.values import SHAPE, Fields

LIST_KEYS = frozenset({"list", "items", "append", "override"})
MACRO_KEYS = frozenset({"macro", "condition", "append", "override"})
RULE_APPEND = ("condition", "output", "desc", "tags", "exceptions")
RULE_REPLACE = (
    *RULE_APPEND,
    "priority",
    "capture",
    "capture_duration",
    "enabled",
    "warn_evttypes",
    "skip-if-unknown-filter",
)
RULE_KEYS = frozenset({"rule", "source", "append", "override", *RULE_REPLACE})
REQUIRED = ("condition", "output", "desc", "priority")

PRIORITIES = {**{priority.name.lower(): priority for priority in Priority}, "info": Priority.Informational}

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_APPEND_GOES = "the key 'append' is going to be removed: name what is appended under 'override'"


def read(source: Source, problems: Problems) -> Iterator[Item]:
    """The items of a file that can be taken; problems with the others."""
    for root in document.read(source, problems):
        outside = Where("rules content", "", source.name, root.line, root.column)
        if root.value is None:
            continue
        if not isinstance(root.value, list):
            problems.add(SHAPE, "a rule file is a list of items such as '- rule: …'", outside)
            continue
        for node in root.value:
            try:
                yield from _item(node, outside, problems)
            except Unfit as unfit:
                problems.note(unfit.problem)


def _item(node: Node, outside: Where, problems: Problems) -> Iterator[Item]:
    where = outside.inside("rules content item", "", node.at)
    fields = Fields(node, where)
    for name, key in node.repeated:
        problems.add(
            "LOAD_UNKNOWN_KEY",
            f"the key '{name}' stands here twice: the first counts",
            where.inside("key", name, key.at),
        )
    if "required_engine_version" in fields:
        where = outside.inside("required_engine_version", "", node.at)
        yield EngineVersion(Fields(node, where).version("required_engine_version", number=True), where)
    elif "required_plugin_versions" in fields:
        yield from _plugins(fields, outside)
    elif "list" in fields:
        yield _list(node, outside, problems)
    elif "macro" in fields:
        yield _macro(node, outside, problems)
    elif "rule" in fields:
        yield _rule(node, outside, problems)
    else:
        names = ", ".join(list(fields.entries)[:5])
        problems.add("LOAD_UNKNOWN_ITEM", f"an item with none of the keys rule, macro, list: {names}", where)


def _plugins(fields: Fields, outside: Where) -> Iterator[PluginVersion]:
    where = outside.inside("required plugin versions", "", fields.entries["required_plugin_versions"].node.at)
    for node in fields.nodes("required_plugin_versions"):
        entry = Fields(node, where.inside("required plugin versions entry", "", node.at))
        alternatives: list[tuple[str, Version]] = []
        if "alternatives" in entry:
            for other in entry.nodes("alternatives"):
                place = entry.where.inside("required plugin versions alternative", "", other.at)
                alternative = Fields(other, place)
                alternatives.append((alternative.text("name"), alternative.version("version")))
        name = entry.text("name")
        named = where.inside("required plugin versions entry", name, node.at)
        yield PluginVersion(name, entry.version("version"), tuple(alternatives), named)


def _named(node: Node, kind: str, outside: Where) -> Fields:
    """The entries of an item, under its kind and name."""
    name = Fields(node, outside.inside(kind, "", node.at)).text(kind)
    return Fields(node, outside.inside(kind, name, node.at))


def _term(node: Node, kind: str, outside: Where, problems: Problems) -> Fields:
    """The entries of a list or macro, whose name stands in conditions."""
    fields = _named(node, kind, outside)
    name = fields.where.name
    if not _IDENTIFIER.fullmatch(name):
        message = f"the name of a {kind} is a letter, then letters, digits and '_': '{name}' is none"
        problems.add(f"LOAD_INVALID_{kind.upper()}_NAME", message, fields.where)
    return fields


def _check_keys(fields: Fields, known: frozenset[str], problems: Problems) -> None:
    for key, entry in fields.entries.items():
        if key not in known:
            place = fields.where.inside("key", key, entry.key.at)
            problems.add("LOAD_UNKNOWN_KEY", f"'{key}' is no key of a {fields.where.kind}: it has no effect", place)


def _overrides(fields: Fields, append: tuple[str, ...], replace: tuple[str, ...]) -> dict[str, str]:
    """What `override` says of each key."""
    if "override" not in fields:
        return {}
    where = fields.at("override")
    inner = Fields(fields.entries["override"].node, where)
    overrides = {}
    for key in inner.entries:
        how = inner.text(key)
        if how not in ("append", "replace"):
            raise Unfit("LOAD_ERR_VALIDATE", f"'{how}' is neither append nor replace", inner.at(key))
        if key not in (append if how == "append" else replace):
            raise Unfit("LOAD_ERR_VALIDATE", f"the key '{key}' cannot be overridden with '{how}'", inner.at(key))
        if key not in fields:
            raise Unfit("LOAD_ERR_VALIDATE", f"'override' names '{key}', which this item does not have", inner.at(key))
        overrides[key] = how
    for key in fields.entries:
        if overrides and key not in overrides and key not in ("append", "override", fields.where.kind):
            message = f"'{key}' is given, and 'override' does not say whether it is appended or replaced"
            raise Unfit("LOAD_ERR_VALIDATE", message, fields.at(key))
    return overrides


def _appends(fields: Fields, overrides: dict[str, str], problems: Problems) -> bool:
    """Whether the item has `append: true`, which is deprecated."""
    if "append" not in fields:
        return False
    if overrides:
        message = "'append' and 'override' cannot stand in one item: leave 'append' out"
        raise Unfit("LOAD_ERR_VALIDATE", message, fields.where)
    append = fields.truth("append")
    problems.add("LOAD_DEPRECATED_ITEM", _APPEND_GOES, fields.where)
    return bool(append)


def _how(fields: Fields, key: str, problems: Problems) -> str:
    """How a list or macro is meant."""
    known = LIST_KEYS if key == "items" else MACRO_KEYS
    _check_keys(fields, known, problems)
    # An unknown key has been warned of, and cannot be named by `override`.
    fields.entries = {name: entry for name, entry in fields.entries.items() if name in known}
    overrides = _overrides(fields, (key,), (key,))
    if _appends(fields, overrides, problems):
        return APPEND
    return {"append": APPEND, "replace": OVERRIDE}.get(overrides.get(key, ""), DEFINE)


def _list(node: Node, outside: Where, problems: Problems) -> ListItem:
    fields = _term(node, "list", outside, problems)
    how = _how(fields, "items", problems)
    return ListItem(fields.where.name, fields.where, fields.texts("items"), how)


def _macro(node: Node, outside: Where, problems: Problems) -> MacroItem:
    fields = _term(node, "macro", outside, problems)
    how = _how(fields, "condition", problems)
    return MacroItem(fields.where.name, fields.where, fields.placed("condition", "macro condition"), how)


def _rule(node: Node, outside: Where, problems: Problems) -> RuleItem:
    fields = _named(node, "rule", outside)
    _check_keys(fields, RULE_KEYS, problems)
    fields.entries = {name: entry for name, entry in fields.entries.items() if name in RULE_KEYS}
    overrides = _overrides(fields, RULE_APPEND, RULE_REPLACE)
    if _appends(fields, overrides, problems):
        # Only these two are appended; the peer passes over the other keys too.
        given = [key for key in ("condition", "exceptions") if key in fields]
        overrides = dict.fromkeys(given, "append")
        return _rule_of(fields, APPEND, given, overrides, problems)
    if overrides:
        return _rule_of(fields, OVERRIDE, list(overrides), overrides, problems)
    if "enabled" in fields and not any(key in fields for key in REQUIRED):
        message = "an item with just 'enabled' is going to be removed: add 'override' with 'enabled: replace'"
        problems.add("LOAD_DEPRECATED_ITEM", message, fields.where)
        return _rule_of(fields, TOGGLE, ["enabled"], {"enabled": "replace"}, problems)
    for key in REQUIRED:
        if key not in fields:
            raise Unfit(SHAPE, f"the key '{key}' is missing", fields.where)
    return _rule_of(fields, DEFINE, list(fields.entries), {}, problems)


def _rule_of(fields: Fields, how: str, given: list[str], overrides: dict[str, str], problems: Problems) -> RuleItem:
    rule = RuleItem(name=fields.where.name, where=fields.where, how=how, overrides=overrides)
    for key in given:
        match key:
            case "condition":
                rule.condition = fields.placed("condition", "condition")
            case "output":
                rule.output = fields.placed("output", "output")
            case "desc":
                rule.desc = fields.text("desc")
            case "priority":
                rule.priority = _priority(fields)
            case "source":
                rule.source = fields.text("source")
            case "tags":
                rule.tags = () if fields.entries["tags"].node.value is None else fields.texts("tags")
            case "exceptions":
                appended = overrides.get("exceptions") == "append"
                rule.exceptions = exceptions(fields, appended=appended, problems=problems)
            case "enabled":
                rule.enabled = fields.truth("enabled")
            case "capture":
                rule.capture = fields.truth("capture")
            case "capture_duration":
                rule.capture_duration = fields.number("capture_duration")
            case "warn_evttypes":
                rule.warn_evttypes = fields.truth("warn_evttypes")
            case "skip-if-unknown-filter":
                rule.skip_if_unknown_filter = fields.truth("skip-if-unknown-filter")
    return rule


def _priority(fields: Fields) -> Priority:
    text = fields.text("priority")
    priority = PRIORITIES.get(text.lower())
    if priority is None:
        known = ", ".join(priority.name for priority in Priority)
        raise Unfit(SHAPE, f"'{text}' is no priority (these are: {known})", fields.at("priority"))
    return priority
