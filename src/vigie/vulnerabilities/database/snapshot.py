"""The database that comes with the program: it answers when nothing newer was fetched or built."""

from __future__ import annotations

from pathlib import Path

SNAPSHOT = Path(__file__).with_name("snapshot.db")
"""Used where it lies: SQLite reads it in place, so a first run needs neither network nor room in a cache."""
