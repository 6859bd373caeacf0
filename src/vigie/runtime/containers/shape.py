"""Which runtimes a cgroup's path points to."""

from __future__ import annotations

import re

_FULL = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_KUBERNETES = re.compile(r"kubepods|[/-]crio-|cri-containerd|/k8s\.io/|/nerdctl-")


def full_id(id: str, cgroup: str) -> str:
    """The full id that a short one is the beginning of, where the path holds it; else the short one."""
    names = (*_FULL.findall(cgroup), *cgroup.rsplit("/", 1)[-1:])
    return next((name for name in names if name.startswith(id)), id)


def order(cgroup: str) -> tuple[frozenset[str], ...]:
    """Names of engines in the order of asking: those that make such paths, the others, and last containerd, which
    knows less of containers that Docker or Kubernetes started through it."""
    if "libpod-" in cgroup:
        first = {"podman"}
    elif "docker" in cgroup:
        first = {"docker"}
    elif _KUBERNETES.search(cgroup):
        first = {"cri", "docker"} if _FULL.search(cgroup) else {"cri"}
    elif _FULL.search(cgroup):
        first = {"docker", "cri", "podman"}
    else:
        first = {"containerd"}
    others = {"podman", "docker", "cri"} - first
    return tuple(frozenset(stage) for stage in (first, others, {"containerd"} - first) if stage)
