"""Rocky Linux."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from vigie.distros.databases.rpm import judged
from vigie.distros.end_of_life import schedule
from vigie.distros.modularity import prefixed, same_module
from vigie.distros.release_files import own
from vigie.model.advisory import Advisory
from vigie.model.inventory import Fact, OperatingSystem, PackageRepository
from vigie.model.package import Package
from vigie.scanner.analyzer import File, Group, analyzer
from vigie.scanner.distro import Distro, Platform, major
from vigie.versions.rpm import ORDERING


@analyzer("rocky", "etc/rocky-release", group=Group.SYSTEM)
def rocky_release(file: File) -> Iterator[Fact]:
    """The release, such as `9.3`."""
    yield from own(file, ("rocky",))


def platform(system: OperatingSystem, repository: PackageRepository | None, today: date) -> Platform:
    """By the major number. AlmaLinux rebuilds the same packages, but numbers its builds in its own way, so its records
    would judge these versions wrongly."""
    del repository, today
    release = major(system.name)
    return Platform(f"rocky {release}", osv=(f"Rocky Linux:{release}",))


def applies(advisory: Advisory, package: Package) -> bool:
    """An advisory that names architectures speaks of no other; `noarch` is one of them."""
    return (not advisory.arches or package.arch in advisory.arches) and same_module(advisory, package)


ROCKY = Distro(
    name="rocky",
    package_type="rpm",
    ordering=ORDERING,
    platform=platform,
    lookup=prefixed,
    judges=judged,
    applies=applies,
    parsed_fix=True,
    end_of_life=schedule("8=2029-05-31 9=2032-05-31"),
    end_of_life_key=lambda system, _: major(system.name),
)
