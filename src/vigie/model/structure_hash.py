"""The hash of a record that the peers derive identities from: FNV-1 (64 bit) in the way of Go's `hashstructure`.

A struct starts as the hash of its type's name; each field that is set is mixed in as the pair of its name's and its
value's hash, and finished. A list is the chain of pairs, a map the exclusive or of its entries' pairs, finished.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from vigie._core import fnv
from vigie._core import fnv_finish as finish
from vigie._core import fnv_pair as pair

__all__ = ["finish", "fnv", "of_list", "of_map", "of_number", "of_struct", "of_text", "pair"]


@lru_cache(maxsize=65536)
def of_text(text: str) -> int:
    """Of a text, by its UTF-8 bytes."""
    return fnv(text.encode("utf-8", "replace"))


def of_number(number: int) -> int:
    """Of an integer."""
    return fnv((number & 0xFFFF_FFFF_FFFF_FFFF).to_bytes(8, "little"))


def of_list(hashes: Iterable[int]) -> int:
    """Of a list, by the hashes of its elements."""
    value = 0
    for each in hashes:
        value = pair(value, each)
    return value


def of_map(entries: Mapping[str, int]) -> int:
    """Of a map from texts, by the hashes of its values."""
    value = 0
    for name, hashed in entries.items():
        value ^= pair(of_text(name), hashed)
    return finish(value)


def of_struct(name: str, fields: Iterable[tuple[str, int | None]]) -> int:
    """Of a record. fields: (name, hash), in the order of declaration; None for a field that is not set."""
    value = of_text(name)
    for field, hashed in fields:
        if hashed is not None:
            value = finish(value ^ pair(of_text(field), hashed))
    return value
