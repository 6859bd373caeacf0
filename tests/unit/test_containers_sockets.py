"""Which sockets are used, and whose they are."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from vigie.runtime.containers import sockets
from vigie.runtime.containers.settings import from_init_config


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A host's root with sockets at the default places of Docker, Podman (the system's and a user's), containerd."""
    with ExitStack() as stack:
        for place in (
            *("var/run/docker.sock", "run/podman/podman.sock", "run/user/1000/podman/podman.sock"),
            "run/containerd/containerd.sock",
        ):
            path = tmp_path / place
            path.parent.mkdir(parents=True)
            listener = stack.enter_context(socket.socket(socket.AF_UNIX))
            directory = os.open(path.parent, os.O_PATH)
            listener.bind(f"/proc/self/fd/{directory}/{path.name}")  # the path itself may be too long
            os.close(directory)
        (tmp_path / "run/crio").mkdir()
        (tmp_path / "run/crio/crio.sock").touch()
        yield tmp_path


def found(root: Path, config: Any = None) -> dict[tuple[str, str], int]:
    engines = sockets.engines(from_init_config(config), str(root))
    return {(name, path.removeprefix(f"{root}/")): owner for (name, path), (_, owner) in engines.items()}


def test_the_default_places_below_a_hosts_root(root: Path) -> None:
    assert found(root) == {
        ("podman", "run/podman/podman.sock"): 0,
        ("podman", "run/user/1000/podman/podman.sock"): 0,
        ("docker", "var/run/docker.sock"): 0,
        ("cri", "run/containerd/containerd.sock"): 0,
        ("containerd", "run/containerd/containerd.sock"): 0,
    }
    names = {name: {"enabled": False} for name in ("podman", "cri", "containerd")}
    assert set(found(root, {"engines": names})) == {("docker", "var/run/docker.sock")}


def test_one_socket_by_two_names_is_one(root: Path) -> None:
    (root / "var/run/docker.sock").unlink()
    (root / "var/run/docker.sock").symlink_to(root / "run/podman/podman.sock")
    user = root / "run/user/1000/podman/podman.sock"
    user.unlink()
    user.symlink_to(root / "run/podman/podman.sock")
    assert [key for key in found(root) if key[0] in ("podman", "docker")] == [("podman", "run/podman/podman.sock")]


@pytest.mark.skipif(os.geteuid() != 0, reason="gives files away, which needs the superuser")
def test_whose_a_socket_is(root: Path) -> None:
    user = root / "run/user/1000/podman"
    for path in (user, user / "podman.sock"):
        os.chown(path, 1000, 1000)
        # either makes it the user's: who owns the folder can put another socket there
        assert found(root)["podman", "run/user/1000/podman/podman.sock"] == 1000
        os.chown(path, 0, 0)
