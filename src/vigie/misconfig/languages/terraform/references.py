"""References: what a name and the steps behind it mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from vigie.misconfig.languages.terraform.scope import MISSING, Scope
from vigie.misconfig.languages.terraform.values import FunctionError, mark, to_string
from vigie.misconfig.value import UNKNOWN, Sensitive, Unknown

Code = Callable[[Scope], Any]

ALL = "*"
"""The `attribute` of an unknown value that is all instances of a resource, when nobody knows how many: its `source`
stands for them."""


class Name:
    """`.name`"""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Key:
    """`["key"]`, `[0]`"""

    __slots__ = ("key",)

    def __init__(self, key: Any) -> None:
        self.key = key


class Index:
    """`[expression]`"""

    __slots__ = ("code",)

    def __init__(self, code: Code) -> None:
        self.code = code


class Splat:
    """`[*]` (full) or `.*`, and what is asked of each element."""

    __slots__ = ("full", "steps")

    def __init__(self, full: bool, steps: list[Step]) -> None:
        self.full, self.steps = full, steps


Step = Name | Key | Index | Splat


def walk(value: Any, steps: Sequence[Step], start: int, scope: Scope) -> Any:
    """The value that the steps from `start` lead to. Raises FunctionError."""
    for step in steps[start:] if start else steps:
        if isinstance(step, Name):
            value = value[step.name] if type(value) is dict and step.name in value else get(value, step.name)
        elif isinstance(step, Key):
            value = index(value, step.key)
        elif isinstance(step, Index):
            value = index(value, step.code(scope))
        else:
            value = _splat(value, step.steps, scope)
    return value


def get(value: Any, name: str) -> Any:
    """The attribute of a value. Raises FunctionError."""
    if isinstance(value, dict):
        if name in value:
            return value[name]
        raise FunctionError(f"there is no attribute {name}")
    if isinstance(value, Unknown):
        if value.source is None or value.attribute == ALL:
            return UNKNOWN
        if value.attribute:
            return Unknown("any", None, value.source, f"{value.attribute}.{name}")
        return value.source.attribute(name)
    if isinstance(value, Sensitive):
        return mark(get(value.value, name))
    if isinstance(value, list) and name.isdigit():
        return index(value, int(name))
    raise FunctionError(f"{'null' if value is None else 'the value'} has no attribute {name}")


def index(value: Any, key: Any) -> Any:
    """The element of a collection. Raises FunctionError."""
    if isinstance(key, Sensitive):
        return mark(index(value, key.value))
    if isinstance(value, Sensitive):
        return mark(index(value.value, key))
    if isinstance(value, Unknown):
        return _index_unknown(value, key)
    if isinstance(key, Unknown):
        # Elements of one resource: any of them shows where a link leads.
        items = list(value.values()) if isinstance(value, dict) else value
        if isinstance(items, list) and items and isinstance(items[0], Unknown) and items[0].source is not None:
            return items[0]
        return UNKNOWN
    if isinstance(value, dict):
        name = to_string(key)
        if name in value:
            return value[name]
        raise FunctionError(f"there is no element {name!r}")
    if isinstance(value, list):
        number = int(key) if isinstance(key, str) and key.isdecimal() and len(key) < 10 else key
        if isinstance(number, int) and not isinstance(number, bool) and 0 <= number < len(value):
            return value[number]
        raise FunctionError(f"there is no element {to_string(key)}")
    raise FunctionError(f"{'null' if value is None else 'the value'} has no elements")


def _index_unknown(value: Unknown, key: Any) -> Any:
    if value.source is None:
        return UNKNOWN
    if value.attribute == ALL:
        return value.source.handle
    if value.attribute:
        return Unknown("any", None, value.source, value.attribute)
    return value.source.attribute(key) if isinstance(key, str) else UNKNOWN


def _splat(value: Any, steps: Sequence[Step], scope: Scope) -> Any:
    if value is None:
        return []
    if isinstance(value, Sensitive):
        return mark(_splat(value.value, steps, scope))
    if isinstance(value, list):
        scope.spend(len(value))
        return [walk(item, steps, 0, scope) for item in value]
    if isinstance(value, Unknown):
        if value.source is None:
            return Unknown("list")
        if not value.attribute:
            return [walk(value, steps, 0, scope)]
        inner = walk(_index_unknown(value, 0), steps, 0, scope)
        if isinstance(inner, Unknown):
            return Unknown("list", None, inner.source, inner.attribute)
        return Unknown("list")
    return [walk(value, steps, 0, scope)]


def reference(name: str, steps: list[Step]) -> Code:
    """The code of a reference. The meaning of the name may depend on the scope: iterators hide everything else."""
    code = _ROOTS.get(name)
    first = steps[0] if steps else None
    if code is None:
        named = first.name if isinstance(first, Name) else ""
        return _resource(name, named, steps) if named else _local_name(name, steps)
    meaning = code(steps)

    def run(scope: Scope) -> Any:
        if scope.names and name in scope.names:
            return walk(scope.names[name], steps, 0, scope)
        return meaning(scope)

    return run


def _local_name(name: str, steps: list[Step]) -> Code:
    def run(scope: Scope) -> Any:
        if name in scope.names:
            value = scope.names[name]
            return walk(value, steps, 0, scope) if steps else value
        raise FunctionError(f"there is no {name}")

    return run


def _resource(type_: str, name: str, steps: list[Step]) -> Code:
    rest = steps[1:]

    def run(scope: Scope) -> Any:
        names = scope.names
        if names and type_ in names:
            return walk(names[type_], steps, 0, scope)
        return walk(scope.module.resource_value("", type_, name), rest, 0, scope)

    return run


def _named(steps: list[Step], what: str) -> str:
    first = steps[0] if steps else None
    if isinstance(first, Name):
        return first.name
    return first.key if isinstance(first, Key) and isinstance(first.key, str) else ""


def _variable(steps: list[Step]) -> Code:
    name, rest = _named(steps, "var"), steps[1:]
    if not rest:
        return lambda scope: scope.module.variable(name)
    return lambda scope: walk(scope.module.variable(name), rest, 0, scope)


def _local(steps: list[Step]) -> Code:
    name, rest = _named(steps, "local"), steps[1:]
    if not rest:
        return lambda scope: scope.module.local(name)
    return lambda scope: walk(scope.module.local(name), rest, 0, scope)


def _data(steps: list[Step]) -> Code:
    type_, name, rest = _named(steps, "data"), _named(steps[1:], "data"), steps[2:]
    return lambda scope: walk(scope.module.resource_value("data", type_, name), rest, 0, scope)


def _managed(steps: list[Step]) -> Code:
    type_, name, rest = _named(steps, "resource"), _named(steps[1:], "resource"), steps[2:]
    return lambda scope: walk(scope.module.resource_value("", type_, name), rest, 0, scope)


def _module(steps: list[Step]) -> Code:
    name, rest = _named(steps, "module"), steps[1:]

    def run(scope: Scope) -> Any:
        call = scope.module.call(name)
        if call is None:
            raise FunctionError(f"there is no module {name}")
        return call.value(rest, scope)

    return run


def _each(steps: list[Step]) -> Code:
    name, rest = _named(steps, "each"), steps[1:]

    def run(scope: Scope) -> Any:
        if scope.each is MISSING or name not in ("key", "value"):
            raise FunctionError(f"there is no each.{name} here")
        return walk(scope.each[name == "value"], rest, 0, scope)

    return run


def _count(steps: list[Step]) -> Code:
    name = _named(steps, "count")

    def run(scope: Scope) -> Any:
        if scope.index is MISSING or name != "index":
            raise FunctionError(f"there is no count.{name} here")
        return scope.index

    return run


def _folder(steps: list[Step]) -> Code:
    name = _named(steps, "path")

    def run(scope: Scope) -> Any:
        if name == "module":
            return scope.module.folder or "."
        if name == "root":
            return scope.module.root.folder or "."
        if name == "cwd":
            return f"/{scope.module.root.folder}".rstrip("/") or "/"
        raise FunctionError(f"there is no path.{name}")

    return run


def _terraform(steps: list[Step]) -> Code:
    name = _named(steps, "terraform")

    def run(scope: Scope) -> Any:
        if name == "workspace":
            return "default"
        if name == "applying":
            return False
        raise FunctionError(f"there is no terraform.{name}")

    return run


def _self(steps: list[Step]) -> Code:
    def run(scope: Scope) -> Any:
        if scope.block is None:
            raise FunctionError("there is no self here")
        return walk(scope.block.handle, steps, 0, scope)

    return run


def _unknown(steps: list[Step]) -> Code:
    return lambda scope: UNKNOWN


_ROOTS: dict[str, Callable[[list[Step]], Code]] = {
    "var": _variable,
    "local": _local,
    "module": _module,
    "data": _data,
    "resource": _managed,
    "each": _each,
    "count": _count,
    "path": _folder,
    "terraform": _terraform,
    "tofu": _terraform,
    "self": _self,
    "ephemeral": _unknown,
    "action": _unknown,
}


def locals_of(node: Any) -> set[str]:
    """The locals that an expression refers to."""
    found: set[str] = set()
    stack = [node]
    while stack:
        node = stack.pop()
        if isinstance(node, tuple):
            if len(node) == 3 and node[0] == "ref" and node[1] == "local" and node[2] and isinstance(node[2][0], str):
                found.add(node[2][0])
            stack.extend(node)
    return found
