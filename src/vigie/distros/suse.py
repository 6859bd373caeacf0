"""SUSE Linux Enterprise and its Micro, openSUSE Leap and Tumbleweed. Findings carry the ids of SUSE's own notices."""

from __future__ import annotations

from datetime import date

import msgspec

from vigie.distros.databases.rpm import judged
from vigie.distros.end_of_life import schedule
from vigie.model.inventory import OperatingSystem, PackageRepository
from vigie.scanner.distro import Distro, Platform
from vigie.versions.rpm import ORDERING


def enterprise(system: OperatingSystem, repository: PackageRepository | None, today: date) -> Platform:
    """By release and service pack, as os-release writes them: `15`, `15.4`."""
    del repository, today
    return Platform(f"SUSE Linux Enterprise {system.name}", osv_binary=(f"x_SLES-binary:{system.name}",))


SLES = Distro(
    name="sles",
    package_type="rpm",
    namespace="suse",
    ordering=ORDERING,
    platform=enterprise,
    judges=judged,
    end_of_life=schedule(
        "10=2007-12-31 10.1=2008-11-30 10.2=2010-04-11 10.3=2011-10-11 10.4=2013-07-31 11=2010-12-31 11.1=2012-08-31 "
        "11.2=2014-01-31 11.3=2016-01-31 11.4=2019-03-31 12=2016-06-30 12.1=2017-05-31 12.2=2018-03-31 12.3=2019-01-30 "
        "12.4=2020-06-30 12.5=2024-10-31 15=2019-12-31 15.1=2021-01-31 15.2=2021-12-31 15.3=2022-12-31 15.4=2023-12-31 "
        "15.5=2024-12-31 15.6=2025-12-31 15.7=2031-07-31 16.0=2027-11-30 16.1=2028-11-30"
    ),
)
MICRO = msgspec.structs.replace(
    SLES,
    name="slem",
    platform=lambda system, repository, today: Platform(f"SUSE Linux Enterprise Micro {system.name}"),
    end_of_life=schedule(
        "5.0=2022-03-31 5.1=2025-10-31 5.2=2026-04-30 5.3=2026-10-30 5.4=2027-04-30 5.5=2027-10-31 6.0=2028-06-30 "
        "6.1=2028-11-30"
    ),
)
LEAP = msgspec.structs.replace(
    SLES,
    name="opensuse-leap",
    namespace="opensuse",
    platform=lambda system, repository, today: Platform(
        f"openSUSE Leap {system.name}", osv_binary=(f"x_openSUSE-Leap-binary:{system.name}",)
    ),
    end_of_life=schedule(
        "42.1=2017-05-17 42.2=2018-01-26 42.3=2019-06-30 15.0=2019-12-03 15.1=2020-11-30 15.2=2021-11-30 "
        "15.3=2022-11-30 15.4=2023-11-30 15.5=2024-12-31 15.6=2025-12-31 16.0=2027-10-31"
    ),
)
TUMBLEWEED = msgspec.structs.replace(
    LEAP,
    name="opensuse-tumbleweed",
    platform=lambda system, repository, today: Platform("openSUSE Tumbleweed"),
    end_of_life={},
    rolling=True,
)
