"""The shape of a version ordering."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct


class InvalidVersion(ValueError):
    """The text is no version, or no constraint, of this system."""


class Ordering(Struct, frozen=True):
    """How one packaging system compares versions.

    key: turns a version's text into a value that sorts; equal keys are equal versions. Raises InvalidVersion.
    satisfies: (version, constraint) → whether it holds, in the constraint language that advisories of this system use;
        None where advisories carry no constraints. Raises InvalidVersion for either text.
    show: the text as this system prints a parsed version (rpm drops an epoch of 0); defaults to the text itself.
    """

    name: str
    key: Callable[[str], Any]
    satisfies: Callable[[str, str], bool] | None = None
    show: Callable[[str], str] = lambda text: text
