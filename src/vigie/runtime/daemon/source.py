"""One source of events: an engine in a thread of its own.

What others want to know of it is in `sample`, taken about once a second by the thread itself: who asks the engine
waits for it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from vigie.errors import SourceError
from vigie.model.alert import Alert

if TYPE_CHECKING:
    from vigie.runtime.watch import Watch

log = logging.getLogger(__name__)

BATCH = 256
"""Alerts that are handed over at once, at most about so many."""

EVENTS_BETWEEN_LOOKS = 50_000
"""Events, a hundredth of a second of them, after which orders are heard."""

SECONDS_TO_DRAIN = 1.0

BETWEEN_SAMPLES = 1.0
"""Seconds."""


class Sample(Struct, frozen=True):
    """Counters of a source at one time (seconds, monotonic). kernel: empty when events do not come from the kernel.
    idle: how often in a row nothing had come when events were asked for. last: when something came, nanoseconds since
    the epoch, 0 for never."""

    time: float
    engine: dict[str, int]
    kernel: dict[str, int]
    idle: int = 0
    last: int = 0


class Source:
    """Runs a watch. deliver: takes alerts, from this source's thread. ended: called once, from there too, with what
    went wrong, None for a source that came to its end or was stopped. between: called with nothing about ten times a
    second, from there: whatever talks to the engine. drain: takes no more events from outside; those that were taken
    are still judged, for a second at most."""

    def __init__(
        self,
        name: str,
        watch: Watch,
        deliver: Callable[[Sequence[Alert]], None],
        ended: Callable[[Source, Exception | None], None],
        *,
        kernel_counters: Callable[[], dict[str, int]] | None = None,
        between: Sequence[Callable[[], None]] = (),
        drain: Callable[[], None] | None = None,
    ) -> None:
        self._drain = drain
        self._end = float("inf")
        self.name, self.watch = name, watch
        self._deliver, self._ended, self._between = deliver, ended, between
        self._kernel_counters = kernel_counters
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"vigie-{name}"[:15], daemon=True)
        self._idle = 0
        self._events = 0
        self._last = 0
        self.runs = False
        self.from_kernel = kernel_counters is not None
        self.sample = Sample(time.monotonic(), {}, {})

    def start(self) -> None:
        """Takes events from now on."""
        self.runs = True
        self._thread.start()

    def stop(self) -> None:
        """Asks the source to end; `wait` for it."""
        if self._drain is None or not self.runs:
            self._stopping.set()
            return
        self._end = time.monotonic() + SECONDS_TO_DRAIN
        self._drain()

    def wait(self, seconds: float) -> bool:
        """Waits for the end of the thread. False when it still runs."""
        if self._thread.ident is not None:
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        error: Exception | None = None
        try:
            self._watch()
        except Exception as caught:  # told to the daemon, which ends with it
            error = caught
        self.runs = False
        self._ended(self, error)

    def _watch(self) -> None:
        engine = self.watch.engine
        self._look()
        due = time.monotonic() + BETWEEN_SAMPLES
        while not self._stopping.is_set() and time.monotonic() < self._end:
            matches = engine.next(BATCH, EVENTS_BETWEEN_LOOKS)
            if matches is None:
                self._finish()
                self._look()
                damage = engine.damage()
                if damage is not None:
                    raise SourceError(f"the source of events {self.name} failed: {damage[0]}")
                return
            if matches:
                self._deliver(self.watch.alerts(matches))
            for call in self._between:
                call()
            events = engine.counters()["events"] if not matches else self._events + 1
            if events == self._events:
                self._idle += 1
            else:
                self._idle, self._last = 0, time.time_ns()
            self._events = events
            if time.monotonic() >= due:
                self._look()
                due = time.monotonic() + BETWEEN_SAMPLES
        self._finish()
        self._look()

    def _finish(self) -> None:
        """Alerts that still wait for what is said of their containers go out."""
        left = self.watch.engine.finish()
        if left:
            self._deliver(self.watch.alerts(left))

    def _look(self) -> None:
        kernel = self._kernel_counters() if self._kernel_counters is not None else {}
        self.sample = Sample(time.monotonic(), self.watch.engine.counters(), kernel, self._idle, self._last)
