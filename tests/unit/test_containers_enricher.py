"""Asking in the background: order, patience, memory, changes that runtimes tell of."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from servers.fake_runtime import Docker as FakeDocker
from servers.fake_runtime import answer, head, listening
from vigie.runtime.containers import enricher as module
from vigie.runtime.containers import sockets, worker
from vigie.runtime.containers.enricher import Enricher
from vigie.runtime.containers.settings import from_init_config

ID = "30f383a4e8fd6a536e702b042b7e34c9ece73eeeec04c23432160851a82bf8af"
OTHER = "14a46ea35759230dff22e2f2831f76f709b0805f88e44e8453497c9d19fde80f"
SHORT = ID[:12]


class Told:
    """A sink that remembers. all: (name, removed) of containers, (id, why) of those that nobody knows."""

    def __init__(self) -> None:
        self.all: list[tuple[str, Any]] = []
        self.documents: list[dict[str, Any]] = []
        self._news = threading.Condition()

    def container(self, json_bytes: bytes, removed: bool) -> None:
        container = json.loads(json_bytes)["container"]
        self.documents.append(container)
        self._add((container["name"], removed))

    def no_container(self, id: str, why: str) -> None:
        self._add((id, why))

    def _add(self, entry: tuple[str, Any]) -> None:
        with self._news:
            self.all.append(entry)
            self._news.notify_all()

    def wait(self, count: int, seconds: float = 5) -> list[tuple[str, Any]]:
        with self._news:
            assert self._news.wait_for(lambda: len(self.all) >= count, seconds), self.all
            return list(self.all)


class Surroundings:
    """An enricher, its sink, and fakes at sockets below one folder."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack, self.told = folder, stack, Told()

    def serve(self, name: str, handler: Callable[[socket.socket], None]) -> None:
        self.stack.enter_context(listening(self.folder / name, handler))

    def start(self, **options: Any) -> Enricher:
        config: dict[str, Any] = {
            name: {"sockets": [f"{self.folder}/{name}*.sock"]} for name in ("docker", "podman", "cri", "containerd")
        }
        engines = {**config, **options.pop("engines", {})}
        enricher = Enricher(self.told, from_init_config({"engines": engines, **options}))
        enricher.start()
        self.stack.callback(enricher.stop, 1)
        return enricher


@pytest.fixture
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Surroundings]:
    monkeypatch.setattr(module, "REMOVAL_DELAY", 0.05)
    with ExitStack() as stack:
        yield Surroundings(tmp_path, stack)


def docker(full_id: str = ID, name: str = "web") -> FakeDocker:
    return FakeDocker({f"/containers/{full_id}/json": {"Id": full_id, "Name": f"/{name}"}})


def hang(connection: socket.socket) -> None:
    connection.recv(65536)
    time.sleep(30)


def test_a_container_is_asked_for_once_and_told(surroundings: Surroundings) -> None:
    fake = docker()
    surroundings.serve("docker.sock", fake)
    enricher = surroundings.start()
    for _ in range(50):
        enricher.ask(SHORT, f"/docker/{ID}", 7)
    assert surroundings.told.wait(1) == [("web", False)]
    time.sleep(0.1)
    assert surroundings.told.all == [("web", False)]
    assert fake.requests.count(f"/containers/{ID}/json") == 1
    assert enricher.counters()["asked"] == 50


def test_one_that_its_runtime_does_not_know_yet_is_asked_for_again(surroundings: Surroundings) -> None:
    fake = FakeDocker({})
    surroundings.serve("docker.sock", fake)
    enricher = surroundings.start()
    enricher.ask(SHORT, f"/docker/{ID}")
    time.sleep(0.1)
    assert surroundings.told.all == []
    fake.answers.update(docker().answers)
    assert surroundings.told.wait(1) == [("web", False)]


def test_one_that_nobody_knows(surroundings: Surroundings) -> None:
    surroundings.serve("docker.sock", FakeDocker({}))
    surroundings.serve("podman.sock", FakeDocker({}))
    enricher = surroundings.start(patience_seconds=0.2)
    enricher.ask(SHORT, f"/docker/{ID}")
    assert surroundings.told.wait(1) == [(SHORT, "docker and podman do not know it")]
    enricher.ask("../../etc", "/docker/../../etc")
    assert surroundings.told.wait(2)[1] == ("../../etc", "its cgroup has a name that no runtime gives to a container")


