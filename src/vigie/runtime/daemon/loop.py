"""The main thread of a daemon: hears signals, does what is due, and ends everything in order.

Sources deliver their alerts from their own threads. Everything else that happens from time to time (a look at rule
files, a check for drops, a snapshot of metrics) is a `Task` here.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any

from msgspec import Struct

from vigie.model.alert import Alert, InternalAlert
from vigie.runtime.daemon.source import Source
from vigie.runtime.watch import Watch

log = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds that a source has for its end."""

LONGEST_WAIT = 60.0
"""Seconds between two looks at the clock."""


class Task(Struct):
    """Something done every so many seconds, on the main thread. due: when next, monotonic."""

    every: float
    action: Callable[[], None]
    due: float = 0.0

    def change(self, every: float) -> None:
        """Another time between two of them, from now on, if it is another one."""
        if every != self.every:
            self.every, self.due = every, time.monotonic() + every


class Daemon:
    """Runs sources until somebody stops it, or one fails, or all came to their end.

    send: takes alerts of rules; called by one thread at a time. tell: takes what the watch says of itself.
    """

    def __init__(self, send: Callable[[Sequence[Alert]], None], tell: Callable[[InternalAlert], None]) -> None:
        self._send, self.tell = send, tell
        self._sending = threading.Lock()
        self._orders: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._tasks: list[Task] = []
        self._on_signal: dict[int, Callable[[], None]] = {}
        self._stopping = False
        self._failure: Exception | None = None
        self.sources: list[Source] = []
        self.filters: list[Callable[[Sequence[Alert]], Sequence[Alert]]] = []
        """What alerts of rules pass on their way out, in order; called by one thread at a time."""

    def add(
        self,
        name: str,
        watch: Watch,
        *,
        kernel_counters: Callable[[], dict[str, int]] | None = None,
        between: Sequence[Callable[[], None]] = (),
        drain: Callable[[], None] | None = None,
    ) -> Source:
        """One more source of events, to run from `run` on."""
        source = Source(
            name, watch, self.deliver, self._ended, kernel_counters=kernel_counters, between=between, drain=drain
        )
        self.sources.append(source)
        return source

    def every(self, seconds: float, action: Callable[[], None]) -> Task:
        """Has something done every so many seconds, first after as many."""
        task = Task(seconds, action, time.monotonic() + seconds)
        self._tasks.append(task)
        return task

    def soon(self, action: Callable[[], None]) -> None:
        """Has something done on the main thread as soon as it runs, once. From any thread."""
        self._orders.put(action)

    def on_signal(self, number: int, action: Callable[[], None]) -> None:
        """Has something done on the main thread after a signal."""
        self._on_signal[number] = action

    def deliver(self, alerts: Sequence[Alert]) -> None:
        """Sends alerts of rules out. From any thread."""
        with self._sending:
            for one in self.filters:
                alerts = one(alerts)
            if alerts:
                self._send(alerts)

    def exclusively(self, action: Callable[[], None]) -> None:
        """Does something while no alert is on its way."""
        with self._sending:
            action()

    def stop(self, failure: Exception | None = None) -> None:
        """Ends the run soon. From any thread; `run` raises the first failure."""
        self._orders.put(lambda: self._stop(failure))

    def run(self, *, seconds: float = 0) -> None:
        """Runs until stopped, at most `seconds` when given. Raises VigieError when a source failed."""
        deadline = time.monotonic() + seconds if seconds else None
        with self._signals():
            try:
                for source in self.sources:
                    source.start()
                while not self._stopping and self.sources:
                    self._step(deadline)
            finally:
                self._end_sources()
        if self._failure is not None:
            raise self._failure

    def _step(self, deadline: float | None) -> None:
        now = time.monotonic()
        if deadline is not None and now >= deadline:
            self._stopping = True
            return
        for task in self._tasks:
            if task.due <= now:
                task.action()
                task.due = max(task.due + task.every, now)
        until = min([now + LONGEST_WAIT, *(task.due for task in self._tasks)])
        if deadline is not None:
            until = min(until, deadline)
        try:
            order = self._orders.get(timeout=max(until - time.monotonic(), 0))
        except Empty:
            return
        order()

    def _stop(self, failure: Exception | None = None) -> None:
        self._stopping = True
        if failure is not None and self._failure is None:
            self._failure = failure

    def _ended(self, source: Source, error: Exception | None) -> None:
        self._orders.put(lambda: self._after_end(source, error))

    def _after_end(self, source: Source, error: Exception | None) -> None:
        if error is not None:
            self._stop(error)
        elif not self._stopping and not any(one.runs for one in self.sources):
            self._stopping = True

    def _end_sources(self) -> None:
        for source in self.sources:
            source.stop()
        for source in self.sources:
            if not source.wait(PATIENCE):
                log.warning("the source of events %s did not end within %g seconds", source.name, PATIENCE)
        # What a source said at its very end.
        while True:
            try:
                order = self._orders.get_nowait()
            except Empty:
                return
            order()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Signals are orders meanwhile; a second one that stops is obeyed at once."""
        before: dict[int, Any] = {}

        def stopped(number: int, _: object) -> None:
            signal.signal(number, before[number])
            self._orders.put(self._stop)

        def heard(number: int, _: object) -> None:
            self._orders.put(self._on_signal[number])

        handlers: dict[int, Callable[[int, object], None]] = dict.fromkeys(self._on_signal, heard)
        handlers |= {signal.SIGINT: stopped, signal.SIGTERM: stopped}
        try:
            for number, handler in handlers.items():
                before[number] = signal.signal(number, handler)
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
