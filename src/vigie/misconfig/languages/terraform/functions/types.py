"""Functions that convert, and those about errors and marks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vigie.misconfig.languages.terraform import values
from vigie.misconfig.languages.terraform.values import FunctionError, LimitError, SetValue, entries
from vigie.misconfig.value import Sensitive, Unknown


def try_(*attempts: Callable[[], Any]) -> Any:
    """The value of the first expression that has one."""
    error: ValueError | None = None
    for attempt in attempts:
        try:
            return attempt()
        except LimitError:  # it might have a value all the same
            raise
        except ValueError as failure:
            error = failure
    raise FunctionError(f"no expression succeeded: {error}")


def can(attempt: Callable[[], Any]) -> bool | Unknown:
    """Whether an expression has a value. What is not known yet may still fail."""
    try:
        value = attempt()
    except LimitError:
        raise
    except ValueError:
        return False
    return True if values.is_whole(value) else Unknown("bool")


def convert(value: Any, wanted: Any) -> Any:
    """wanted: the text of a type expression."""
    if not isinstance(wanted, str):
        raise FunctionError("a type is required")
    from vigie.misconfig.languages.terraform.types import parse_type

    return parse_type(wanted).convert(value)


def tostring(value: Any) -> Any:
    if isinstance(value, Unknown):
        return _of_type(value, "string")
    return None if value is None else values.to_string(value)


def tonumber(value: Any) -> Any:
    if isinstance(value, Unknown):
        return _of_type(value, "number")
    return None if value is None else values.to_number(value)


def tobool(value: Any) -> Any:
    if isinstance(value, Unknown):
        return _of_type(value, "bool")
    return None if value is None else values.to_bool(value)


def tolist(value: Any) -> Any:
    if isinstance(value, Unknown):
        return _of_type(value, "list")
    return None if value is None else values.unify(values.to_list(value))


def toset(value: Any) -> Any:
    if isinstance(value, Unknown):
        return _of_type(value, "set")
    return None if value is None else values.make_set(values.to_list(value))


def tomap(value: Any) -> Any:
    if isinstance(value, Unknown):
        return _of_type(value, "map")
    if value is None:
        return None
    mapping = values.to_map(value)
    return dict(zip(mapping, values.unify(mapping.values()), strict=True))


def _of_type(value: Unknown, type: str) -> Unknown:
    return Unknown(type, value.like, value.source, value.attribute)


def sensitive(value: Any) -> Any:
    return values.mark(value)


def nonsensitive(value: Any) -> Any:
    return value.value if isinstance(value, Sensitive) else value


def issensitive(value: Any) -> bool | Unknown:
    return Unknown("bool") if isinstance(value, Unknown) else isinstance(value, Sensitive)


def ephemeralasnull(value: Any) -> Any:
    """Ephemeral values are unknown here, so that none must be hidden."""
    return value


def type_(value: Any) -> str | Unknown:
    """The type of a value, as a type expression."""
    if isinstance(value, Unknown):
        return Unknown("string")
    if value is None:
        return "dynamic"
    if isinstance(value, SetValue):
        return f"set({type_(value[0]) if value else 'dynamic'})"
    if isinstance(value, list):
        return f"tuple([{', '.join(map(str, map(type_, value)))}])"
    if isinstance(value, dict):
        return f"object({{{', '.join(f'{key}: {type_(item)}' for key, item in entries(value))}}})"
    return values.type_name(value)
