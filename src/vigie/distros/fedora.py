"""Fedora. Trivy's database has nothing about it; others may."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.distros.databases.rpm import judged
from vigie.distros.end_of_life import schedule
from vigie.distros.release_files import own
from vigie.model.inventory import Fact
from vigie.scanner.analyzer import File, Group, analyzer
from vigie.scanner.distro import Distro, Platform
from vigie.versions.rpm import ORDERING


@analyzer("fedora", "etc/fedora-release", "usr/lib/fedora-release", group=Group.SYSTEM)
def fedora_release(file: File) -> Iterator[Fact]:
    """The release, such as `39`."""
    yield from own(file, ("fedora",))


FEDORA = Distro(
    name="fedora",
    package_type="rpm",
    ordering=ORDERING,
    platform=lambda system, repository, today: Platform(
        f"fedora {system.name}", osv_binary=(f"x_Fedora-binary:{system.name}",)
    ),
    judges=judged,
    end_of_life=schedule(
        "32=2021-05-25 33=2021-11-30 34=2022-06-07 35=2022-12-13 36=2023-05-16 37=2023-12-05 38=2024-05-21 "
        "39=2024-11-26 40=2025-05-13 41=2025-12-15 42=2026-05-27 43=2026-12-09 44=2027-06-02"
    ),
)
