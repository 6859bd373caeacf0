"""Standard output, a line an alert."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from io import TextIOWrapper


class StandardOutput:
    """Flushed after each batch unless buffered."""

    name = "stdout"

    def __init__(self, *, buffered: bool = False) -> None:
        self._buffered = buffered
        # Rules quote bytes of the host; a terminal of another encoding must not stop the watch.
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", errors="replace")

    def send(self, lines: Sequence[str]) -> None:
        """Raises BrokenPipeError when the reader is gone."""
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        if not self._buffered:
            sys.stdout.flush()

    def close(self) -> None:
        """Writes what is buffered."""
        sys.stdout.flush()
