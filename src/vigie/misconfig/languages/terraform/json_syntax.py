"""Terraform's JSON syntax: JSON as bodies, arguments and blocks.

Which objects are blocks only the provider's schema says. Here an object, or a list of objects, is both: an argument
with that value, and nested blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from vigie import _core
from vigie.misconfig.languages import yaml_nodes
from vigie.misconfig.languages.terraform.syntax import Argument, Body, Nested, Source
from vigie.misconfig.languages.terraform.values import number

LABELS = {"resource": 2, "data": 2, "variable": 1, "output": 1, "module": 1, "provider": 1, "check": 1, "dynamic": 1}
"""Types of blocks with labels, and how many."""

SINGLE = frozenset({"locals", "terraform", "moved", "import", "removed", "ephemeral", "action", "language"})

MAX_LABELLED = 100_000


def parse_json_body(source: Source) -> Body:
    """The body of a whole file."""
    try:
        document = yaml_nodes.json_document(source.data)
    except ValueError as error:
        line = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], int) else 1
        source.errors.append((line, str(error.args[0] if error.args else error)))
        return Body({}, ())
    if source.path.endswith(".tfvars.json"):
        return Body(_arguments(document, source, _literal), ())
    blocks: list[Nested] = []
    arguments: dict[str, Argument] = {}
    for part in document if isinstance(document, list) else [document]:
        if not isinstance(part, yaml_nodes.Mapping):
            source.errors.append((1, "a file of the JSON syntax holds an object"))
            continue
        for kind in part:
            if kind in LABELS or kind in SINGLE:
                blocks += _labelled(kind, part, source)
            elif kind != "//":
                source.errors.append((part.line(kind), f"unknown kind of block: {kind[:50]}"))
    return Body(arguments, blocks)


def _labelled(kind: str, parent: yaml_nodes.Mapping, source: Source) -> Iterator[Nested]:
    """The blocks of a type, below as many objects as it has labels; a list stands for several at any level."""
    start, end = parent.span(kind)
    pending: list[tuple[tuple[str, ...], Any, int, int]] = [((), parent[kind], start, end)]
    while pending:
        labels, value, start, end = pending.pop()
        if isinstance(value, yaml_nodes.Sequence):
            pending += [(labels, item, *value.span(index)) for index, item in reversed(list(enumerate(value)))]
        elif not isinstance(value, yaml_nodes.Mapping):
            source.errors.append((start, f"{kind} is no object"))
        elif len(labels) < LABELS.get(kind, 0):
            pending += [((*labels, name), value[name], *value.span(name)) for name in reversed(value) if name != "//"]
        else:
            reading = _literal if kind == "variable" else _expression
            yield Nested(kind, labels, start, end, _body(value, source, reading), source)


Reading = Callable[[Any, int, Source], Any]


def _body(value: yaml_nodes.Mapping, source: Source, reading: Reading) -> Body:
    return Body(_arguments(value, source, reading), list(_blocks(value, source, reading)))


def _arguments(value: Any, source: Source, reading: Reading) -> dict[str, Argument]:
    found = {}
    for name in value if isinstance(value, yaml_nodes.Mapping) else ():
        if name not in ("//", "dynamic"):
            start, end = value.span(name)
            found[name] = Argument(name, start, end, (0, 0), reading(value[name], start, source), source)
    return found


def _blocks(value: yaml_nodes.Mapping, source: Source, reading: Reading) -> Iterator[Nested]:
    for name, item in value.items():
        if name == "dynamic":
            yield from _labelled(name, value, source)
        elif isinstance(item, yaml_nodes.Mapping):
            yield Nested(name, (), *value.span(name), _body(item, source, reading), source)
        elif isinstance(item, yaml_nodes.Sequence) and item and _all_objects(item):
            for index, part in enumerate(item):
                yield Nested(name, (), *item.span(index), _body(part, source, reading), source)


def _all_objects(items: Sequence[Any]) -> bool:
    return all(isinstance(item, yaml_nodes.Mapping) for item in items)


def _expression(value: Any, line: int, source: Source) -> Any:
    """A value as the node of an expression: texts are templates."""
    if isinstance(value, str):
        if "${" not in value and "%{" not in value:
            return value
        try:
            return _core.parse_hcl_template(value)
        except ValueError as error:
            source.errors.append((line, str(error.args[0])))
            return ("unknown",)
    if isinstance(value, yaml_nodes.Mapping):
        entries = tuple(
            (_expression(key, value.line(key), source), _expression(item, value.line(key), source))
            for key, item in value.items()
            if key != "//"
        )
        return ("object", entries)
    if isinstance(value, yaml_nodes.Sequence):
        return ("tuple", tuple(_expression(item, value.line(index), source) for index, item in enumerate(value)))
    return number(value) if isinstance(value, float) else value


def _literal(value: Any, line: int, source: Source) -> Any:
    """A value in which texts are no templates."""
    if isinstance(value, dict):
        return ("object", tuple((key, _literal(item, line, source)) for key, item in value.items()))
    if isinstance(value, list):
        return ("tuple", tuple(_literal(item, line, source) for item in value))
    return number(value) if isinstance(value, float) else value
