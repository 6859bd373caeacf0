"""YAML by libyaml's events, for the few documents that only libyaml reads, as kubectl and CloudFormation do."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from vigie import _core
from vigie.misconfig.languages.yaml_nodes import Mapping, Sequence, Tagged

MOST_BYTES = 1 << 19
DEEPEST = 100
LONG_TEXT = 128

_CORE_TAG = "tag:yaml.org,2002:"


def documents(data: bytes, max_nodes: int) -> list[Any] | None:
    """As `yaml_nodes.documents`; None when libyaml refuses the text as well, or it holds too much."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    if len(data) > MOST_BYTES:
        return None
    try:
        text = data.decode("utf-8-sig")
        builder = _Builder(text.splitlines(), max_nodes)
        for event in yaml.parse(text, Loader=loader):
            builder.event(type(event).__name__, event)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return builder.found


class _Node:
    """A finished node: value, how it is written, place, last line, and how many nodes it counts."""

    __slots__ = ("column", "last", "line", "nodes", "raw", "value")

    def __init__(self, value: Any, raw: str | None, line: int, column: int, last: int, nodes: int) -> None:  # noqa: PLR0917
        self.value, self.raw, self.line, self.column, self.last, self.nodes = value, raw, line, column, last, nodes


class _Open:
    """A list or mapping that is not closed yet."""

    __slots__ = ("before", "event", "items", "mapping")

    def __init__(self, event: Any, mapping: bool, before: int) -> None:
        self.event, self.mapping, self.before = event, mapping, before
        self.items: list[_Node] = []


class _Builder:
    def __init__(self, lines: list[str], max_nodes: int) -> None:
        self.lines, self.left = lines, max_nodes
        self.last = 1
        self.open: list[_Open] = []
        self.anchors: dict[str, _Node | None] = {}
        self.found: list[Any] = []

    def count(self, nodes: int) -> None:
        self.left -= nodes
        if self.left < 0:
            raise ValueError("too many values")

    def event(self, name: str, event: Any) -> None:
        if name == "ScalarEvent":
            self.scalar(event)
        elif name in ("SequenceStartEvent", "MappingStartEvent"):
            if len(self.open) >= DEEPEST:
                raise ValueError("nested too deep")
            if event.anchor:
                self.anchors[event.anchor] = None
            self.open.append(_Open(event, name == "MappingStartEvent", self.left))
            self.count(1)
        elif name in ("SequenceEndEvent", "MappingEndEvent"):
            self.close(event)
        elif name == "AliasEvent":
            known = self.anchors.get(event.anchor)
            if known is None:
                raise ValueError("an alias names nothing, or what it stands in")
            self.count(known.nodes)
            line, column = event.start_mark.line + 1, event.start_mark.column + 1
            self.last = line
            # Readers may change what they are given, so each has its own.
            self.put(_Node(deepcopy(known.value), known.raw, line, column, line, known.nodes))
        elif name == "DocumentStartEvent":
            self.anchors.clear()

    def scalar(self, event: Any) -> None:
        text, tag = event.value, event.tag
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        self.last = event.end_mark.line + 1
        if event.style in ("|", ">"):
            # A block scalar begins in the line below its mark and ends before blank lines and comments.
            self.last -= event.end_mark.column == 0
            while self.last > line + 1 and self.lines[self.last - 1].lstrip()[:1] in ("", "#"):
                self.last -= 1
            if text:
                line, column = line + 1, 1 + len(self.lines[line]) - len(self.lines[line].lstrip())
        raw = None
        value: Any = text
        if (tag is None and not event.style) or (
            tag and tag.startswith(_CORE_TAG) and tag not in (_CORE_TAG + "str", _CORE_TAG + "binary")
        ):
            value, raw = _plain(text)
        elif tag and tag != "!" and not tag.startswith(_CORE_TAG):
            value = Tagged(text, tag)
        nodes = 1 + len(text) // LONG_TEXT
        self.count(nodes)
        node = _Node(value, raw, line, column, max(line, self.last), nodes)
        self.remember(event.anchor, node)
        self.put(node)

    def close(self, event: Any) -> None:
        opened = self.open.pop()
        start = opened.event.start_mark
        if opened.event.flow_style:
            self.last = event.end_mark.line + 1
        branch = _mapping(opened.items) if opened.mapping else _sequence(opened.items)
        first = opened.items[0] if opened.items and not opened.event.flow_style else None
        bracket = opened.event.end_mark
        branch.start, branch.column = (first.line, first.column) if first else (bracket.line + 1, bracket.column)
        branch.end = max(self.last, branch.start)
        tag = opened.event.tag
        branch.tag = tag if tag and tag != "!" and not tag.startswith(_CORE_TAG) else ""
        node = _Node(branch, None, start.line + 1, start.column + 1, branch.end, opened.before - self.left)
        self.remember(opened.event.anchor, node)
        self.put(node)

    def remember(self, anchor: str | None, node: _Node) -> None:
        if anchor:
            self.anchors[anchor] = node

    def put(self, node: _Node) -> None:
        if self.open:
            self.open[-1].items.append(node)
        else:
            self.found.append(node.value)


def _sequence(items: list[_Node]) -> Sequence:
    sequence = Sequence(item.value for item in items)
    sequence.places = [(item.line, item.column, item.last) for item in items]
    sequence.raw = {index: item.raw for index, item in enumerate(items) if item.raw is not None}
    return sequence


def _mapping(items: list[_Node]) -> Mapping:
    mapping = Mapping()
    mapping.places, mapping.raw = {}, {}
    merges: list[Any] = []
    for key, value in zip(items[::2], items[1::2], strict=True):
        if isinstance(key.value, (dict, list)):
            raise ValueError("a list or mapping as a key")
        name = key.raw if key.raw is not None else str(key.value)
        if name == "<<" and key.raw is None and type(key.value) is str:
            merges.extend(value.value if isinstance(value.value, list) else [value.value])
            continue
        mapping[name] = value.value
        mapping.places[name] = (key.line, key.column, value.line, value.column, value.last)
        mapping.raw.pop(name, None)
        if value.raw is not None:
            mapping.raw[name] = value.raw
    for merge in merges:
        if not isinstance(merge, Mapping):
            raise ValueError("'<<' merges what is no mapping")
        for name in [name for name in merge if name not in mapping]:
            mapping[name], mapping.places[name] = merge[name], merge.places[name]
            if name in merge.raw:
                mapping.raw[name] = merge.raw[name]
    return mapping


def _plain(text: str) -> tuple[Any, str | None]:
    """A plain scalar by the core schema, and its text where that matters."""
    document = _core.parse_yaml_nodes(text.encode(), Mapping, Sequence, Tagged) if text and "\n" not in text else []
    if not text:
        return None, ""
    if len(document) != 1 or isinstance(document[0], (dict, list)):
        return text, None
    value = document[0]
    doubtful = text[:1].isdigit() or text[:1] in "+-." or text.lower() in ("yes", "no", "on", "off", "y", "n")
    return value, text if doubtful or not isinstance(value, str) else None
