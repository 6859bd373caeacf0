"""What a container runtime is to us: one that can be asked, and that tells of changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from vigie.runtime.containers.container import SHORT, Container

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}")


class EngineError(Exception):
    """A runtime could not be asked: why, for a person (“did not answer within 2 s”). absent: nobody is there.
    refused: it did answer, that something failed; its next answer may be a better one."""

    def __init__(self, why: str, *, absent: bool = False, refused: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.absent, self.refused = absent, refused


class Wanted(NamedTuple):
    """A container to ask for. id: as the state knows it, at most 12 characters of a full one. full_id: the whole one
    where the cgroup path holds it, else the id."""

    id: str
    full_id: str
    cgroup: str = ""


class Change(NamedTuple):
    """Something a runtime told: `create`, `start` or `remove` of the container with this full id. own: whether it is
    for this engine to tell of it; else it matters only if the container is known through this engine. image, name: as
    far as the runtime says them along with it."""

    action: str
    full_id: str
    image: str = ""
    own: bool = True
    name: str = ""


class Engine(Protocol):
    """One runtime behind one socket. `look_up` is called by one thread, `changes` by another one."""

    name: str
    socket: str
    type: int
    """The number of this runtime in container events."""
    rate: int | None
    """Bytes a second that `changes` may take, about; None for any."""

    def look_up(self, wanted: Wanted) -> Container | None:
        """The container, None when this runtime does not know it. Raises EngineError."""

    def changes(self) -> Iterator[Change | None]:
        """What happens to containers from now on; None first, when the runtime lets itself be listened to. Ends when
        the runtime ends it. Raises EngineError."""

    def all_ids(self) -> set[str]:
        """Full ids of all containers that there are. Raises EngineError."""

    def close(self) -> None:
        """Makes `changes` end, from another thread."""


def usable(id: str) -> bool:
    """Whether text from a cgroup path can be a container's id at all."""
    return _ID.fullmatch(id) is not None


def same(wanted: Wanted, full_id: str) -> bool:
    """Whether an answer is about the container that was asked for."""
    return usable(full_id) and full_id[:SHORT] == wanted.id[:SHORT] and full_id.startswith(wanted.id)
