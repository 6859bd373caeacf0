"""YAML of rule files: nodes that know their places, read by the Rust side within bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from vigie.runtime.rules.problems import Problems, Where

if TYPE_CHECKING:
    from vigie._core import _MarkedNode

LARGEST = 10 << 20
"""Bytes of one rule file."""
MOST_NODES = 500_000


class Source(Struct, frozen=True):
    """A rule file: the name that users know it by, its bytes, or why it could not be read."""

    name: str
    data: bytes = b""
    error: str = ""


class Node(Struct):
    """A value in a file, where it begins (line and column from 1), and what it is: None for nothing or null, text as
    written, a list, or a mapping. A mapping has each key once, the first one; the places of others are in `repeated`.
    """

    value: str | list[Node] | dict[str, Entry] | None
    line: int
    column: int
    repeated: list[tuple[str, Node]] = []

    @property
    def at(self) -> tuple[int, int]:
        """Line and column."""
        return self.line, self.column


class Entry(Struct):
    """A key of a mapping and its value."""

    key: Node
    node: Node


def read(source: Source, problems: Problems) -> list[Node]:
    """The documents of a file; none, and a problem, when it is no YAML."""
    from vigie._core import parse_yaml_marked

    outside = Where("rules content", "", source.name, 1, 1)
    if source.error:
        problems.add("LOAD_ERR_FILE_READ", source.error, outside)
        return []
    if len(source.data) > LARGEST:
        problems.add("LOAD_ERR_FILE_READ", f"the file is larger than {LARGEST >> 20} MB", outside)
        return []
    try:
        documents = parse_yaml_marked(source.data, MOST_NODES)
    except ValueError as error:
        what, line, column = error.args
        problems.add("LOAD_ERR_YAML_PARSE", what, Where("rules content", "", source.name, line, column))
        return []
    return [_node(document) for document in documents]


def _node(marked: _MarkedNode) -> Node:
    content, line, column = marked
    if content is None or isinstance(content, str):
        return Node(content, line, column)
    if isinstance(content, list):
        return Node([_node(item) for item in content], line, column)
    entries: dict[str, Entry] = {}
    repeated: list[tuple[str, Node]] = []
    for key, value in content:
        name = key[0]
        text = name if isinstance(name, str) else "null"
        if text in entries:
            repeated.append((text, _node(key)))
        else:
            entries[text] = Entry(_node(key), _node(value))
    return Node(entries, line, column, repeated)
