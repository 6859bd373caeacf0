"""Whether the system still gets security fixes."""

from __future__ import annotations

from datetime import date

from vigie.model.inventory import OperatingSystem, Problem
from vigie.scanner.detector import EndOfLife
from vigie.scanner.distro import Distro


def last_day(
    distro: Distro | None, system: OperatingSystem, today: date, fallback: EndOfLife | None
) -> tuple[date | None, Problem | None]:
    """The last day of support, None when it is not known or there is none, and what to say about an unknown release."""
    if distro is not None and distro.rolling:
        return None, None
    key = distro.end_of_life_key(system, today) if distro else system.name
    day = distro.end_of_life.get(key) if distro else None
    if day is None and fallback is not None:
        day = fallback(system.family, key)
    if day is None and distro is not None:
        return None, Problem(
            where=f"{system.family} {system.name}",
            what=f"it is not known until when {system.family} {key} gets security fixes",
            hint="findings may be missing: look the release up at its maker",
        )
    return day, None
