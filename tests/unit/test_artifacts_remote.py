"""Images by reference: from a registry and from a Docker daemon, both faked in this process."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from artifact_contents import contents
from builders.image import OCI_INDEX, Image, digest, index, saved_files, tar
from servers.fake_registry import Registry, running
from vigie.artifacts.image import open_image
from vigie.errors import TargetError, UsageError
from vigie.scanner.part import Artifact, Silent
from vigie.settings.groups import GlobalOptions, ImageOptions, RegistryOptions

FIRST, SECOND = {"etc/os-release": b"ID=alpine\n"}, {"app/Cargo.lock": b"# lock\n"}
IMAGE = Image(FIRST, SECOND)
HISTORY = [
    {"created_by": "/bin/sh -c #(nop) ADD file:1 in / "},
    {"created_by": '/bin/sh -c #(nop)  CMD ["sh"]', "empty_layer": True},
    {"created_by": "RUN /bin/sh -c apk add x # buildkit"},
]


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No Docker of this machine, and a temporary folder that must be empty in the end."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture
def registry() -> Iterator[Registry]:
    with running() as server:
        server.add("team/app", "1", IMAGE)
        yield server


def opened(name: str, **options: Any) -> Artifact:
    return open_image(name, ImageOptions(**options), RegistryOptions(), GlobalOptions(timeout=20), Silent())


def test_an_image_of_a_registry(registry: Registry, alone: Path) -> None:
    artifact = opened(f"{registry.host}/team/app:1")
    facts = artifact.facts.image
    assert facts is not None
    assert artifact.facts.name == f"{registry.host}/team/app:1"
    assert facts.id == digest(IMAGE.config)
    assert facts.tags == (f"{registry.host}/team/app:1",)
    assert facts.digests == (f"{registry.host}/team/app@{digest(IMAGE.manifest)}",)
    assert facts.reference == f"{registry.host}/team/app:1"
    assert [layer.digest for layer in facts.layers] == [layer["digest"] for layer in IMAGE.layers]
    assert len(registry.asked("/blobs/")) == 1, "layers are fetched only when they are read"
    assert contents(artifact) == [FIRST, SECOND]
    assert list(alone.iterdir()) == []


def test_an_image_by_digest_has_no_tag(registry: Registry) -> None:
    name = f"{registry.host}/team/app@{digest(IMAGE.manifest)}"
    artifact = opened(name)
    assert artifact.facts.image is not None
    assert artifact.facts.image.tags == ()
    assert artifact.facts.image.digests == (name,)
    assert artifact.facts.image.reference == name
    artifact.closing.__exit__(None, None, None)


def test_a_platform_is_chosen_and_missing_ones_are_listed(registry: Registry, alone: Path) -> None:
    variants = {
        ("arm", "v6"): Image({"arch": b"armv6"}, architecture="arm"),
        ("arm", "v7"): Image({"arch": b"armv7"}, architecture="arm"),
        ("arm64", "v8"): Image({"arch": b"arm64"}, architecture="arm64"),
    }
    entries = []
    for (architecture, variant), image in variants.items():
        registry.add("team/many", "x", image)
        entries.append(image.descriptor(platform={"os": "linux", "architecture": architecture, "variant": variant}))
    document = index(*entries)
    registry.manifests["team/many/manifests/1"] = (OCI_INDEX, document)
    name = f"{registry.host}/team/many:1"
    for platform, expected in (
        ("linux/arm/v7", b"armv7"),
        ("linux/arm", b"armv6"),
        ("linux/arm64", b"arm64"),
        ("arm64/v8", b"arm64"),
    ):
        if platform == "arm64/v8":
            with pytest.raises(TargetError, match="no image for arm64/v8"):
                opened(name, platform=platform)
            continue
        artifact = opened(name, platform=platform)
        assert artifact.facts.image is not None
        assert artifact.facts.image.digests == (f"{registry.host}/team/many@{digest(document)}",)
        assert contents(artifact) == [{"arch": expected}]
    with pytest.raises(
        TargetError, match="no image for linux/s390x, only for linux/arm/v6, linux/arm/v7, linux/arm64/v8"
    ):
        opened(name, platform="linux/s390x")
    with pytest.raises(TargetError, match="no image for linux/arm64/v8, only for linux/amd64"):
        opened(f"{registry.host}/team/app:1", platform="linux/arm64")
    with pytest.raises(UsageError, match="not of the form os/arch"):
        opened(name, platform="a/b/c/d")
    assert list(alone.iterdir()) == []


def test_an_image_too_large_is_refused_before_its_layers_are_fetched(registry: Registry) -> None:
    with pytest.raises(TargetError, match="bytes compressed, more than the 10 allowed"):
        opened(f"{registry.host}/team/app:1", max_size=10)
    assert registry.asked("/blobs/") == []


def test_each_source_says_why_in_one_line(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(TargetError) as caught:
        opened(f"{registry.host}/team/nothing:1")
    assert caught.value.message == (
        f"{registry.host}/team/nothing:1 could not be opened: docker: no Docker daemon at unix://{tmp_path}/none.sock; "
        f"remote: {registry.host} has no team/nothing:1 (not here)"
    )
    assert caught.value.hint == "check the name and the tag"


def test_sources_that_are_not_there_yet_are_named(registry: Registry) -> None:
    for sources in (("podman",), ("containerd", "podman"), ("nonsense",)):
        with pytest.raises(UsageError, match=r"not available yet|there is no source"):
            opened("x", sources=sources)
    with pytest.raises(TargetError, match="podman: not available yet"):
        opened(f"{registry.host}/no", sources=("podman", "remote"))


class Daemon:
    """Enough of the Docker Engine API: one image, its history, its export."""

    def __init__(self, image: Image, history: list[dict[str, Any]]) -> None:
        self.paths: list[str] = []
        self.image = image
        self.about: dict[str, Any] = {
            "Id": digest(image.config),
            "RepoTags": ["team/app:1"],
            "RepoDigests": [f"team/app@{digest(b'x')}"],
            "RootFS": {"Type": "layers", "Layers": image.diff_ids},
            "Config": {"Env": ["A=1"]},
            "Architecture": "amd64",
            "Os": "linux",
            "Created": "2024-01-02T03:04:05Z",
            "Size": 1000,
        }
        self.history = history

    def answer(self, path: str) -> tuple[int, bytes]:
        self.paths.append(path)
        if path == "/images/team/app:1/json":
            return 200, json.dumps(self.about).encode()
        if path == "/images/team/app:1/history":
            return 200, json.dumps(self.history).encode()
        if path.startswith("/images/get?names=team%2Fapp%3A1"):
            return 200, tar(saved_files((self.image, ["team/app:1"])))
        return 404, b'{"message": "No such image"}'


@pytest.fixture
def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    fake = Daemon(
        Image(FIRST, SECOND, compress=False, history=HISTORY),
        [
            {
                "Created": 1700000000,
                "CreatedBy": "RUN /bin/sh -c apk add x # buildkit",
                "Size": 10,
                "Comment": "buildkit.dockerfile.v0",
            },
            {"Created": 1600000000, "CreatedBy": '/bin/sh -c #(nop)  CMD ["sh"]', "Size": 0},
            {"Created": 1600000000, "CreatedBy": "/bin/sh -c #(nop) ADD file:1 in / ", "Size": 10},
        ],
    )

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = fake.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def address_string(self) -> str:
            return "unix"

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_UNIX

        def server_bind(self) -> None:
            self.socket.bind(self.server_address)

        def get_request(self) -> tuple[Any, Any]:
            return self.socket.accept()[0], ("unix", 0)

    path = tmp_path / "d.sock"
    server = Server(str(path), Handler)  # type: ignore[arg-type]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")  # must not come between us and a socket
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield fake
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_image_of_a_daemon_is_exported_once_and_only_when_read(daemon: Daemon, alone: Path) -> None:
    artifact = opened("team/app:1")
    facts = artifact.facts.image
    assert facts is not None
    assert facts.id == digest(daemon.image.config)
    assert facts.tags == ("team/app:1",)
    assert facts.digests == (f"team/app@{digest(b'x')}",)
    assert facts.reference == "team/app:1"
    assert [layer.created_by for layer in facts.layers] == ["ADD file:1 in / ", "RUN /bin/sh -c apk add x # buildkit"]
    assert [layer.digest for layer in facts.layers] == ["", ""]
    assert facts.config["history"][1] == {
        "created": "2020-09-13T12:26:40Z",
        "created_by": '/bin/sh -c #(nop)  CMD ["sh"]',
        "empty_layer": True,
    }
    assert facts.config["config"] == {"Env": ["A=1"]}
    assert not [path for path in daemon.paths if "get" in path]
    assert contents(artifact) == [FIRST, SECOND]
    assert len([path for path in daemon.paths if "get" in path]) == 1
    assert list(alone.iterdir()) == []


def test_a_history_that_does_not_add_up_makes_way_for_the_real_configuration(daemon: Daemon) -> None:
    daemon.history = daemon.history[1:]
    artifact = opened("team/app:1")
    assert artifact.facts.image is not None
    assert artifact.facts.image.config == json.loads(daemon.image.config)
    assert contents(artifact) == [FIRST, SECOND]


def test_an_export_of_another_image_is_refused(daemon: Daemon, alone: Path) -> None:
    artifact = opened("team/app:1")
    daemon.image = Image({"other": b""}, compress=False)
    with pytest.raises(TargetError, match="changed while it was read"):
        contents(artifact)
    assert list(alone.iterdir()) == []


def test_what_the_daemon_does_not_have_comes_from_the_registry(daemon: Daemon, registry: Registry) -> None:
    assert contents(opened(f"{registry.host}/team/app:1")) == [FIRST, SECOND]
    assert daemon.paths == [f"/images/{registry.host}/team/app:1/json"]
    with pytest.raises(TargetError, match="the Docker daemon has no image team/other"):
        opened("team/other", sources=("docker",))
    with pytest.raises(TargetError, match="no image for linux/arm64/v8, only for linux/amd64"):
        opened("team/app:1", sources=("docker",), platform="linux/arm64")


def test_nonsense_of_a_daemon(daemon: Daemon) -> None:
    for about in ({"Id": "x"}, {"RootFS": {"Layers": ["../../x"]}}, {"RootFS": None, "Id": None}):
        daemon.about |= about
        with pytest.raises(TargetError, match="not usable"):
            opened("team/app:1", sources=("docker",))
    with pytest.raises(TargetError, match="not supported"):
        opened("x", sources=("docker",), docker_host="ssh://host")
