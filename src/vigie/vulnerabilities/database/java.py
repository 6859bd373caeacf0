"""The Java database (SQLite): which archive has which coordinates. Layout: the peer's schema 1."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vigie.errors import KnowledgeError

if TYPE_CHECKING:
    import sqlite3

Coordinates = tuple[str, str, str]

_BY_SHA1 = (
    "SELECT group_id, artifacts.artifact_id, version FROM indices JOIN artifacts ON artifacts.id = indices.artifact_id "
    "WHERE sha1 = ?"
)
_HAS = "SELECT 1 FROM artifacts WHERE group_id = ? AND artifact_id = ?"
_GROUP = (
    "SELECT group_id FROM artifacts WHERE artifact_id = ? AND EXISTS (SELECT 1 FROM indices WHERE "
    "indices.artifact_id = artifacts.id AND version = ? AND archive_type = 'jar') ORDER BY (SELECT COUNT(*) "
    "FROM indices WHERE indices.artifact_id = artifacts.id AND archive_type = 'jar') DESC, group_id LIMIT 1"
)


class JavaIndex:
    """An `ArchiveIndex`. Opened at the first question; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    def by_sha1(self, sha1: str) -> Coordinates | None:
        """What an archive with this digest (hexadecimal) is."""
        try:
            digest = bytes.fromhex(sha1)
        except ValueError:
            return None
        row = self._row(_BY_SHA1, (digest,))
        return (str(row[0]), str(row[1]), str(row[2])) if row else None

    def has(self, group: str, artifact: str) -> bool:
        """Whether this group has such an artifact."""
        return self._row(_HAS, (group, artifact)) is not None

    def group_of(self, artifact: str, version: str) -> str | None:
        """The group with the most indexed archives among those that published the artifact in this version; of equals
        the first by name."""
        row = self._row(_GROUP, (artifact, version))
        return str(row[0]) if row else None

    def close(self) -> None:
        """Releases the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _row(self, query: str, values: Sequence[object]) -> Any:
        import sqlite3

        with self._lock:
            try:
                if self._connection is None:
                    address = f"{self.path.absolute().as_uri()}?mode=ro&immutable=1"
                    self._connection = sqlite3.connect(address, uri=True, check_same_thread=False)
                return self._connection.execute(query, values).fetchone()
            except sqlite3.Error as error:
                raise KnowledgeError(
                    f"{self.path}: the Java database cannot be read: {error}",
                    "fetch it anew with `vigie db update java`",
                ) from error
