"""CentOS Linux. CentOS Stream is another family, without advisories of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from vigie.distros.end_of_life import schedule
from vigie.distros.redhat import REDHAT
from vigie.distros.release_files import own
from vigie.model.inventory import Fact, OperatingSystem, PackageRepository
from vigie.scanner.analyzer import File, Group, analyzer
from vigie.scanner.distro import Platform, major


@analyzer("centos", "etc/centos-release", group=Group.SYSTEM)
def centos_release(file: File) -> Iterator[Fact]:
    """The release, such as `7.9.2009`."""
    yield from own(file, ("centos",))


def platform(system: OperatingSystem, repository: PackageRepository | None, today: date) -> Platform:
    """Red Hat's advisories: CentOS rebuilds its packages."""
    del repository, today
    return Platform("Red Hat", osv_binary=(f"x_CentOS-binary:{major(system.name)}",))


CENTOS = msgspec.structs.replace(
    REDHAT,
    name="centos",
    platform=platform,
    end_of_life=schedule("3=2010-10-31 4=2012-02-29 5=2017-03-31 6=2020-11-30 7=2024-06-30 8=2021-12-31"),
)
