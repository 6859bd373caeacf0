"""The packages of one language against its advisories."""

from __future__ import annotations

from collections.abc import Iterable

from vigie.model.advisory import Advisory
from vigie.model.package import Package
from vigie.scanner.ecosystem import Ecosystem
from vigie.scanner.knowledge import AdvisoryDatabase
from vigie.versions.ordering import InvalidVersion
from vigie.vulnerabilities.complaints import Complaints
from vigie.vulnerabilities.matching import Match, UnreadablePatch, affected, fixes, reach
from vigie.vulnerabilities.redundancy import believable, merged


def judge(
    packages: Iterable[Package], ecosystem: Ecosystem, database: AdvisoryDatabase, complaints: Complaints
) -> list[Match]:
    """Matches of one target's packages. Names are normalised for the look-up only."""
    matches: list[Match] = []
    normalise, lookup = ecosystem.normalise, database.of_ecosystem
    for package in packages:
        advisories = lookup(ecosystem, normalise(package.name))
        if not advisories:
            continue
        found = []
        for advisory in believable(advisories):
            match = _match(advisory, package, ecosystem, complaints)
            if match is not None:
                found.append(match)
        matches += merged(found) if len(found) > 1 else found
    return matches


def _match(advisory: Advisory, package: Package, ecosystem: Ecosystem, complaints: Complaints) -> Match | None:
    if advisory.status == "not_affected":
        return None
    version, ordering = package.version, ecosystem.ordering
    if not version:
        complaints.version(package, version)
        return None
    try:
        if not affected(advisory, version, ordering):
            return None
    except InvalidVersion as error:
        readable = complaints.unreadable(advisory, package, version, ordering, error)
        if not readable or not isinstance(error, UnreadablePatch):
            return None
    fixed = fixes(advisory, version, ordering)
    return Match(
        id=advisory.id,
        package=package,
        installed=version,
        advisory=advisory,
        fixes=fixed,
        reach=reach(fixed, version, ordering),
        status="fixed" if fixed else advisory.status,
        source=advisory.source,
        preset=advisory.severity,
        preset_source=advisory.source.id if advisory.severity and advisory.source else "",
        vendor_ids=advisory.vendor_ids,
        aliases=advisory.aliases,
    )
