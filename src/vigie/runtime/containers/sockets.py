"""Which runtimes there are: the enabled engines and the sockets that exist."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path

from vigie.runtime.containers.engine import Engine
from vigie.runtime.containers.settings import ContainerSettings
from vigie.runtime.containers.shape import ENGINES

MAX_SOCKETS = 16
"""Sockets of one kind of engine."""


def engines(settings: ContainerSettings, host_root: str) -> dict[tuple[str, str], tuple[Callable[[], Engine], int]]:
    """What makes an engine, by its name and its socket, and the user whose socket it is, 0 for the system's. A module
    is imported when a socket of its kind is there."""
    found: dict[tuple[str, str], tuple[Callable[[], Engine], int]] = {}
    for name in ENGINES:
        engine = getattr(settings.engines, name)
        for path, owner in _existing(engine.sockets, host_root) if engine.enabled else ():
            # Docker's socket may be a link to Podman's, for programs that know Docker alone.
            if name != "docker" or ("podman", path) not in found:
                found[name, path] = (partial(_make, name, path, settings), owner)
    return found


def _existing(patterns: list[str], host_root: str) -> list[tuple[str, int]]:
    """Paths without links, so that nobody can make them lead elsewhere later, and who can replace what is there."""
    found: dict[str, int] = {}
    for pattern in patterns:
        whole = f"{host_root}{pattern.removeprefix('unix://')}"
        for given in sorted(glob.glob(whole)) if "*" in whole else [whole]:  # noqa: PTH207 - absolute patterns
            try:
                path = Path(given).resolve(strict=True)
                status = path.lstat()
                if stat.S_ISSOCK(status.st_mode):
                    owners = {status.st_uid, path.parent.stat().st_uid} - {0, os.geteuid()}
                    found.setdefault(str(path), max(owners, default=0))
            except (OSError, RuntimeError, ValueError):
                continue
    return list(found.items())[:MAX_SOCKETS]


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
