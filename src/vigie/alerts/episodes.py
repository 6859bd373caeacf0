"""Trouble that lasts is told when it begins and when it is over, with its numbers, and not each time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

QUIET = 10.0
"""Seconds without trouble after which an episode is over: what comes and goes is one episode."""


class Episode:
    """One kind of trouble of one output. over: how its end is told, from the number of alerts and the seconds."""

    def __init__(self, over: Callable[[int, float], str], clock: Callable[[], float] = time.monotonic) -> None:
        self._over, self._clock = over, clock
        self._begin = self._last = 0.0
        self._count = 0

    def happens(self, count: int, text: str) -> None:
        """Trouble with so many alerts; the text is told when it is the first."""
        self._last = self._clock()
        if not self._count:
            self._begin = self._last
            log.warning("%s", text)
        self._count += count

    def passes(self) -> None:
        """No trouble now."""
        if self._count and self._clock() - self._last >= QUIET:
            log.warning("%s", self._over(self._count, self._last - self._begin))
            self._count = 0
