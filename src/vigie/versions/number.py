"""Digit runs of any length."""

from __future__ import annotations

from vigie.versions.ordering import InvalidVersion

LONGEST = 4000
"""Digits. Python refuses to convert more than 4300, and no version has that many."""


def natural(digits: str) -> int:
    """The value of a run of ASCII digits, 0 for an empty one. Raises InvalidVersion past `LONGEST` digits."""
    if len(digits) > LONGEST:
        raise InvalidVersion(f"a number of {len(digits)} digits is no version")
    return int(digits) if digits else 0


def sortable(digits: str) -> str:
    """A text that sorts like the value of the run: its length without leading zeros, as one character, then the
    digits."""
    digits = digits.lstrip("0")
    if len(digits) > LONGEST:
        raise InvalidVersion(f"a number of {len(digits)} digits is no version")
    return chr(len(digits)) + digits
