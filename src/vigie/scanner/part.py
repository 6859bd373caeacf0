"""What an opened artifact hands to the pipeline: parts (layers, or one folder), each of which can be read once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from msgspec import Struct

from vigie import _core
from vigie.model.artifact import ArtifactFacts, LayerReference
from vigie.model.inventory import Problem
from vigie.scanner.analyzer import Group, Tree


class PartReader(Protocol):
    """Delivers wanted files in batches. Implemented in Rust: `_core.LayerReader` and `_core.FolderReader`."""

    def next_batch(self) -> list[_core.Found]:
        """The next wanted files; an empty list at the end. Raises ValueError for damaged input, TimeoutError past the
        deadline, OSError when the source cannot be read."""
        ...

    def finish(self) -> _core.Walked:
        """Digests, sizes, whiteouts and problems. Call it after the last batch."""
        ...


class Part(Protocol):
    """One layer, or the whole folder."""

    @property
    def reference(self) -> LayerReference: ...

    @property
    def cache_key(self) -> str:
        """What identifies the content (a layer's diff id or digest, a commit); "" when it must not be cached."""
        ...

    @property
    def problems(self) -> Sequence[Problem]:
        """What is known to be wrong before reading (a foreign layer that cannot be fetched)."""
        ...

    def tree(self) -> Tree | None:
        """The folder behind this part; None for a layer (the pipeline keeps companions then)."""
        ...

    def open(self, selection: _core.Selection, limits: _core.Limits) -> AbstractContextManager[PartReader]:
        """Makes the content available (fetching it if need be) and starts reading. Raises TargetError."""
        ...


class Progress(Protocol):
    """Told how a long step goes; the command line draws bars, everything else ignores it."""

    def step(self, what: str, done: int, total: int) -> None:
        """`done` of `total` (0 = unknown) bytes or layers of `what`."""
        ...


class Silent:
    """Progress that nobody watches."""

    def step(self, what: str, done: int, total: int) -> None:
        """Ignores it."""


class Artifact(Struct, frozen=True, kw_only=True):
    """An opened target. groups: which analyzers make sense for it. close: releases what was opened; called once.

    The facts may be completed after reading (`facts` is called when all parts were read, with what each part's walk
    said).
    """

    facts: ArtifactFacts
    parts: Sequence[Part]
    groups: frozenset[Group]
    closing: AbstractContextManager[object]
