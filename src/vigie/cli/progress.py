"""One line of progress on a terminal; nothing anywhere else."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from vigie.log import printable
from vigie.scanner.part import Progress, Silent
from vigie.settings.groups import Options

BYTES_FROM = 100_000
"""Totals from here on are bytes; layers are never so many."""
SECONDS_BETWEEN = 0.1


class Bar:
    """Redraws one line on standard error, at most ten times a second. Safe to call from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0.0
        self._drawn = False

    def step(self, what: str, done: int, total: int) -> None:
        """See Progress."""
        now = time.monotonic()
        with self._lock:
            if now - self._last < SECONDS_BETWEEN and done < total:
                return
            self._last = now
            width = shutil.get_terminal_size().columns - 1
            sys.stderr.write(f"\r\x1b[K{line(what, done, total, width)}")
            sys.stderr.flush()
            self._drawn = True

    def clear(self) -> None:
        """Leaves no trace on the terminal."""
        with self._lock:
            if self._drawn:
                sys.stderr.write("\r\x1b[K")
                sys.stderr.flush()


def line(what: str, done: int, total: int, width: int) -> str:
    """What the bar shows: a name, a bar where the total is known, and the amount."""
    scale = max(done, total) >= BYTES_FROM
    amount = f"{done / 1e6:.1f}" if scale else str(done)
    if total:
        amount += f"/{total / 1e6:.1f} MB" if scale else f"/{total}"
    elif scale:
        amount += " MB"
    name = printable(what)[:40]
    room = width - len(name) - len(amount) - 4
    if not total or room < 10:
        return f"{name} {amount}"[:width]
    room = min(room, 30)
    full = min(room, room * done // total)
    return f"{name} [{'#' * full}{'.' * (room - full)}] {amount}"


@contextmanager
def progress_for(options: Options) -> Iterator[Progress]:
    """A bar when a person watches and did not ask for quiet."""
    watched = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    if not watched or options.general.quiet or options.general.debug or options.database.no_progress:
        yield Silent()
        return
    bar = Bar()
    try:
        yield bar
    finally:
        bar.clear()
