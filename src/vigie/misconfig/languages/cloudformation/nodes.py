"""Nodes of a template and where they stand. All functions are written long here: `!Ref x` is `{"Ref": "x"}`."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from vigie.misconfig.languages.yaml_nodes import Mapping, Sequence, Tagged
from vigie.misconfig.value import Unknown


class Spot(NamedTuple):
    """A node (or, where it is no `Mapping` or `Sequence`, a value that is evaluated already) and its lines."""

    node: Any
    start: int
    end: int


class NoValue:
    """What `AWS::NoValue` gives: the property is not there."""

    def __repr__(self) -> str:
        return "NO_VALUE"


NO_VALUE: Final = NoValue()


class Computed(Unknown):
    """An unknown value that is certainly not empty: a resource's id or attribute, a dynamic reference."""

    __slots__ = ()

    @property
    def filled(self) -> bool:
        return True


def function(node: Any) -> str:
    """The name of the function that a node calls, "" for none: a mapping with that one key."""
    if type(node) is Mapping and len(node) == 1:
        name = next(iter(node))
        if name == "Ref" or name.startswith("Fn::"):
            return name
    return ""


def member(mapping: Any, key: str, around: Spot) -> Spot:
    """The value of a key. Lists and mappings stand where their first item does."""
    node = mapping[key]
    if not isinstance(mapping, Mapping):
        return Spot(node, around.start, around.end)
    key_line, _, line, _, last = mapping.places[key]
    if isinstance(node, (Mapping, Sequence)):
        # what an alias names stands elsewhere
        return Spot(node, node.start, node.end) if line <= node.start <= last else Spot(node, line, last)
    if last > line > key_line:
        line = key_line
    return Spot(node, line, last)


def item(sequence: Any, index: int, around: Spot) -> Spot:
    """An item of a list."""
    node = sequence[index]
    if not isinstance(sequence, Sequence):
        return Spot(node, around.start, around.end)
    line, _, last = sequence.places[index]
    if isinstance(node, (Mapping, Sequence)) and line <= node.start <= last:
        return Spot(node, node.start, node.end)
    return Spot(node, line, last)


def mapping_of(entries: dict[str, Any], places: dict[str, tuple[int, int, int, int, int]], like: Any) -> Mapping:
    """A new mapping at the place of another node."""
    made = Mapping(entries)
    made.places, made.raw, made.tag = places, {}, ""
    made.start, made.column, made.end = like.start, like.column, like.end
    return made


def call(name: str, argument: Any, line: int, column: int, last: int) -> Mapping:
    """A node that calls a function."""
    made = Mapping({name: argument})
    made.places, made.raw, made.tag = {name: (line, column, line, column, last)}, {}, ""
    made.start, made.column, made.end = line, column, last
    return made


def sequence_of(items: list[Spot], like: Any) -> Sequence:
    """A new list at the place of another node."""
    made = Sequence(spot.node for spot in items)
    made.places, made.raw, made.tag = [(spot.start, 1, spot.end) for spot in items], {}, ""
    made.start, made.column, made.end = like.start, like.column, like.end
    return made


def choice(condition: Any, then: Spot, otherwise: Spot, like: Any) -> Mapping:
    """`Fn::If` with these branches."""
    branches = sequence_of([Spot(condition, like.start, like.start), then, otherwise], like)
    return call("Fn::If", branches, like.start, 1, like.end)


def long_form(node: Any) -> Any:
    """The node with short tags made functions, in place where it can. Numbers whose text begins with a needless zero
    (account ids) become text."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if isinstance(value, (Mapping, Sequence, Tagged)):
                _, _, line, column, last = node.places[key]
                node[key] = _long(value, line, column, last)
        _texts(node, node.raw)
    elif isinstance(node, Sequence):
        for index, value in enumerate(node):
            if isinstance(value, (Mapping, Sequence, Tagged)):
                line, column, last = node.places[index]
                node[index] = _long(value, line, column, last)
        _texts(node, node.raw)
    return node


def _long(node: Mapping | Sequence | Tagged, line: int, column: int, last: int) -> Any:
    tag = node.tag
    plain: Any = str(node) if isinstance(node, Tagged) else long_form(node)
    if not tag.startswith("!"):
        return plain
    if not isinstance(node, Tagged):
        node.tag = ""
    name = tag[1:]
    if name not in ("Ref", "Condition"):
        name = f"Fn::{name}"
    return call(name, plain, line, column, last)


def _texts(node: Any, raw: Any) -> None:
    for key, text in raw.items():
        if type(node[key]) is int and len(text) > 1 and text[0] == "0" and text.isdigit():
            node[key] = text
