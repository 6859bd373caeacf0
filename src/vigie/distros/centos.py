"""CentOS Linux. CentOS Stream is another family, without advisories of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from vigie.distros.databases.rpm import judged
from vigie.distros.end_of_life import schedule
from vigie.distros.modularity import prefixed
from vigie.distros.redhat import applies, rebuilds
from vigie.distros.release_files import own
from vigie.model.inventory import Fact, OperatingSystem, PackageRepository
from vigie.scanner.analyzer import File, Group, analyzer
from vigie.scanner.distro import Distro, Platform, major
from vigie.versions.rpm import ORDERING


@analyzer("centos", "etc/centos-release", group=Group.SYSTEM)
def centos_release(file: File) -> Iterator[Fact]:
    """The release, such as `7.9.2009`."""
    yield from own(file, ("centos",))


def platform(system: OperatingSystem, repository: PackageRepository | None, today: date) -> Platform:
    """Red Hat's advisories: CentOS rebuilds its packages."""
    del repository, today
    return Platform("Red Hat", osv_binary=rebuilds(f"x_CentOS-binary:{major(system.name)}", major(system.name)))


CENTOS = Distro(
    name="centos",
    package_type="rpm",
    ordering=ORDERING,
    platform=platform,
    lookup=prefixed,
    judges=judged,
    applies=applies,
    report_unfixed=True,
    parsed_fix=True,
    preset_severity="redhat",
    vendor_ids=True,
    end_of_life=schedule("3=2010-10-31 4=2012-02-29 5=2017-03-31 6=2020-11-30 7=2024-06-30 8=2021-12-31"),
    end_of_life_key=lambda system, _: major(system.name),
)