def test_no_runtime_at_all(surroundings: Surroundings) -> None:
    enricher = surroundings.start()
    enricher.ask(SHORT, f"/docker/{ID}")
    why = "no container runtime was found: none of the configured sockets is there"
    assert surroundings.told.wait(1) == [(SHORT, why)]


def test_a_runtime_that_starts_later_is_found(surroundings: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_FOR_SOCKETS", 0.05)
    enricher = surroundings.start()
    surroundings.serve("docker.sock", docker())
    time.sleep(0.3)
    enricher.ask(SHORT, f"/docker/{ID}")
    assert surroundings.told.wait(1) == [("web", False)]


def test_a_container_of_fifty_milliseconds(surroundings: Surroundings) -> None:
    """It is asked for at its creation; when the state meets it, it is gone from its runtime."""
    fake = docker()
    surroundings.serve("docker.sock", fake)
    enricher = surroundings.start()
    fake.tell("create", ID)
    assert surroundings.told.wait(1) == [("web", False)]
    fake.tell("start", ID)
    fake.tell("die", ID)
    fake.answers.clear()
    fake.tell("destroy", ID)
    assert surroundings.told.wait(2) == [("web", False), ("web", True)]
    enricher.ask(SHORT, f"/docker/{ID}")
    # whoever tells of it again tells of its end again: nothing stays for good
    assert surroundings.told.wait(4)[2:] == [("web", False), ("web", True)]


def test_a_container_that_is_gone_before_its_runtime_tells_of_it(surroundings: Surroundings) -> None:
    """Podman tells a quarter of a second late: what it says then is all there is."""
    fake = FakeDocker({})
    surroundings.serve("docker.sock", fake)
    enricher = surroundings.start()
    fake.tell("create", ID, image="localhost:5000/team/box:1", name="brief")
    assert surroundings.told.wait(1) == [("brief", False)]
    assert surroundings.told.documents[0]["image"] == "localhost:5000/team/box:1"
    assert surroundings.told.documents[0]["imagerepo"] == "localhost:5000/team/box"
    assert surroundings.told.documents[0]["full_id"] == ID
    enricher.ask(SHORT, f"/docker/{ID}")
    fake.tell("destroy", ID)
    assert surroundings.told.wait(2)[-1] == ("brief", True)


def test_what_a_runtime_announces_does_not_replace_what_it_answers(surroundings: Surroundings) -> None:
    fake = docker()
    surroundings.serve("docker.sock", fake)
    surroundings.start()
    fake.tell("create", ID, image="box:1", name="web")
    assert surroundings.told.wait(1) == [("web", False)]
    fake.answers.clear()
    fake.tell("start", ID, image="box:1", name="other")
    fake.tell("destroy", ID)
    assert surroundings.told.wait(2) == [("web", False), ("web", True)]


def test_who_is_met_before_the_runtime_tells_of_it(surroundings: Surroundings) -> None:
    fake = FakeDocker({})
    surroundings.serve("docker.sock", fake)
    enricher = surroundings.start()
    enricher.ask(SHORT, f"/docker/{ID}")
    fake.tell("create", ID, image="box:1", name="brief")
    assert surroundings.told.wait(1) == [("brief", False)]


def test_a_container_that_ends_while_it_is_asked_for(surroundings: Surroundings) -> None:
    fake, inspected = docker(), threading.Event()

    def slow(connection: socket.socket) -> None:
        if fake.listeners:
            inspected.wait(5)
        fake(connection)

    surroundings.serve("docker.sock", slow)
    surroundings.start()
    fake.tell("create", ID)
    fake.tell("destroy", ID)
    time.sleep(0.3)
    assert surroundings.told.all == []
    inspected.set()
    assert surroundings.told.wait(2) == [("web", False), ("web", True)]


def test_the_end_is_told_by_who_knows_it(surroundings: Surroundings) -> None:
    """Another runtime cannot end a container that is just being asked for."""
    owner, liar, inspected = docker(), FakeDocker({}, events="/v4.0.0/libpod/events"), threading.Event()

    def slow(connection: socket.socket) -> None:
        if owner.listeners:
            inspected.wait(5)
        owner(connection)

    surroundings.serve("docker.sock", slow)
    surroundings.serve("podman.sock", liar)
    surroundings.start()
    owner.tell("create", ID)
    liar.tell("remove", ID)
    time.sleep(0.3)
    inspected.set()
    assert surroundings.told.wait(1) == [("web", False)]
    time.sleep(0.2)
    assert surroundings.told.all == [("web", False)]


def test_what_changes_between_creation_and_start_is_told(surroundings: Surroundings) -> None:
    fake = docker()
    surroundings.serve("docker.sock", fake)
    surroundings.start()
    fake.tell("create", ID)
    surroundings.told.wait(1)
    fake.tell("start", ID)
    time.sleep(0.1)
    assert len(surroundings.told.all) == 1, "the same answer is not told again"
    fake.answers.update(docker(name="renamed").answers)
    fake.tell("start", ID)
    assert surroundings.told.wait(2)[1] == ("renamed", False)


def test_hooks_choose_what_is_heard(surroundings: Surroundings) -> None:
    fake = docker()
    surroundings.serve("docker.sock", fake)
    surroundings.start(hooks=["start"])
    fake.tell("create", ID)
    time.sleep(0.1)
    assert surroundings.told.all == []
    fake.tell("start", ID)
    assert surroundings.told.wait(1) == [("web", False)]


def test_an_unknown_container_that_is_removed(surroundings: Surroundings) -> None:
    fake = docker()
    surroundings.serve("docker.sock", fake)
    surroundings.start()
    fake.tell("destroy", OTHER)
    assert surroundings.told.wait(1) == [("", True)]


def test_a_runtime_that_hangs_delays_nobody_for_long(
    surroundings: Surroundings, caplog: pytest.LogCaptureFixture
) -> None:
    surroundings.serve("docker.sock", hang)
    inspected = {f"/v4.0.0/libpod/containers/{OTHER}/json": {"Id": OTHER, "Name": "pod"}}
    surroundings.serve("podman.sock", FakeDocker(inspected, events="/v4.0.0/libpod/events"))
    with caplog.at_level(logging.WARNING):
        enricher = surroundings.start(request_seconds=0.3)
        begin = time.monotonic()
        enricher.ask(OTHER[:12], f"/libpod_parent/libpod-{OTHER}")
        assert surroundings.told.wait(1) == [("pod", False)]
        assert time.monotonic() - begin < 0.25, "podman's container does not wait for docker"
        for number in range(20):
            enricher.ask(f"{number:012}", f"/docker/{number:012}{'0' * 52}")
        told = surroundings.told.wait(21)
    assert {why for _, why in told[1:]} == {"docker did not answer within 0.3 s; podman does not know it"}
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert "did not answer within 0.3 s" in warnings[0]
    begin = time.monotonic()
    enricher.stop(1)
    assert time.monotonic() - begin < 1.5


def test_one_refusal_is_not_the_end(surroundings: Surroundings, caplog: pytest.LogCaptureFixture) -> None:
    """Podman answers with status 500 about a container that is being removed."""
    fake, refusals = docker(), iter(range(2))

    def refusing(connection: socket.socket) -> None:
        if not fake.listeners or next(refusals, None) is None:
            fake(connection)
            return
        head(connection)
        connection.sendall(answer(500, b"{}"))

    surroundings.serve("docker.sock", refusing)
    enricher = surroundings.start()
    assert fake.heard.wait(5)
    enricher.ask(SHORT, f"/docker/{ID}")
    assert surroundings.told.wait(1) == [("web", False)]
    assert enricher.counters()["failures"] == 2
    assert not caplog.records


def test_a_runtime_that_always_refuses(surroundings: Surroundings, caplog: pytest.LogCaptureFixture) -> None:
    def refusing(connection: socket.socket) -> None:
        head(connection)
        connection.sendall(answer(500, b"{}"))

    surroundings.serve("docker.sock", refusing)
    enricher = surroundings.start()
    enricher.ask(SHORT, f"/docker/{ID}")
    assert surroundings.told.wait(1) == [(SHORT, "docker refused to answer (HTTP status 500)")]
    assert enricher.counters()["requests"] == 3
    said = sorted(record.getMessage().partition("; ")[2] for record in caplog.records)
    assert said == [
        "until it does, alerts of its containers may lack names and images",
        "until it does, containers that live shortly may lack names and images",
    ]


def test_only_who_knows_a_container_may_change_or_end_it(surroundings: Surroundings) -> None:
    owner, liar = docker(), FakeDocker({}, events="/v4.0.0/libpod/events")
    liar.answers = {f"/v4.0.0/libpod/containers/{ID}/json": {"Id": ID, "Name": "harmless"}}
    surroundings.serve("docker.sock", owner)
    surroundings.serve("podman.sock", liar)
    surroundings.start()
    owner.tell("create", ID)
    assert surroundings.told.wait(1) == [("web", False)]
    liar.tell("create", ID)
    liar.tell("remove", ID)
    time.sleep(0.2)
    assert surroundings.told.all == [("web", False)]


def test_a_users_runtime_is_asked_last_and_bounded(surroundings: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    liar = FakeDocker({}, events="/v4.0.0/libpod/events")
    numbers = [f"{number:012}{'0' * 52}" for number in range(5)]
    liar.answers = {f"/v4.0.0/libpod/containers/{id}/json": {"Id": id, "Name": "mine"} for id in (ID, *numbers)}
    honest = FakeDocker({f"/v4.0.0/libpod/containers/{ID}/json": {"Id": ID, "Name": "true"}}, liar.events)
    surroundings.serve("podman-user.sock", liar)
    surroundings.serve("podman.sock", honest)
    real = sockets._existing

    def owned(patterns: list[str], host_root: str) -> list[tuple[str, int]]:
        return [(path, 1000 if "user" in Path(path).name else 0) for path, _ in real(patterns, host_root)]

    monkeypatch.setattr(sockets, "_existing", owned)
    monkeypatch.setattr(module, "MAX_OF_USER", 3)
    enricher = surroundings.start()
    enricher.ask(SHORT, f"/machine.slice/libpod-{ID}.scope")
    assert surroundings.told.wait(1) == [("true", False)]
    assert f"/v4.0.0/libpod/containers/{ID}/json" not in liar.requests
    for number in numbers:
        liar.tell("create", number)
        time.sleep(0.05)
    liar.tell("remove", OTHER)
    time.sleep(0.2)
    assert surroundings.told.all[1:] == [("mine", False)] * 3


def test_a_users_runtime_cannot_flood(surroundings: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    liar = docker()
    surroundings.serve("docker.sock", liar)
    monkeypatch.setattr(sockets, "_existing", lambda patterns, _: [(patterns[0].replace("*", ""), 1000)])
    monkeypatch.setattr(worker, "MAX_CHANGES_OF_USER", 3)
    surroundings.start(engines={name: {"enabled": False} for name in ("podman", "cri", "containerd")})
    for number in range(50):
        liar.tell("start", f"{number:064}"[::-1])
    time.sleep(0.3)
    asked = {target for target in liar.requests if target.endswith("/json")}
    assert 1 <= len(asked) <= 2 * 3, "in two seconds at most"


def test_containers_that_ended_while_nobody_listened(surroundings: Surroundings) -> None:
    fake = docker()
    fake.answers["/containers/json"] = [{"Id": ID}]
    surroundings.serve("docker.sock", fake)
    surroundings.start()
    fake.tell("create", ID)
    assert surroundings.told.wait(1) == [("web", False)]
    fake.answers["/containers/json"] = []
    fake.listeners[0].shutdown(socket.SHUT_RDWR)
    assert surroundings.told.wait(2) == [("web", False), ("web", True)]


def test_the_static_engine_answers_for_everything(surroundings: Surroundings) -> None:
    static = {"enabled": True, "container_id": "abc", "container_name": "box", "container_image": "h/i:1"}
    enricher = surroundings.start(engines={"static": static})
    enricher.ask(SHORT, "/whatever")
    assert surroundings.told.wait(1) == [("box", False)]


def test_a_sink_that_fails_ends_nothing(surroundings: Surroundings) -> None:
    surroundings.serve("docker.sock", docker())
    enricher = surroundings.start()
    take = surroundings.told.container
    surroundings.told.container = None  # type: ignore[assignment, method-assign] # calling it fails
    enricher.ask(SHORT, f"/docker/{ID}")
    time.sleep(0.2)
    surroundings.told.container = take  # type: ignore[method-assign]
    time.sleep(1.0)
    enricher.ask(SHORT, f"/docker/{ID}")
    assert surroundings.told.wait(1) == [("web", False)]


def test_a_sink_without_room_is_asked_again(surroundings: Surroundings) -> None:
    surroundings.serve("docker.sock", docker())
    take, refused = surroundings.told.container, []

    def full(json_bytes: bytes, removed: bool) -> None:
        refused.append(removed)
        if len(refused) < 4:
            raise BlockingIOError
        take(json_bytes, removed)

    surroundings.told.container = full  # type: ignore[method-assign]
    enricher = surroundings.start()
    enricher.ask(SHORT, f"/docker/{ID}")
    assert surroundings.told.wait(1) == [("web", False)]
    assert enricher.counters()["told"] == 1
