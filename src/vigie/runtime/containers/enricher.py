"""Finds out in the background what containers are; whoever asks never waits.

A container that the state of the host met is asked for at the runtimes that its cgroup's path points to, then at the
others. A runtime's own word that a container was created or started makes it asked for, too, so that it has a name
before its first process runs. What was learned is kept for a while after a container's end.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from msgspec import Struct

from vigie.runtime.containers import image_name, shape
from vigie.runtime.containers.container import SHORT, STATIC, Container, encoded
from vigie.runtime.containers.engine import Change, Engine, EngineError, Wanted, usable
from vigie.runtime.containers.settings import ContainerSettings
from vigie.runtime.containers.sink import Sink
from vigie.runtime.containers.sockets import engines
from vigie.runtime.containers.worker import Worker

log = logging.getLogger(__name__)

MAX_IN_FLIGHT = 4096
MAX_REMEMBERED = 8192
FIRST_DELAY, LONGEST_DELAY = 0.05, 0.5
"""Seconds until a container that nobody knows yet is asked for again; doubled each time."""
REMOVAL_DELAY = 2.0
"""Seconds between a container's end and our word of it: events of its last processes may still be under way."""
LOOK_FOR_SOCKETS = 5.0
TOLD_JUST_NOW = 1.0
"""Seconds in which what was told may not have arrived yet."""


class _Known(Struct):
    """A container that was told of. ends: when it may be forgotten, None while it lives."""

    json: bytes
    full_id: str
    worker: Worker | None
    told: float
    ends: float | None = None


class _Request(Struct):
    """A container that is being asked for. stages: names of engines still to be asked, in order. unknown: an engine
    said it does not know it. noticed: somebody waits for the answer. again: who told meanwhile that it changed."""

    wanted: Wanted
    stages: list[frozenset[str]]
    deadline: float
    delay: float = FIRST_DELAY
    open: int = 0
    unknown: bool = False
    noticed: bool = True
    again: Worker | None = None
    why: dict[str, str] = {}


