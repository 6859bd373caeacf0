"""Chainguard: apk packages without releases."""

from __future__ import annotations

from vigie.distros.databases.apk import source_else_binary
from vigie.scanner.distro import Distro, Platform
from vigie.versions.apk import ORDERING

CHAINGUARD = Distro(
    name="chainguard",
    package_type="apk",
    ordering=ORDERING,
    platform=lambda system, repository, today: Platform("chainguard", ("Chainguard",)),
    distro_qualifier=lambda family, name: name,
    lookup=source_else_binary,
    rolling=True,
)
