"""The grammar that constraint texts of all ecosystems share, and its three-valued evaluation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from vigie.versions.ordering import InvalidVersion

T = TypeVar("T")
Term = tuple[str, str]
"""Operator ("" when none is written) and the version text behind it."""
Test = Callable[[str, str], bool]
"""(version, operand) → whether the relation holds. Raises InvalidVersion."""

_TERM = re.compile(r"[\s,]*([<>=!~^]*)\s*([^\s,<>=!~^](?:[^\s,<>=!]|!(?!=))*)?")


@lru_cache(maxsize=65536)
def alternatives(constraint: str) -> tuple[tuple[Term, ...], ...]:
    """Takes a constraint apart: `||` separates alternatives, a comma or blanks join terms that must all hold, and
    blanks may follow an operator. An empty alternative is an empty tuple."""
    return tuple(terms(part) for part in constraint.split("||"))


def terms(text: str) -> tuple[Term, ...]:
    """The terms of one alternative. An operator without a version gives a term with an empty version; `a - b` means
    from a up to and including b."""
    found: list[Term] = []
    upper = False
    for operator, version in _TERM.findall(text):
        if upper and not operator and version:
            found[-1:] = [(">=", found[-1][1]), ("<=", version)]
            upper = False
        elif version == "-" and not operator and found and not found[-1][0]:
            upper = True
        elif operator or version:
            found.append((operator, version))
    return tuple(found)


def holds(version: str, constraint: str, operators: Mapping[str, Test]) -> bool:
    """Whether a version meets a constraint.

    Alternatives are judged one by one: one that cannot be read does not void the others (the peer gives up on the whole
    advisory then). Raises InvalidVersion when the answer hangs on a part that cannot be read."""
    return any_holds(alternatives(constraint), lambda alternative: all_hold(version, alternative, operators))


def any_holds(parts: Iterable[T], test: Callable[[T], bool]) -> bool:
    """Whether the test holds for any part; one that raises InvalidVersion matters only when no other holds."""
    unreadable: InvalidVersion | None = None
    for part in parts:
        try:
            if test(part):
                return True
        except InvalidVersion as error:
            unreadable = error
    if unreadable is not None:
        raise unreadable
    return False


def all_hold(version: str, alternative: tuple[Term, ...], operators: Mapping[str, Test]) -> bool:
    """Whether all terms hold; a term that cannot be read matters only when no other fails."""
    if not alternative:
        raise InvalidVersion("an empty constraint")

    def fails(term: Term) -> bool:
        operator, operand = term
        test = operators.get(operator)
        if test is None or not operand:
            raise InvalidVersion(f"cannot read the constraint {operator}{operand:.80}")
        return not test(version, operand)

    return not any_holds(alternative, fails)


def comparisons(key: Callable[[str], Any]) -> dict[str, Test]:
    """The operators that need nothing but the order: none, `=`, `==`, `!=`, `>`, `<`, `>=`, `<=`, and both misspelt
    forms."""

    def equal(version: str, operand: str) -> bool:
        return bool(key(version) == key(operand))

    def at_least(version: str, operand: str) -> bool:
        return bool(key(version) >= key(operand))

    def at_most(version: str, operand: str) -> bool:
        return bool(key(version) <= key(operand))

    return {
        "": equal,
        "=": equal,
        "==": equal,
        "!=": lambda version, operand: not equal(version, operand),
        ">": lambda version, operand: not at_most(version, operand),
        "<": lambda version, operand: not at_least(version, operand),
        ">=": at_least,
        "=>": at_least,
        "<=": at_most,
        "=<": at_most,
    }
