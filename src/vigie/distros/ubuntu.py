"""Ubuntu, and the extended support that a machine may have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from vigie.distros.end_of_life import schedule
from vigie.model.inventory import Fact, OperatingSystem, PackageRepository
from vigie.scanner.analyzer import File, Group, ParseError, analyzer
from vigie.scanner.distro import Distro, Platform, by_source, source_version
from vigie.versions.deb import ORDERING

END_OF_LIFE = schedule(
    "4.10=2006-04-30 5.04=2006-10-31 5.10=2007-04-13 6.06=2011-06-01 6.10=2008-04-25 7.04=2008-10-19 7.10=2009-04-18 "
    "8.04=2013-05-09 8.10=2010-04-30 9.04=2010-10-23 9.10=2011-04-29 10.04=2015-04-29 10.10=2012-04-10 "
    "11.04=2012-10-28 11.10=2013-05-09 12.04=2019-04-26 12.04-ESM=2019-04-28 12.10=2014-05-16 13.04=2014-01-27 "
    "13.10=2014-07-17 14.04=2022-04-25 14.04-ESM=2024-04-25 14.10=2015-07-23 15.04=2016-01-23 15.10=2016-07-22 "
    "16.04=2021-04-21 16.04-ESM=2026-04-29 16.10=2017-07-20 17.04=2018-01-13 17.10=2018-07-19 18.04=2023-05-31 "
    "18.04-ESM=2028-03-31 18.10=2019-07-18 19.04=2020-01-18 19.10=2020-07-17 20.04=2025-05-31 20.04-ESM=2030-04-30 "
    "20.10=2021-07-22 21.04=2022-01-20 21.10=2022-07-14 22.04=2027-04-23 22.10=2023-07-20 23.04=2024-01-20 "
    "23.10=2024-06-30 24.04=2034-03-31 24.10=2025-07-09 25.04=2026-01-16 25.10=2026-07-01 26.04=2031-05-31"
)
ESM = "-ESM"


@analyzer("ubuntu", "etc/lsb-release", group=Group.SYSTEM)
def lsb_release(file: File) -> Iterator[Fact]:
    """The release, if the distribution that stands before it is Ubuntu itself."""
    is_ubuntu = False
    for line in file.text().splitlines():
        if line == "DISTRIB_ID=Ubuntu":
            is_ubuntu = True
        elif is_ubuntu and line.startswith("DISTRIB_RELEASE="):
            yield OperatingSystem("ubuntu", line.partition("=")[2].strip())
            return


@analyzer("ubuntu-esm", "var/lib/ubuntu-advantage/status.json", group=Group.SYSTEM, order=100)
def ubuntu_esm(file: File) -> Iterator[Fact]:
    """Whether extended security maintenance is switched on. Merged last: it says nothing of the release."""
    try:
        status: Any = msgspec.json.decode(file.bytes())
    except msgspec.DecodeError as error:
        raise ParseError(f"is no JSON: {error}") from None
    services = status.get("services") if isinstance(status, dict) else None
    for service in services if isinstance(services, list) else ():
        if isinstance(service, dict) and (service.get("name"), service.get("status")) == ("esm-infra", "enabled"):
            yield OperatingSystem(family="ubuntu", extended=True)
            return


def release(system: OperatingSystem, today: date) -> str:
    """The release whose advisories and dates hold: with ESM appended where that exists.

    A contract for a release that has no extended support yet changes nothing while its normal support lasts.
    """
    name = f"{system.name}{ESM}" if system.extended else system.name
    if name in END_OF_LIFE:
        return name
    plain = name.rstrip("-ESM")
    return plain if plain in END_OF_LIFE and today <= END_OF_LIFE[plain] else name


def platform(system: OperatingSystem, repository: PackageRepository | None, today: date) -> Platform:
    """OSV marks releases with long support (`Ubuntu:22.04:LTS`) and keeps ESM fixes apart (`Ubuntu:Pro:16.04:LTS`)."""
    del repository
    name = release(system, today)
    number = name.removesuffix(ESM)
    year, _, month = number.partition(".")
    # April of even years, and once June.
    long = year.isdigit() and int(year) % 2 == 0 and month in ("04", "06")
    written = f"{number}:LTS" if long else number
    osv = (f"Ubuntu:{written}", f"Ubuntu:Pro:{written}") if name.endswith(ESM) else (f"Ubuntu:{written}",)
    return Platform(f"ubuntu {name}", osv, (f"x_Ubuntu-binary:{number}",))


UBUNTU = Distro(
    name="ubuntu",
    package_type="deb",
    ordering=ORDERING,
    platform=platform,
    lookup=by_source,
    compared=source_version,
    report_unfixed=True,
    end_of_life=END_OF_LIFE,
    end_of_life_key=release,
)
