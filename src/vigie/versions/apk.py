"""apk's versions: a machine of tokens whose kind decides what may follow.

Kept as the peer and older apk-tools have it: after the first component a run of zeros counts by its length (`1.0` >
`1.00`) and forces another digits token, so that `1.0_rc1` > `1.0` while `1.0_rc1-r0` < `1.0-r0`. Advisories always
name a revision.
"""

from __future__ import annotations

import re
from functools import lru_cache

from vigie.versions.number import natural
from vigie.versions.ordering import InvalidVersion, Ordering

# Kinds of tokens, by rank. A higher rank may follow a lower one; the other way round only the pairs of _FALLS.
_COMPONENT, _DIGIT, _LETTER, _SUFFIX, _SUFFIX_NUMBER, _REVISION, _END = range(7)
_FALLS = {(_DIGIT, _COMPONENT), (_SUFFIX_NUMBER, _SUFFIX), (_LETTER, _DIGIT)}
_SUFFIXES = {"alpha": -4, "beta": -3, "pre": -2, "rc": -1, "cvs": 0, "svn": 1, "git": 2, "hg": 3, "p": 4}
_SUFFIX_NAME = re.compile("|".join(_SUFFIXES))
_DIGIT_RUN = re.compile("[0-9]*")
_PRE_RELEASE = -1
_LAST = 6


@lru_cache(maxsize=131072)
def key(text: str) -> tuple[int, ...]:
    """Pairs of (place of the token's kind, its value), ended by the place of the end. Raises InvalidVersion.

    Where two versions part, a pre-release suffix sorts first, then the end, then the kinds from the highest rank
    down."""
    found: list[int] = []
    kind, at = _DIGIT, 0
    while kind != _END:
        value, kind_after, ahead = _token(text, at, kind)
        found += (_PRE_RELEASE if kind == _SUFFIX and value < 0 else _LAST - kind, value)
        kind, at = kind_after, ahead
    found.append(_LAST - _END)
    return tuple(found)


def _token(text: str, at: int, kind: int) -> tuple[int, int, int]:
    """The value of the token of this kind at a place, the kind of the next one, and where that begins."""
    if at == len(text):
        return 0, _END, at
    forced: int | None = None
    if kind == _COMPONENT and text[at] == "0":
        end = at
        while end < len(text) and text[end] == "0":
            end += 1
        value, forced = at - end, _DIGIT
    elif kind == _LETTER:
        value, end = ord(text[at]), at + 1
    elif kind == _SUFFIX:
        match = _SUFFIX_NAME.match(text, at)
        if match is None:
            raise InvalidVersion(f"no apk version: {text:.80}")
        value, end = _SUFFIXES[match[0]], match.end()
    else:
        match = _DIGIT_RUN.match(text, at)
        assert match is not None  # the pattern matches the empty text
        value, end = natural(match[0]), match.end()
    if end == len(text):
        return value, _END, end
    if forced is not None:
        return value, forced, end
    return value, *_next(text, end, kind)


def _next(text: str, at: int, kind: int) -> tuple[int, int]:
    char = text[at]
    if kind <= _DIGIT and "a" <= char <= "z":
        following = _LETTER
    elif kind == _LETTER and "0" <= char <= "9":
        following = _DIGIT
    elif kind == _SUFFIX and "0" <= char <= "9":
        following = _SUFFIX_NUMBER
    elif char == ".":
        following, at = _COMPONENT, at + 1
    elif char == "_":
        following, at = _SUFFIX, at + 1
    elif char == "-" and at + 1 < len(text):
        following, at = _REVISION, at + 2  # the character behind the dash is not looked at
    else:
        raise InvalidVersion(f"no apk version: {text:.80}")
    if following < kind and (kind, following) not in _FALLS:
        raise InvalidVersion(f"no apk version: {text:.80}")
    return following, at


ORDERING = Ordering("apk", key)
