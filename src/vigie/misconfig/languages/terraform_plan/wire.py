"""The variables in a plan file: a protocol buffer (`planfile.proto` of Terraform), of which only the field with the
variables is read, and MessagePack values with their types in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from vigie.misconfig.languages.terraform.types import ANY, Field, Type
from vigie.misconfig.languages.terraform.values import FunctionError, parse_number, survey
from vigie.misconfig.value import Unknown

_VARIABLES = 2  # map<string, DynamicValue> of Plan
_KEY, _VALUE = 1, 2  # of an entry of a map
_MSGPACK = 1  # of DynamicValue
_MAX_DEPTH = 60
_PRIMITIVES = ("string", "number", "bool")


def variables(plan: bytes) -> dict[str, Any]:
    """The root module's variables. Raises ValueError for what is no plan, FunctionError (one, too) for values that are
    too large."""
    found: dict[str, Any] = {}
    for number, entry in fields(plan):
        if number == _VARIABLES and isinstance(entry, bytes):
            parts = dict(fields(entry))
            key, value = parts.get(_KEY, b""), parts.get(_VALUE, b"")
            if isinstance(key, bytes) and isinstance(value, bytes):
                packed = dict(fields(value)).get(_MSGPACK)
                if isinstance(packed, bytes):
                    found[key.decode()] = _decoded(packed)
    return found


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message, by number. Raises ValueError."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == 0:
            value, at = _varint(message, at)
            yield tag >> 3, value
            continue
        if kind == 2:
            length, at = _varint(message, at)
        else:
            length = {1: 8, 5: 4}.get(kind, -1)
        if length < 0 or at + length > len(message):
            raise ValueError("is no plan: a field is cut off")
        yield tag >> 3, message[at : at + length]
        at += length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(message):
            break
        byte = message[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise ValueError("is no plan: a number is cut off")


def _decoded(packed: bytes) -> Any:
    try:
        value = msgspec.msgpack.decode(packed)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError("is no plan: a variable cannot be read") from error
    made = _typed(value, ANY, 0)
    survey(made)
    return made


def _typed(value: Any, type: Type, depth: int) -> Any:
    """A value in its type. A value of any type comes with its own, as a pair."""
    if depth > _MAX_DEPTH:
        raise ValueError("is no plan: a variable is nested too deeply")
    if isinstance(value, msgspec.msgpack.Ext):
        return type.unknown()
    if type.name == "any":
        if isinstance(value, list) and len(value) == 2 and isinstance(value[0], bytes):
            return _typed(value[1], _type_of(value[0]), depth + 1)
        return None if value is None else Unknown()
    if value is None or type.name in ("string", "bool"):
        return value if value is None or isinstance(value, (str, bool)) else type.unknown()
    if type.name == "number":
        return _number(value)
    if type.name in ("list", "set") and isinstance(value, list):
        return Type(type.name, (ANY,)).convert([_typed(item, type.inner[0], depth + 1) for item in value])
    if type.name == "tuple" and isinstance(value, list):
        return [_typed(item, inner, depth + 1) for item, inner in zip(value, type.inner, strict=False)]
    if type.name == "map" and isinstance(value, dict):
        return {str(key): _typed(item, type.inner[0], depth + 1) for key, item in value.items()}
    if type.name == "object" and isinstance(value, dict):
        return {name: _typed(value.get(name), field.type, depth + 1) for name, field in type.fields.items()}
    return type.unknown()


def _number(value: Any) -> Any:
    """A number, which is a text when it fits no other form."""
    try:
        return parse_number(value if isinstance(value, str) else repr(value))
    except FunctionError:
        return Unknown("number")


def _type_of(text: bytes) -> Type:
    try:
        return _type(msgspec.json.decode(text), 0)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError("is no plan: the type of a variable cannot be read") from error


def _type(written: Any, depth: int) -> Type:
    """A type as JSON: `"string"`, `["list", "string"]`, `["object", {"a": "bool"}, ["a"]]`."""
    if depth > _MAX_DEPTH:
        raise ValueError("is no plan: a type is nested too deeply")
    if written in _PRIMITIVES:
        return Type(written)
    if isinstance(written, list) and len(written) >= 2:
        name, inner = written[0], written[1]
        if name in ("list", "set", "map"):
            return Type(name, (_type(inner, depth + 1),))
        if name == "tuple" and isinstance(inner, list):
            return Type(name, tuple(_type(item, depth + 1) for item in inner))
        if name == "object" and isinstance(inner, dict):
            return Type(name, fields={key: Field(_type(item, depth + 1)) for key, item in inner.items()})
    return ANY
