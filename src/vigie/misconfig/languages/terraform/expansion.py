"""count and for_each: which instances a block has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from vigie.misconfig.languages.terraform.blocks import value_of
from vigie.misconfig.languages.terraform.references import ALL
from vigie.misconfig.languages.terraform.scope import MISSING, Scope
from vigie.misconfig.languages.terraform.values import FunctionError, entries, to_number, to_string
from vigie.misconfig.value import UNKNOWN, Sensitive, Unknown

if TYPE_CHECKING:
    from vigie.misconfig.languages.terraform.module import Module
    from vigie.misconfig.languages.terraform.syntax import Argument, Nested

MAX_INSTANCES = 20_000
"""Of one block."""


class Place(NamedTuple):
    """One instance: its key (None without count and for_each), how it is written behind the name, and its scope."""

    key: Any
    suffix: str
    scope: Scope


class Expansion(NamedTuple):
    """kind: `single`, `list` (count), `map` (for_each). certain: whether the number of instances is known; when it is
    not, one instance stands for all."""

    kind: str
    places: Sequence[Place]
    certain: bool = True


def expand(node: Nested, module: Module) -> Expansion:
    """The instances of a resource, data source or module call."""
    body = node.body
    scope = Scope(module)
    if "for_each" in body.arguments:
        return _for_each(node, value_of(body.arguments["for_each"], scope), module)
    if "count" in body.arguments:
        return _count(node, value_of(body.arguments["count"], scope), module)
    for lifecycle in body.of_type("lifecycle"):
        enabled = lifecycle.body.arguments.get("enabled")
        if enabled is not None and value_of(enabled, scope) is False:
            return Expansion("single", ())
    return Expansion("single", (Place(None, "", scope),))


def _count(node: Nested, value: Any, module: Module) -> Expansion:
    value = value.value if isinstance(value, Sensitive) else value
    try:
        number = int(to_number(value))
    except FunctionError:
        return Expansion("list", (Place(0, "[0]", Scope(module, index=0)),), certain=False)
    number = module.unit.bounded(number, MAX_INSTANCES, node)
    return Expansion("list", [Place(i, f"[{i}]", Scope(module, index=i)) for i in range(number)])


def _for_each(node: Nested, value: Any, module: Module) -> Expansion:
    value = value.value if isinstance(value, Sensitive) else value
    over = node.body.arguments["for_each"]
    if value is None or isinstance(value, Unknown):
        return _symbolic(value, over, module)
    try:
        pairs = list(entries(value))
        if isinstance(value, list):
            pairs = [(item, item) for item in value if item is not None]
        keys = [key if isinstance(key, Unknown) else to_string(_plain(key)) for key, _ in pairs]
    except FunctionError:
        return _symbolic(None, over, module)
    places, seen = [], set()
    for key, (_, item) in list(zip(keys, pairs, strict=True))[: module.unit.bounded(len(pairs), MAX_INSTANCES, node)]:
        if isinstance(key, Unknown):
            places.append(Place(UNKNOWN, "[?]", Scope(module, each=(key, key), over=over)))
        elif key not in seen:
            seen.add(key)
            places.append(Place(key, f"[{_quoted(key)}]", Scope(module, each=(key, item), over=over)))
    return Expansion("map", places)


def _symbolic(value: Any, over: Argument, module: Module) -> Expansion:
    """The instance that stands for all when nobody knows the keys."""
    # Over all instances of a resource: its value is the one that stands for those.
    every = isinstance(value, Unknown) and value.source is not None and value.attribute == ALL
    item = value.source.handle if every else UNKNOWN
    scope = Scope(module, each=(UNKNOWN, item), over=over)
    return Expansion("map", (Place(UNKNOWN, "[?]", scope),), certain=False)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Sensitive) else value


def _quoted(key: str) -> str:
    return '"' + key.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


__all__ = ["MAX_INSTANCES", "MISSING", "Expansion", "Place", "expand"]
