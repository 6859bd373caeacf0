"""Alpine Linux."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from vigie.distros.databases.apk import source_else_binary
from vigie.distros.end_of_life import schedule
from vigie.model.inventory import Fact, OperatingSystem, PackageRepository
from vigie.model.package import Package
from vigie.scanner.analyzer import File, Group, analyzer
from vigie.scanner.distro import Distro, Platform, minor
from vigie.versions.apk import ORDERING

REPOSITORY = re.compile(r"(?:https?|ftp)://[0-9A-Za-z.-]+(?::\d+)?/([A-Za-z]+)/(?:v(?=\d))?([0-9A-Za-z_.-]+)/")


@analyzer("alpine", "etc/alpine-release", group=Group.SYSTEM)
def alpine_release(file: File) -> Iterator[Fact]:
    """The release on the first line."""
    if release := file.text().partition("\n")[0].rstrip("\r"):
        yield OperatingSystem("alpine", release)


@analyzer("apk-repo", "etc/apk/repositories", group=Group.SYSTEM)
def apk_repositories(file: File) -> Iterator[Fact]:
    """The release that the repositories point at: `edge` if any does, else the highest.

    Lines that are comments name no repository; the peers read them all the same, and then look up the wrong release.
    """
    found: set[tuple[str, str]] = set()
    for line in file.text().splitlines():
        if not line.lstrip().startswith("#") and (match := REPOSITORY.search(line)):
            found.add((match[1], match[2]))
    families = {family for family, _ in found}
    if families == {"alpine"}:
        releases = [release for _, release in found]
        yield PackageRepository("alpine", "edge" if "edge" in releases else max(releases, key=_sortable))


def _sortable(release: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", release)]


def platform(system: OperatingSystem, repository: PackageRepository | None, today: date) -> Platform:
    """The repositories' release wins over the installed one: that is where the packages come from."""
    del today
    stream, warning = minor(system.name), ""
    repository_stream = minor(repository.release) if repository is not None else ""
    if repository_stream and repository_stream != stream:
        if repository_stream != "edge":
            warning = f"Alpine {stream} with packages of {repository_stream}: judged as {repository_stream}"
        stream = repository_stream
    return Platform(f"alpine {stream}", (f"Alpine:{stream if stream == 'edge' else f'v{stream}'}",), warning=warning)


def compared(package: Package) -> str:
    """The source package's version; a package without one is its own source."""
    return package.source_version or package.full_version


ALPINE = Distro(
    name="alpine",
    package_type="apk",
    ordering=ORDERING,
    platform=platform,
    distro_qualifier=lambda family, name: name,
    lookup=source_else_binary,
    compared=compared,
    report_unfixed=True,
    end_of_life=schedule(
        "2.0=2012-04-01 2.1=2012-11-01 2.2=2013-05-01 2.3=2013-11-01 2.4=2014-05-01 2.5=2014-11-01 2.6=2015-05-01 "
        "2.7=2015-11-01 3.0=2016-05-01 3.1=2016-11-01 3.2=2017-05-01 3.3=2017-11-01 3.4=2018-05-01 3.5=2018-11-01 "
        "3.6=2019-05-01 3.7=2019-11-01 3.8=2020-05-01 3.9=2020-11-01 3.10=2021-05-01 3.11=2021-11-01 3.12=2022-05-01 "
        "3.13=2022-11-01 3.14=2023-05-01 3.15=2023-11-01 3.16=2024-05-23 3.17=2024-11-22 3.18=2025-05-09 "
        "3.19=2025-11-01 3.20=2026-04-01 3.21=2026-12-05 3.22=2027-04-30 3.23=2027-11-01 edge=9999-01-01"
    ),
    end_of_life_key=lambda system, _: minor(system.name),
)
