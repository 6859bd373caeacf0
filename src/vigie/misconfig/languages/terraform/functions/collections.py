"""Functions of lists and maps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from vigie.misconfig.languages.terraform.functions.strings import characters
from vigie.misconfig.languages.terraform.values import (
    FunctionError,
    LimitError,
    SetValue,
    bounded,
    entries,
    equal,
    identity,
    is_whole,
    mark,
    reveal,
    survey,
    to_bool,
    to_list,
    to_number,
    to_string,
    unify,
)
from vigie.misconfig.languages.terraform.values import number as one_form
from vigie.misconfig.value import Sensitive, Unknown

_LONGEST_RANGE = 1024  # Terraform's own


def alltrue(items: Any) -> bool | Unknown:
    """Whether all elements are true; an unknown one decides nothing when another is false."""
    return _booleans(items, False)


def anytrue(items: Any) -> bool | Unknown:
    return _booleans(items, True)


def _booleans(items: Any, decisive: bool) -> bool | Unknown:
    items = _bare(items)
    if isinstance(items, Unknown):
        return Unknown("bool")
    doubt = False
    for item in map(_bare, to_list(items)):
        if isinstance(item, Unknown):
            doubt = True
        elif (item is not None and to_bool(item)) is decisive:
            return decisive
    return Unknown("bool") if doubt else not decisive


def chunklist(items: list[Any], size: int) -> list[Any]:
    if size < 0:
        raise FunctionError("the size must not be negative")
    if not items:
        return []
    return [items[at : at + size] for at in range(0, len(items), size)] if size else [items]


def coalesce(*values: Any) -> Any:
    """The first that is neither null nor an empty text."""
    names = {"string" for value in values if isinstance(value, str)}
    for index, value in enumerate(values):
        if isinstance(value, Unknown):
            last = all(other is None or other == "" for other in values[index + 1 :])
            return value if value.filled or last else Unknown(value.type)
        if value is None or value == "":
            continue
        return to_string(value) if names and isinstance(value, (bool, int, float)) else value
    raise FunctionError("all arguments are null or empty")


def coalescelist(*values: Any) -> Any:
    for value in values:
        if isinstance(value, Unknown):
            return Unknown("list")
        if value is not None and len(to_list(value)):
            return to_list(value)
    raise FunctionError("all lists are empty")


def compact(items: list[Any]) -> list[Any] | Unknown:
    """The texts that are not empty. An unknown one that might be empty makes the list unknown."""
    kept = []
    for item in items:
        bare = _bare(item)
        if isinstance(bare, Unknown):
            if not bare.filled:
                return Unknown("list")
            kept.append(item)
        elif bare is not None and to_string(bare):
            kept.append(to_string(bare) if bare is item else mark(to_string(bare)))
    return kept


def concat(*lists: list[Any]) -> list[Any]:
    return bounded([item for items in lists for item in items])


def contains(items: Any, wanted: Any) -> bool | Unknown:
    items = _bare(items)
    if isinstance(items, Unknown):
        return Unknown("bool")
    doubt = False
    for item in to_list(items):
        answer = equal(item, wanted)
        if answer is True:
            return True
        doubt = doubt or answer is not False
    return Unknown("bool") if doubt else False


def distinct(items: list[Any]) -> list[Any]:
    seen: dict[Any, Any] = {}
    for item in items:
        seen.setdefault(identity(item), item)
    return list(seen.values())


def element(items: list[Any], index: int) -> Any:
    """Indices wrap around, negative ones from the end."""
    if not items:
        raise FunctionError("the list is empty")
    return items[index % len(items)]


def flatten(items: Any) -> Any:
    """Lists in lists become one. Only an unknown that is certainly a list makes all unknown."""
    result: list[Any] = []
    return bounded(result) if _flatten(items, result) else Unknown("list")


def _flatten(value: Any, result: list[Any]) -> bool:
    for item in to_list(value):
        bare = _bare(item)
        if isinstance(bare, Unknown) and bare.type in ("list", "set"):
            return False
        if isinstance(bare, list):
            if not _flatten([mark(part) for part in bare] if bare is not item else bare, result):
                return False
        else:
            result.append(item)
    return True


def index(items: list[Any], wanted: Any) -> int:
    for position, item in enumerate(items):
        if equal(item, wanted) is True:
            return position
    raise FunctionError("the item is not in the list")


def keys(mapping: dict[str, Any]) -> list[str]:
    return sorted(mapping)


def length(value: Any) -> int | Unknown:
    """Elements of a collection, characters of a text. A set with unknown elements may be smaller than it looks."""
    if isinstance(value, str):
        return len(characters(value))
    if isinstance(value, SetValue) and len(value) > 1 and not is_whole(value):
        return Unknown("number")
    if isinstance(value, (list, dict)):
        return len(value)
    raise FunctionError("a string, list, set or map is required")


def list_(*items: Any) -> list[Any]:
    return unify(items)


def lookup(mapping: Any, key: Any, *default: Any) -> Any:
    if isinstance(mapping, Unknown) or isinstance(key, Unknown):
        return Unknown()
    if not isinstance(mapping, dict):
        raise FunctionError("a map is required")
    key = to_string(key)
    if key in mapping:
        return mapping[key]
    if default:
        return default[0]
    raise FunctionError("the map has no such key")


def map_(*pairs: Any) -> dict[str, Any]:
    if len(pairs) % 2:
        raise FunctionError("a key without a value")
    return {to_string(reveal(pairs[at])): pairs[at + 1] for at in range(0, len(pairs), 2)}


def matchkeys(values: list[Any], keys: list[Any], wanted: list[Any]) -> list[Any] | Unknown:
    if len(values) != len(keys):
        raise FunctionError("as many keys as values are required")
    if not survey(keys).whole or not survey(wanted).whole:
        return Unknown("list")
    try:
        both = unify([*keys, *wanted])
    except FunctionError:
        return []
    names = {identity(item) for item in both[len(keys) :]}
    return [value for value, key in zip(values, both, strict=False) if identity(key) in names]


def merge(*mappings: Any) -> Any:
    """Later keys win; null counts as an empty map."""
    result: dict[str, Any] = {}
    for mapping in mappings:
        if isinstance(mapping, dict):
            result.update(mapping)
        elif mapping is not None:
            raise FunctionError("maps or objects are required")
    return result


def one(items: list[Any]) -> Any:
    if len(items) > 1:
        raise FunctionError("more than one element")
    return items[0] if items else None


def range_(*numbers: float) -> list[Any]:
    start, limit = (0, numbers[0]) if len(numbers) == 1 else numbers[:2]
    step = numbers[2] if len(numbers) == 3 else (1 if start <= limit else -1)
    if step == 0 or (limit != start and (step < 0) is not (limit < start)):
        raise FunctionError("the step leads away from the limit")
    result: list[Any] = []
    value = start
    while value < limit if step > 0 else value > limit:
        if len(result) >= _LONGEST_RANGE:
            raise LimitError(f"more than {_LONGEST_RANGE} numbers")
        result.append(one_form(value))
        value = value + step if isinstance(value, int) and isinstance(step, int) else start + step * len(result)
    return result


def reverse(items: list[Any]) -> list[Any]:
    return items[::-1]


def slice_(items: list[Any], start: int, end: int) -> list[Any]:
    if not 0 <= start <= end <= len(items):
        raise FunctionError("the indices lie outside of the list")
    return items[start:end]


def sort(items: list[str]) -> list[str]:
    return sorted(items)


def sum_(items: list[Any]) -> int | float:
    if not items:
        raise FunctionError("the list is empty")
    from decimal import Decimal

    numbers = [to_number(item) for item in items]
    if all(isinstance(number, int) for number in numbers):
        return one_form(sum(numbers))
    return one_form(float(sum((Decimal(str(number)) for number in numbers), Decimal(0))))


def transpose(mapping: dict[str, Any]) -> dict[str, list[str]]:
    """A map of lists of texts, turned around."""
    result: dict[str, list[str]] = {}
    for key, items in entries(mapping):
        for item in to_list(items):
            result.setdefault(to_string(item), []).append(key)
    return {key: result[key] for key in sorted(result)}


def values(mapping: dict[str, Any]) -> list[Any]:
    return [mapping[key] for key in sorted(mapping)]


def zipmap(keys: list[str], values: list[Any]) -> dict[str, Any]:
    if len(keys) != len(values):
        raise FunctionError("as many values as keys are required")
    return dict(zip(keys, values, strict=True))


def _bare(value: Any) -> Any:
    return value.value if isinstance(value, Sensitive) else value


def product(lists: Iterable[list[Any]]) -> list[Any]:
    """All combinations, the last list turning fastest. Raises FunctionError when there are too many."""
    from itertools import product as combinations
    from math import prod

    lists = list(lists)
    if prod(len(items) + 1 for items in lists) > 1 << 20:
        raise LimitError("too many combinations")
    return bounded([list(combination) for combination in combinations(*lists)])
