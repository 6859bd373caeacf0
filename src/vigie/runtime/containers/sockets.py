"""Which runtimes there are: the enabled engines and the sockets that exist."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Callable
from pathlib import Path

from vigie.runtime.containers.engine import Engine
from vigie.runtime.containers.settings import ContainerSettings
from vigie.runtime.containers.shape import ENGINES

MAX_SOCKETS = 16
"""Sockets of one kind of engine."""


def engines(settings: ContainerSettings, host_root: str) -> dict[tuple[str, str], tuple[Callable[[], Engine], int]]:
    """What makes an engine, by its name and its socket, and the user whose socket it is, 0 for the system's. A module
    is imported when a socket of its kind is there."""
    return {
        (name, path): (lambda name=name, path=path: _make(name, path, settings), owner)  # type: ignore[misc]
        for name in ENGINES
        if (engine := getattr(settings.engines, name)).enabled
        for path, owner in _existing(engine.sockets, host_root)
    }


def _existing(patterns: list[str], host_root: str) -> list[tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {}
    for pattern in patterns:
        whole = f"{host_root}{pattern.removeprefix('unix://')}"
        for path in sorted(glob.glob(whole)) if "*" in whole else [whole]:  # noqa: PTH207 - absolute patterns
            try:
                status = Path(path).stat()
                if stat.S_ISSOCK(status.st_mode):
                    owner = 0 if status.st_uid == os.geteuid() else status.st_uid
                    found.setdefault(str(Path(path).resolve()), (path, owner))
            except (OSError, RuntimeError, ValueError):
                continue
    return list(found.values())[:MAX_SOCKETS]


def _make(name: str, path: str, settings: ContainerSettings) -> Engine:
    if name == "docker":
        from vigie.runtime.containers.docker import Docker

        return Docker(path, settings)
    if name == "podman":
        from vigie.runtime.containers.podman import Podman

        return Podman(path, settings)
    if name == "cri":
        from vigie.runtime.containers.cri import Cri

        return Cri(path, settings)
    from vigie.runtime.containers.containerd import Containerd

    return Containerd(path, settings)
