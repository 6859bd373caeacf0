"""What the daemon needs of an engine: `_core.Engine` has it, and so has what tests put in its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from vigie._core import Match, Rules


class LiveEngine(Protocol):
    """An engine over a source that does not end by itself. One thread at a time."""

    def next(self, limit: int = ..., events: int = ...) -> list[Match] | None: ...

    def replace(self, rules: Sequence[Rules]) -> None: ...

    def counters(self) -> dict[str, int]: ...

    def damage(self) -> tuple[str, int | None] | None: ...


class Kernel(LiveEngine, Protocol):
    """An engine that can take its events from the kernel."""

    def kernel(self, *, buffer_bytes: int, host_root: str, snaplen: int, everything: bool) -> None: ...

    def kernel_counters(self) -> dict[str, int]: ...

    def shed(self, levels: Sequence[tuple[str, int]]) -> None: ...
