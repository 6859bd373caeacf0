"""Containers that were told of, for a while after their end."""

from __future__ import annotations

import time
from collections import OrderedDict

from msgspec import Struct

from vigie.runtime.containers.container import Container, encoded

MAX_REMEMBERED = 8192
TOLD_JUST_NOW = 1.0
"""Seconds in which what was told may not have arrived yet."""


class Known(Struct):
    """A container. engine: name and socket of the one that knows it. told: when. ends: when it may be forgotten, None
    while it lives."""

    json: bytes
    full_id: str
    engine: tuple[str, str]
    told: float
    ends: float | None = None


class Memory:
    """Not for several threads at once: whoever has it has a lock."""

    def __init__(self, keep_seconds: float) -> None:
        self._keep = keep_seconds
        self._known: OrderedDict[str, Known] = OrderedDict()

    def has(self, id: str) -> bool:
        return id in self._known

    def to_tell(self, id: str) -> tuple[bytes | None, Known | None]:
        """What is known of a container, unless that is under way already; and the container if it was gone: it lives
        again until its end is told anew."""
        known, now = self._known[id], time.monotonic()
        gone, known.ends = known if known.ends is not None else None, None
        if gone is None and now - known.told < TOLD_JUST_NOW:
            return None, None
        known.told = now
        return known.json, gone

    def learn(self, container: Container, engine: tuple[str, str], most: int = MAX_REMEMBERED) -> bytes | None:
        """Takes an answer up: what is to be told, None when it is nothing new. An engine has no say about a container
        that lives in another one, nor about more than `most`."""
        json, before = encoded(container), self._known.get(container.id)
        if before is not None and (before.json == json or (before.engine != engine and before.ends is None)):
            return None
        if before is None and len(self.alive(engine)) >= most:
            return None
        ends = before.ends if before is not None else None
        self._known[container.id] = Known(json, container.full_id, engine, time.monotonic(), ends)
        self._known.move_to_end(container.id)
        while len(self._known) > MAX_REMEMBERED:
            self._known.popitem(last=False)
        return json

    def end(self, id: str, engine: tuple[str, str]) -> bytes | None:
        """A container of an engine is gone: what is known of it, None when that is nothing; empty when its end was
        known or is not this engine's to tell."""
        known = self._known.get(id)
        if known is None:
            return None
        if known.ends is not None or known.engine != engine:
            return b""
        known.ends = time.monotonic() + self._keep
        return known.json

    def alive(self, engine: tuple[str, str]) -> list[str]:
        """Full ids of an engine's containers whose end is not known."""
        return [known.full_id for known in self._known.values() if known.engine == engine and known.ends is None]

    def forget(self) -> None:
        """Leaves out what has been gone for long."""
        now = time.monotonic()
        for id in [id for id, known in self._known.items() if known.ends is not None and known.ends < now]:
            del self._known[id]
