"""Terraform's values beyond those of `misconfig/value.py`: sets, conversions between types, equality, order, bounds.

Numbers are int, or float where they are not whole. Lists and tuples are `list`, maps and objects `dict`, sets
`SetValue`. Unknown and sensitive values may stand anywhere inside of a collection.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from vigie.misconfig.value import Sensitive, Unknown

MAX_ITEMS = 65_536
"""Elements that one function may make."""

MAX_TEXT = 8 << 20
"""Characters that one function may make."""

MAX_WEIGHT = 500_000
"""Values within one value, each counted as often as it stands there: `[a, a]` of a large `a` is twice as large."""

MAX_DEPTH = 200

_LARGEST_EXPONENT = 4_000
"""Decimal digits of the largest number; beyond it arithmetic would be the attack."""


class FunctionError(ValueError):
    """A function or conversion that cannot be done with these values. `try` and `can` catch it; elsewhere the
    evaluator takes the value as unknown."""


class LimitError(FunctionError):
    """A value that would be too large. Other than most failures it is told in the report: the configuration may be
    right."""


class SetValue(list[Any]):
    """A set: different elements in Terraform's order. Made by `make_set`."""

    __slots__ = ()


def number(value: float) -> int | float:
    """A number in its one form: int when it is whole. Raises FunctionError for infinities and what is no number."""
    if isinstance(value, int):
        if value.bit_length() > _LARGEST_EXPONENT * 10 // 3:
            raise FunctionError("the number is too large")
        return value
    if not math.isfinite(value):
        raise FunctionError("the number is too large")
    return int(value) if value.is_integer() else value


def parse_number(text: str) -> int | float:
    """The number a text stands for (`15`, `-1.5`, `6e3`). Raises FunctionError."""
    digits = text[1:] if text[:1] == "-" else text
    if digits.isascii() and digits.isdigit() and len(digits) <= _LARGEST_EXPONENT:
        return int(text)
    if digits[:1].isdigit() and all(c in "0123456789.eE+-" for c in digits):
        try:
            return number(float(text))
        except ValueError:
            pass
    raise FunctionError("a number is required")


def format_number(value: float) -> str:
    """A number as text, never with an exponent: `1.5`, `1000000`."""
    if isinstance(value, int):
        return str(value)
    text = repr(value)
    if "e" not in text:
        return text
    from decimal import Decimal

    return format(Decimal(text), "f")


def type_name(value: Any) -> str:
    """What a value is, for messages and unknown results: `string`, `number`, `bool`, `list`, `set`, `map`, `any`."""
    if isinstance(value, Sensitive):
        return type_name(value.value)
    if isinstance(value, Unknown):
        return value.type
    if value is None:
        return "any"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    if isinstance(value, SetValue):
        return "set"
    return "list" if isinstance(value, list) else "map"


