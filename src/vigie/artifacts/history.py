"""The commits of a repository as a part: which secrets they have, and since when."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from vigie import _core
from vigie.errors import TargetError, UsageError
from vigie.model.artifact import LayerReference
from vigie.model.inventory import Problem
from vigie.scanner.part import Artifact, PartReader
from vigie.settings import units

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def moment(since: str) -> int | None:
    """Seconds since 1970 of `--since`: a day (from its begin in UTC), a time, or how long ago (`90d`, `12h`); None for
    "". Raises UsageError."""
    if not since:
        return None
    try:
        if not _DATE.match(since):
            return int(time.time() - units.duration(since))
        then = datetime.fromisoformat(since)
        return int((then if then.tzinfo else then.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        raise UsageError(
            f"--since {since!r} is no date", "for example 2026-01-31, or 90d for the last 90 days"
        ) from None


def with_history(artifact: Artifact, root: Path, tip: str, since: int | None) -> Artifact:
    """The artifact with the commits of the repository at `root` as one more part."""
    return msgspec.structs.replace(artifact, parts=[*artifact.parts, HistoryPart(root, tip, since)])


class RepositoryPart:
    """What lies in a repository's objects: secrets in commits, or in what is staged. Whatever cannot be read of it is
    missing as a whole: no other part has it."""

    def __init__(self, root: Path) -> None:
        """root: the top of a work tree, or a bare repository."""
        self.root = root
        self._problems: tuple[Problem, ...] = ()

    @property
    def reference(self) -> LayerReference:
        """No layer."""
        return LayerReference()

    @property
    def cache_key(self) -> str:
        """Commits come and go: nothing is kept."""
        return ""

    @property
    def problems(self) -> Sequence[Problem]:
        """What could not be read, once the reader is finished."""
        return self._problems

    def tree(self) -> None:
        """There is no folder."""

    def reader(self, selection: _core.Selection, limits: _core.Limits) -> _core.HistoryReader:
        """Starts reading. Raises ValueError for what is no repository, or one that cannot be read."""
        raise NotImplementedError

    @contextmanager
    def open(self, selection: _core.Selection, limits: _core.Limits) -> Iterator[PartReader]:
        """Opens the repository. Raises TargetError when it cannot be read."""
        try:
            reader = self.reader(selection, limits)
        except (ValueError, OSError) as error:
            raise TargetError(f"{self.root}: {error}", "give the top folder of a git repository") from error
        yield _Telling(reader, self)

    def tell(self, problems: Sequence[tuple[str, str]]) -> None:
        """Takes what could not be read."""
        self._problems = tuple(Problem(where, what, fatal=True) for where, what in problems)


class _Telling:
    """A reader that gives its part what it could not read."""

    def __init__(self, reader: _core.HistoryReader, part: RepositoryPart) -> None:
        self._reader, self._part = reader, part

    def next_batch(self) -> list[_core.Found]:
        return self._reader.next_batch()

    def finish(self) -> _core.Walked:
        walked = self._reader.finish()
        self._part.tell(self._reader.problems())
        return walked


class HistoryPart(RepositoryPart):
    """All commits that branches, tags and other refs lead to."""

    def __init__(self, root: Path, tip: str = "", since: int | None = None) -> None:
        """tip: a branch, tag or commit's whole id, to be followed instead of all refs. since: seconds since 1970;
        no earlier commit counts."""
        super().__init__(root)
        self._tip, self._since = tip, since

    def reader(self, selection: _core.Selection, limits: _core.Limits) -> _core.HistoryReader:
        """Starts reading. Raises ValueError for what is no repository, or one that cannot be read."""
        return _core.HistoryReader(str(self.root), selection, limits, tip=self._tip, since=self._since)
