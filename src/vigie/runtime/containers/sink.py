"""Who is told of containers."""

from __future__ import annotations

from typing import Protocol


class Sink(Protocol):
    """Called from several threads; must not block for long: it raises BlockingIOError when it has no room, and is
    called again. The engine of alerts has these methods."""

    def container(self, json: bytes, removed: bool) -> None:
        """`{"container": {…}}`, the shape of container events; removed: it is gone."""

    def no_container(self, id: str, why: str) -> None:
        """Nobody knows the container, and why, for a person."""
