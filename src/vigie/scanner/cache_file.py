"""The cache of layers between runs: one SQLite file for many processes, bounded, rebuilt when damaged.

Values are `PartFacts` as MessagePack.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path

import msgspec

from vigie.model.inventory import PartFacts

BUSY_SECONDS = 10
log = logging.getLogger(__name__)


class FileCache:
    """Keeps facts in `path`. max_size: bytes of values; the least recently used go first.

    Connections live for one call: calls are few (one per layer), and a connection must not cross threads.
    """

    def __init__(self, path: Path, max_size: int) -> None:
        self.path, self.max_size = path, max_size

    def load_all(self, keys: Sequence[str]) -> dict[int, PartFacts]:
        """See Cache. A damaged entry counts as absent."""
        if not any(keys) or not self.path.exists():
            return {}
        found: dict[int, PartFacts] = {}
        decoder = msgspec.msgpack.Decoder(PartFacts)

        def load(connection: sqlite3.Connection) -> None:
            for index, key in enumerate(keys):
                row = connection.execute("SELECT facts FROM part WHERE key = ?", (key,)).fetchone() if key else None
                if row:
                    with suppress(msgspec.DecodeError):
                        found[index] = decoder.decode(row[0])
            with suppress(sqlite3.OperationalError), connection:  # a read-only cache still serves
                connection.executemany(
                    "UPDATE part SET used = ? WHERE key = ?", [(time.time(), keys[i]) for i in found]
                )

        self._with(load)
        return found

    def store(self, key: str, facts: PartFacts) -> None:
        """See Cache."""
        value = msgspec.msgpack.encode(facts)

        def store(connection: sqlite3.Connection) -> None:
            with connection:
                connection.execute(
                    "INSERT OR REPLACE INTO part (key, used, size, facts) VALUES (?, ?, ?, ?)",
                    (key, time.time(), len(value), value),
                )
                self._evict(connection)

        self._with(store)

    def _evict(self, connection: sqlite3.Connection) -> None:
        total = connection.execute("SELECT coalesce(sum(size), 0) FROM part").fetchone()[0]
        for key, size in connection.execute("SELECT key, size FROM part ORDER BY used").fetchall():
            if total <= self.max_size:
                break
            connection.execute("DELETE FROM part WHERE key = ?", (key,))
            total -= size

    def _with(self, use: Callable[[sqlite3.Connection], None]) -> None:
        """Runs `use` on a connection. A damaged file is dropped with a warning and made anew; any other trouble is
        logged."""
        for attempt in (1, 2):
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with closing(self._connect()) as connection:
                    use(connection)
                return
            except sqlite3.OperationalError as error:
                log.warning("the scan cache %s is not used: %s", self.path, error)
                return
            except sqlite3.DatabaseError as error:
                log.warning("the scan cache %s is damaged and is made anew: %s", self.path, error)
                if attempt == 1:
                    remove(self.path)
            except OSError as error:
                log.warning("the scan cache %s is not used: %s", self.path, error)
                return

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS)
        with suppress(sqlite3.OperationalError):  # SQLite does not wait here: another connection is just switching it
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS part"
            " (key TEXT PRIMARY KEY, used REAL NOT NULL, size INTEGER NOT NULL, facts BLOB NOT NULL)"
        )
        return connection


def remove(path: Path) -> None:
    """Deletes a cache file and SQLite's files beside it."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
