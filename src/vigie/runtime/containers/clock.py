"""A thread that does things at their time."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable

Action = Callable[[], None]


class Clock:
    """Does planned things, one after the other, and `regular` every `seconds`. An action must not raise."""

    def __init__(self, regular: Action, seconds: float) -> None:
        self._regular, self._seconds = regular, seconds
        self._timers: list[tuple[float, int, Action]] = []
        self._numbers = itertools.count()
        self._wake = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="containers", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def after(self, seconds: float, action: Action) -> None:
        """Plans something, from any thread. 0: as soon as it can be."""
        with self._wake:
            heapq.heappush(self._timers, (time.monotonic() + seconds, next(self._numbers), action))
            self._wake.notify()

    def stop(self, deadline: float) -> None:
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread.ident is not None:
            self._thread.join(max(0.0, deadline - time.monotonic()))

    def _run(self) -> None:
        regular = time.monotonic() + self._seconds
        while True:
            due = self._due(regular)
            if due is None:
                return
            for action in due:
                action()
            if time.monotonic() >= regular:
                regular = time.monotonic() + self._seconds
                self._regular()

    def _due(self, regular: float) -> list[Action] | None:
        """Waits for the next time; what is to be done then, None at the end."""
        with self._wake:
            due = min(regular, self._timers[0][0]) if self._timers else regular
            left = due - time.monotonic()
            if left > 0 and not self._stopping:
                self._wake.wait(left)
            if self._stopping:
                return None
            now, actions = time.monotonic(), []
            while self._timers and self._timers[0][0] <= now:
                actions.append(heapq.heappop(self._timers)[2])
            return actions
