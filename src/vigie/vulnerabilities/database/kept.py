"""Advisories that were looked up, kept while a scan lasts: images repeat their packages."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import Generic, TypeVar

from vigie.model.advisory import Advisory

MOST = 200_000
"""Advisories kept, over all packages; an empty answer counts as one."""

Key = TypeVar("Key", bound=Hashable)


class Kept(Generic[Key]):
    """Answers by key, for all threads. Past MOST all are forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: dict[Key, tuple[Advisory, ...]] = {}
        self._size = 0

    def get(self, key: Key) -> tuple[Advisory, ...] | None:
        """What was answered before; None when nothing was."""
        return self._answers.get(key)

    def keep(self, key: Key, answer: tuple[Advisory, ...]) -> tuple[Advisory, ...]:
        """Keeps an answer and returns it."""
        with self._lock:
            if self._size > MOST:
                self._answers.clear()
                self._size = 0
            self._answers[key] = answer
            self._size += len(answer) + 1
        return answer
