"""The threads of one runtime: one asks it, one listens to it."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable

from vigie.runtime.containers.container import Container
from vigie.runtime.containers.engine import Change, Engine, EngineError, Wanted
from vigie.runtime.containers.shape import USERS

log = logging.getLogger(__name__)

MAX_WAITING = 1024
"""Requests that wait for one runtime."""

MAX_CHANGES_OF_USER = 20
"""Changes in a second that a user's own runtime is heard of; what was not heard is asked for when it is met."""

FIRST_BACKOFF, LONGEST_BACKOFF = 0.5, 30.0
"""Seconds that a runtime which failed is left alone; doubled each time it fails again."""

_NAMES = "alerts of its containers may lack names and images"
_SHORT_LIVED = "containers that live shortly may lack names and images"

Answer = Callable[[Container | None, str, bool], None]
"""Takes what a runtime answered: a container, or none, why (empty when the runtime does not know it), and whether
asking again may help."""

MAX_REFUSALS = 3
"""Refusals in a row after which a runtime is left alone: one may concern a container that is about to go."""


class Worker:
    """Asks one runtime, one request after the other, and hears of its changes. owner: the user whose runtime it is, 0
    for the system's. heard: takes a change. resumed: called when listening begins anew after it had ended, so changes
    may have been missed."""

    def __init__(
        self, engine: Engine, owner: int, heard: Callable[[Worker, Change], None], resumed: Callable[[Worker], None]
    ) -> None:
        self.engine, self.owner = engine, owner
        self.key = (engine.name, engine.socket)
        self._heard, self._resumed = heard, resumed
        self._requests: queue.Queue[tuple[Wanted, Answer] | None] = queue.Queue(MAX_WAITING)
        self._stopping = threading.Event()
        self._failures, self._until, self._why = 0, 0.0, ""
        self._refusals = 0
        self._told: set[str] = set()
        self._answered = False
        self._second = self._heard_now = 0
        self.asked = self.failed = 0
        name = f"containers-{engine.name}"
        self._threads = [
            threading.Thread(target=self._ask, name=name, daemon=True),
            threading.Thread(target=self._listen, name=f"{name}-events", daemon=True),
        ]

    def serves(self, stage: frozenset[str]) -> bool:
        """Whether a stage of asking means this one."""
        name = self.engine.name
        return name in stage if self.owner == 0 else f"{name}:{self.owner}" in stage or USERS in stage

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def ask(self, wanted: Wanted, answer: Answer) -> None:
        """Asks when it is this one's turn; `answer` is called from the worker's thread, or at once when no more
        requests can wait. Never blocks."""
        try:
            self._requests.put_nowait((wanted, answer))
        except queue.Full:
            answer(None, f"{self.engine.name} has too many requests waiting", False)

    def stop(self) -> None:
        self._stopping.set()
        self.engine.close()
        try:
            self._requests.put_nowait(None)
        except queue.Full:
            return  # the thread sees it is stopping after the request under way

    def join(self, deadline: float) -> None:
        for thread in self._threads:
            while thread.is_alive() and time.monotonic() < deadline:
                self.engine.close()  # anew: it may have been about to listen
                thread.join(0.05)

    def _ask(self) -> None:
        while (request := self._requests.get()) is not None and not self._stopping.is_set():
            wanted, answer = request
            if time.monotonic() < self._until:
                answer(None, self._why, False)
                continue
            self.asked += 1
            try:
                container = self.engine.look_up(wanted)
            except EngineError as error:
                self._fail(error)
                answer(None, f"{self.engine.name} {error.why}", error.refused)
            except Exception as error:  # a mistake of ours must not end the thread
                log.debug("asking %s failed", self.engine.name, exc_info=True)
                self._fail(EngineError(f"could not be asked ({type(error).__name__})"))
                answer(None, self._why, False)
            else:
                self._failures, self._refusals, self._answered = 0, 0, True
                self._told.discard(_NAMES)
                answer(container, "", True)

    def _fail(self, error: EngineError) -> None:
        self.failed += 1
        self._refusals = self._refusals + 1 if error.refused else 0
        if 0 < self._refusals < MAX_REFUSALS:
            return
        self._why = f"{self.engine.name} {error.why}"
        self._until = time.monotonic() + self._backoff(self._failures)
        self._failures += 1
        self._tell(error, _NAMES)

    def _tell(self, error: EngineError, consequence: str) -> None:
        """Says once that the runtime cannot be used, until it can be again."""
        if consequence not in self._told and (self._answered or not error.absent):
            self._told.add(consequence)
            log.warning("%s (%s) %s; until it does, %s", self.engine.name, self.engine.socket, error.why, consequence)

    def _listen(self) -> None:
        failures, before = 0, False
        while not self._stopping.is_set():
            begun = time.monotonic()
            try:
                for change in self.engine.changes():
                    if change is not None:
                        failures = 0
                        self._told.discard(_SHORT_LIVED)
                        if self._allowed():
                            self._heard(self, change)
                    elif before:
                        self._resumed(self)
                    before = True
            except EngineError as error:
                if not self._stopping.is_set():
                    self._tell(error, _SHORT_LIVED)
            except Exception:  # as above
                log.debug("listening to %s failed", self.engine.name, exc_info=True)
            failures = 0 if time.monotonic() - begun > LONGEST_BACKOFF else failures
            self._stopping.wait(self._backoff(failures))
            failures += 1

    def _allowed(self) -> bool:
        """Whether a change is to be heard: a user's runtime may tell of so many in a second."""
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._heard_now = second, 0
        self._heard_now += 1
        return self.owner == 0 or self._heard_now <= MAX_CHANGES_OF_USER

    @staticmethod
    def _backoff(failures: int) -> float:
        return min(LONGEST_BACKOFF, FIRST_BACKOFF * 2.0 ** min(failures, 16))
