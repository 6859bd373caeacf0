"""Azure Linux and, under its former name, CBL-Mariner."""

from __future__ import annotations

from datetime import date

import msgspec

from vigie.distros.databases.rpm import judged
from vigie.model.inventory import OperatingSystem, PackageRepository
from vigie.scanner.distro import Distro, Platform, by_source, major, minor, source_version
from vigie.versions.rpm import ORDERING


def mariner(system: OperatingSystem, repository: PackageRepository | None, today: date) -> Platform:
    """Release 2 stands in OSV's records under the new name already."""
    del repository, today
    release = minor(system.name)
    osv = f"x_CBL-Mariner:{release}" if major(release) == "1" else f"Azure Linux:{major(release)}"
    return Platform(f"CBL-Mariner {release}", (osv,))


AZURE_LINUX = Distro(
    name="azurelinux",
    package_type="rpm",
    ordering=ORDERING,
    platform=lambda system, repository, today: Platform(
        f"Azure Linux {minor(system.name)}", (f"Azure Linux:{major(system.name)}",)
    ),
    lookup=by_source,
    compared=source_version,
    judges=judged,
    report_unfixed=True,
    parsed_fix=True,
    package_id=False,
    rolling=True,
)
MARINER = msgspec.structs.replace(AZURE_LINUX, name="cbl-mariner", platform=mariner)
