"""Nothing comes from the kernel: told when it lasts."""

from __future__ import annotations

from collections.abc import Callable

from vigie.model.alert import InternalAlert
from vigie.runtime.daemon import internal
from vigie.runtime.daemon.source import Sample


class Silence:
    """most: how often in a row nothing may have come. tell: sends an alert."""

    def __init__(self, most: int, tell: Callable[[InternalAlert], None]) -> None:
        self.most, self._tell = most, tell
        self._told = 0

    def check(self, sample: Sample) -> None:
        """To be called with each sample of the kernel's."""
        if sample.idle < self._told:
            self._told = 0
        count = sample.idle - self._told
        if count > self.most:
            self._told = sample.idle
            self._tell(internal.timeouts(count, sample.last))
