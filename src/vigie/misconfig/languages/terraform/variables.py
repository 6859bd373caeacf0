"""Variables: what a module declares, and what a root module is given.

    environment (TF_VAR_*) < terraform.tfvars < terraform.tfvars.json < *.auto.tfvars(.json) < --tf-vars, in order

A child module gets the arguments of its call instead.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct

from vigie import _core
from vigie.errors import UsageError
from vigie.misconfig.language import Files
from vigie.misconfig.languages.terraform.syntax import Argument, Nested, Source, parse
from vigie.misconfig.languages.terraform.types import ANY, Type, parse_type
from vigie.misconfig.languages.terraform.values import FunctionError, mark, number
from vigie.model.inventory import Problem

PREFIX = "TF_VAR_"
_MAX_FILE = 8 << 20
_MAX_DEPTH = 200
_LITERAL_TYPES = frozenset({"string", "number", "bool"})

Warn = Callable[[str], None]


class Given(NamedTuple):
    """What a variable was set to. path: the file, "" for the environment; lines from 1. text: from the environment,
    where the variable's type says how to read it."""

    value: Any
    path: str = ""
    start: int = 0
    end: int = 0
    text: bool = False


class Variable(Struct, frozen=True):
    """A declared variable. type: None when none is declared. required: there is no default."""

    name: str
    type: Type | None = None
    required: bool = True
    default: Any = None
    nullable: bool = True
    sensitive: bool = False

    def settle(self, given: Any, warn: Warn) -> Any:
        """The variable's value when it is set to `given`: converted, and marked when it is sensitive. Unknown of the
        type when it cannot be converted, which is told to `warn`. An unknown value stays unknown; null is the default
        only where null is not allowed."""
        if isinstance(given, Given):
            given = self._read(given, warn) if given.text else given.value
        if given is None and not self.nullable:
            if self.required:
                warn(f"the variable {self.name} must not be null")
                return self.unset()
            given = self.default
        return self._finished(given, warn)

    def unset(self, warn: Warn | None = None) -> Any:
        """The variable's value when nothing sets it: the default, or unknown of its type."""
        if self.required:
            value: Any = (self.type or ANY).unknown()
            return mark(value) if self.sensitive else value
        return self._finished(self.default, warn or _silent)

    def _finished(self, value: Any, warn: Warn) -> Any:
        try:
            value = (self.type or ANY).convert(value)
        except FunctionError as error:
            warn(f"the variable {self.name} has a value of another type: {error}")
            value = (self.type or ANY).unknown()
        return mark(value) if self.sensitive else value

    def _read(self, given: Given, warn: Warn) -> Any:
        """Text of the environment: an expression for all but plain types."""
        if self.type is None or self.type.name in _LITERAL_TYPES:
            return given.value
        try:
            return literal(_core.parse_hcl_expression(given.value))
        except ValueError as error:
            warn(f"{PREFIX}{self.name} is no expression: {error.args[0]}")
            return self.type.unknown()


def _silent(what: str) -> None:
    return None


def declared(block: Nested, evaluate: Callable[[str], Any], warn: Warn) -> Variable:
    """The variable that a block declares. evaluate: gives the value of an expression's text, for the defaults of
    optional attributes."""
    name = block.labels[0] if block.labels else ""
    arguments = block.body.arguments
    type = None
    if "type" in arguments:
        try:
            type = parse_type(arguments["type"].text, evaluate)
        except FunctionError as error:
            warn(f"the type of the variable {name} cannot be read: {error}")
    default = None
    if "default" in arguments:
        try:
            default = literal(arguments["default"].expression)
        except FunctionError as error:
            warn(f"the default of the variable {name} cannot be read: {error}")
    return Variable(
        name=name,
        type=type,
        required="default" not in arguments,
        default=default,
        nullable=_flag(arguments, "nullable", True),
        sensitive=_flag(arguments, "sensitive", False),
    )


