"""Maven's versions: any text, split at dots, dashes and where digits meet letters (the POM reference's version order).

Deliberate differences from the peer: numbers of any size are compared exactly, `[1.2.3]` is that one version, and
ranges beside plain constraints do not silence them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from vigie.versions.constraint import all_hold, any_holds, comparisons, terms
from vigie.versions.number import natural
from vigie.versions.ordering import InvalidVersion, Ordering

_TOKEN = re.compile(r"([.-]?)([0-9]+|[^0-9.-]+|)")
_RANGE = re.compile(r"([\[(])([^\[\]()]*)([\])])")
_NOTHING = {"", "ga", "final", "release"}
_BEFORE = {"alpha": 0, "beta": 1, "milestone": 2, "rc": 3, "cr": 3, "snapshot": 4}
_SHORT = {"a": "alpha", "b": "beta", "m": "milestone"}
# What may stand at one place, in order.
_EARLY, _END, _WORD, _DASHED, _DOTTED = range(5)


@lru_cache(maxsize=65536)
def key(text: str) -> tuple[tuple[object, ...], ...]:
    """Tokens as (kind, zeros before it, value), ended by the kind of the end. Every text is a version.

    Zeros and words that mean a release count for nothing before the end or a dash. Elsewhere they are a number 0,
    which is above a word and below another number."""
    found: list[tuple[object, ...]] = []
    tokens = _TOKEN.findall(text.strip().lower())
    zeros = 0
    for place, (separator, word) in enumerate(tokens):
        if not (separator or word):
            continue
        dashed = place > 0 and separator != "."
        if dashed:
            zeros = 0
        if "0" <= word[:1] <= "9":
            number = natural(word)
            if not number:
                zeros += 1
                continue
            found.append((_DASHED if dashed else _DOTTED, -zeros, number))
        else:
            attached = place + 1 < len(tokens) and not tokens[place + 1][0] and bool(tokens[place + 1][1])
            name = _SHORT.get(word, word) if attached else word
            if name in _NOTHING:
                zeros += 1
                continue
            if name in _BEFORE:
                found.append((_EARLY, zeros, _BEFORE[name]))
            else:
                found.append((_WORD, zeros, name != "sp", name))
        zeros = 0
    found.append((_END,))
    return tuple(found)


_OPERATORS = comparisons(key)


def satisfies(version: str, constraint: str) -> bool:
    """Whether the version meets the constraint: terms with operators, or ranges such as `[1.0,2.0),[3.0,)`, any of
    which may hold. Raises InvalidVersion."""
    return any_holds(constraint.split("||"), lambda part: _alternative(version, part))


def _alternative(version: str, text: str) -> bool:
    if "[" not in text and "(" not in text:
        return all_hold(version, terms(text), _OPERATORS)
    rest = _RANGE.sub(" ", text)
    if any(bracket in rest for bracket in "[]()"):
        raise InvalidVersion(f"cannot read the range {text:.80}")
    plain = terms(rest)
    if any_holds(_RANGE.findall(text), lambda found: _within(version, *found)):
        return True
    return bool(plain) and all_hold(version, plain, _OPERATORS)


def _within(version: str, opening: str, text: str, closing: str) -> bool:
    low, comma, high = (part.strip() for part in text.partition(","))
    if "," in high or not (low or comma):
        raise InvalidVersion(f"cannot read the range {opening}{text:.80}{closing}")
    if not comma:
        return key(version) == key(low)
    at = key(version)
    above = not low or at > key(low) or (opening == "[" and at == key(low))
    below = not high or at < key(high) or (closing == "]" and at == key(high))
    return above and below


ORDERING = Ordering("maven", key, satisfies)
