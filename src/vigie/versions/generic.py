"""Versions like semver, read generously: Cargo, Composer, Go, NuGet, Pub, Hex, Conan, Swift, Kubernetes, Julia.

An optional `v`, any number of numeric parts (missing ones are 0), a pre-release behind `-` or as letters attached to
the last number, and a build behind `+` that does not count.

Deliberate differences from the peer: `*` and `1.2.x` are wildcards, not errors; a pre-release part `x` is a word like
any other (it equals everything there, which is no order).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from vigie.versions.constraint import Test, comparisons, holds
from vigie.versions.number import natural
from vigie.versions.ordering import InvalidVersion, Ordering

Release = tuple[int, ...]
Version = tuple[Release, tuple[object, ...]]
"""The numeric parts without trailing zeros, and what sorts versions with the same ones."""

_VERSION = re.compile(
    r"[vV]?([0-9]+(?:\.[0-9]+)*)(?:-([0-9A-Za-z~.-]+)|([A-Za-z~][0-9A-Za-z~.-]*))?(?:\+[0-9A-Za-z~.+-]*)?\Z"
)
_WILD = re.compile(r"[vV]?((?:[0-9]+\.)*)[xX*](?:\.[xX*])*\Z")
_RELEASED = (1,)


class Operand(NamedTuple):
    """What stands behind an operator: the parts as written, the whole as a version, and whether more parts may
    follow."""

    release: Release
    version: Version
    wild: bool


def split(text: str) -> tuple[Release, str]:
    """The numeric parts as written, and the pre-release, "" for none. Raises InvalidVersion."""
    match = _VERSION.match(text.strip())
    if match is None:
        raise InvalidVersion(f"no version: {text:.80}")
    return numbers(match[1]), match[2] or match[3] or ""


def numbers(text: str) -> Release:
    """Dot-separated numbers."""
    return tuple(map(natural, text.split(".")))


def stripped(release: Release) -> Release:
    """Without trailing zeros, so that `1` and `1.0` are one."""
    end = len(release)
    while end and not release[end - 1]:
        end -= 1
    return release[:end]


def pre_release(text: str) -> tuple[object, ...]:
    """What sorts pre-releases: none is last; parts between dots, numbers below words, shorter below longer."""
    if not text:
        return _RELEASED
    return (0, *((0, natural(part)) if part.isdigit() else (1, part) for part in text.split(".")))


@lru_cache(maxsize=131072)
def key(text: str) -> Version:
    """Numeric parts, then the pre-release. Raises InvalidVersion (`dev-main`, `1.2.3.Final`)."""
    release, pre = split(text)
    return stripped(release), pre_release(pre)


def operators(key: Callable[[str], Version], parts: int = 0) -> dict[str, Test]:
    """The operators over a key, wildcards, `~>`, `~` and `^` included. parts: how many numbers a complete version
    has; an operand of `=` and `<=` with fewer stands for all that begin so."""

    @lru_cache(maxsize=65536)
    def operand(text: str) -> Operand:
        wild = _WILD.match(text)
        if wild is not None:
            release = numbers(wild[1].rstrip(".")) if wild[1] else ()
            return Operand(release, (stripped(release), _RELEASED), wild=True)
        release, pre = split(text)
        return Operand(release, key(text), wild=not pre and len(release) < parts)

    def begins(version: str, release: Release) -> bool:
        return head(key(version)[0], len(release)) == release

    def equal(version: str, text: str) -> bool:
        other = operand(text)
        return begins(version, other.release) if other.wild else key(version) == other.version

    def at_most(version: str, text: str) -> bool:
        other = operand(text)
        if key(version) <= other.version:
            return True
        return other.wild and begins(version, other.release)

    def above(version: str, text: str) -> bool:
        # a missing part counts as 0 here, but what a written wildcard covers is not above it
        other = operand(text)
        return key(version) > other.version and not (_WILD.match(text) and begins(version, other.release))

    def compatible(version: str, text: str, count: int) -> bool:
        other = operand(text)
        return begins(version, other.release[:count]) and (key(version) >= other.version or other.wild)

    def pessimistic(version: str, text: str) -> bool:
        return compatible(version, text, max(1, len(operand(text).release) - (not _WILD.match(text))))

    def caret(version: str, text: str) -> bool:
        release = operand(text).release
        first = next((place for place, part in enumerate(release) if part), len(release) - 1)
        return compatible(version, text, first + 1)

    simple = comparisons(lambda text: operand(text).version)
    return simple | {
        "": equal,
        "=": equal,
        "==": equal,
        "!=": lambda version, text: not equal(version, text),
        "<=": at_most,
        "=<": at_most,
        ">": above,
        "~": lambda version, text: compatible(version, text, 2),
        "~>": pessimistic,
        "^": caret,
    }


def head(release: Release, count: int) -> Release:
    """The first parts of a stripped release, filled up with zeros."""
    return release[:count] + (0,) * (count - len(release))


_OPERATORS = operators(key)


def satisfies(version: str, constraint: str) -> bool:
    """Whether the version meets the constraint. Raises InvalidVersion."""
    key(version)
    return holds(version, constraint, _OPERATORS)


ORDERING = Ordering("generic", key, satisfies)
