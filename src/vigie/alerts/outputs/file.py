"""A file that lines are appended to."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

from vigie.alerts import descriptor
from vigie.alerts.output import Batch, Output, joined

BUFFER = 1 << 16


class FileOutput(Output):
    """Opens the file for each batch, so that it may be moved away at any time; with keep_alive it stays open until it
    is reopened. Each batch is one write at once, unless kept open and buffered. A pipe with a name waits for its
    reader. Raises OSError when it cannot be opened or written."""

    name = "file"

    def __init__(self, path: Path, *, keep_alive: bool = False, buffered: bool = False) -> None:
        self._path, self._keep = path, keep_alive
        self._least = BUFFER if buffered and keep_alive else 0
        self._kept = bytearray()
        self._open = -1
        self._torn = False
        try:
            self._append()
        except OSError as error:
            if error.errno != errno.ENXIO:  # nobody reads the pipe yet
                raise
        if not keep_alive:
            self._leave()

    def _append(self) -> int:
        if self._open < 0:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
            self._open = os.open(self._path, flags, 0o666)
        return self._open

    def _leave(self) -> None:
        if self._open >= 0:
            number, self._open = self._open, -1
            os.close(number)

    def send(self, batch: Batch) -> None:
        """Appends the lines as one write."""
        data = joined(batch.lines)
        if self._least:
            self._kept += data
            if len(self._kept) >= self._least:
                self._flush()
        else:
            self._write(data)
        if not self._keep:
            self._leave()

    def _flush(self) -> None:
        data, self._kept = bytes(self._kept), bytearray()
        if data:
            self._write(data)

    def _write(self, data: bytes) -> None:
        if self._torn:
            data = b"\n" + data
        try:
            descriptor.write(self._append(), data)
            self._torn = False
        except OSError as error:
            # The line that was cut ends before the next one begins.
            self._torn = self._torn or bool(getattr(error, "written", 0))
            with suppress(OSError):
                self._leave()
            raise

    def reopen(self) -> None:
        """Writes what is buffered to the old file, and opens the path anew when it is kept open."""
        try:
            self._flush()
        finally:
            self._leave()
        if self._keep:
            self._append()

    def close(self) -> None:
        """Writes what is buffered."""
        try:
            self._flush()
        finally:
            self._leave()
