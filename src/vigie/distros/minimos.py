"""MinimOS: apk packages without releases, as Wolfi's."""

from __future__ import annotations

import msgspec

from vigie.distros.wolfi import WOLFI
from vigie.scanner.distro import Platform

MINIMOS = msgspec.structs.replace(
    WOLFI, name="minimos", platform=lambda system, repository, today: Platform("minimos", ("MinimOS",))
)
