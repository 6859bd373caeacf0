"""Finds out in the background what containers are; whoever asks never waits.

A container that the state of the host met is asked for at the runtimes that its cgroup's path points to, then at the
others. A runtime's own word that a container was created or started makes it asked for, too, so that it has a name
before its first process runs. What was learned is kept for a while after a container's end.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from vigie.runtime.containers import image_name, shape
from vigie.runtime.containers.clock import Clock
from vigie.runtime.containers.container import SHORT, STATIC, Container, encoded
from vigie.runtime.containers.engine import Change, EngineError, Wanted, usable
from vigie.runtime.containers.memory import MAX_REMEMBERED, Memory
from vigie.runtime.containers.settings import ContainerSettings
from vigie.runtime.containers.sink import Sink
from vigie.runtime.containers.sockets import engines
from vigie.runtime.containers.worker import Worker

if TYPE_CHECKING:
    from vigie.runtime.containers.kubernetes import Kubernetes

log = logging.getLogger(__name__)

MAX_IN_FLIGHT = 4096
MAX_WITH_PATIENCE = 256
"""Containers being asked for beyond which none is asked for twice: whoever may make cgroups can invent names."""
MAX_OF_USER = 256
"""Living containers that a user's own runtime may tell of."""
RATE_OF_USER = 32 << 10
"""Bytes that a user's own runtime may tell in a second."""
FIRST_DELAY, LONGEST_DELAY = 0.02, 0.5
"""Seconds until a container that nobody knows yet is asked for again; doubled each time."""
HOOK_PATIENCE = 0.5
"""Seconds for which the runtime that told of a container is asked for it, should it not know it yet."""
REMOVAL_DELAY = 2.0
"""Seconds between a container's end and our word of it: events of its last processes may still be under way."""
LOOK_FOR_SOCKETS = 5.0
TRIES, BETWEEN_TRIES = 50, 0.1
"""How often something is handed to a sink that has no room, and seconds between."""


class _Request(Struct):
    """A container that is being asked for.

    teller: the runtime that told of it and is asked alone; None when somebody waits for the answer, whose deadline it
    is. stages: names of engines still to be asked, in order. open: answers not yet there. unknown: one does not
    know it yet. again: who told meanwhile that it changed; gone: which engines told that it ended; announced: what
    engines said as they told of it. why: per engine, empty for one that does not know it.
    """

    wanted: Wanted
    deadline: float
    teller: Worker | None = None
    stages: list[frozenset[str]] = []
    delay: float = FIRST_DELAY
    open: int = 0
    unknown: bool = False
    again: Worker | None = None
    gone: dict[tuple[str, str], Change] = {}
    announced: dict[tuple[str, str], Change] = {}
    why: dict[str, str] = {}


