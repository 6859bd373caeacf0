"""What is known of one container, in the shape of container events (the peer's container plugin)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import Struct, field

SHORT = 12
"""Characters of a full id by which a container is known."""

MAX_LABELS, MAX_MOUNTS, MAX_ENV, MAX_TEXT = 1000, 1000, 1000, 4096
MAX_JSON = 256 << 10
"""Bytes of one container's JSON. What is larger loses its environment, then its mounts, then its labels."""

DOCKER, CRI, CONTAINERD, CRIO, STATIC, PODMAN = 0, 6, 7, 8, 10, 11
"""The numbers of runtimes in container events."""


class Mount(Struct, frozen=True):
    """A folder or file of the host inside the container."""

    source: str = field(name="Source", default="")
    destination: str = field(name="Destination", default="")
    mode: str = field(name="Mode", default="")
    writable: bool = field(name="RW", default=False)
    propagation: str = field(name="Propagation", default="")


class PortMapping(Struct, frozen=True):
    """A port of the host that leads into the container. host_ip: an IPv4 address as a number, 0 for all."""

    host_ip: int = field(name="HostIp", default=0)
    host_port: int = field(name="HostPort", default=0)
    container_port: int = field(name="ContainerPort", default=0)


class Container(Struct, kw_only=True):
    """One container. What is not known is empty. created_time: seconds since the epoch. size: bytes, -1 unknown."""

    type: int
    id: str
    full_id: str = ""
    name: str = ""
    image: str = ""
    image_id: str = field(name="imageid", default="")
    image_repository: str = field(name="imagerepo", default="")
    image_tag: str = field(name="imagetag", default="")
    image_digest: str = field(name="imagedigest", default="")
    user: str = field(name="User", default="")
    env: list[str] = []
    ip: str = ""
    cni_json: str = ""
    labels: dict[str, str] = {}
    privileged: bool = False
    host_ipc: bool = False
    host_network: bool = False
    host_pid: bool = False
    is_pod_sandbox: bool = False
    pod_sandbox_id: str = ""
    pod_sandbox_labels: dict[str, str] = {}
    port_mappings: list[PortMapping] = []
    mounts: list[Mount] = field(name="Mounts", default_factory=list)
    healthcheck: list[str] = []
    created_time: int = 0
    memory_limit: int = 0
    swap_limit: int = 0
    cpu_shares: int = 1024
    cpu_quota: int = 0
    cpu_period: int = 100_000
    cpuset_cpu_count: int = 0
    size: int = -1


def encoded(container: Container) -> bytes:
    """The JSON of a container event, bounded."""
    document = msgspec.json.encode({"container": container})
    for name in ("env", "healthcheck", "mounts", "port_mappings", "labels", "pod_sandbox_labels"):
        if len(document) <= MAX_JSON:
            break
        setattr(container, name, type(getattr(container, name))())
        document = msgspec.json.encode({"container": container})
    return document


def kept_labels(labels: Mapping[str, str], longest: int) -> dict[str, str]:
    """Labels, by their keys, without those whose value has more than `longest` bytes."""
    fitting = ((key, value) for key, value in sorted(labels.items()) if len(value.encode()) <= longest)
    return {key: value for (key, value), _ in zip(fitting, range(MAX_LABELS), strict=False)}


def seconds(moment: str) -> int:
    """Seconds since the epoch of a moment as runtimes write it (RFC 3339, with nanoseconds); 0 when it is none."""
    head, dot, fraction = moment.partition(".")
    if dot:
        moment = head + fraction.lstrip("0123456789")
    try:
        return max(0, int(datetime.fromisoformat(moment).timestamp()))
    except (ValueError, OverflowError, OSError):
        return 0


def cpus(listed: str) -> int:
    """How many processors `0-2,5` names."""
    count = 0
    for part in listed.split(",")[:1024]:
        first, _, last = part.strip().partition("-")
        if first.isdecimal() and (last or first).isdecimal():
            count += max(0, int((last or first)[:9]) - int(first[:9]) + 1)
    return count
