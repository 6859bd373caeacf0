"""What the OCI runtime specification of a container (`config.json`) tells of it."""

from __future__ import annotations

from typing import Any

from vigie.runtime.containers import container as runtimes
from vigie.runtime.containers import loose
from vigie.runtime.containers.container import Container, Mount

_PROPAGATION = ("private", "rprivate", "shared", "rshared", "slave", "rslave", "unbindable", "runbindable")


def settle(described: Container, spec: Any) -> None:
    """Fills in environment, user and limits."""
    described.env = loose.texts(spec, "process", "env", limit=runtimes.MAX_ENV)
    described.user = str(loose.number(spec, "process", "user", "uid")) if loose.at(spec, "process", "user") else ""
    resources = loose.at(spec, "linux", "resources")
    described.memory_limit = max(0, loose.number(resources, "memory", "limit"))
    described.swap_limit = max(0, loose.number(resources, "memory", "swap"))
    described.cpu_shares = loose.number(resources, "cpu", "shares") or 1024
    described.cpu_quota = max(0, loose.number(resources, "cpu", "quota"))
    described.cpu_period = loose.number(resources, "cpu", "period") or 100_000
    described.cpuset_cpu_count = runtimes.cpus(loose.text(resources, "cpu", "cpus"))


def mounts(spec: Any) -> list[Mount]:
    """What is mounted, the kernel's own file systems included."""
    found = []
    for mount in loose.items(spec, "mounts", limit=runtimes.MAX_MOUNTS):
        options = loose.texts(mount, "options", limit=100)
        found.append(
            Mount(
                source=loose.text(mount, "source"),
                destination=loose.text(mount, "destination"),
                writable="ro" not in options,
                propagation=next((option for option in options if option in _PROPAGATION), ""),
            )
        )
    return found


def shares(spec: Any, namespace: str) -> bool:
    """Whether the container has no namespace of its own of a kind: `pid`, `ipc`, `network`."""
    own = {loose.text(entry, "type") for entry in loose.items(spec, "linux", "namespaces", limit=100)}
    return bool(own) and namespace not in own


def privileged(spec: Any) -> bool:
    """Whether nothing confines the container: no hidden or read-only paths of the kernel, no SELinux, AppArmor or
    seccomp, and a writable sysfs and cgroup tree."""
    linux = loose.at(spec, "linux")
    if linux is None or loose.texts(linux, "maskedPaths") or loose.texts(linux, "readonlyPaths"):
        return False
    if loose.text(linux, "mountLabel") or loose.text(spec, "process", "selinuxLabel") or loose.at(linux, "seccomp"):
        return False
    if loose.text(spec, "process", "apparmorProfile") not in ("", "unconfined"):
        return False
    return not any(
        loose.text(mount, "type") in ("sysfs", "cgroup") and "ro" in loose.texts(mount, "options", limit=100)
        for mount in loose.items(spec, "mounts", limit=runtimes.MAX_MOUNTS)
    )
