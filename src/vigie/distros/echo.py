"""Echo: images of Debian's packages, mended; its advisories speak of all packages in them, whoever built them."""

from __future__ import annotations

from vigie.scanner.distro import Distro, Platform, by_source, source_version
from vigie.versions.deb import ORDERING

ECHO = Distro(
    name="echo",
    package_type="deb",
    ordering=ORDERING,
    platform=lambda system, repository, today: Platform("echo", ("Echo",)),
    lookup=by_source,
    compared=source_version,
    shown=source_version,
    judges=lambda package: True,
    report_unfixed=True,
    preset_severity="echo",
    rolling=True,
)
