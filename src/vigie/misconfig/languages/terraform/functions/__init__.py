"""Terraform's functions: a table of what each takes and gives, and `call`, which brings arguments into that form.

The functions themselves stand in the modules of this folder, as Python functions of the same name (with `_` behind a
name that Python has, too), and are imported when first called. They get arguments of the declared types and raise
FunctionError; what unknown and sensitive arguments mean is decided here.
"""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple, Protocol

from vigie.misconfig.language import Files
from vigie.misconfig.languages.terraform.functions.table import TABLE
from vigie.misconfig.languages.terraform.values import (
    FunctionError,
    LimitError,
    bounded_text,
    make_set,
    mark,
    reveal,
    survey,
    to_bool,
    to_list,
    to_map,
    to_number,
    to_string,
    to_whole,
    unify,
)
from vigie.misconfig.value import UNRESOLVED, Sensitive, Unknown

__all__ = ["LAZY", "Context", "FunctionError", "call", "known"]

LAZY = frozenset({"try", "can"})
"""Functions whose arguments are not values but callables that give them, and may raise FunctionError."""


class Context(Protocol):
    """What a function may know besides its arguments. folder: of the module that calls, relative to the root of what
    is scanned, "" for the root itself; root: of the root module."""

    @property
    def files(self) -> Files: ...
    @property
    def folder(self) -> str: ...
    @property
    def root(self) -> str: ...
    def template(self, text: str, name: str, variables: Mapping[str, Any]) -> Any:
        """The value of a template's text (`name` for messages), which sees nothing but these variables."""

    def definitions(self, text: str) -> Mapping[str, Any]:
        """What a text of variable definitions (tfvars) says. Raises FunctionError."""

    def warn(self, what: str) -> None:
        """Takes a problem to the report, with the file and line of the call."""


class Function(NamedTuple):
    """run: the Python function. parameters: conversion of each, and whether it may be null; the last may repeat.
    returns: type of an unknown result. flags: see `table.py`; handles: whether it takes arguments as they come."""

    run: Callable[..., Any]
    parameters: tuple[tuple[Callable[[Any], Any], bool], ...]
    least: int
    repeats: bool
    returns: str
    flags: frozenset[str]
    handles: bool


def known(name: str) -> bool:
    """Whether there is a function of this name."""
    return _short(name) in TABLE


def call(name: str, arguments: Sequence[Any], context: Context) -> Any:
    """The value of a function, unknown of its type when an argument that counts is unknown, sensitive when one is.

    Functions of `LAZY` take callables instead of values. Raises FunctionError for an unknown name, wrong arguments
    and values that are too large.
    """
    function = _function(_short(name))
    if function is None and name.startswith("provider::") and not name.startswith("provider::terraform::"):
        return Unknown()
    if function is None:
        raise FunctionError(f"there is no function {name}")
    if len(arguments) < function.least or (len(arguments) > len(function.parameters) and not function.repeats):
        raise FunctionError(f"{name}: wrong number of arguments")
    try:
        if "lazy" in function.flags:
            return function.run(*arguments)
        return _apply(function, arguments, context)
    except FunctionError as error:
        if str(error).startswith(f"{name}: "):
            raise  # from a template that calls the function again
        raise type(error)(f"{name}: {error}") from error
    except RecursionError as error:
        raise LimitError(f"{name}: values are nested too deeply") from error
    except (OverflowError, MemoryError) as error:
        raise LimitError(f"{name}: values are too large") from error


def _apply(function: Function, arguments: Sequence[Any], context: Context) -> Any:
    flags, values = function.flags, list(arguments)
    marked, whole = False, True
    for value in values:
        if type(value) not in _PLAIN:
            found = survey(value)
            marked, whole = marked or found.marked, whole and found.whole
    if marked and "marks" not in flags:
        if "inside" in flags:  # marks inside of collections stay where they are
            marked = any(isinstance(value, Sensitive) for value in values)
            values = [value.value if isinstance(value, Sensitive) else value for value in values]
        else:
            values = [reveal(value) for value in values]
    result = _run(function, values, context) if whole or function.handles else _partly(function, values, context)
    if isinstance(result, str):
        bounded_text(result)
    return mark(result) if marked and "marks" not in flags else result


_PLAIN = frozenset({str, int, float, bool, type(None)})


def _partly(function: Function, values: list[Any], context: Context) -> Any:
    """The value of a function some of whose arguments are not wholly known."""
    if "inside" in function.flags:
        if any(isinstance(value, Unknown) for value in values):
            return Unknown(function.returns)
        return _run(function, values, context)
    if "like" in function.flags and not (isinstance(values[0], Unknown) and not values[0].like):
        try:
            return _alike(_run(function, [_stand_in(value) for value in values], context), values)
        except LimitError:
            raise
        except FunctionError:
            pass
    return Unknown(function.returns)


def _run(function: Function, values: list[Any], context: Context) -> Any:
    if not function.handles:
        last = len(function.parameters) - 1
        for index, value in enumerate(values):
            convert, nullable = function.parameters[index if index < last else last]
            if value is not None:
                try:
                    values[index] = convert(value)
                except FunctionError as error:
                    raise type(error)(f"argument {index + 1}: {error}") from error
            elif not nullable:
                raise FunctionError(f"argument {index + 1} must not be null")
    return function.run(context, *values) if "context" in function.flags else function.run(*values)


def _alike(text: str, values: list[Any]) -> Unknown:
    """An unknown like this text; it points at what the first unknown part points at."""
    found = next(_unknowns(values), Unknown())
    return Unknown("string", bounded_text(text) if UNRESOLVED in text else None, found.source, found.attribute)


def _unknowns(value: Any) -> Iterator[Unknown]:
    if isinstance(value, Unknown):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _unknowns(item)


def _strings(value: Any) -> list[str]:
    return [to_string(item) for item in to_list(value)]


def _same(value: Any) -> Any:
    return value


_CONVERT: dict[str, Callable[[Any], Any]] = {
    "any": _same,
    "string": to_string,
    "number": to_number,
    "int": to_whole,
    "bool": to_bool,
    "list": to_list,
    "elements": lambda value: unify(to_list(value)),
    "strings": _strings,
    "set": lambda value: make_set(to_list(value)),
    "map": to_map,
}


def _stand_in(value: Any) -> Any:
    """A value with a text in place of what is unknown."""
    if isinstance(value, Unknown):
        return value.like or UNRESOLVED
    if isinstance(value, dict):
        return {key: _stand_in(item) for key, item in value.items()}
    return type(value)(_stand_in(item) for item in value) if isinstance(value, list) else value


def _short(name: str) -> str:
    """`core::upper` is `upper`."""
    return name.removeprefix("core::")


@cache
def _function(name: str) -> Function | None:
    if name not in TABLE:
        return None
    place, parameters, returns, *flags = TABLE[name]
    module = import_module(f"{__name__}.{place}")
    plain = name.rpartition("::")[2]
    taken = keyword.iskeyword(plain) or hasattr(builtins, plain)
    words = parameters.split()
    return Function(
        run=getattr(module, plain + "_" if taken else plain),
        parameters=tuple((_CONVERT[word.rstrip("*?~")], "~" in word) for word in words),
        least=sum(not word.endswith(("*", "?")) for word in words),
        repeats=bool(words) and words[-1].endswith("*"),
        returns=returns,
        flags=frozenset(flags),
        handles=not {"unknown", "marks"}.isdisjoint(flags),
    )
