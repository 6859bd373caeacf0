"""CRI and containerd: the wire format, the calls, and what the answers become."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from servers.fake_runtime import Grpc as FakeGrpc
from servers.fake_runtime import Method, Refusal, listening
from vigie.runtime.containers import cri as cri_module
from vigie.runtime.containers.container import Mount
from vigie.runtime.containers.containerd import Containerd
from vigie.runtime.containers.cri import Cri
from vigie.runtime.containers.cri_image import of_status
from vigie.runtime.containers.engine import Change, EngineError, Wanted
from vigie.runtime.containers.grpc import NOT_FOUND, UNIMPLEMENTED, Grpc, StatusError
from vigie.runtime.containers.protobuf import Message, field
from vigie.runtime.containers.settings import ContainerSettings

ID = "eaea47e9c7e93e0eb2b76702d301a2208b5c3ccf1e7b15f5a86a54aaacdf45a1"
POD = "4cd987af8075cfea1e903df25bfea22651588fcc9deebb3d4dd5e87bc1b4b57b"
V1 = "/runtime.v1.RuntimeService/"


def pairs(number: int, entries: Mapping[str, str]) -> bytes:
    return b"".join(field(number, field(1, key) + field(2, value)) for key, value in entries.items())


def always(answer: bytes) -> Method:
    return lambda request, headers: iter([answer])


def refused(code: int, message: str = "") -> Method:
    def method(request: bytes, headers: Mapping[str, str]) -> Iterator[bytes]:
        raise Refusal(code, message)
        yield b""

    return method


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Any]:
    with ExitStack() as stack:

        def served(methods: dict[str, Method]) -> str:
            path = tmp_path / f"{len(list(tmp_path.iterdir()))}.sock"
            stack.enter_context(listening(path, FakeGrpc(methods)))
            return str(path)

        yield served


def test_calls(serve: Any) -> None:
    big = bytes(range(256)) * 200

    def echo(request: bytes, headers: Mapping[str, str]) -> Iterator[bytes]:
        yield request + headers.get("containerd-namespace", "").encode()

    path = serve({"/s/Echo": echo, "/s/Big": always(big), "/s/No": refused(NOT_FOUND, "no such%20thing")})
    client = Grpc(path, 2)
    assert client.unary("/s/Echo", b"x", namespace="ns") == b"xns"
    assert client.unary("/s/Big", b"") == big
    with pytest.raises(StatusError, match="refused to answer \\(no such thing\\)") as refusal:
        client.unary("/s/No", b"")
    assert refusal.value.code == NOT_FOUND
    with pytest.raises(StatusError) as refusal:
        client.unary("/s/Else", b"")
    assert refusal.value.code == UNIMPLEMENTED


INFO = {
    "sandboxID": POD,
    "config": {
        "image": {"image": "sha256:" + "3" * 64},
        "linux": {"security_context": {"privileged": True}},
        "envs": [{"key": "FOO", "value": "bar"}],
    },
    "runtimeSpec": {
        "process": {"user": {"uid": 33}, "env": ["PATH=/bin", "FOO=bar"]},
        "linux": {"resources": {"memory": {"limit": 1024}, "cpu": {"shares": 2, "quota": 50, "period": 100}}},
    },
}
STATUS = (
    field(1, ID)
    + field(2, field(1, "nginx"))
    + field(4, 1795332885_000000001)
    + field(8, field(1, "docker.io/library/nginx:1.16"))
    + field(9, "docker.io/library/nginx@sha256:" + "1" * 64)
    + pairs(12, {"io.kubernetes.pod.name": "web", "io.kubernetes.pod.namespace": "shop", "long": "x" * 101})
    + field(14, field(1, "/data") + field(2, "/etc") + field(3, 1))
    + field(14, field(1, "/rw") + field(2, "/srv") + field(5, 1))
    + field(14, field(1, "/odd") + field(2, "/odd") + field(5, 9))
    + field(17, "sha256:" + "2" * 64)
)
POD_STATUS = (
    field(1, POD)
    + field(2, field(1, "web") + field(2, "uid-1") + field(3, "shop"))
    + field(5, field(1, "10.99.0.3"))
    + field(6, field(1, field(2, field(1, 2) + field(2, 0) + field(3, 2))))
    + pairs(7, {"app": "web"})
)


def cri_methods(runtime: str = "containerd", package: str = V1, info: Any = INFO) -> dict[str, Method]:
    def status(id: str, answer: bytes) -> Method:
        def method(request: bytes, headers: Mapping[str, str]) -> Iterator[bytes]:
            asked = Message(request)
            assert asked.flag(2), "verbose"
            if not id.startswith(asked.text(1)):
                raise Refusal(NOT_FOUND, "not found")
            yield answer

        return method

    return {
        f"{package}Version": always(field(1, "0.1.0") + field(2, runtime)),
        f"{package}ContainerStatus": status(ID, field(1, STATUS) + pairs(2, {"info": json.dumps(info)})),
        f"{package}PodSandboxStatus": status(
            POD, field(1, POD_STATUS) + pairs(2, {"info": json.dumps({"image": "pause:3", "runtimeSpec": {}})})
        ),
    }


def test_a_container_of_cri(serve: Any) -> None:
    found = Cri(serve(cri_methods()), ContainerSettings()).look_up(Wanted(ID[:12], ID))
    assert found is not None
    assert (found.type, found.id, found.full_id, found.name) == (7, ID[:12], ID, "nginx")
    assert found.image == "docker.io/library/nginx:1.16"
    assert (found.image_repository, found.image_tag) == ("docker.io/library/nginx", "1.16")
    assert (found.image_digest, found.image_id) == ("sha256:" + "1" * 64, "3" * 64)
    assert found.labels == {
        "io.kubernetes.pod.name": "web",
        "io.kubernetes.pod.namespace": "shop",
        "io.kubernetes.pod.uid": "uid-1",
        "io.kubernetes.sandbox.id": POD,
    }
    assert found.pod_sandbox_labels["app"] == "web"
    assert (found.pod_sandbox_id, found.ip, found.is_pod_sandbox) == (POD, "10.99.0.3", False)
    assert (found.privileged, found.host_network, found.host_pid, found.host_ipc) == (True, True, False, True)
    assert found.mounts == [
        Mount("/etc", "/data", "", False, "private"),
        Mount("/srv", "/rw", "", True, "rslave"),
        Mount("/odd", "/odd", "", True, "unknown"),
    ]
    assert (found.env, found.user, found.created_time) == (["PATH=/bin", "FOO=bar"], "33", 1795332885)
    assert (found.memory_limit, found.cpu_shares, found.cpu_quota, found.cpu_period) == (1024, 2, 50, 100)
    assert found.cni_json == ""


def test_a_sandbox_of_cri(serve: Any) -> None:
    found = Cri(serve(cri_methods()), ContainerSettings()).look_up(Wanted(POD[:12], POD))
    assert found is not None
    assert (found.type, found.name, found.full_id, found.is_pod_sandbox) == (7, "web", POD, True)
    assert (found.image, found.labels["app"], found.labels["io.kubernetes.pod.uid"]) == ("pause:3", "web", "uid-1")
    assert found.ip == "10.99.0.3"


@pytest.mark.parametrize(("runtime", "number"), [("containerd", 7), ("cri-o", 8), ("another", 6)])
def test_the_older_version_and_the_number_of_a_runtime(serve: Any, runtime: str, number: int) -> None:
    methods = cri_methods(runtime, "/runtime.v1alpha2.RuntimeService/")
    found = Cri(serve(methods), ContainerSettings()).look_up(Wanted(ID[:12], ID))
    assert found is not None
    assert (found.type, found.name) == (number, "nginx")


def test_cri_o_tells_the_network(serve: Any) -> None:
    annotations = {"runtimeSpec": {"annotations": {"io.kubernetes.cri-o.CNIResult": "x" * 5000}}}
    methods = cri_methods("cri-o", info={"privileged": False, "sandboxID": POD})
    answer = field(1, POD_STATUS) + pairs(2, {"info": json.dumps(annotations)})
    methods[f"{V1}PodSandboxStatus"] = always(answer)
    found = Cri(serve(methods), ContainerSettings()).look_up(Wanted(ID[:12], ID))
    assert found is not None
    assert (found.cni_json, found.privileged) == ("x" * 4096, False)


def test_who_cri_does_not_know(serve: Any) -> None:
    other = Wanted("0" * 12, "0" * 64)
    assert Cri(serve(cri_methods()), ContainerSettings()).look_up(other) is None
    methods = cri_methods()
    for name in ("ContainerStatus", "PodSandboxStatus"):
        methods[V1 + name] = refused(2, "container with ID starting with 0 could not find it: does not exist")
    assert Cri(serve(methods), ContainerSettings()).look_up(other) is None
    methods[f"{V1}ContainerStatus"] = refused(14, "shutting down")
    with pytest.raises(EngineError, match="shutting down"):
        Cri(serve(methods), ContainerSettings()).look_up(other)
    liar = cri_methods()
    liar[f"{V1}ContainerStatus"] = always(field(1, STATUS))
    assert Cri(serve(liar), ContainerSettings()).look_up(other) is None
    with pytest.raises(EngineError, match="is not offered at this socket"):
        Cri(serve({}), ContainerSettings()).look_up(other)


def test_a_sandbox_that_cannot_be_asked_costs_only_its_part(serve: Any) -> None:
    methods = cri_methods()
    methods[f"{V1}PodSandboxStatus"] = refused(14)
    found = Cri(serve(methods), ContainerSettings()).look_up(Wanted(ID[:12], ID))
    assert found is not None
    assert (found.name, found.ip) == ("nginx", "")


DIGEST = "sha256:" + "1" * 64


@pytest.mark.parametrize(
    ("asked", "reference", "annotations", "expected"),
    [
        ("nginx:1", f"docker.io/nginx@{DIGEST}", {}, ("docker.io/nginx:1", "docker.io/nginx", "1", DIGEST)),
        ("localhost/box:1", DIGEST, {}, ("localhost/box:1", "localhost/box", "1", DIGEST)),
        (DIGEST, DIGEST, {"io.kubernetes.cri.image-name": "h:5/n:2"}, ("h:5/n:2", "h:5/n", "2", DIGEST)),
        (DIGEST, DIGEST, {"io.kubernetes.cri-o.ImageName": "n:3"}, ("n:3", "n", "3", DIGEST)),
        (DIGEST, DIGEST, {}, ("", "", "", DIGEST)),
    ],
)
def test_images_of_cri(
    asked: str, reference: str, annotations: dict[str, str], expected: tuple[str, str, str, str]
) -> None:
    status = Message(field(8, field(1, asked)) + field(9, reference))
    found = of_status(status, {"runtimeSpec": {"annotations": annotations}})
    assert (found.image, found.repository, found.tag, found.digest) == expected


SPEC = {
    "process": {"user": {"uid": 0}, "env": ["A=1"]},
    "linux": {"namespaces": [{"type": "pid"}, {"type": "mount"}], "maskedPaths": ["/proc/acpi"]},
    "mounts": [{"destination": "/x", "type": "bind", "source": "/y", "options": ["rbind", "ro", "rprivate"]}],
}
SERVICES = "/containerd.services."


def containerd_methods(spec: Any = SPEC, labels: Mapping[str, str] | None = None) -> dict[str, Method]:
    described = (
        field(1, "a-long-name-for-it")
        + pairs(2, labels or {"a": "b", "long": "x" * 101})
        + field(3, "docker.io/library/box:1")
        + field(5, field(2, json.dumps(spec)))
        + field(8, field(1, 1795332885))
    )

    def get(request: bytes, headers: Mapping[str, str]) -> Iterator[bytes]:
        if Message(request).text(1) != "a-long-name-for-it" or headers["containerd-namespace"] != "mine":
            raise Refusal(NOT_FOUND, "not found")
        yield field(1, described)

    def listed(request: bytes, headers: Mapping[str, str]) -> Iterator[bytes]:
        matches = Message(request).text(1) == r"id~=^a\-long\-name\-" and headers["containerd-namespace"] == "mine"
        yield field(1, described) if matches else b""

    return {
        f"{SERVICES}namespaces.v1.Namespaces/List": always(field(1, field(1, "other")) + field(1, field(1, "mine"))),
        f"{SERVICES}containers.v1.Containers/Get": get,
        f"{SERVICES}containers.v1.Containers/List": listed,
        f"{SERVICES}images.v1.Images/Get": always(field(1, field(3, field(2, DIGEST)))),
    }


@pytest.mark.parametrize("full_id", ["a-long-name-for-it", "a-long-name-"])
def test_a_container_of_containerd(serve: Any, full_id: str) -> None:
    engine = Containerd(serve(containerd_methods()), ContainerSettings())
    found = engine.look_up(Wanted("a-long-name-", full_id, "/mine/a-long-name-for-it"))
    assert found is not None
    assert (found.type, found.id, found.full_id, found.name) == (
        7,
        "a-long-name-",
        "a-long-name-for-it",
        "a-long-name-",
    )
    assert (found.image_repository, found.image_tag, found.image_digest) == ("docker.io/library/box", "1", DIGEST)
    assert (found.labels, found.created_time, found.user) == ({"a": "b"}, 1795332885, "0")
    assert (found.privileged, found.host_pid, found.host_ipc, found.host_network) == (False, False, True, True)
    assert found.mounts == [Mount("/y", "/x", "", False, "rprivate")]
    assert engine.look_up(Wanted("0" * 12, "0" * 64)) is None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"linux": {"readonlyPaths": ["/proc/sys"]}}, False),
        ({"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ERRNO"}}}, False),
        ({"linux": {"mountLabel": "system_u"}}, False),
        ({"process": {"apparmorProfile": "cri-default"}}, False),
        ({"process": {"apparmorProfile": "unconfined"}}, True),
        ({"process": {"selinuxLabel": "x"}}, False),
        ({"mounts": [{"type": "sysfs", "options": ["ro"]}]}, False),
        ({"mounts": [{"type": "cgroup", "options": ["rw"]}]}, True),
    ],
)
def test_what_makes_a_container_of_containerd_privileged(serve: Any, change: Any, expected: bool) -> None:
    spec = {"linux": {"namespaces": [{"type": "pid"}]}, "process": {}, "mounts": [], **change}
    engine = Containerd(serve(containerd_methods(spec)), ContainerSettings())
    found = engine.look_up(Wanted("a-long-name-", "a-long-name-for-it"))
    assert found is not None
    assert found.privileged is expected


def test_containers_that_cri_knows_better_are_left_to_it(serve: Any) -> None:
    path = serve(containerd_methods(labels={"io.cri-containerd.kind": "container"}))
    wanted = Wanted("a-long-name-", "a-long-name-for-it")
    settings = ContainerSettings()
    assert Containerd(path, settings).look_up(wanted) is None
    settings.engines.cri.enabled = False
    assert Containerd(path, settings).look_up(wanted) is not None


def envelope(namespace: str, topic: str, event: bytes) -> bytes:
    return field(2, namespace) + field(3, topic) + field(4, field(2, event))


def stream(*answers: bytes) -> Method:
    def method(request: bytes, headers: Mapping[str, str]) -> Iterator[bytes]:
        yield from answers

    return method


TOLD = (
    envelope("default", "/containers/create", field(1, "mine") + field(2, "box:1")),
    envelope("k8s.io", "/containers/create", field(1, ID)),
    envelope("default", "/tasks/exit", field(1, "mine")),
    envelope("moby", "/tasks/start", field(1, POD)),
    envelope("default", "/tasks/start", field(1, "mine") + field(2, 77)),
    envelope("k8s.io", "/containers/delete", field(1, ID)),
)


def test_what_containerd_tells(serve: Any) -> None:
    path = serve({f"{SERVICES}events.v1.Events/Subscribe": stream(*TOLD)})
    assert list(Containerd(path, ContainerSettings()).changes()) == [
        None,
        Change("create", "mine", "box:1"),
        Change("start", "mine"),
        Change("remove", ID, "", own=False),
    ]


def test_what_cri_tells(serve: Any) -> None:
    methods = cri_methods()
    methods[f"{V1}GetContainerEvents"] = stream(
        field(1, ID), field(1, ID) + field(2, 1), field(1, ID) + field(2, 2), field(1, ID) + field(2, 3)
    )
    told = [change for change in Cri(serve(methods), ContainerSettings()).changes() if change is not None]
    assert told == [Change("create", ID), Change("start", ID), Change("remove", ID)]
    del methods[f"{V1}GetContainerEvents"]
    methods[f"{SERVICES}events.v1.Events/Subscribe"] = stream(*TOLD)
    told = [change for change in Cri(serve(methods), ContainerSettings()).changes() if change is not None]
    assert [(change.action, change.full_id) for change in told if change.own] == [("create", ID), ("remove", ID)]


def test_a_list_that_is_looked_at_where_nothing_is_told(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cri_module, "POLL", 0.02)
    lists = iter([b"", field(1, field(1, ID)), field(1, field(1, ID)), b""])
    methods = cri_methods()
    methods[f"{V1}ListContainers"] = lambda request, headers: iter([next(lists)])
    methods[f"{V1}ListPodSandbox"] = always(field(1, field(1, POD)))
    changes = Cri(serve(methods), ContainerSettings()).changes()
    told = [change for change in (next(changes) for _ in range(4)) if change is not None]
    assert told == [Change("create", ID), Change("remove", ID)]


def test_listening_ends_when_it_is_told_to(serve: Any) -> None:
    def silent(request: bytes, headers: Mapping[str, str]) -> Iterator[bytes]:
        time.sleep(20)
        yield b""

    engine = Containerd(serve({f"{SERVICES}events.v1.Events/Subscribe": silent}), ContainerSettings())
    ended = threading.Event()

    def listen() -> None:
        with pytest.raises(EngineError):
            list(engine.changes())
        ended.set()

    threading.Thread(target=listen, daemon=True).start()
    time.sleep(0.1)
    engine.close()
    assert ended.wait(2)
