"""What real runtimes answer, and containers that live for milliseconds."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from servers import container_runtimes
from servers.container_runtimes import IMAGE, Pod, Runtime
from vigie.runtime.containers.enricher import Enricher
from vigie.runtime.containers.settings import from_init_config

pytestmark = pytest.mark.integration


class Told:
    """A sink that remembers: (removed, container) and (id, why)."""

    def __init__(self) -> None:
        self.containers: list[tuple[bool, dict[str, Any]]] = []
        self.unknown: dict[str, str] = {}
        self._news = threading.Condition()

    def container(self, document: bytes, removed: bool) -> None:
        with self._news:
            self.containers.append((removed, json.loads(document)["container"]))
            self._news.notify_all()

    def no_container(self, id: str, why: str) -> None:
        with self._news:
            self.unknown[id] = why
            self._news.notify_all()

    def until(self, what: Callable[[Told], Any], seconds: float = 15) -> Any:
        with self._news:
            found = self._news.wait_for(lambda: what(self), seconds)
            assert found, (self.containers, self.unknown)
            return found

    def one(self, removed: bool = False, **expected: Any) -> dict[str, Any]:
        """The first container told of that is so."""

        def found(told: Told) -> Any:
            fitting = (
                entry for gone, entry in told.containers if gone == removed and expected.items() <= entry.items()
            )
            return next(fitting, None)

        container: dict[str, Any] = self.until(found)
        return container


def started(name: str, factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    if why := container_runtimes.why_not(name):
        pytest.skip(why)
    make: Callable[[Path], AbstractContextManager[Runtime]]
    make = {"docker": container_runtimes.dockerd, "podman": container_runtimes.podman}.get(
        name, container_runtimes.containerd
    )
    with make(factory.mktemp(name[0])) as runtime:
        yield runtime


@pytest.fixture(scope="module")
def docker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    yield from started("docker", tmp_path_factory)


@pytest.fixture(scope="module")
def podman(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    yield from started("podman", tmp_path_factory)


@pytest.fixture(scope="module")
def containerd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    yield from started("containerd", tmp_path_factory)


@pytest.fixture(params=["docker", "podman"])
def runtime(request: pytest.FixtureRequest) -> Runtime:
    found: Runtime = request.getfixturevalue(request.param)
    return found


class Asking:
    def __init__(self, runtime: Runtime, **options: Any) -> None:
        names = ("cri", "containerd") if runtime.name == "containerd" else (runtime.name,)
        engines = {name: {"enabled": name in names, "sockets": [str(runtime.socket)]} for name in _ENGINES}
        self.told = Told()
        self.enricher = Enricher(self.told, from_init_config({"engines": engines, **options}))

    def __enter__(self) -> Asking:
        self.enricher.start()
        time.sleep(0.5)  # the runtimes begin to tell
        return self

    def __exit__(self, *_: object) -> None:
        self.enricher.stop()


_ENGINES = ("docker", "podman", "cri", "containerd")
TYPES = {"docker": 0, "podman": 11}


def test_a_container_that_lives_for_milliseconds(runtime: Runtime) -> None:
    with Asking(runtime) as asking:
        runtime.run("run", "--rm", "--network=none", "--name=brief", IMAGE, "/bin/true")
        found = asking.told.one(name="brief")
        assert (found["type"], found["image"]) == (TYPES[runtime.name], IMAGE)
        assert (found["imagerepo"], found["imagetag"]) == ("localhost:5000/team/box", "1")
        assert found["full_id"].startswith(found["id"])
        assert len(found["full_id"]) == 64
        gone = asking.told.one(removed=True, id=found["id"])
        assert gone["name"] == "brief"
        # the state may meet its processes late: it is known still
        told = len(asking.told.containers)
        asking.enricher.ask(found["id"], f"/{runtime.name}/{found['full_id']}")
        asking.told.until(lambda told_now: len(told_now.containers) > told)
        assert asking.told.containers[-1] == (False, found)


def test_a_container_that_runs_already(runtime: Runtime) -> None:
    options = ("-v/etc:/host-etc:ro", "-eFOO=bar", "--label=a=b", f"--label=long={'x' * 101}", "--pid=host")
    full_id = runtime.run("run", "-d", "--network=host", "--name=web", *options, IMAGE, "/bin/sleep", "60")
    pid = int(runtime.run("inspect", "-f", "{{.State.Pid}}", "web"))
    with Asking(runtime) as asking:
        asking.enricher.ask(full_id[:12], runtime.cgroup(pid), pid)
        found = asking.told.one(id=full_id[:12])
        assert (found["full_id"], found["name"]) == (full_id, "web")
        assert found["labels"] == {"a": "b"}
        assert "FOO=bar" in found["env"]
        assert (found["privileged"], found["host_pid"], found["host_network"], found["host_ipc"]) == (
            *(False, True, True),
            False,
        )
        mount = next(mount for mount in found["Mounts"] if mount["Destination"] == "/host-etc")
        assert (mount["Source"], mount["RW"], mount["Propagation"]) == ("/etc", False, "rprivate")
        assert abs(found["created_time"] - time.time()) < 120
        runtime.run("rm", "-f", "web")
        asking.told.one(removed=True, id=full_id[:12])


def test_a_privileged_container(runtime: Runtime) -> None:
    with Asking(runtime) as asking:
        runtime.run("create", "--privileged", "--network=none", "--name=mighty", IMAGE, "/bin/true")
        assert asking.told.one(name="mighty")["privileged"]


def test_a_container_that_is_not_there(runtime: Runtime) -> None:
    with Asking(runtime, patience_seconds=0.2) as asking:
        asking.enricher.ask("0" * 12, f"/docker/{'0' * 64}")
        asking.told.until(lambda told: told.unknown)
        assert asking.told.unknown == {"0" * 12: f"{runtime.name} does not know it"}


def test_a_daemon_that_stands_still(docker: Runtime) -> None:
    full_id = docker.run("run", "-d", "--network=none", "--name=still", IMAGE, "/bin/sleep", "60")
    pid = int(docker.run("inspect", "-f", "{{.State.Pid}}", "still"))
    with Asking(docker, request_seconds=0.5) as asking:
        os.kill(docker.process.pid, signal.SIGSTOP)
        try:
            begin = time.monotonic()
            asking.enricher.ask(full_id[:12], docker.cgroup(pid), pid)
            asking.told.until(lambda told: told.unknown)
            assert time.monotonic() - begin < 2
            assert asking.told.unknown == {full_id[:12]: "docker did not answer within 0.5 s"}
        finally:
            os.kill(docker.process.pid, signal.SIGCONT)
        time.sleep(1)
        asking.enricher.ask(full_id[:12], docker.cgroup(pid), pid)
        assert asking.told.one(id=full_id[:12])["name"] == "still"


def test_a_pod_of_podman(podman: Runtime) -> None:
    pod = podman.run("pod", "create", "--infra=false", "--name=group")
    with Asking(podman) as asking:
        podman.run("create", "--pod=group", "--network=none", "--name=member", IMAGE, "/bin/true")
        assert asking.told.one(name="member")["pod_sandbox_id"] == pod


def test_containers_of_containerd(containerd: Runtime) -> None:
    snapshotter = "--snapshotter=native"
    containerd.run(
        "run", "-d", snapshotter, "--label=a=b", "--env=FOO=bar", IMAGE, "a-long-name-indeed", "/bin/sleep", "60"
    )
    listed = containerd.run("tasks", "ls").splitlines()[1].split()
    with Asking(containerd) as asking:
        pid = int(listed[1])
        assert containerd.cgroup(pid) == "/default/a-long-name-indeed"
        asking.enricher.ask("a-long-name-", containerd.cgroup(pid), pid)
        found = asking.told.one(id="a-long-name-")
        assert (found["type"], found["full_id"], found["name"]) == (7, "a-long-name-indeed", "a-long-name-")
        assert (found["image"], found["imagerepo"], found["imagetag"]) == (IMAGE, "localhost:5000/team/box", "1")
        assert found["imagedigest"].startswith("sha256:")
        assert (found["labels"]["a"], found["privileged"], found["host_network"]) == ("b", False, False)
        assert "FOO=bar" in found["env"]
        containerd.run("run", "--rm", snapshotter, IMAGE, "brief", "/bin/true")
        assert asking.told.one(id="brief")["image"] == IMAGE
        assert asking.told.one(removed=True, id="brief")["image"] == IMAGE


def test_a_pod_of_kubernetes(containerd: Runtime) -> None:
    with Asking(containerd) as asking:
        pod = Pod(containerd)
        id = pod.container("nginx", "/bin/sleep", "60")
        found = asking.told.one(id=id[:12])
        assert (found["type"], found["name"], found["image"]) == (7, "nginx", IMAGE)
        assert (found["imagerepo"], found["imagetag"]) == ("localhost:5000/team/box", "1")
        labels = found["labels"]
        assert (labels["io.kubernetes.pod.name"], labels["io.kubernetes.pod.namespace"]) == ("web", "shop")
        assert (labels["io.kubernetes.pod.uid"], labels["io.kubernetes.container.name"]) == ("uid-1", "nginx")
        assert (found["pod_sandbox_id"], found["pod_sandbox_labels"]["app"]) == (pod.sandbox, "web")
        assert (found["host_network"], found["host_pid"], found["is_pod_sandbox"]) == (True, False, False)
        mount = {"Source": "/etc", "Destination": "/host-etc", "Mode": "", "RW": False, "Propagation": "private"}
        assert mount in found["Mounts"]
        assert "FOO=bar" in found["env"]
        sandbox = asking.told.one(id=pod.sandbox[:12])
        assert (sandbox["name"], sandbox["is_pod_sandbox"], sandbox["labels"]["app"]) == ("web", True, "web")
        brief = pod.container("brief", "/bin/true")
        assert asking.told.one(id=brief[:12])["name"] == "brief"
    with Asking(containerd) as asking:
        pid = pod.pid(id)
        asking.enricher.ask(id[:12], containerd.cgroup(pid), pid)
        assert asking.told.one(id=id[:12])["name"] == "nginx"
        pod.remove()
        assert asking.told.one(removed=True, id=id[:12])["name"] == "nginx"