class Enricher:
    """Asks container runtimes. sink: is told, from threads of ours. host_root: where the host's files lie, `""` for
    here; sockets are looked for below it."""

    def __init__(self, sink: Sink, settings: ContainerSettings, *, host_root: str = "") -> None:
        self._sink, self._settings, self._host_root = sink, settings, host_root.rstrip("/")
        self._lock = threading.Lock()
        self._workers: dict[tuple[str, str], Worker] = {}
        self._in_flight: dict[str, _Request] = {}
        self._memory = Memory(settings.keep_seconds)
        self._clock = Clock(self._look_around, LOOK_FOR_SOCKETS)
        self._kubernetes = self._api_server()
        self._counters = dict.fromkeys(("asked", "told", "removed", "unknown", "dropped"), 0)

    def start(self) -> None:
        """Begins to listen and to ask."""
        self._find_sockets()
        self._clock.start()

    def stop(self, seconds: float = 2.0) -> None:
        """Ends all threads, or leaves those that hang in a request alone after so many seconds."""
        deadline = time.monotonic() + seconds
        self._clock.stop(deadline)
        with self._lock:
            workers = list(self._workers.values())
        if self._kubernetes is not None:
            self._kubernetes.stop()
        for worker in workers:
            worker.stop()
        for worker in workers:
            worker.join(deadline)

    def counters(self) -> dict[str, int]:
        """Containers asked for, told of, told to be gone, that nobody knows; questions and answers dropped because
        there were too many; requests to runtimes, and those that failed."""
        with self._lock:
            workers = list(self._workers.values())
            return {
                **self._counters,
                "requests": sum(worker.asked for worker in workers),
                "failures": sum(worker.failed for worker in workers),
            }

    def ask(self, id: str, cgroup: str, tid: int = 0) -> None:
        """Asks for a container. Never blocks; the answer comes to the sink. tid: one of its threads."""
        deadline = time.monotonic() + self._settings.patience_seconds
        with self._lock:
            self._counters["asked"] += 1
            if self._memory.has(id):
                document, gone = self._memory.to_tell(id)
                if document is not None:
                    self._clock.after(0, lambda: self._tell(document, removed=False))
                if gone is not None and (worker := self._workers.get(gone.engine)) is not None:
                    self._end(worker, Change("remove", gone.full_id))
                return
            why = ""
            if not usable(id):
                why = "its cgroup has a name that no runtime gives to a container"
            elif id not in self._in_flight and len(self._in_flight) >= MAX_IN_FLIGHT:
                why = "too many containers are being asked for at once"
                self._counters["dropped"] += 1
            if why:
                self._clock.after(0, lambda: self._nobody(id, why))
                return
            under_way = self._in_flight.get(id)
            if under_way is not None:
                under_way.wanted = under_way.wanted._replace(cgroup=cgroup)
                under_way.deadline = max(under_way.deadline, deadline)
                under_way.teller = None
                return
            wanted = Wanted(id, shape.full_id(id, cgroup), cgroup)
            request = self._in_flight[id] = _Request(wanted, deadline, stages=shape.order(cgroup))
        if self._settings.engines.static.enabled:
            self._clock.after(0, lambda: self._answered(request, None, self._static(id), "", False))
        else:
            self._advance(request)

    def _advance(self, request: _Request) -> None:
        """Asks the next engines, or plans to ask all of them again, or gives up."""
        while request.stages:
            stage = request.stages.pop(0)
            with self._lock:
                workers = [worker for worker in self._workers.values() if worker.serves(stage)]
            if workers:
                self._hand(request, workers)
                return
        again = request.unknown and len(self._in_flight) <= MAX_WITH_PATIENCE
        if again and time.monotonic() + request.delay <= request.deadline:
            request.unknown = False
            self._clock.after(request.delay, lambda: self._anew(request))
            request.delay = min(LONGEST_DELAY, request.delay * 2)
            return
        with self._lock:
            waited_for = request.teller is None
            self._in_flight.pop(request.wanted.id, None)
        if waited_for:
            self._nobody(request.wanted.id, _why(request))

    def _anew(self, request: _Request) -> None:
        teller = request.teller
        if teller is not None:
            self._hand(request, [teller])
            return
        request.stages = shape.order(request.wanted.cgroup)
        self._advance(request)

    def _hand(self, request: _Request, workers: list[Worker]) -> None:
        request.open = len(workers)
        for worker in workers:
            worker.ask(
                request.wanted,
                partial(self._answered, request, worker),
            )

    def _answered(
        self, request: _Request, worker: Worker | None, container: Container | None, why: str, again: bool
    ) -> None:
        id = request.wanted.id
        with self._lock:
            current = self._in_flight.get(id) is request
            hope = why and again and time.monotonic() + request.delay <= request.deadline
            if container is None and current and worker is not None and not hope:
                container = self._announced(request, worker)
            if container is None:
                if worker is not None:
                    request.why[worker.engine.name] = why
                request.unknown = request.unknown or again
                request.open -= 1
                if not current or request.open > 0:
                    return
            else:
                if current:
                    del self._in_flight[id]
                if self._kubernetes is not None:
                    self._kubernetes.complete(container, worker)
                document = self._learn(container, worker)
        if container is None:
            self._advance(request)
            return
        if document is not None:
            self._tell(document, removed=False)
        if worker is not None and worker.key in request.gone:
            self._end(worker, request.gone[worker.key])
        elif request.again is not None:
            self._ask_teller(request.again, Change("start", request.wanted.full_id))

    def _announced(self, request: _Request, worker: Worker) -> Container | None:
        """What a runtime said of a container that it has forgotten already: some tell of it when it is over. With the
        lock held."""
        change = request.announced.get(worker.key)
        if change is None or not change.name or self._memory.has(request.wanted.id):
            return None
        named = image_name.split(change.image)
        return Container(
            type=worker.engine.type,
            id=request.wanted.id,
            full_id=change.full_id,
            name=change.name,
            image=change.image,
            image_repository=named.repository,
            image_tag=named.tag,
            image_digest=named.digest,
        )

    def _learn(self, container: Container, worker: Worker | None) -> bytes | None:
        """Takes an answer up, with the lock held: what is to be told."""
        most = MAX_OF_USER if worker is not None and worker.owner else MAX_REMEMBERED
        return self._memory.learn(container, worker.key if worker is not None else ("static", ""), most)

    def _completed(self, container: Container, worker: Worker | None) -> None:
        """The API server told of a container's pod."""
        with self._lock:
            document = self._learn(container, worker)
        if document is not None:
            self._tell(document, removed=False)

    def _api_server(self) -> Kubernetes | None:
        if not self._settings.kubernetes.enabled:
            return None
        from vigie.runtime.containers.kubernetes import Kubernetes

        try:
            return Kubernetes(self._completed, self._settings.label_max_len, self._settings.request_seconds)
        except EngineError as error:
            log.warning("the Kubernetes API server %s", error.why)
            return None

    def _heard(self, worker: Worker, change: Change) -> None:
        """A runtime told of a change."""
        if change.action == "remove":
            self._end(worker, change)
        elif change.action in self._settings.hooks:
            self._ask_teller(worker, change)

    def _ask_teller(self, worker: Worker, change: Change) -> None:
        """Asks the runtime that told of a container."""
        id = change.full_id[:SHORT]
        with self._lock:
            under_way = self._in_flight.get(id)
            if under_way is not None:
                under_way.again = worker
                under_way.announced[worker.key] = change
                return
            if len(self._in_flight) >= MAX_IN_FLIGHT:
                self._counters["dropped"] += 1
                return
            request = _Request(Wanted(id, change.full_id), time.monotonic() + HOOK_PATIENCE, worker)
            request.announced[worker.key] = change
            self._in_flight[id] = request
        self._hand(request, [worker])

    def _end(self, worker: Worker, change: Change) -> None:
        """Plans to tell that a container is gone."""
        self._clock.after(REMOVAL_DELAY, lambda: self._remove(worker, change))

    def _remove(self, worker: Worker, change: Change) -> None:
        id = change.full_id[:SHORT]
        with self._lock:
            document = self._memory.end(id, worker.key)
            under_way = self._in_flight.get(id)
            if document is None and under_way is not None:
                under_way.gone[worker.key] = change  # first it is told what it was
                return
            if document == b"" or (document is None and (worker.owner or not change.own)):
                return
            self._counters["removed"] += 1
        gone = Container(type=worker.engine.type, id=id, full_id=change.full_id, image=change.image)
        self._tell(encoded(gone) if document is None else document, removed=True)

    def _resumed(self, worker: Worker) -> None:
        """Finds containers that ended while a runtime could not be heard."""
        try:
            alive = worker.engine.all_ids()
        except EngineError as error:
            log.debug("%s: its containers could not be listed: it %s", worker.engine.name, error.why)
            return
        with self._lock:
            known = self._memory.alive(worker.key)
        for full_id in known:
            if full_id not in alive:
                self._remove(worker, Change("remove", full_id))

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
        self._deliver(lambda: self._sink.container(document, removed))

    def _nobody(self, id: str, why: str) -> None:
        with self._lock:
            self._counters["unknown"] += 1
        self._deliver(lambda: self._sink.no_container(id, why))

    def _deliver(self, deliver: Callable[[], None], tries: int = TRIES) -> None:
        """Hands something to the sink; anew when that has no room."""
        try:
            deliver()
        except BlockingIOError:
            if tries > 1:
                self._clock.after(BETWEEN_TRIES, lambda: self._deliver(deliver, tries - 1))
                return
            with self._lock:
                self._counters["dropped"] += 1
        except Exception:  # what the receiver makes of it is its own matter
            log.warning("what a runtime said of a container could not be handed on", exc_info=True)

    def _look_around(self) -> None:
        self._find_sockets()
        with self._lock:
            self._memory.forget()

    def _find_sockets(self) -> None:
        """Takes up the runtimes whose sockets are there."""
        if self._settings.engines.static.enabled:
            return
        for key, (make, owner) in engines(self._settings, self._host_root).items():
            if key in self._workers:
                continue
            engine = make()
            if owner:
                engine.rate = RATE_OF_USER
            worker = Worker(engine, owner, self._heard, self._resumed)
            with self._lock:
                self._workers[key] = worker
            worker.start()


def _why(request: _Request) -> str:
    """Why a container stays unknown, for a person."""
    if not request.why:
        return "no container runtime was found: none of the configured sockets is there"
    failed = [why for why in request.why.values() if why]
    silent = sorted(name for name, why in request.why.items() if not why)
    if silent:
        failed.append(f"{' and '.join(silent)} {'do' if len(silent) > 1 else 'does'} not know it")
    return "; ".join(failed)
