"""Structured lock files as checked values: JSON with positions, TOML, YAML.

A lock file is written by a tool but may come from anyone, so nothing is taken for granted: each accessor names what it
expects, and a value of another type is a ParseError that says where it stands.
"""

from __future__ import annotations

from typing import Any

from vigie import _core
from vigie.model.package import Location
from vigie.scanner.analyzer import File, ParseError

Table = dict[str, Any]
Spans = dict[int, tuple[int, int]]
"""First and last line of a table of a JSON document, by `id()` of the table."""


def json_document(file: File) -> tuple[Table, Spans]:
    """A JSON file whose outermost value is an object, with the lines of all its objects. Raises ParseError."""
    try:
        document, spans = _core.parse_json(file.bytes())
    except ValueError as error:
        raise _refused("JSON", error) from error
    return table(document, "the document"), spans


def toml_document(data: bytes) -> Table:
    """A TOML document. Raises ParseError."""
    try:
        return table(_core.parse_toml(data), "the document")
    except ParseError:
        raise
    except ValueError as error:
        raise _refused("TOML", error) from error


def yaml_documents(data: bytes) -> list[Any]:
    """All documents of a YAML stream. Raises ParseError."""
    try:
        return _core.parse_yaml(data)
    except ValueError as error:
        raise _refused("YAML", error) from error


def table(value: object, what: str, line: int | None = None) -> Table:
    """The value as a table; {} when it is absent. Raises ParseError for any other type."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ParseError(f"{what} should be a table, but is {_kind(value)}", line)
    return value


def rows(value: object, what: str, line: int | None = None) -> list[Any]:
    """The value as a list; [] when it is absent. Raises ParseError for any other type."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise ParseError(f"{what} should be a list, but is {_kind(value)}", line)
    return value


def tables(value: object, what: str) -> list[Table]:
    """The value as a list of tables; [] when it is absent. Raises ParseError for any other type."""
    found = rows(value, what)
    for row in found:
        if not isinstance(row, dict):
            raise ParseError(f"an entry of {what} should be a table, but is {_kind(row)}")
    return found


def text(value: object, what: str, line: int | None = None) -> str:
    """The value as text; "" when it is absent. Raises ParseError for any other type."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ParseError(f"{what} should be text, but is {_kind(value)}", line)
    return value


def place(value: Table, spans: Spans) -> tuple[Location, ...]:
    """Where a table of a JSON document stands, as a package's locations."""
    span = spans.get(id(value))
    return (Location(*span),) if span else ()


def line_of(value: Table, spans: Spans) -> int | None:
    """The first line of a table of a JSON document."""
    span = spans.get(id(value))
    return span[0] if span else None


def _refused(language: str, error: ValueError) -> ParseError:
    line = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], int) else None
    return ParseError(f"is not valid {language}: {error.args[0] if error.args else error}", line)


def _kind(value: object) -> str:
    names = {dict: "a table", list: "a list", str: "text", bool: "a truth value", int: "a number", float: "a number"}
    return names.get(type(value), type(value).__name__)
