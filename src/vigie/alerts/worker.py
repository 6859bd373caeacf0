"""One output's queue and thread: whatever the output does, nobody else waits for it."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections import deque
from collections.abc import Callable

import msgspec
from msgspec import Struct

from vigie.alerts.episodes import Episode
from vigie.alerts.output import Batch, Output

log = logging.getLogger(__name__)

MEMORY = 8 << 20
"""Bytes of lines that wait for one output at most."""


class Counts(Struct):
    """Alerts of one output since the start. taken: all it was given; each of them was sent, failed, was dropped for
    want of room, or is waiting. timeouts: how often it was too slow, whether it took the alert in the end or not."""

    taken: int = 0
    sent: int = 0
    failed: int = 0
    dropped: int = 0
    timeouts: int = 0
    waiting: int = 0


class Worker:
    """capacity: alerts that may wait, 0 for as many as MEMORY holds. timeout: seconds after which an output that is
    still busy is told. wait: `put` waits for room instead of dropping, since recorded events can wait."""

    def __init__(self, output: Output, *, capacity: int = 0, timeout: float = 2.0, wait: bool = False) -> None:
        self.name = output.name
        self.gone: BrokenPipeError | None = None
        """Standard output has no reader any more."""
        self._output, self._capacity, self._timeout, self._wait = output, capacity, timeout, wait
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._queue: deque[tuple[Batch, int]] = deque()
        self._bytes = 0
        self._counts = Counts()
        self._reopen = self._closing = self._abandoned = self._ended = self._told = False
        self._busy_since = 0.0
        self._slow_in_a_row = 0
        name = self.name
        self._failing = Episode(lambda n, s: f"the output {name} works again; it did not take {n} alerts in {s:.0f} s")
        self._full = Episode(
            lambda n, s: f"the queue of the output {name} has room again; {n} alerts were dropped in {s:.0f} s"
        )
        self._blocked = Episode(lambda n, s: f"the output {name} is not blocked any more")

    def put(self, batch: Batch) -> None:
        """Queues the alerts, or as many as there is room for; blocks only when told to wait. From any thread."""
        with self._changed:
            count, size = len(batch.lines), weight(batch)
            self._counts.taken += count
            while self._wait and not self._fits(count, size) and self._queue and not self._over():
                self._changed.wait()
            room = 0 if self._over() else count if self._wait else self._room(batch, size)
            if room < count:
                self._drop(count - room)
                batch = Batch(batch.lines[:room], batch.priorities[:room])
                size = weight(batch)
            if room:
                self._queue.append((batch, size))
                self._bytes += size
                self._counts.waiting += room
                self._start()

    def _over(self) -> bool:
        return self._closing or self.gone is not None

    def _fits(self, count: int, size: int) -> bool:
        return self._bytes + size <= MEMORY and (not self._capacity or self._counts.waiting + count <= self._capacity)

    def _room(self, batch: Batch, size: int) -> int:
        """How many of the alerts fit in."""
        count = len(batch.lines)
        if self._fits(count, size):
            return count
        if self._capacity:
            count = max(0, min(count, self._capacity - self._counts.waiting))
        free = MEMORY - self._bytes
        for index in range(count):
            free -= sys.getsizeof(batch.lines[index])
            if free < 0:
                return index
        return count

    def _drop(self, count: int) -> None:
        self._counts.dropped += count
        waiting = self._counts.waiting
        self._full.happens(
            count, f"the queue of the output {self.name} is full, {waiting} alerts wait: others are dropped"
        )

    def _start(self) -> None:
        self._changed.notify_all()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=f"output {self.name}", daemon=True)
            self._thread.start()

    def counts(self) -> Counts:
        """The counters at this moment."""
        with self._changed:
            return msgspec.structs.replace(self._counts)

    def reopen(self) -> None:
        """Lets the output reopen, before the next alert. Returns at once."""
        with self._changed:
            self._reopen = True
            self._start()

    def look(self) -> None:
        """Tells once when the output is busy with the same alerts for too long."""
        with self._changed:
            if self._wait or not self._busy_since or time.monotonic() - self._busy_since < self._timeout:
                return
            self._busy_since = 0.0
            self._counts.timeouts += 1
            waiting = self._counts.waiting
        self._blocked.happens(
            1, f"the output {self.name} is blocked for more than {self._timeout:g} s, {waiting} alerts wait for it"
        )

    def begin_close(self) -> None:
        """Takes nothing any more, and ends when the queue is empty."""
        with self._changed:
            self._closing = True
            self._start()

    def end(self, until: float | None) -> None:
        """Waits for the end, to that moment of the monotonic clock at most, and tells once what was not delivered."""
        with self._changed:
            # Not `Thread.join`: one that is interrupted takes the thread for dead.
            self._changed.wait_for(lambda: self._ended, None if until is None else max(0.0, until - time.monotonic()))
            given_up = not self._ended and not self._abandoned
            self._abandoned = not self._ended
        if given_up:
            self._output.abandon()
        if self._told or self.gone is not None:
            return
        self._told = True
        counts = self.counts()
        if counts.waiting:
            log.warning("the output %s was given up; %d alerts still waited for it", self.name, counts.waiting)
        if counts.failed or counts.dropped:
            log.warning("the output %s did not take %d alerts", self.name, counts.failed + counts.dropped)

    def _run(self) -> None:
        """The output's thread."""
        self._work()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _work(self) -> None:
        """Until the output is closed, or abandoned."""
        idle = True
        while not self._abandoned:
            with self._changed:
                self._busy_since = 0.0
                while idle and not (self._queue or self._reopen or self._closing):
                    self._changed.wait()
                reopen, self._reopen = self._reopen, False
                batch = self._queue[0][0] if self._queue else None
                closing = self._closing
                self._busy_since = time.monotonic()
            if reopen:
                self._tried("reopened", self._output.reopen)
            if batch is not None:
                idle = False
                self._send(batch)
            elif closing:
                self._tried("closed", self._output.close)
                return
            elif not idle:
                idle = True
                self._tried("closed", self._output.idle)
            self._full.passes()
            self._blocked.passes()

    def _send(self, batch: Batch) -> None:
        """Hands over the first batch of the queue, and takes it off."""
        if self._output.one_by_one:
            for index in range(len(batch.lines)):
                if self._abandoned:
                    return
                self._hand_over(Batch(batch.lines[index : index + 1], batch.priorities[index : index + 1]))
        else:
            self._hand_over(batch)
        with self._changed:
            if self._queue:
                self._bytes -= self._queue.popleft()[1]
            self._changed.notify_all()

    def _hand_over(self, batch: Batch) -> None:
        count = len(batch.lines)
        self._busy_since = time.monotonic()
        try:
            self._output.send(batch)
        except Exception as error:  # one alert that cannot be sent must not end the thread
            self._failed(count, error)
        else:
            self._slow_in_a_row = 0
            with self._changed:
                self._counts.sent += count
                self._counts.waiting -= count
            self._failing.passes()

    def _failed(self, count: int, error: Exception) -> None:
        slow = isinstance(error, TimeoutError)
        self._slow_in_a_row = self._slow_in_a_row + 1 if slow else 0
        with self._changed:
            self._counts.failed += count
            self._counts.waiting -= count
            self._counts.timeouts += slow
            if isinstance(error, BrokenPipeError) and self.name == "stdout":
                self.gone = error
                self._counts.failed += self._counts.waiting
                self._counts.waiting = self._bytes = 0
                self._queue.clear()
                self._changed.notify_all()
                return
        if not slow or self._slow_in_a_row > self._output.patience:
            self._failing.happens(count, f"the output {self.name} fails: {reason(error)}")

    def _tried(self, what: str, step: Callable[[], None]) -> None:
        try:
            step()
        except BrokenPipeError as error:
            if self.name != "stdout":
                log.warning("the output %s could not be %s: %s", self.name, what, reason(error))
                return
            self.gone = error
        except Exception as error:  # as above
            log.warning("the output %s could not be %s: %s", self.name, what, reason(error))


def weight(batch: Batch) -> int:
    """Bytes that the lines take."""
    return sum(map(sys.getsizeof, batch.lines))


def reason(error: Exception) -> str:
    """What went wrong, for a person."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return f"{type(error).__name__}: {error}"
