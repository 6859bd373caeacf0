"""Wolfi: apk packages without releases."""

from __future__ import annotations

from vigie.distros.databases.apk import source_else_binary
from vigie.scanner.distro import Distro, Platform
from vigie.versions.apk import ORDERING

WOLFI = Distro(
    name="wolfi",
    package_type="apk",
    ordering=ORDERING,
    platform=lambda system, repository, today: Platform("wolfi", ("Wolfi",)),
    distro_qualifier=lambda family, name: name,
    lookup=source_else_binary,
    rolling=True,
)
