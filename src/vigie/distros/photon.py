"""Photon OS."""

from __future__ import annotations

from vigie.distros.databases.rpm import judged
from vigie.distros.end_of_life import schedule
from vigie.scanner.distro import Distro, Platform, by_source
from vigie.versions.rpm import ORDERING

PHOTON = Distro(
    name="photon",
    package_type="rpm",
    ordering=ORDERING,
    platform=lambda system, repository, today: Platform(f"Photon OS {system.name}", (f"Photon OS:{system.name}",)),
    lookup=by_source,
    judges=judged,
    end_of_life=schedule("1.0=2022-02-28 2.0=2022-12-31 3.0=2024-03-31 4.0=2026-03-31 5.0=3000-01-01"),
)
