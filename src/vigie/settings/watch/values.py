"""Values of keys that are more than their type: times, and lists whose entries exclude each other."""

from __future__ import annotations

import re

from vigie.errors import UsageError
from vigie.settings import units
from vigie.settings.resolve import shown
from vigie.settings.watch.keys import WatchKeys

_INTERVAL = re.compile(r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?")
_UNITS = (365 * 86_400_000, 7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1000, 1)
"""Milliseconds."""

SHORTEST_INTERVAL = 0.1
"""Of metrics, seconds."""
LONGEST_INTERVAL = 10 * 365 * 86_400.0
LONGEST_WAIT = 60.0
"""Of an alert for what is said of its container, seconds."""
LONGEST_WINDOW = 86_400.0
MOST_REPEATED = 1_000_000


def interval(text: str) -> float:
    """Seconds of `1h30m`: numbers with the units y w d h m s ms, in this order, as Prometheus writes them. Raises
    ValueError."""
    parts = _INTERVAL.fullmatch(text)
    if not text or not parts or len(text) > 64:
        raise ValueError("must be a time such as 1h30m or 500ms")
    seconds = sum(int(part or 0) * unit for part, unit in zip(parts.groups(), _UNITS, strict=True)) / 1000
    if not SHORTEST_INTERVAL <= seconds <= LONGEST_INTERVAL:
        raise ValueError("must be at least 100ms, at most 10y")
    return seconds


def window(keys: WatchKeys) -> float:
    """Seconds in which alerts that repeat are folded, 0 for never. Raises ValueError."""
    return _duration(keys.repeated_alerts.window, LONGEST_WINDOW)


def container_wait(keys: WatchKeys) -> float:
    """Seconds that an alert waits for what is said of its container. Raises ValueError."""
    return _duration(keys.container_wait, LONGEST_WAIT)


def _duration(text: str, longest: float) -> float:
    if not text:
        return 0.0
    seconds = units.duration(text)
    if seconds > longest:
        raise ValueError(f"must be at most {longest:g}s")
    return seconds


def check(keys: WatchKeys) -> None:
    """Raises UsageError for what cannot be."""
    actions = keys.syscall_event_drops.actions
    if "ignore" in actions and len(set(actions)) > 1:
        raise UsageError("syscall_event_drops.actions: ignore excludes the other actions")
    if not 1 <= keys.repeated_alerts.most <= MOST_REPEATED:
        raise UsageError(f"repeated_alerts.most: must be between 1 and {MOST_REPEATED}")
    if not keys.webserver.k8s_healthz_endpoint.startswith("/"):
        raise UsageError("webserver.k8s_healthz_endpoint: must begin with /")
    if not keys.capture.path_prefix:
        raise UsageError("capture.path_prefix: must not be empty")
    checks = (
        ("metrics.interval", keys.metrics.interval, lambda: interval(keys.metrics.interval)),
        ("repeated_alerts.window", keys.repeated_alerts.window, lambda: window(keys)),
        ("container_wait", keys.container_wait, lambda: container_wait(keys)),
        ("log_level", keys.log_level, lambda: level(keys.log_level)),
    )
    for name, value, check_ in checks:
        try:
            check_()
        except ValueError as error:
            raise UsageError(f"{name}: {shown(value)} {error}") from error


LEVELS = {
    **dict.fromkeys(("emergency", "alert", "critical"), 50),
    "error": 40,
    "warning": 30,
    **dict.fromkeys(("notice", "info", "informational"), 20),
    "debug": 10,
}
"""Words of `log_level` as levels of the log."""


def level(text: str) -> int:
    """Of the log. Raises ValueError."""
    if text.lower() not in LEVELS:
        raise ValueError(f"is not one of {', '.join(LEVELS)}")
    return LEVELS[text.lower()]
