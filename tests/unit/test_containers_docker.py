"""What Docker's and Podman's answers become, in the shape of container events (falco_semantics, containers)."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from servers.fake_runtime import Docker as FakeDocker
from servers.fake_runtime import listening
from vigie.runtime.containers import container as runtimes
from vigie.runtime.containers.container import MAX_JSON, Container, Mount, encoded
from vigie.runtime.containers.docker import Docker
from vigie.runtime.containers.engine import EngineError, Wanted
from vigie.runtime.containers.image_name import ImageName, of_docker, of_static, split
from vigie.runtime.containers.podman import Podman
from vigie.runtime.containers.settings import ContainerSettings

ID = "30f383a4e8fd6a536e702b042b7e34c9ece73eeeec04c23432160851a82bf8af"
OTHER = "14a46ea35759230dff22e2f2831f76f709b0805f88e44e8453497c9d19fde80f"
IMAGE = "c605dc709c2d42f0785806f9bcfced0149982665570db7e1cbd8b97922a59ec3"
# What dockerd 20.10 said of a container made with --privileged -l a=b -v /etc:/host-etc:ro -e FOO=bar -u 0:0 and a
# check of its health; shortened, and with ports and networks of another one.
INSPECTED: dict[str, Any] = {
    "Id": ID,
    "Created": "2026-11-22T07:34:45.014935484Z",
    "Image": f"sha256:{IMAGE}",
    "Name": "/dweb",
    "HostConfig": {
        "NetworkMode": "none",
        "IpcMode": "private",
        "PidMode": "",
        "Privileged": True,
        "CpuShares": 0,
        "Memory": 0,
        "CpusetCpus": "0-2,5",
    },
    "Mounts": [
        {
            "Type": "bind",
            "Source": "/etc",
            "Destination": "/host-etc",
            "Mode": "ro",
            "RW": False,
            "Propagation": "rprivate",
        }
    ],
    "Config": {
        "User": "0:0",
        "Env": ["FOO=bar"],
        "Healthcheck": {"Test": ["CMD-SHELL", "true"]},
        "Image": "team/box:1",
        "Labels": {"a": "b", "long": "x" * 101, "full": "x" * 100},
    },
    "NetworkSettings": {
        "Ports": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}, {"HostIp": "::", "HostPort": "8080"}]},
        "IPAddress": "",
        "Networks": {"none": {"IPAddress": ""}, "own": {"IPAddress": "172.18.0.2"}},
    },
}
ABOUT_IMAGE = {
    "Id": f"sha256:{IMAGE}",
    "RepoTags": ["other/name:9", "host:5000/team/box:1"],
    "RepoDigests": ["host:5000/team/box@sha256:" + "1" * 64],
}

Ask = Callable[..., Container | None]


@pytest.fixture
def ask(tmp_path: Path) -> Any:
    """Asks an engine about a container at a fake that has these answers."""
    with ExitStack() as stack:

        def asked(answers: dict[str, Any], wanted: str = ID, make: type[Docker] = Docker, **options: Any) -> Any:
            path = tmp_path / f"{len(list(tmp_path.iterdir()))}.sock"
            stack.enter_context(listening(path, FakeDocker(answers)))
            return make(str(path), ContainerSettings(**options)).look_up(Wanted(wanted[:12], wanted))

        yield asked


def test_a_container_of_docker(ask: Ask) -> None:
    answers = {f"/containers/{ID}/json": INSPECTED, f"/images/{IMAGE}/json": ABOUT_IMAGE}
    found = ask(answers)
    assert found is not None
    event = json.loads(encoded(found))["container"]
    assert {key: event[key] for key in ("type", "id", "full_id", "name", "image", "imageid", "User")} == {
        "type": 0,
        "id": ID[:12],
        "full_id": ID,
        "name": "dweb",
        "image": "team/box:1",
        "imageid": IMAGE,
        "User": "0:0",
    }
    assert (event["imagerepo"], event["imagetag"], event["imagedigest"]) == (
        "host:5000/team/box",
        "1",
        "sha256:" + "1" * 64,
    )
    assert event["labels"] == {"a": "b", "full": "x" * 100}
    assert event["Mounts"] == [
        {"Source": "/etc", "Destination": "/host-etc", "Mode": "ro", "RW": False, "Propagation": "rprivate"}
    ]
    flags = ("privileged", "host_pid", "host_ipc", "host_network", "is_pod_sandbox")
    assert [event[name] for name in flags] == [True, False, False, False, False]
    assert (event["ip"], event["created_time"], event["env"]) == ("172.18.0.2", 1795332885, ["FOO=bar"])
    assert event["port_mappings"] == [{"HostIp": 0x7F000001, "HostPort": 8080, "ContainerPort": 80}]
    assert (event["cpuset_cpu_count"], event["cpu_shares"], event["healthcheck"]) == (4, 1024, ["CMD-SHELL", "true"])


def test_namespaces_of_the_host_and_of_another_container(ask: Ask) -> None:
    host = {"NetworkMode": "host", "PidMode": "host", "IpcMode": "host"}
    found = ask({f"/containers/{ID}/json": {**INSPECTED, "HostConfig": host, "Name": "/k8s_POD_web_shop"}})
    assert found is not None
    assert (found.host_network, found.host_pid, found.host_ipc, found.privileged) == (True, True, True, False)
    assert found.is_pod_sandbox
    shared = {**INSPECTED, "HostConfig": {"NetworkMode": f"container:{OTHER}"}, "NetworkSettings": {}}
    other = {"Id": OTHER, "NetworkSettings": {"IPAddress": "10.0.0.7"}}
    found = ask({f"/containers/{ID}/json": shared, f"/containers/{OTHER}/json": other})
    assert found is not None
    assert found.ip == "10.0.0.7"


def test_size_is_asked_for_only_when_wanted(ask: Ask) -> None:
    found = ask({f"/containers/{ID}/json": {**INSPECTED, "SizeRw": 4711}}, with_size=True)
    assert found is not None
    assert found.size == 4711


def test_who_is_not_there_or_not_the_one(ask: Ask) -> None:
    assert ask({}) is None
    # Docker takes names for ids: a container called as the beginning of another one's id is not that one.
    assert ask({f"/containers/{ID}/json": {**INSPECTED, "Id": OTHER}}) is None
    with pytest.raises(EngineError, match="cannot be understood"):
        ask({f"/containers/{ID}/json": {**INSPECTED, "Id": 7}})


def test_a_container_of_podman(ask: Ask) -> None:
    inspected = {
        **INSPECTED,
        "Name": "pweb",
        "ImageName": "localhost:5000/box:1",
        "Image": IMAGE,
        "ImageDigest": "sha256:" + "2" * 64,
        "IsInfra": False,
        "Pod": OTHER,
    }
    answers = {f"/v4.0.0/libpod/containers/{ID}/json": inspected}
    found = ask(answers, make=Podman)
    assert found is not None
    assert (found.type, found.name, found.image, found.image_id) == (11, "pweb", "localhost:5000/box:1", IMAGE)
    assert (found.image_repository, found.image_tag) == ("localhost:5000/box", "1")
    assert found.image_digest == "sha256:" + "2" * 64
    assert (found.pod_sandbox_id, found.is_pod_sandbox, found.privileged) == (OTHER, False, True)
    infra = ask({f"/v4.0.0/libpod/containers/{ID}/json": {**inspected, "IsInfra": True}}, make=Podman)
    assert infra is not None
    assert infra.is_pod_sandbox


def test_fields_of_the_wrong_type_count_as_absent(ask: Ask) -> None:
    mad = {
        "Id": ID,
        "Name": ["x"],
        "Config": {"Labels": [1], "Env": {"a": 1}, "Image": None, "User": 3},
        "HostConfig": "no",
        "Mounts": {"Source": "/"},
        "NetworkSettings": {"Ports": {"x": 7, "80": [{"HostIp": "no ip"}]}, "Networks": {"a": 3}},
        "Created": "yesterday",
        "Image": 9,
    }
    assert ask({f"/containers/{ID}/json": mad}) == Container(type=0, id=ID[:12], full_id=ID)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("alpine", ("alpine", "", "")),
        ("alpine:3.4", ("alpine", "3.4", "")),
        ("host:5000/team/box", ("host:5000/team/box", "", "")),
        ("host:5000/team/box:1@sha256:ab", ("host:5000/team/box", "1", "sha256:ab")),
        ("", ("", "", "")),
    ],
)
def test_parts_of_a_name(name: str, expected: tuple[str, str, str]) -> None:
    assert split(name) == expected


def test_parts_of_the_configured_name() -> None:
    # the first slash ends the host part, then `@`, then `:`; the repository keeps the host part
    assert of_static("host:5000/team/box:1@sha256:ab") == ("host:5000/team/box", "1", "sha256:ab")
    assert of_static("nginx:2") == ("nginx", "2", "")


def test_parts_of_dockers_lists() -> None:
    digests = ["a/b@sha256:1", "a/b@sha256:2"]
    assert of_docker("x", digests, ["c:1", "a/b:2", "a/b:3"]) == ImageName("a/b", "2", "sha256:1")
    assert of_docker("x:9", [], ["team/box:1"]) == ImageName("team/box", "1", "")
    assert of_docker("x:9", [], []) == ImageName("x", "9", "")
    assert of_docker("sha256:abc", [], []) == ImageName("", "", "")


def test_a_container_too_large_for_an_event_loses_what_matters_least() -> None:
    big = Container(type=0, id="a", name="n", env=["x" * 4096] * 1000, labels={"a": "b"}, mounts=[Mount("/s", "/d")])
    event = json.loads(encoded(big))["container"]
    assert (event["env"], event["labels"], event["Mounts"][0]["Source"]) == ([], {"a": "b"}, "/s")
    mounts = [Mount("x" * 4096, "y") for _ in range(1000)]
    document = encoded(Container(type=0, id="a", name="n", mounts=mounts, labels={"a": "b"}))
    assert len(document) < MAX_JSON
    assert json.loads(document)["container"]["labels"] == {"a": "b"}


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-22T07:34:45.014935484Z", 1795332885),
        ("2026-11-22T09:34:45+02:00", 1795332885),
        ("0001-01-01T00:00:00Z", 0),
        ("", 0),
    ],
)
def test_moments(moment: str, expected: int) -> None:
    assert runtimes.seconds(moment) == expected
