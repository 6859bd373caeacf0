"""What an output is: a place that alerts, already written as lines, go to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Output(Protocol):
    """A destination. `send` takes lines without their ends, in order; OSError when they could not be taken."""

    name: str

    def send(self, lines: Sequence[str]) -> None: ...

    def close(self) -> None: ...
