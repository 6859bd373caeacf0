"""What is asked and where: the peer's settings of its container plugin (`init_config`), typed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct, field

from vigie.errors import UsageError

log = logging.getLogger(__name__)

DOCKER = ("/var/run/docker.sock",)
PODMAN = ("/run/podman/podman.sock", "/run/user/*/podman/podman.sock")
CONTAINERD = ("/run/containerd/containerd.sock", "/run/host-containerd/containerd.sock")
CRI = (
    "/run/containerd/containerd.sock",
    "/run/crio/crio.sock",
    "/run/k3s/containerd/containerd.sock",
    "/run/host-containerd/containerd.sock",
)


class SocketEngine(Struct):
    """A runtime that is asked over sockets. A `*` in a socket's path stands for any name; the sockets that exist are
    used, and those that come to exist."""

    enabled: bool = True
    sockets: list[str] = []


class PathEngine(Struct):
    """A runtime of which nothing but the id is known, from the path of the cgroup."""

    enabled: bool = True


class StaticEngine(Struct):
    """One container that everything is in."""

    enabled: bool = False
    container_id: str = ""
    container_name: str = ""
    container_image: str = ""


class Engines(Struct):
    """All engines, with the sockets at which each is found by default."""

    docker: SocketEngine = field(default_factory=lambda: SocketEngine(sockets=list(DOCKER)))
    podman: SocketEngine = field(default_factory=lambda: SocketEngine(sockets=list(PODMAN)))
    containerd: SocketEngine = field(default_factory=lambda: SocketEngine(sockets=list(CONTAINERD)))
    cri: SocketEngine = field(default_factory=lambda: SocketEngine(sockets=list(CRI)))
    lxc: PathEngine = field(default_factory=PathEngine)
    libvirt_lxc: PathEngine = field(default_factory=PathEngine)
    bpm: PathEngine = field(default_factory=PathEngine)
    static: StaticEngine = field(default_factory=StaticEngine)


class KubernetesSettings(Struct):
    """Whether the API server may be asked for a pod's labels and owner. Not a setting of the peer's plugin."""

    enabled: bool = False


class ContainerSettings(Struct):
    """How containers are asked for.

    label_max_len: longer values of labels are left out, in bytes. with_size: the size of a container's own files is
    asked for, which is dear. hooks: at which steps of a new container's life a runtime is asked without being told to.
    request_seconds: how long one request may take. patience_seconds: how long a container that no runtime knows yet
    is asked for again. keep_seconds: how long a container is remembered after its end.
    """

    engines: Engines = field(default_factory=Engines)
    label_max_len: int = 100
    with_size: bool = False
    hooks: list[Literal["create", "start"]] = field(default_factory=lambda: ["create", "start"])
    kubernetes: KubernetesSettings = field(default_factory=KubernetesSettings)
    request_seconds: float = 2.0
    patience_seconds: float = 2.0
    keep_seconds: float = 60.0


_SEARCHED = {"docker": DOCKER, "podman": PODMAN, "containerd": CONTAINERD, "cri": CRI}


def from_init_config(config: object) -> ContainerSettings:
    """Reads the `init_config` of the plugin `container`: a mapping, JSON text, or nothing. An engine without `sockets`
    keeps its default ones. Raises UsageError for a value of the wrong type; a key that nobody knows is logged."""
    if isinstance(config, str):
        try:
            config = msgspec.json.decode(config) if config.strip() else None
        except (msgspec.DecodeError, RecursionError) as error:
            raise UsageError(f"plugins: container: init_config: {error}") from error
    if config is None:
        return ContainerSettings()
    if not isinstance(config, Mapping):
        raise UsageError("plugins: container: init_config must be a mapping")
    try:
        settings = msgspec.convert(config, ContainerSettings)
    except msgspec.ValidationError as error:
        raise UsageError(f"plugins: container: init_config: {error}") from error
    given = config.get("engines")
    for name, sockets in _SEARCHED.items():
        engine: Any = given.get(name) if isinstance(given, Mapping) else None
        if isinstance(engine, Mapping) and "sockets" not in engine:
            getattr(settings.engines, name).sockets = list(sockets)
    if not 0 < settings.request_seconds <= 60 or not 0 <= settings.patience_seconds <= 600:
        raise UsageError("plugins: container: init_config: request_seconds is 0 to 60, patience_seconds 0 to 600")
    for key in _unknown(config, settings):
        log.warning("plugins: container: init_config: the key %s is not known and has no effect", key)
    return settings


def _unknown(config: Mapping[Any, Any], known: Struct, prefix: str = "") -> list[str]:
    """Keys, dotted, that no setting has."""
    found = []
    for key, value in config.items():
        if key not in known.__struct_fields__:
            found.append(f"{prefix}{key}")
        elif isinstance(value, Mapping) and isinstance(below := getattr(known, key), Struct):
            found += _unknown(value, below, f"{prefix}{key}.")
    return found
