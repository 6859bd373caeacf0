"""The packages of the distribution against its advisories."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from vigie.model.advisory import Advisory
from vigie.model.inventory import Problem
from vigie.model.package import Package
from vigie.scanner.distro import Distro, Platform
from vigie.scanner.knowledge import AdvisoryDatabase
from vigie.versions.ordering import InvalidVersion
from vigie.vulnerabilities.complaints import Complaints
from vigie.vulnerabilities.matching import Match, UnreadablePatch, affected, fixes, reach
from vigie.vulnerabilities.red_hat import Products, candidates
from vigie.vulnerabilities.redundancy import believable, merged

NO_SOFTWARE = frozenset({"gpg-pubkey"})
"""Rows of package databases that are no packages."""


class Judged(Struct, frozen=True):
    """Matches, what was in the way, and whether the packages were judged at all."""

    matches: tuple[Match, ...]
    problems: tuple[Problem, ...]
    complete: bool = True


def judge(
    packages: Iterable[Package],
    distro: Distro,
    platform: Platform,
    database: AdvisoryDatabase,
    *,
    where: str,
    products: Products,
) -> Judged:
    """Matches packages that the distribution itself built. where: the target's name in problems."""
    complaints = Complaints(where)
    matches: list[Match] = []
    complete = True
    unknown: dict[str, None] = {}
    for package in packages:
        if package.name in NO_SOFTWARE or not distro.judges(package):
            continue
        name = distro.lookup(package)
        if not name and not platform.osv_binary:
            continue
        numbers = products.of(package)
        if numbers is not None and not numbers:
            complete = False
            unknown.update(dict.fromkeys(products.named(package)))
            continue
        advisories = database.of_release(platform, name, package.name)
        if not advisories:
            continue
        if numbers is not None:
            advisories = candidates(advisories, package, numbers, distro.ordering)
        found = _of_package(package, believable(advisories), distro, complaints, numbered=numbers is not None)
        matches += merged(found) if len(found) > 1 else found
    problems = complaints.problems()
    if not complete:
        problems.append(_no_products(where, sorted(unknown)))
    return Judged(tuple(matches), tuple(problems), complete)


def _of_package(
    package: Package, advisories: Sequence[Advisory], distro: Distro, complaints: Complaints, *, numbered: bool
) -> list[Match]:
    found: list[Match] = []
    ordering = distro.ordering
    for advisory in advisories:
        if advisory.status == "not_affected" or not distro.applies(advisory, package):
            continue
        version = package.full_version if advisory.binary else distro.compared(package)
        named = advisory.fixed or advisory.ranges or advisory.versions or advisory.vulnerable or advisory.patched
        try:
            holds = affected(advisory, version, ordering) if named else distro.report_unfixed
        except InvalidVersion as error:
            readable = complaints.unreadable(advisory, package, version, ordering, error)
            holds = readable and isinstance(error, UnreadablePatch)
        if not holds:
            continue
        fixed = fixes(advisory, version, ordering)
        shown = tuple(map(ordering.show, fixed)) if distro.parsed_fix else fixed
        preset = advisory.severity or ("UNKNOWN" if numbered else None)
        rater = advisory.source.id if advisory.source and not numbered else distro.preset_severity
        found.append(
            Match(
                id=advisory.id,
                package=package,
                installed=distro.shown(package),
                advisory=advisory,
                fixes=shown,
                reach=reach(fixed, version, ordering),
                status="fixed" if fixed else advisory.status,
                source=None if numbered else advisory.source,
                preset=preset,
                preset_source=rater if preset else "",
                vendor_ids=advisory.vendor_ids if distro.vendor_ids else (),
                aliases=advisory.aliases,
                omit_package_id=not distro.package_id,
            )
        )
    return found


def _no_products(where: str, content_sets: list[str]) -> Problem:
    what = "the system names no content sets"
    if content_sets:
        what = f"content sets {', '.join(content_sets[:5])} are unknown to the database"
    return Problem(
        where=where,
        what=f"{what}, so its packages could not be judged",
        hint="use a newer database, or --database vigie",
        fatal=True,
    )
