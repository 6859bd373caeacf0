"""rpm's versions: `[epoch:]version[-release]`, compared segment by segment with `~` before and `^` behind the end.

A missing release is not a wildcard: it sorts before every release.
"""

from __future__ import annotations

import re
from functools import lru_cache

from vigie.versions.number import natural, sortable
from vigie.versions.ordering import Ordering

_SEGMENT = re.compile(r"[0-9]+|[A-Za-z]+|~|\^")
# What may stand at one place, in order. Letters follow their mark as they are: every mark sorts before every letter.
_TILDE, _END, _CARET, _LETTERS, _DIGITS = "\x01", "\x02", "\x03", "\x04", "\x05"


@lru_cache(maxsize=131072)
def key(text: str) -> str:
    """A text that sorts as the version does. Every text is a version; an epoch that is no number counts as 0."""
    epoch, version, release = parts(text)
    return sortable(epoch) + _part(version) + _part(release)


def parts(text: str) -> tuple[str, str, str]:
    """Epoch (digits, "" for none), version up to the first dash, and release, which may hold more dashes."""
    epoch, colon, rest = text.partition(":")
    if not colon:
        epoch, rest = "", text
    epoch = epoch.lstrip()
    version, _, release = rest.partition("-")
    return epoch if epoch.isascii() and epoch.isdigit() else "", version, release


def show(text: str) -> str:
    """The version as rpm prints a parsed one: no epoch of 0, no empty release."""
    epoch, version, release = parts(text)
    number = natural(epoch)
    return f"{f'{number}:' if number else ''}{version}{f'-{release}' if release else ''}"


def _part(text: str) -> str:
    coded = []
    for segment in _SEGMENT.findall(text):
        if segment == "~":
            coded.append(_TILDE)
        elif segment == "^":
            coded.append(_CARET)
        elif segment[0] <= "9":
            coded.append(_DIGITS + sortable(segment))
        else:
            coded.append(_LETTERS + segment)
    return "".join(coded) + _END


ORDERING = Ordering("rpm", key, show=show)
