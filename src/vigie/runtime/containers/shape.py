"""Which runtimes a cgroup's path points to."""

from __future__ import annotations

import re

_FULL = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_USER = re.compile(r"/user-(\d{1,10})\.slice/")
_KUBERNETES = re.compile(r"kubepods|[/-]crio-|cri-containerd|/k8s\.io/|/nerdctl-")


def full_id(id: str, cgroup: str) -> str:
    """The full id that a short one is the beginning of, where the path holds it; else the short one."""
    names = (*_FULL.findall(cgroup), *cgroup.rsplit("/", 1)[-1:])
    return next((name for name in names if name.startswith(id)), id)


ENGINES = ("podman", "docker", "cri", "containerd")
USERS = "users"
"""The engines of all users."""


def order(cgroup: str) -> list[frozenset[str]]:
    """Names of engines in the order of asking: those of the user in whose slice the path lies (`podman:1000`), those
    that make such paths, the others, then containerd, which knows less of containers that Docker or Kubernetes started
    through it, and last those of users, who could say anything."""
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
    user = _USER.search(cgroup)
    theirs = {f"{name}:{user[1]}" for name in ENGINES} if user is not None else set()
    return [frozenset(stage) for stage in (theirs, first, others, {"containerd"} - first, {USERS}) if stage]
