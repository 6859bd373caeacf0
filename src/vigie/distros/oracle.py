"""Oracle Linux, with its flavours of one package: normal, FIPS and Ksplice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from vigie.distros.databases.rpm import judged
from vigie.distros.end_of_life import schedule
from vigie.distros.modularity import fixes, same_module
from vigie.distros.release_files import statements
from vigie.model.advisory import Advisory
from vigie.model.inventory import Fact, OperatingSystem, PackageRepository
from vigie.model.package import Package
from vigie.scanner.analyzer import File, Group, analyzer
from vigie.scanner.distro import Distro, Platform, major
from vigie.versions.rpm import ORDERING


@analyzer("oracle", "etc/oracle-release", group=Group.SYSTEM)
def oracle_release(file: File) -> Iterator[Fact]:
    """The release, such as `8.9`."""
    for _, release in statements(file):
        yield OperatingSystem("oracle", release)
        return


def platform(system: OperatingSystem, repository: PackageRepository | None, today: date) -> Platform:
    """By the major number."""
    del repository, today
    release = major(system.name)
    return Platform(f"Oracle Linux {release}", osv_binary=(f"x_Oracle-binary:{release}",))


def flavour(release: str) -> str:
    """Which of the flavours a release, or a version that ends in it, belongs to."""
    lower = release.lower()
    if lower.endswith("_fips"):
        return "fips"
    return "ksplice" if any(piece.startswith("ksplice") for piece in lower.split(".")) else "normal"


def applies(advisory: Advisory, package: Package) -> bool:
    """Same architecture, and same flavour: a FIPS package is not mended by a normal one's version."""
    if advisory.arches and package.arch not in advisory.arches:
        return False
    named = fixes(advisory)
    if named and flavour(package.release) not in map(flavour, named):
        return False
    # Only records of modules need the other rule: Oracle's own name no module.
    return same_module(advisory, package)


ORACLE = Distro(
    name="oracle",
    package_type="rpm",
    ordering=ORDERING,
    platform=platform,
    judges=judged,
    applies=applies,
    end_of_life=schedule("3=2011-12-31 4=2013-12-31 5=2017-12-31 6=2021-03-21 7=2024-12-31 8=2029-07-18 9=2032-07-18"),
    end_of_life_key=lambda system, _: major(system.name),
)
