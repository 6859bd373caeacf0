"""RubyGems' versions (also CocoaPods): dotted parts, any of which may be letters, which makes a pre-release.

Deliberate difference from the peer: letter runs are compared as words, as RubyGems does; the peer compares letter by
letter and so puts `1.0.prerelease` before `1.0.pre`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from vigie.versions.constraint import comparisons, holds
from vigie.versions.generic import head, stripped
from vigie.versions.number import natural
from vigie.versions.ordering import InvalidVersion, Ordering

_VERSION = re.compile(r"[0-9]+(?:\.[0-9A-Za-z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?\Z")
_SEGMENT = re.compile(r"[0-9]+|[A-Za-z]+")
_WORD, _END, _NUMBER = 0, 1, 2


@lru_cache(maxsize=65536)
def segments(text: str) -> tuple[int | str, ...]:
    """Numbers and words, a dash counting as the word `pre`. Raises InvalidVersion."""
    text = text.strip()
    if not _VERSION.match(text):
        raise InvalidVersion(f"no gem version: {text:.80}")
    return tuple(natural(part) if part[0] <= "9" else part for part in _SEGMENT.findall(text.replace("-", ".pre.")))


@lru_cache(maxsize=65536)
def key(text: str) -> tuple[tuple[object, ...], ...]:
    """Segments as (kind, zeros before it, value), ended by the kind of the end. Raises InvalidVersion.

    A missing segment is 0: zeros before the end do not count, and words sort below a missing segment, numbers above.
    Zeros right before the first word do not count either (`1.0.a` = `1.a`)."""
    found: list[tuple[object, ...]] = []
    zeros, released = 0, True
    for segment in segments(text):
        if isinstance(segment, str):
            found.append((_WORD, 0 if released else zeros, segment))
            released = False
        elif segment:
            found.append((_NUMBER, -zeros, segment))
        else:
            zeros += 1
            continue
        zeros = 0
    found.append((_END,))
    return tuple(found)


def _release(text: str) -> tuple[int, ...]:
    """The numbers before the first word."""
    found: list[int] = []
    for segment in segments(text):
        if isinstance(segment, str):
            break
        found.append(segment)
    return tuple(found)


def _pessimistic(version: str, operand: str) -> bool:
    bound = _release(operand)
    count = max(1, len(bound) - 1)
    return key(version) >= key(operand) and head(stripped(_release(version)), count) == bound[:count]


_OPERATORS = comparisons(key) | {"~>": _pessimistic}


def satisfies(version: str, constraint: str) -> bool:
    """Whether the version meets the requirement. Raises InvalidVersion."""
    key(version)
    return holds(version, constraint, _OPERATORS)


ORDERING = Ordering("rubygems", key, satisfies)
