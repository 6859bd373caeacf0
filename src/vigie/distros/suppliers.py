"""Makers of hardened images, whose packages are a distribution's, rebuilt."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.model.inventory import Fact, OperatingSystem
from vigie.scanner.analyzer import File, Group, analyzer


@analyzer("rapidfort", "usr/share/rapidfort/curated.json", group=Group.SYSTEM)
def rapidfort(file: File) -> Iterator[Fact]:
    """RapidFort, by the presence of its file alone."""
    del file
    yield OperatingSystem(supplier="rapidfort")
