"""What could not be judged, gathered so that the report says it once and not a thousand times."""

from __future__ import annotations

from vigie.model.advisory import Advisory
from vigie.model.inventory import Problem
from vigie.model.package import Package
from vigie.versions.ordering import InvalidVersion, Ordering

SHOWN = 3


class Complaints:
    """Of one target. Versions and advisories are named once each, in the order in which they came up."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._versions: dict[str, None] = {}
        self._advisories: dict[str, None] = {}

    def unreadable(
        self, advisory: Advisory, package: Package, version: str, ordering: Ordering, why: Exception
    ) -> bool:
        """Notes why an advisory could not be compared with a version. Whether the version itself is readable."""
        try:
            ordering.key(version)
        except InvalidVersion:
            self.version(package, version)
            return False
        self._advisories[f"{advisory.id} for {package.name} ({why})"] = None
        return True

    def version(self, package: Package, version: str) -> None:
        """The version of a package that has advisories cannot be read."""
        self._versions[f"{package.name} {version}" if version else f"{package.name} (no version)"] = None

    def problems(self) -> list[Problem]:
        """One problem for each kind that came up."""
        found = []
        if self._versions:
            count = len(self._versions)
            what = f"{_counted(count, 'package has a version', 'packages have versions')} that cannot be compared"
            found.append(
                Problem(self._where, f"{what}: {_first(self._versions)}", "look these up by hand: they were not judged")
            )
        if self._advisories:
            count = len(self._advisories)
            what = f"{_counted(count, 'advisory', 'advisories')} could not be judged"
            found.append(Problem(self._where, f"{what}: {_first(self._advisories)}"))
        return found


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _first(names: dict[str, None]) -> str:
    listed = [name[:200] for name in names][:SHOWN]
    return ", ".join(listed) + (", …" if len(names) > SHOWN else "")
