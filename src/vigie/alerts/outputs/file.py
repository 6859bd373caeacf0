"""A file that lines are appended to."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TextIO


class FileOutput:
    """Opens the file for each batch, so that it may be moved away at any time; with keep_alive it stays open and is
    flushed after each batch unless buffered. Raises OSError when it cannot be opened or written."""

    name = "file"

    def __init__(self, path: Path, *, keep_alive: bool = False, buffered: bool = False) -> None:
        self._path, self._buffered = path, buffered
        self._open: TextIO | None = None
        opened = self._append()
        if keep_alive:
            self._open = opened
        else:
            opened.close()

    def _append(self) -> TextIO:
        return self._path.open("a", encoding="utf-8", errors="replace")

    def send(self, lines: Sequence[str]) -> None:
        """Appends the lines as one write."""
        text = "".join(f"{line}\n" for line in lines)
        if self._open is None:
            with self._append() as file:
                file.write(text)
            return
        self._open.write(text)
        if not self._buffered:
            self._open.flush()

    def close(self) -> None:
        """Writes what is buffered."""
        if self._open is not None:
            self._open.close()
