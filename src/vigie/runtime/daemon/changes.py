"""Whether settings or rule files have changed, seen by a look at each of them about once a second.

A look costs a system call for each file, about two microseconds; it works on every file system, through links that are
swapped as Kubernetes does it, and for files that are not there yet, all of which kernel notifications do not.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from vigie.runtime.rules.sources import SUFFIXES

MOST_FILES = 4096
"""Of a folder."""

_Seen: TypeAlias = dict[str, tuple[int, int, int] | None]


class Changes:
    """Looks at files and folders (of which the YAML files count)."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = list(paths)
        self._known = self._last = self._look()

    def watch(self, paths: Sequence[str]) -> None:
        """Looks at these from now on; as they are now is how they are known."""
        self._paths = list(paths)
        self._known = self._last = self._look()

    def happened(self) -> bool:
        """Whether something is different since the last time this was True, and has stopped changing: a file that is
        being written is different at each look."""
        now = self._look()
        settled = now == self._last
        self._last = now
        if now == self._known or not settled:
            return False
        self._known = now
        return True

    def _look(self) -> _Seen:
        return {path: _stat(path) for path in self._files()}

    def _files(self) -> Iterator[str]:
        for path in self._paths:
            yield path
            try:
                with os.scandir(path) as entries:
                    for number, entry in enumerate(entries):
                        if number >= MOST_FILES:
                            break
                        if entry.name.endswith(SUFFIXES):
                            yield entry.path
            except OSError:
                continue


def _stat(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    # A folder's own time changes with every file in it, also with those that do not count.
    if stat.S_ISDIR(found.st_mode):
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)
