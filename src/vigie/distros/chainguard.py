"""Chainguard: apk packages without releases, as Wolfi's."""

from __future__ import annotations

import msgspec

from vigie.distros.wolfi import WOLFI
from vigie.scanner.distro import Platform

CHAINGUARD = msgspec.structs.replace(
    WOLFI, name="chainguard", platform=lambda system, repository, today: Platform("chainguard", ("Chainguard",))
)
