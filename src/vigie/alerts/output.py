"""What an output is: a place that alerts, already written as lines, go to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from vigie.model.alert import Priority


class Batch(NamedTuple):
    """Alerts as lines without their ends, in order, and the priority of each."""

    lines: Sequence[str]
    priorities: Sequence[Priority]


class Output:
    """A destination. All methods are called from one thread, the output's own, and may block there.

    name: as counters and warnings call it. one_by_one: `send` gets one line at a time, and not as many as wait.
    patience: time-outs in a row that are not told.
    """

    name = ""
    one_by_one = False
    patience = 0

    def send(self, batch: Batch) -> None:
        """Takes the lines. Raises TimeoutError, or another OSError, when they could not be taken."""
        raise NotImplementedError

    def idle(self) -> None:
        """Nothing waits for now: what need not stay open may be closed. Raises OSError."""

    def reopen(self) -> None:
        """Opens anew what was moved away or renewed meanwhile (log rotation, certificates). Raises OSError."""

    def close(self) -> None:
        """Writes what is buffered, and ends. Raises OSError."""

    def abandon(self) -> None:
        """Called from another thread, when nobody waits any longer for `close`."""


def encoded(line: str) -> bytes:
    """The line as it goes over wires and into files; halves of letters, which no encoding has, as `?`."""
    return line.encode(errors="replace")


def joined(lines: Sequence[str]) -> bytes:
    """The lines with their ends."""
    return encoded("".join([f"{line}\n" for line in lines]))
