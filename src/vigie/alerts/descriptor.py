"""Writing to file descriptors that may not take everything at once."""

from __future__ import annotations

import os
import select
import time


def write(descriptor: int, data: bytes, until: float | None = None) -> None:
    """Writes everything; waits for a pipe with room if need be, to the moment `until` of the monotonic clock at most.
    Raises TimeoutError then, and other OSErrors of the system; their `written`, where there is one, says how many bytes
    were taken before."""
    rest = memoryview(data)
    try:
        while rest:
            try:
                rest = rest[os.write(descriptor, rest) :]
            except BlockingIOError:
                _wait(descriptor, until)
    except OSError as error:
        error.written = len(data) - len(rest)  # type: ignore[attr-defined]
        raise


def _wait(descriptor: int, until: float | None) -> None:
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    left = None if until is None else until - time.monotonic()
    if (left is not None and left <= 0) or not poll.poll(None if left is None else left * 1000):
        raise TimeoutError("it takes nothing")
