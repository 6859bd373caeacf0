"""The vulnerability detector: the packages of an inventory against a database of advisories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from vigie.model.inventory import Inventory, OperatingSystem, PackageList, Problem
from vigie.model.package import Package
from vigie.model.report import Result
from vigie.scanner.detector import Detector, EndOfLife, Judgement
from vigie.scanner.distro import Distro, Platform
from vigie.scanner.ecosystem import Ecosystem
from vigie.scanner.knowledge import AdvisoryDatabase
from vigie.settings.groups import Options, PackageOptions
from vigie.vulnerabilities import language_packages, system_packages
from vigie.vulnerabilities.complaints import Complaints
from vigie.vulnerabilities.findings import findings, wanted_ids
from vigie.vulnerabilities.matching import Match
from vigie.vulnerabilities.red_hat import Products
from vigie.vulnerabilities.support import last_day

OTHER_DATABASE = "use a newer database, or another one with --database"
_PLACES = {"root": 0, "workspace": 1, "direct": 2, "indirect": 3, "unknown": 4}


class _Target(Struct, frozen=True):
    """A result to be, and what matched in it."""

    result: Result
    matches: Sequence[Match] = ()


class _Run(Struct, frozen=True):
    """What stays the same while one inventory is judged, and what is gathered on the way."""

    inventory: Inventory
    database: AdvisoryDatabase | None
    options: PackageOptions
    today: date
    problems: list[Problem] = []
    used: list[Platform | Ecosystem] = []

    def problem(self, where: str, what: str, hint: str = "") -> None:
        """Notes a problem."""
        self.problems.append(Problem(where, what, hint))


def detect(
    inventory: Inventory,
    database: AdvisoryDatabase | None,
    *,
    distros: Mapping[str, Distro],
    ecosystems: Mapping[str, Ecosystem],
    artifact_name: str,
    today: date,
    options: Options,
    end_of_life_fallback: EndOfLife | None = None,
) -> Judgement:
    """Results of the distribution and of each language, with their findings. See `vigie.scanner.detector.Detector`."""
    run = _Run(inventory, database, options.packages, today)
    targets: list[_Target] = []
    day: date | None = None
    if "os" in options.packages.types:
        system = _system(inventory)
        distro = distros.get(system.family)
        if database is not None and system.family:
            day, unknown = last_day(distro, system, today, end_of_life_fallback)
            run.problems.extend([unknown] if unknown else [])
        if system.family or inventory.os_packages:
            targets.append(_judge_system(run, artifact_name, system, distro))
    if "library" in options.packages.types:
        targets += _judge_languages(run, ecosystems)
    matches = [match for target in targets for match in target.matches]
    details = database.details(wanted_ids(matches)) if database is not None and matches else {}
    order = options.vulnerabilities.severity_sources
    return Judgement(
        results=tuple(replace(t.result, findings=findings(t.matches, details, order)) for t in targets),
        problems=tuple(run.problems),
        end_of_life=day is not None and today > day,
        end_of_life_date=day.isoformat() if day else "",
        used=tuple(run.used),
    )


_: Detector = detect


def _system(inventory: Inventory) -> OperatingSystem:
    """The detected system; what the package repositories point at when there is none; else one without a family."""
    if inventory.system is not None:
        return inventory.system
    repository = inventory.repository
    return OperatingSystem(repository.family, repository.release) if repository else OperatingSystem()


def _shown_release(system: OperatingSystem) -> str:
    return f"{system.name}-ESM" if system.extended else system.name


def _listed(packages: Iterable[Package], options: PackageOptions) -> tuple[Package, ...]:
    """The packages that count, sorted: by relationship, then name, version, id and path."""
    wanted = options.relationships
    kept = [package for package in packages if package.relationship in wanted]
    kept.sort(key=lambda p: (_PLACES[p.relationship], p.name, p.version, p.id, p.path))
    return tuple(kept)


def _judge_system(run: _Run, artifact_name: str, system: OperatingSystem, distro: Distro | None) -> _Target:
    family = system.family or "none"
    release = f" {_shown_release(system)}" if system.name else ""
    where = f"{artifact_name} ({family}{release})"
    packages = _listed(run.inventory.os_packages, run.options)
    unjudged = _Target(Result(where, "os-pkgs", family, packages, judged=False))
    database = run.database
    if database is None:
        return unjudged
    count = f"{len(packages)} package{'' if len(packages) == 1 else 's'}"
    if distro is None:
        if packages:
            known = f"{family} is not supported" if system.family else "the distribution was not recognised"
            run.problem(where, f"{known}: {count} not judged", "--distro family/version says what it is")
        return unjudged
    platform = distro.platform(system, run.inventory.repository, run.today)
    if platform is None:
        run.problem(where, f"there are no advisories for {family} {system.name}: {count} not judged")
        return unjudged
    if platform.warning:
        run.problem(where, platform.warning)
    run.used.append(platform)
    if not database.covers(platform):
        run.problem(where, f"no advisories for {platform.trivy} in this database: {count} not judged", OTHER_DATABASE)
        return unjudged
    products = Products(database, platform, system, run.inventory.builds)
    judged = system_packages.judge(packages, distro, platform, database, where=where, products=products)
    run.problems.extend(judged.problems)
    return _Target(replace(unjudged.result, judged=judged.complete), judged.matches)


def _judge_languages(run: _Run, ecosystems: Mapping[str, Ecosystem]) -> list[_Target]:
    by_type = {type: ecosystem for ecosystem in ecosystems.values() for type in ecosystem.types}
    database = run.database
    covered: dict[str, bool] = {}
    left_out: dict[str, int] = {}
    targets: list[_Target] = []
    for path, type, packages in _grouped(run.inventory.applications, by_type):
        listed = _without_dev(_listed(packages, run.options), run.options)
        if not listed:
            continue
        ecosystem = by_type.get(type)
        result = Result(path, "lang-pkgs", type, listed, judged=False)
        if database is None:
            targets.append(_Target(result))
            continue
        if ecosystem is not None and ecosystem.name not in covered:
            covered[ecosystem.name] = database.covers(ecosystem)
            run.used.append(ecosystem)
        if ecosystem is None or not covered[ecosystem.name]:
            name = ecosystem.name if ecosystem else type
            left_out[name] = left_out.get(name, 0) + len(listed)
            targets.append(_Target(result))
            continue
        complaints = Complaints(path)
        matches = language_packages.judge(listed, ecosystem, database, complaints)
        run.problems.extend(complaints.problems())
        targets.append(_Target(replace(result, judged=True), matches))
    for name, count in left_out.items():
        were = "package was" if count == 1 else "packages were"
        run.problem(name, f"no advisories for {name} in this database: {count} {were} not judged", OTHER_DATABASE)
    return sorted(targets, key=lambda target: (target.result.target, target.result.type))


def _grouped(
    applications: Iterable[PackageList], by_type: Mapping[str, Ecosystem]
) -> list[tuple[str, str, list[Package]]]:
    """(target, type, packages): a file each, but one for all packages of a type that is aggregated."""
    groups: dict[tuple[str, str], list[Package]] = {}
    for found in applications:
        ecosystem = by_type.get(found.type)
        target = ecosystem.aggregated.get(found.type) if ecosystem else None
        groups.setdefault((target or found.path, found.type), []).extend(found.packages)
    return [(target, type, packages) for (target, type), packages in groups.items()]


def _without_dev(packages: tuple[Package, ...], options: PackageOptions) -> tuple[Package, ...]:
    """Without packages that are only needed for development. Edges to them stay: they are facts about the others."""
    if options.include_dev or not any(package.dev for package in packages):
        return packages
    return tuple(package for package in packages if not package.dev)
