"""AlmaLinux."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from vigie.distros.databases import rpm
from vigie.distros.end_of_life import schedule
from vigie.distros.modularity import prefixed, same_module
from vigie.distros.release_files import own
from vigie.model.inventory import Fact, OperatingSystem, PackageRepository
from vigie.model.package import Package
from vigie.scanner.analyzer import File, Group, analyzer
from vigie.scanner.distro import Distro, Platform, major
from vigie.versions.rpm import ORDERING


@analyzer("alma", "etc/almalinux-release", group=Group.SYSTEM)
def almalinux_release(file: File) -> Iterator[Fact]:
    """The release, such as `9.3`."""
    yield from own(file, ("alma",))


def platform(system: OperatingSystem, repository: PackageRepository | None, today: date) -> Platform:
    """By the major number. OSV records name binary packages, without the module."""
    del repository, today
    release = major(system.name)
    return Platform(f"alma {release}", osv_binary=(f"AlmaLinux:{release}",))


def judged(package: Package) -> bool:
    """A package built for a module that does not say which one cannot be told from those of other streams."""
    return rpm.judged(package) and (bool(package.modularity) or ".module_el" not in package.release)


ALMA = Distro(
    name="alma",
    package_type="rpm",
    ordering=ORDERING,
    platform=platform,
    lookup=prefixed,
    judges=judged,
    applies=same_module,
    parsed_fix=True,
    end_of_life=schedule("8=2029-03-01 9=2032-05-31 10=2035-05-31"),
    end_of_life_key=lambda system, _: major(system.name),
)