def _flag(arguments: Mapping[str, Argument], name: str, default: bool) -> bool:
    value = arguments[name].expression if name in arguments else default
    return value == "true" if isinstance(value, str) else value if isinstance(value, bool) else default


def literal(node: Any, depth: int = 0) -> Any:
    """The value of an expression that refers to nothing and calls nothing. Raises FunctionError for others."""
    if isinstance(node, float):
        return number(node)
    if not isinstance(node, tuple):
        return node
    if depth > _MAX_DEPTH:
        raise FunctionError("a value nested too deeply")
    kind = node[0]
    if kind == "tuple":
        return [literal(item, depth + 1) for item in node[1]]
    if kind == "object":
        return {_key(key, depth): literal(value, depth + 1) for key, value in node[1]}
    if kind == "negative":
        value = literal(node[1], depth + 1)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return -value
    if kind == "template" and all(isinstance(part, str) for part in node[1]):
        return "".join(node[1])
    raise FunctionError("only values may stand here, no references, operations or functions")


def _key(node: Any, depth: int) -> str:
    key = literal(node, depth + 1)
    if isinstance(key, str):
        return key
    from vigie.misconfig.languages.terraform.values import to_string

    return to_string(key)


def definitions(path: str, data: bytes, warn: Callable[[int, str], None]) -> dict[str, Given]:
    """The variables that a file of definitions (`.tfvars`, `.tfvars.json`) sets. warn: line and reason of what cannot
    be read."""
    source = parse(path, data)
    for line, reason in source.errors:
        warn(line, reason)
    return dict(_definitions(source, warn))


def _definitions(source: Source, warn: Callable[[int, str], None]) -> Iterator[tuple[str, Given]]:
    for block in source.body.blocks:
        if not source.json:
            warn(block.start, "a block cannot stand among definitions of variables")
    for name, argument in source.body.arguments.items():
        try:
            value = literal(argument.expression)
        except FunctionError as error:
            warn(argument.start, f"{name}: {error}")
            continue
        yield name, Given(value, source.path, argument.start, argument.end)


class Assignments(NamedTuple):
    """What a root module's variables are set to, and what could not be read."""

    values: Mapping[str, Given]
    problems: Sequence[Problem]


def assignments(
    files: Files, folder: str, explicit: Sequence[str], environment: Mapping[str, str] | None = None
) -> Assignments:
    """What a root module in this folder is given. explicit: paths of `--tf-vars`, as a user writes them.

    Raises UsageError when one of those cannot be read.
    """
    environment = os.environ if environment is None else environment
    values = {
        name.removeprefix(PREFIX): Given(environment[name], text=True)
        for name in environment
        if name.startswith(PREFIX) and len(name) > len(PREFIX)
    }
    problems: list[Problem] = []
    for path, data in [*_beside(files, folder), *_explicit(explicit)]:

        def warn(line: int, reason: str, path: str = path) -> None:
            problems.append(Problem(f"{path}:{line}", reason))

        values.update(definitions(path, data, warn))
    return Assignments(values, problems)


def _beside(files: Files, folder: str) -> Iterator[tuple[str, bytes]]:
    """Files that Terraform reads by itself."""
    start = f"{folder}/" if folder else ""
    names = [start + "terraform.tfvars", start + "terraform.tfvars.json"]
    escaped = "".join(f"[{char}]" if char in "*?[{" else char for char in start)
    found = files.glob(escaped + "*.auto.tfvars*")
    automatic = sorted(path for path in found if path.endswith((".auto.tfvars", ".auto.tfvars.json")))
    for path in [*names, *automatic]:
        data = files.read(path)
        if data is not None:
            yield path, data


def _explicit(paths: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    for path in paths:
        try:
            with Path(path).open("rb") as file:
                data = file.read(_MAX_FILE + 1)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise UsageError(f"{path}: {reason}", "--tf-vars takes files of variable definitions") from error
        if len(data) > _MAX_FILE:
            raise UsageError(f"{path}: larger than {_MAX_FILE >> 20} MiB", "--tf-vars takes files of definitions")
        yield path, data
