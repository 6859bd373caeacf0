"""Debian."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from vigie.distros.end_of_life import schedule
from vigie.model.inventory import Fact, OperatingSystem, PackageRepository
from vigie.scanner.analyzer import File, Group, analyzer
from vigie.scanner.distro import Distro, Platform, by_source, major, minor, source_version
from vigie.versions.deb import ORDERING


@analyzer("debian", "etc/debian_version", group=Group.SYSTEM)
def debian_version(file: File) -> Iterator[Fact]:
    """The release on the first line: `12.5`, or `trixie/sid` before it is one."""
    if release := file.text().partition("\n")[0].rstrip("\r"):
        yield OperatingSystem("debian", release)


def platform(system: OperatingSystem, repository: PackageRepository | None, today: date) -> Platform | None:
    """By the major number; branches without one (`trixie/sid`) have no advisories. Before 7 a release had two numbers.

    Fixes of the extended support for releases out of Debian's own are asked as well.
    """
    del repository, today
    release = major(system.name)
    if not release.isdigit():
        return None
    written = release if int(release) >= 7 else minor(system.name)
    return Platform(f"debian {release}", (f"Debian:{written}", f"x_Debian-ELTS:{release}"))


DEBIAN = Distro(
    name="debian",
    package_type="deb",
    ordering=ORDERING,
    platform=platform,
    lookup=by_source,
    compared=source_version,
    report_unfixed=True,
    preset_severity="debian",
    vendor_ids=True,
    end_of_life=schedule(
        "1=1999-03-09 2=2003-07-30 3=2008-03-30 4=2010-02-15 5=2012-02-06 6=2016-02-29 7=2018-05-31 8=2020-06-30 "
        "9=2022-06-30 10=2024-06-30 11=2026-08-14 12=2028-06-10 13=3000-01-01"
    ),
    end_of_life_key=lambda system, _: major(system.name),
)