def to_string(value: Any) -> str:
    """A primitive value as text. Raises FunctionError for null, unknown values and collections."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return format_number(value)
    raise FunctionError("a string is required")


def to_number(value: Any) -> int | float:
    """A number, or a text of one. Raises FunctionError."""
    if isinstance(value, str):
        return parse_number(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return number(value)
    raise FunctionError("a number is required")


def to_whole(value: Any) -> int:
    """A whole number, or a text of one. Raises FunctionError."""
    result = to_number(value)
    if isinstance(result, float):
        raise FunctionError("a whole number is required")
    return result


def to_bool(value: Any) -> bool:
    """A truth value, or the texts `true` and `false` (also `1` and `0`). Raises FunctionError."""
    if isinstance(value, bool):
        return value
    if value in ("true", "1"):
        return True
    if value in ("false", "0"):
        return False
    raise FunctionError("a bool is required")


def to_list(value: Any) -> list[Any]:
    """The elements of a list, tuple or set. Raises FunctionError."""
    if isinstance(value, list):
        return list(value) if isinstance(value, SetValue) else value
    raise FunctionError("a list is required")


def to_map(value: Any) -> dict[str, Any]:
    """A map or object. Raises FunctionError."""
    if isinstance(value, dict):
        return value
    raise FunctionError("a map is required")


def unify(items: Iterable[Any]) -> list[Any]:
    """Elements brought to one type, as those of a list: all to text when one of them is text. Raises FunctionError
    for elements that have no type in common."""
    items = list(items)
    names = {type_name(item) for item in items}
    names.discard("any")
    if len(names) < 2 or names <= {"list", "set"} or names <= {"map", "object"}:
        return items
    if "string" in names and names <= {"string", "number", "bool"}:
        return [_text_within(item) for item in items]
    raise FunctionError("all elements must have the same type")


def _text_within(item: Any) -> Any:
    if isinstance(item, Sensitive):
        return Sensitive(_text_within(item.value))
    if item is None:
        return None
    if isinstance(item, Unknown):
        return item if item.type == "string" else Unknown("string", item.like, item.source, item.attribute)
    return to_string(item)


def make_set(items: Iterable[Any]) -> SetValue:
    """A set of these elements: of one type, each once, in order; unknown ones last. Raises FunctionError."""
    known: dict[Any, Any] = {}
    unknown: list[Any] = []
    for item in unify(items):
        if is_whole(item):
            known.setdefault(identity(item), item)
        else:
            unknown.append(item)
    return SetValue([known[key] for key in sorted(known)] + unknown)


def identity(value: Any) -> tuple[Any, ...]:
    """A key that is equal for equal values, and sorts as sets do. The value must be wholly known."""
    if isinstance(value, Sensitive):
        return identity(value.value)
    if value is None:
        return (0,)
    if isinstance(value, bool):
        return (1, value)
    if isinstance(value, (int, float)):
        return (2, value)
    if isinstance(value, str):
        return (3, value)
    if isinstance(value, SetValue):
        return (5, tuple(sorted(identity(item) for item in value)))
    if isinstance(value, list):
        return (4, tuple(identity(item) for item in value))
    return (6, tuple((key, identity(value[key])) for key in sorted(value)))


def equal(left: Any, right: Any) -> bool | Unknown:
    """Whether two values are equal; unknown when that hangs on a part that is not known. Marks do not count."""
    left, right = _bare(left), _bare(right)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return Unknown("bool")
    if isinstance(left, SetValue) and isinstance(right, SetValue):
        if is_whole(left) and is_whole(right):
            return identity(left) == identity(right)
        return Unknown("bool")
    if isinstance(left, dict) and isinstance(right, dict):
        if left.keys() != right.keys():
            return False
        return _all_equal((value, right[key]) for key, value in left.items())
    if isinstance(left, list) and isinstance(right, list):
        if len(left) != len(right) or isinstance(left, SetValue) != isinstance(right, SetValue):
            return False
        return _all_equal(zip(left, right, strict=True))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return left == right
    return type(left) is type(right) and bool(left == right)


def _all_equal(pairs: Iterable[tuple[Any, Any]]) -> bool | Unknown:
    doubt = False
    for left, right in pairs:
        answer = equal(left, right)
        if answer is False:
            return False
        doubt = doubt or answer is not True
    return Unknown("bool") if doubt else True


def _bare(value: Any) -> Any:
    return value.value if isinstance(value, Sensitive) else value


class Survey(NamedTuple):
    """What one walk over a value tells: weight as of `MAX_WEIGHT`, whether all of it is known, whether any of it is
    sensitive."""

    weight: int
    whole: bool
    marked: bool


_KNOWN = Survey(1, True, False)


def survey(value: Any) -> Survey:
    """Looks at a value, in time linear in its memory even when it holds the same parts many times. Raises
    FunctionError for a value that is too large or too deep to be walked again."""
    if value is None or isinstance(value, (str, int, float)):
        return _KNOWN
    return _survey(value, {}, 0)


def _survey(value: Any, seen: dict[int, Survey], depth: int) -> Survey:
    if value is None or isinstance(value, (str, int, float)):
        return _KNOWN
    if isinstance(value, Unknown):
        return Survey(1, False, False)
    if depth > MAX_DEPTH:
        raise LimitError(f"a value nested more than {MAX_DEPTH} deep")
    if isinstance(value, Sensitive):
        return _survey(value.value, seen, depth + 1)._replace(marked=True)
    before = seen.get(id(value))
    if before is not None:
        return before
    weight, whole, marked = 1, True, False
    for item in value.values() if isinstance(value, dict) else value:
        if item is None or isinstance(item, (str, int, float)):
            weight += 1
            continue
        part = _survey(item, seen, depth + 1)
        weight, whole, marked = weight + part.weight, whole and part.whole, marked or part.marked
    if weight > MAX_WEIGHT:
        raise LimitError(f"a value of more than {MAX_WEIGHT} parts")
    seen[id(value)] = found = Survey(weight, whole, marked)
    return found


def is_whole(value: Any) -> bool:
    """Whether nothing in the value is unknown."""
    if isinstance(value, Sensitive):
        return is_whole(value.value)
    if isinstance(value, Unknown):
        return False
    if isinstance(value, dict):
        return all(map(is_whole, value.values()))
    return all(map(is_whole, value)) if isinstance(value, list) else True


def is_marked(value: Any) -> bool:
    """Whether anything in the value is sensitive."""
    if isinstance(value, Sensitive):
        return True
    if isinstance(value, dict):
        return any(map(is_marked, value.values()))
    return any(map(is_marked, value)) if isinstance(value, list) else False


def reveal(value: Any) -> Any:
    """The value with all marks taken off, at any depth."""
    if not is_marked(value):
        return value
    if isinstance(value, Sensitive):
        return reveal(value.value)
    if isinstance(value, dict):
        return {key: reveal(item) for key, item in value.items()}
    return type(value)(reveal(item) for item in value)


def mark(value: Any) -> Any:
    """The value as sensitive, once."""
    return Sensitive(reveal(value))


def entries(value: Any) -> Iterator[tuple[Any, Any]]:
    """Key and value of each element, in Terraform's order: positions of a list, the sorted keys of a map; an element
    of a set is its own key. Raises FunctionError."""
    if isinstance(value, SetValue):
        return ((item, item) for item in value)
    if isinstance(value, list):
        return iter(enumerate(value))
    if isinstance(value, dict):
        return ((key, value[key]) for key in sorted(value))
    raise FunctionError("a list, set or map is required")


def bounded(items: list[Any]) -> list[Any]:
    """The same list. Raises FunctionError when it is too long."""
    if len(items) > MAX_ITEMS:
        raise LimitError(f"more than {MAX_ITEMS} elements")
    return items


def bounded_text(text: str) -> str:
    """The same text. Raises FunctionError when it is too long."""
    if len(text) > MAX_TEXT:
        raise LimitError(f"more than {MAX_TEXT} characters")
    return text
