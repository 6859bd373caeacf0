"""Amazon Linux."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from vigie.distros.databases import rpm
from vigie.distros.end_of_life import schedule
from vigie.model.inventory import Fact, OperatingSystem, PackageRepository
from vigie.model.package import Package
from vigie.scanner.analyzer import File, Group, analyzer
from vigie.scanner.distro import Distro, Platform, major
from vigie.versions.deb import ORDERING

RELEASES = frozenset({"2", "2022", "2023"})


@analyzer("amazon", "etc/system-release", "usr/lib/system-release", group=Group.SYSTEM)
def system_release(file: File) -> Iterator[Fact]:
    """The release with its name: `2 (Karoo)`, `2023.5.20240708 (Amazon Linux)`, `AMI release 2018.03`."""
    for line in file.text().splitlines():
        words = line.split()
        if line.startswith("Amazon Linux release 2"):
            if len(words) >= 5:
                yield OperatingSystem("amazon", " ".join(words[3:]))
                return
        elif line.startswith("Amazon Linux") and len(words) > 2:
            yield OperatingSystem("amazon", " ".join(words[2:]))
            return


def release(system: OperatingSystem, today: date) -> str:
    """The release as advisories write it; whatever is none of the later ones is the first (`AMI release 2018.03`)."""
    del today
    found = major(next(iter(system.name.split()), ""))
    return found if found in RELEASES else "1"


def platform(system: OperatingSystem, repository: PackageRepository | None, today: date) -> Platform:
    """One bucket per release."""
    del repository
    name = release(system, today)
    return Platform(f"amazon linux {name}", osv_binary=(f"x_Amazon-binary:{name}",))


def judged(package: Package) -> bool:
    """A package without a version cannot be compared."""
    return rpm.judged(package) and bool(package.version)


AMAZON = Distro(
    name="amazon",
    package_type="rpm",
    # The peers compare Amazon's versions by Debian's rules; equal results need the same.
    ordering=ORDERING,
    platform=platform,
    judges=judged,
    end_of_life=schedule("1=2023-12-31 2=2026-06-30 2023=2028-03-15"),
    end_of_life_key=release,
)
