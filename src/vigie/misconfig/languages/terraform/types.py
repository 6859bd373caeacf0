"""Type constraints (`map(object({ name = string, size = optional(number, 1) }))`) and conversion to them.

A constraint is read from its text, so that `.tf` and `.tf.json` share one way. Conversion is Terraform's: primitive
values turn into each other where they can, elements are brought to one type, attributes that an object does not name
are dropped, those that are optional get their default or null.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from vigie.misconfig.languages.terraform.values import (
    FunctionError,
    make_set,
    to_bool,
    to_list,
    to_map,
    to_number,
    to_string,
    unify,
)
from vigie.misconfig.value import Sensitive, Unknown

_MAX_DEPTH = 60
_PART = r'\s+|//[^\n]*|#[^\n]*|/\*.*?\*/|(?P<token>[^\W\d][\w-]*|"(?:[^"\\]|\\.)*"|.)'
_PRIMITIVES: Mapping[str, Callable[[Any], Any]] = {"string": to_string, "number": to_number, "bool": to_bool}


class Field(Struct, frozen=True):
    """An attribute of an object type. default: as given, None for none (which is null)."""

    type: Type
    optional: bool = False
    default: Any = None


class Type(Struct, frozen=True):
    """A type. name: `any string number bool list set map object tuple`. inner: what a collection holds, or the elements
    of a tuple in order. fields: of an object."""

    name: str
    inner: tuple[Type, ...] = ()
    fields: Mapping[str, Field] = {}

    def convert(self, value: Any) -> Any:
        """The value in this type; unknown and sensitive parts stay so. Raises FunctionError."""
        if isinstance(value, Sensitive):
            return _marked(self.convert(value.value))
        if isinstance(value, Unknown):
            if value.type not in ("any", self.name) and self.name in _PRIMITIVES and value.type not in _PRIMITIVES:
                raise FunctionError(f"a {self.name} is required")
            type = value.type if self.name == "any" else self.name
            return Unknown(type, value.like, value.source, value.attribute)
        if value is None or self.name == "any":
            return value
        if self.name in _PRIMITIVES:
            return _PRIMITIVES[self.name](value)
        return getattr(self, f"_{self.name}")(value)

    def unknown(self) -> Unknown:
        """An unknown value of this type."""
        return Unknown("list" if self.name == "tuple" else self.name)

    def _list(self, value: Any) -> list[Any]:
        inner = self.inner[0]
        items = to_list(value)
        return unify(items) if inner.name == "any" else [inner.convert(item) for item in items]

    def _set(self, value: Any) -> list[Any]:
        inner = self.inner[0]
        return make_set(inner.convert(item) for item in to_list(value))

    def _map(self, value: Any) -> dict[str, Any]:
        inner = self.inner[0]
        mapping = to_map(value)
        if inner.name == "any":
            return dict(zip(mapping, unify(mapping.values()), strict=True))
        return {key: inner.convert(item) for key, item in mapping.items()}

    def _tuple(self, value: Any) -> list[Any]:
        items = to_list(value)
        if len(items) != len(self.inner):
            raise FunctionError(f"{len(self.inner)} elements are required")
        return [inner.convert(item) for inner, item in zip(self.inner, items, strict=True)]

    def _object(self, value: Any) -> dict[str, Any]:
        mapping = to_map(value)
        result = {}
        for name, field in self.fields.items():
            item = mapping.get(name)
            if name not in mapping and not field.optional:
                raise FunctionError(f"the attribute {name} is required")
            if item is None and field.optional:
                item = field.default
            try:
                result[name] = field.type.convert(item)
            except FunctionError as error:
                raise FunctionError(f"the attribute {name}: {error}") from error
        return result


def _marked(value: Any) -> Any:
    from vigie.misconfig.languages.terraform.values import mark

    return mark(value)


ANY = Type("any")


def parse_type(text: str, evaluate: Callable[[str], Any] | None = None) -> Type:
    """The type that a text stands for. evaluate: gives the value of a default in `optional(type, default)` from its
    text. Raises FunctionError."""
    reader = _Reader(text, evaluate)
    type = reader.type(0)
    if reader.peek():
        raise FunctionError(f"{reader.peek()} behind a type")
    return type


class _Reader:
    """Tokens of a type expression, with their places."""

    def __init__(self, text: str, evaluate: Callable[[str], Any] | None) -> None:
        self.text, self.evaluate, self.at = text, evaluate, 0
        self.tokens: list[tuple[str, int]] = []
        for found in re.finditer(_PART, text, re.DOTALL):
            if found["token"]:
                self.tokens.append((found["token"], found.start()))

    def peek(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def next(self, *wanted: str) -> str:
        token = self.peek()
        if wanted and token not in wanted:
            raise FunctionError(f"{' or '.join(wanted)} is missing in a type")
        self.at += 1
        return token

    def type(self, depth: int) -> Type:
        if depth > _MAX_DEPTH:
            raise FunctionError("a type nested too deeply")
        name = self.next()
        if name[:1] == '"':  # "string", as of old
            return parse_type(name[1:-1])
        if name in ("list", "set", "map"):
            if self.peek() != "(":  # of anything, as of old
                return Type(name, (ANY,))
            self.next("(")
            inner = self.type(depth + 1)
            self.next(")")
            return Type(name, (inner,))
        if name == "object":
            return self._object(depth)
        if name == "tuple":
            return self._tuple(depth)
        if name in _PRIMITIVES or name == "any":
            return Type(name)
        raise FunctionError(f"{name or 'nothing'} is no type")

    def _object(self, depth: int) -> Type:
        self.next("(")
        self.next("{")
        fields = {}
        while self.peek() != "}":
            name = self.next().strip('"')
            self.next("=", ":")
            fields[name] = self._field(depth)
            if self.peek() == ",":
                self.next()
        self.next("}")
        self.next(")")
        return Type("object", fields=fields)

    def _tuple(self, depth: int) -> Type:
        self.next("(")
        self.next("[")
        inner = []
        while self.peek() != "]":
            inner.append(self.type(depth + 1))
            if self.peek() == ",":
                self.next()
        self.next("]")
        self.next(")")
        return Type("tuple", tuple(inner))

    def _field(self, depth: int) -> Field:
        if self.peek() != "optional":
            return Field(self.type(depth + 1))
        self.next()
        self.next("(")
        type, default = self.type(depth + 1), None
        if self.next(",", ")") == "," and self.peek() != ")":
            default = type.convert(self._default())
            self.next(")")
        elif self.tokens[self.at - 1][0] == ",":
            self.next(")")
        return Field(type, True, default)

    def _default(self) -> Any:
        """The value of the expression up to the closing bracket of `optional(`."""
        start, depth = self.tokens[self.at][1] if self.at < len(self.tokens) else len(self.text), 0
        while self.peek() and (depth or self.peek() not in ")"):
            depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(self.next(), 0)
        end = self.tokens[self.at][1] if self.at < len(self.tokens) else len(self.text)
        if self.evaluate is None:
            raise FunctionError("a default cannot stand here")
        return self.evaluate(self.text[start:end].rstrip().rstrip(","))
