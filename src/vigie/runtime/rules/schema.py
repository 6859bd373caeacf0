"""The JSON schema of rule files, and whether a file is as it says. A file that is not is loaded all the same."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from vigie.runtime.rules.document import Node, Source, read
from vigie.runtime.rules.problems import Problems
from vigie.runtime.rules.values import NUMBER, TRUTHS

MOST = 100
"""Failures that are told of one file."""

_TEXT = {"type": "string"}
_SCALAR = {"type": ["string", "number", "boolean"]}
_TRUTH = {"type": "boolean"}
_NAMED_VERSION = {"name": _TEXT, "version": _TEXT}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


@cache
def schema() -> dict[str, Any]:
    """The schema (draft 6, as tools for the peer's files read it)."""
    from vigie.runtime.rules.read import PRIORITIES, RULE_APPEND, RULE_REPLACE

    how = {"enum": ["append", "replace"]}
    names = sorted({*PRIORITIES, *(name.title() for name in PRIORITIES), *(name.upper() for name in PRIORITIES)})
    exception = _object(
        {
            "name": _TEXT,
            "fields": {"type": ["string", "array"], "items": _TEXT},
            "comps": {"type": ["string", "array"], "items": _TEXT},
            "values": {"type": "array"},
        },
        "name",
    )
    plugin = _object({**_NAMED_VERSION, "alternatives": _list(_object(_NAMED_VERSION, "name", "version"))}, "name")
    keys = {
        "required_engine_version": {"type": ["string", "number"]},
        "required_plugin_versions": _list(plugin),
        "list": _TEXT,
        "items": _list(_SCALAR),
        "macro": _TEXT,
        "rule": _TEXT,
        "condition": _TEXT,
        "output": _TEXT,
        "desc": _TEXT,
        "priority": {"enum": names},
        "source": _TEXT,
        "tags": {"type": ["array", "null"], "items": _SCALAR},
        "enabled": _TRUTH,
        "warn_evttypes": _TRUTH,
        "skip-if-unknown-filter": _TRUTH,
        "capture": _TRUTH,
        "capture_duration": {"type": "integer"},
        "exceptions": {"type": ["array", "null"], "items": exception},
        "append": _TRUTH,
        "override": _object(dict.fromkeys(("items", *RULE_APPEND, *RULE_REPLACE), how)),
    }
    return {
        "$schema": "http://json-schema.org/draft-06/schema#",
        "title": "Rules of Vigie and Falco",
        **_list(_object(keys)),
    }


def failures(source: Source) -> Iterator[str]:
    """What in a file is not as the schema says, with the place of each."""
    count = 0
    for root in read(source, Problems()):
        for failure in _differences(root, schema(), "") if root.value is not None else ():
            yield failure
            count += 1
            if count == MOST:
                return


def _differences(node: Node, wanted: dict[str, Any], path: str) -> Iterator[str]:
    at = f"{path or 'the document'} (line {node.line})"
    kinds = wanted.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is(node, kind) for kind in kinds):
        yield f"{at}: {' or '.join(kinds)} expected"
        return
    if "enum" in wanted and node.value not in wanted["enum"]:
        yield f"{at}: none of the values that can stand here"
    if isinstance(node.value, list) and "items" in wanted:
        for index, item in enumerate(node.value):
            yield from _differences(item, wanted["items"], f"{path}[{index}]")
    if isinstance(node.value, dict) and "properties" in wanted:
        for name, entry in node.value.items():
            if name in wanted["properties"]:
                yield from _differences(entry.node, wanted["properties"][name], f"{path}.{name}")
            else:
                yield f"{path}.{name} (line {entry.key.line}): an unknown key"
        for name in wanted["required"]:
            if name not in node.value:
                yield f"{at}: the key '{name}' is missing"


def _is(node: Node, kind: str) -> bool:
    """Whether a node is of a JSON type. Scalars are text to the loader, so a text may stand for what it reads like."""
    value = node.value
    match kind:
        case "null":
            return value is None
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
        case "boolean":
            return isinstance(value, str) and value in TRUTHS
        case "number" | "integer":
            return isinstance(value, str) and NUMBER.fullmatch(value) is not None
    return isinstance(value, str)
