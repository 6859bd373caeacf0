"""New settings and rules while the watch runs.

Everything new is read and compiled first; only then are rules swapped, between two events. What cannot be used changes
nothing and is told as an alert.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from msgspec import Struct

from vigie.errors import VigieError
from vigie.model.alert import InternalAlert
from vigie.runtime.daemon import internal

log = logging.getLogger(__name__)

T = TypeVar("T")

FIXED = (
    "engine",
    "falco_libs",
    "base_syscalls",
    "plugins",
    "load_plugins",
    "webserver",
    "kubernetes",
    "drop_privileges",
)
"""Keys that sources of events and web endpoints are opened with."""


class Reload(Generic[T]):
    """prepare: reads everything anew and raises VigieError for what cannot be used. apply: takes over what it returned.
    tell: sends an alert."""

    def __init__(
        self, prepare: Callable[[], T], apply: Callable[[T], None], tell: Callable[[InternalAlert], None]
    ) -> None:
        self._prepare, self._apply, self._tell = prepare, apply, tell
        self.done = 0
        self.failed = 0

    def __call__(self) -> bool:
        """Loads everything anew. False when that failed and all stays as it was."""
        try:
            self._apply(self._prepare())
        except (VigieError, OSError) as error:
            self.failed += 1
            message = error.message if isinstance(error, VigieError) else str(error)
            log.error("settings and rules stay as they were: %s", message)
            self._tell(internal.restart(" ".join(message.split())))
            return False
        self.done += 1
        log.info("settings and rules were loaded anew")
        return True


def unchangeable(before: Struct, after: Struct) -> list[str]:
    """Keys that differ and take effect with the next start only."""
    changed: list[str] = []
    for key in FIXED:
        old, new = getattr(before, key), getattr(after, key)
        if old != new:
            changed += [f"{key}.{inner}" for inner in _inner(old, new)] or [key]
    return changed


def _inner(old: Any, new: Any) -> list[str]:
    if not isinstance(old, Struct) or type(old) is not type(new):
        return []
    return [name for name in old.__struct_fields__ if getattr(old, name) != getattr(new, name)]