class Enricher:
    """Asks container runtimes. sink: is told, from threads of ours. host_root: where the host's files lie, `""` for
    here; sockets are looked for below it."""

    def __init__(self, sink: Sink, settings: ContainerSettings, *, host_root: str = "") -> None:
        self._sink, self._settings, self._host_root = sink, settings, host_root.rstrip("/")
        self._lock = threading.Lock()
        self._workers: dict[tuple[str, str], Worker] = {}
        self._in_flight: dict[str, _Request] = {}
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._wake = threading.Condition()
        self._stopping = False
        self._clock = threading.Thread(target=self._run, name="containers", daemon=True)
        self._counters = dict.fromkeys(("asked", "told", "removed", "unknown", "dropped"), 0)

    def start(self) -> None:
        """Begins to listen and to ask."""
        self._find_sockets()
        self._clock.start()

    def stop(self, seconds: float = 2.0) -> None:
        """Ends all threads, or leaves those that hang in a request alone after so many seconds."""
        deadline = time.monotonic() + seconds
        with self._wake:
            self._stopping = True
            self._wake.notify()
        with self._lock:
            workers = list(self._workers.values())
        for worker in workers:
            worker.stop()
        for worker in workers:
            worker.join(deadline)
        if self._clock.ident is not None:
            self._clock.join(max(0.0, deadline - time.monotonic()))

    def counters(self) -> dict[str, int]:
        """Containers asked for, told of, told to be gone, that nobody knows, and that were not asked for because too
        many were; requests to runtimes, and those that failed."""
        with self._lock:
            workers = list(self._workers.values())
            return {
                **self._counters,
                "requests": sum(worker.asked for worker in workers),
                "failures": sum(worker.failed for worker in workers),
            }

    def ask(self, id: str, cgroup: str, tid: int = 0) -> None:
        """Asks for a container. Never blocks; the answer comes to the sink."""
        now = time.monotonic()
        with self._lock:
            self._counters["asked"] += 1
            known = self._known.get(id)
            if known is not None:
                if known.ends is not None or now - known.told > TOLD_JUST_NOW:
                    known.told = now
                    self._at(now, lambda: self._tell(known.json, removed=False))
                return
            under_way = self._in_flight.get(id)
            if under_way is not None:
                under_way.wanted = under_way.wanted._replace(cgroup=cgroup)
                under_way.noticed = True
                return
            why = ""
            if not usable(id):
                why = "its cgroup has a name that no runtime gives to a container"
            elif len(self._in_flight) >= MAX_IN_FLIGHT:
                why = "too many containers are being asked for at once"
                self._counters["dropped"] += 1
            if why:
                self._at(now, lambda: self._nobody(id, why))
                return
            wanted = Wanted(id, shape.full_id(id, cgroup), cgroup)
            request = _Request(wanted, list(shape.order(cgroup)), now + self._settings.patience_seconds)
            self._in_flight[id] = request
        if self._settings.engines.static.enabled:
            self._at(now, lambda: self._answered(request, None, self._static(id), ""))
        else:
            self._advance(request)

    def _advance(self, request: _Request) -> None:
        """Asks the next engines, or plans to ask all of them again, or gives up."""
        while request.stages:
            stage = request.stages.pop(0)
            with self._lock:
                workers = [worker for worker in self._workers.values() if worker.engine.name in stage]
                request.open = len(workers)
            for worker in workers:
                self._hand(request, worker)
            if workers:
                return
        now = time.monotonic()
        unknown, request.unknown = request.unknown, False
        if unknown and now + request.delay <= request.deadline:
            request.stages = list(shape.order(request.wanted.cgroup))
            self._at(now + request.delay, lambda: self._advance(request))
            request.delay = min(LONGEST_DELAY, request.delay * 2)
            return
        with self._lock:
            self._in_flight.pop(request.wanted.id, None)
        self._nobody(request.wanted.id, _why(request))

    def _hand(self, request: _Request, worker: Worker) -> None:
        worker.ask(request.wanted, lambda container, why: self._answered(request, worker, container, why))

    def _answered(self, request: _Request, worker: Worker | None, container: Container | None, why: str) -> None:
        id = request.wanted.id
        with self._lock:
            current = self._in_flight.get(id) is request
            if container is None:
                if worker is not None:
                    request.why[worker.engine.name] = why
                request.unknown = request.unknown or not why
                request.open -= 1
                if not current or request.open > 0:
                    return
            elif current:
                del self._in_flight[id]
        if container is None:
            self._advance(request)
            return
        self._learn(container, worker)
        if request.again is not None:
            self._ask_one(request.again, request.wanted.full_id)

    def _learn(self, container: Container, worker: Worker | None) -> None:
        document, now = encoded(container), time.monotonic()
        with self._lock:
            known = self._known.get(container.id)
            ends = known.ends if known is not None else None
            same = known is not None and known.json == document and now - known.told < self._settings.keep_seconds
            if not same:
                self._known[container.id] = _Known(document, container.full_id, worker, now, ends)
                self._known.move_to_end(container.id)
                while len(self._known) > MAX_REMEMBERED:
                    self._known.popitem(last=False)
        if not same:
            self._tell(document, removed=False)

    def _heard(self, worker: Worker, change: Change) -> None:
        """A runtime told of a change."""
        id = change.full_id[:SHORT]
        if change.action == "remove":
            self._at(time.monotonic() + REMOVAL_DELAY, lambda: self._remove(worker, change.full_id, change.image))
        elif change.action in self._settings.hooks:
            with self._lock:
                request = self._in_flight.get(id)
                if request is not None:
                    request.again = worker
                    return
            self._ask_one(worker, change.full_id)

    def _ask_one(self, worker: Worker, full_id: str) -> None:
        """Asks the engine that knows a container by its own word."""
        id = full_id[:SHORT]
        patience = time.monotonic() + self._settings.patience_seconds
        request = _Request(Wanted(id, full_id), [], patience, open=1, noticed=False)
        with self._lock:
            if id in self._in_flight or len(self._in_flight) >= MAX_IN_FLIGHT:
                return
            self._in_flight[id] = request
        worker.ask(request.wanted, lambda container, why: self._told_by(request, worker, container, why))

    def _told_by(self, request: _Request, worker: Worker, container: Container | None, why: str) -> None:
        """The answer to a question of our own. If there is none, nobody misses it, or whoever asked meanwhile gets
        what all engines say."""
        with self._lock:
            if container is None and not request.noticed:
                self._in_flight.pop(request.wanted.id, None)
                return
            request.stages = list(shape.order(request.wanted.cgroup))
        self._answered(request, worker, container, why)

    def _remove(self, worker: Worker, full_id: str, image: str) -> None:
        id, now = full_id[:SHORT], time.monotonic()
        with self._lock:
            known = self._known.get(id)
            if known is not None:
                if known.ends is not None:
                    return
                known.ends = now + self._settings.keep_seconds
            self._counters["removed"] += 1
        gone = Container(type=worker.engine.type, id=id, full_id=full_id, image=image)
        self._tell(known.json if known is not None else encoded(gone), removed=True)

    def _resumed(self, worker: Worker) -> None:
        """Containers that ended while a runtime could not be heard."""
        try:
            alive = worker.engine.all_ids()
        except EngineError as error:
            log.debug("%s: its containers could not be listed: it %s", worker.engine.name, error.why)
            return
        with self._lock:
            known = [known.full_id for known in self._known.values() if known.worker is worker and known.ends is None]
        for full_id in known:
            if full_id not in alive:
                self._remove(worker, full_id, "")

    def _static(self, id: str) -> Container:
        static = self._settings.engines.static
        named = image_name.of_static(static.container_image)
        return Container(
            type=STATIC,
            id=id,
            full_id=static.container_id or id,
            name=static.container_name,
            image=static.container_image,
            image_repository=named.repository,
            image_tag=named.tag,
            image_digest=named.digest,
        )

    def _tell(self, document: bytes, *, removed: bool) -> None:
        with self._lock:
            self._counters["told"] += not removed
        try:
            self._sink.container(document, removed)
        except Exception:  # what the receiver makes of it is its own matter
            log.warning("what a runtime said of a container could not be handed on", exc_info=True)

    def _nobody(self, id: str, why: str) -> None:
        with self._lock:
            self._counters["unknown"] += 1
        try:
            self._sink.no_container(id, why)
        except Exception:  # as above
            log.warning("that nobody knows a container could not be handed on", exc_info=True)

    def _at(self, when: float, action: Callable[[], None]) -> None:
        """Has something done by the clock's thread."""
        with self._wake:
            heapq.heappush(self._timers, (when, next(self._numbers), action))
            self._wake.notify()

    def _run(self) -> None:
        looked = time.monotonic()
        while True:
            with self._wake:
                now = time.monotonic()
                next_look = looked + LOOK_FOR_SOCKETS
                due = min(next_look, self._timers[0][0]) if self._timers else next_look
                if not self._stopping and due > now:
                    self._wake.wait(due - now)
                    now = time.monotonic()
                if self._stopping:
                    return
                actions = []
                while self._timers and self._timers[0][0] <= now:
                    actions.append(heapq.heappop(self._timers)[2])
            for action in actions:
                action()
            if now >= next_look:
                looked = now
                self._find_sockets()
                self._forget(now)

    def _forget(self, now: float) -> None:
        with self._lock:
            for id in [id for id, known in self._known.items() if known.ends is not None and known.ends < now]:
                del self._known[id]

    def _find_sockets(self) -> None:
        """Takes up the runtimes whose sockets are there."""
        if self._settings.engines.static.enabled:
            return
        for key, make in engines(self._settings, self._host_root).items():
            with self._lock:
                if key in self._workers:
                    continue
                worker = self._workers[key] = self._worker(make())
            worker.start()

    def _worker(self, engine: Engine) -> Worker:
        worker: Worker = Worker(engine, lambda change: self._heard(worker, change), lambda: self._resumed(worker))
        return worker


def _why(request: _Request) -> str:
    """Why a container stays unknown, for a person."""
    if not request.why:
        return "no container runtime was found: none of the configured sockets is there"
    failed = [why for why in request.why.values() if why]
    silent = sorted(name for name, why in request.why.items() if not why)
    if silent:
        failed.append(f"{' and '.join(silent)} {'do' if len(silent) > 1 else 'does'} not know it")
    return "; ".join(failed)
