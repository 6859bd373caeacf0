"""YAML and JSON documents as plain Python values that know where they stand.

    document = yaml_nodes.documents(data)[0]
    document["spec"]["replicas"]            # 3
    document.line("spec")                   # line of the key
    document["spec"].start, .end            # of its first key, and the last line of what it holds

A mapping is a `Mapping` (a dict whose keys are all texts), a list a `Sequence`, a scalar None, bool, int, float or str
by the core schema of YAML 1.2, or a `Tagged` text (`!Ref x`). Lines and columns count from 1.
"""

from __future__ import annotations

from typing import Any

from vigie import _core

MOST_BYTES = 8 << 20
"""No file that people write is larger."""
MOST_NODES = 500_000


class Mapping(dict[str, Any]):
    """A mapping. Of equal keys the last one counts; what `<<` merges comes last and stands where it is written.

    start, column: its first key (a bracket in JSON and flow style). end: the last line of what it holds. places: by
    key (line of the key, column of the key, line of the value, column of the value, last line of the value); a value
    begins at its tag or anchor, an alias stands at its own place. raw: by key the text of scalars without quotes that
    are no plain text for everybody: `0644`, `1.10`, `~`, `yes`, `2020-01-01` (never in JSON). tag: its own (`!Foo`),
    else "".
    """

    __slots__ = ("column", "end", "places", "raw", "start", "tag")
    start: int
    column: int
    end: int
    places: dict[str, tuple[int, int, int, int, int]]
    raw: dict[str, str]
    tag: str

    def line(self, key: str) -> int:
        """The line of a key."""
        return self.places[key][0]

    def span(self, key: str) -> tuple[int, int]:
        """From the line of the key to the last line of its value."""
        place = self.places[key]
        return place[0], place[4]

    def text(self, key: str) -> str | None:
        """A scalar as it is written (JSON: as JSON writes it); None for lists and mappings."""
        value = self[key]
        return self.raw[key] if key in self.raw else written(value)


class Sequence(list[Any]):
    """A list. places: by index (line, column, last line); raw by index; the rest as in `Mapping`."""

    __slots__ = ("column", "end", "places", "raw", "start", "tag")
    start: int
    column: int
    end: int
    places: list[tuple[int, int, int]]
    raw: dict[int, str]
    tag: str

    def line(self, index: int) -> int:
        return self.places[index][0]

    def span(self, index: int) -> tuple[int, int]:
        line, _, last = self.places[index]
        return line, last

    def text(self, index: int) -> str | None:
        return self.raw[index] if index in self.raw else written(self[index])


class Tagged(str):
    """A scalar with a tag of its own (`!Ref x`, `!vault |`): the text, and the tag as written."""

    __slots__ = ("tag",)
    tag: str

    def __new__(cls, text: str, tag: str = "") -> Tagged:
        value = super().__new__(cls, text)
        value.tag = tag
        return value


def written(value: Any) -> str | None:
    """A scalar as JSON writes it, a text without its quotes."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "null"
    return str(value) if isinstance(value, (str, int, float)) else None


def documents(data: bytes, max_nodes: int = MOST_NODES) -> list[Any]:
    """All documents of a YAML stream.

    Raises ValueError(what, line, column) for what is no YAML, nests deeper than 100 levels or holds more than
    `MOST_BYTES` or `max_nodes` (aliases counted as often as they are used).
    """
    if len(data) > MOST_BYTES:
        raise ValueError(f"larger than {MOST_BYTES >> 20} MiB", 1, 1)
    try:
        return _core.parse_yaml_nodes(data, Mapping, Sequence, Tagged, max_nodes)
    except ValueError as error:
        if str(error.args[0]).startswith(("too many", "nested deeper", "invalid UTF-8")):
            raise
        # Other readers accept a little more, so does what the files are written for.
        from vigie.misconfig.languages.yaml_events import documents as by_events

        found = by_events(data, max_nodes)
        if found is None:
            raise error from None
        return found


def json_document(data: bytes, max_nodes: int = MOST_NODES) -> Any:
    """A JSON document in the same shape. Raises ValueError(what, line)."""
    if len(data) > MOST_BYTES:
        raise ValueError(f"larger than {MOST_BYTES >> 20} MiB", 1)
    return _core.parse_json_nodes(data, Mapping, Sequence, max_nodes)
