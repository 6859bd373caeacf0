"""The cache of what was read from layers; `cache_file.py` keeps it between runs.

A key is made of the layer's content and of everything that decides what is read from it, so entries never need to be
invalidated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from vigie.model.inventory import PartFacts
from vigie.scanner.analyzer import Analyzer
from vigie.settings.groups import ScanOptions

SCHEMA = 1
"""Raise it when PartFacts change their shape."""


class Cache(Protocol):
    """Facts by key. A cache that cannot answer answers nothing; it never fails a scan."""

    def load_all(self, keys: Sequence[str]) -> dict[int, PartFacts]:
        """The known facts, by position in `keys`. Empty keys are never known."""
        ...

    def store(self, key: str, facts: PartFacts) -> None:
        """Keeps facts. Safe from several threads and processes."""
        ...


def cache_key(content: str, analyzers: Sequence[Analyzer], options: ScanOptions) -> str:
    """A digest of the content's own key, the analyzers' versions and the options of the walk; "" for an empty content
    key."""
    if not content:
        return ""
    import hashlib

    parts = (
        SCHEMA,
        content,
        [(a.name, a.version, *filter(None, [a.settings])) for a in analyzers],
        sorted(options.skip_files),
        sorted(options.skip_dirs),
        sorted(options.file_patterns),
        options.detection_priority,
    )
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


class MemoryCache:
    """Remembers for as long as the process lives."""

    def __init__(self) -> None:
        self._facts: dict[str, PartFacts] = {}

    def load_all(self, keys: Sequence[str]) -> dict[int, PartFacts]:
        """See Cache."""
        return {i: self._facts[key] for i, key in enumerate(keys) if key in self._facts}

    def store(self, key: str, facts: PartFacts) -> None:
        """See Cache."""
        self._facts[key] = facts
