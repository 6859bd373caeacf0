"""Functions of sets."""

from __future__ import annotations

from typing import Any

from vigie.misconfig.languages.terraform.functions.collections import product
from vigie.misconfig.languages.terraform.values import (
    FunctionError,
    SetValue,
    bounded,
    identity,
    make_set,
    to_list,
    unify,
)


def setunion(*lists: list[Any]) -> SetValue:
    return make_set(bounded([item for items in lists for item in items]))


def setintersection(first: SetValue, *others: SetValue) -> SetValue:
    first, *rest = _alike(first, *others)
    names = [{identity(item) for item in other} for other in rest]
    return SetValue(item for item in first if all(identity(item) in other for other in names))


def setsubtract(first: SetValue, second: SetValue) -> SetValue:
    first, second = _alike(first, second)
    names = {identity(item) for item in second}
    return SetValue(item for item in first if identity(item) not in names)


def setproduct(*lists: Any) -> list[Any]:
    """All combinations: a list when all arguments are lists, a set otherwise."""
    if len(lists) < 2:
        raise FunctionError("two arguments or more are required")
    combined = product(unify(to_list(items)) for items in lists)
    return make_set(combined) if any(isinstance(items, SetValue) for items in lists) else combined


def _alike(*sets: SetValue) -> list[SetValue]:
    """Sets whose elements are of one type."""
    together = unify([item for items in sets for item in items])
    result, at = [], 0
    for items in sets:
        result.append(make_set(together[at : at + len(items)]))
        at += len(items)
    return result
