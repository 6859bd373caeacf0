"""Standard output, a line an alert."""

from __future__ import annotations

import sys
from io import UnsupportedOperation
from threading import Lock

from vigie.alerts import descriptor
from vigie.alerts.output import Batch, Output, joined

BUFFER = 1 << 16


class StandardOutput(Output):
    """Written at once unless buffered, past Python's own buffer: a thread that waits for a slow reader must not hold
    its lock when the program ends."""

    _writing = Lock()  # what servers answered may be echoed beside the alerts

    def __init__(self, *, buffered: bool = False, name: str = "stdout") -> None:
        self.name = name
        self._least = BUFFER if buffered else 0
        self._kept = bytearray()

    def send(self, batch: Batch) -> None:
        """Raises BrokenPipeError when the reader is gone."""
        data = joined(batch.lines)
        if not self._least:
            self._write(data)
            return
        self._kept += data
        if len(self._kept) >= self._least:
            self.close()

    def close(self) -> None:
        """Writes what is buffered."""
        data, self._kept = bytes(self._kept), bytearray()
        if data:
            self._write(data)

    def _write(self, data: bytes) -> None:
        with self._writing:
            try:
                number = sys.stdout.fileno()
            except (UnsupportedOperation, AttributeError):
                sys.stdout.write(data.decode())  # somebody put another stream in its place
                return
            descriptor.write(number, data)
