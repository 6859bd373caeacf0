"""The vulnerability detector over small inventories: `tests/data/detector/<case>/{input,expected}.json`.

An input has an inventory, a database (advisories by release or ecosystem, then package name), options and the day.
Expected files leave out what has its default. `VIGIE_GOLDEN=1` rewrites them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from vigie.model.advisory import Advisory, Details
from vigie.model.finding import Vulnerability
from vigie.model.inventory import BuildInfo, Inventory
from vigie.model.package import Package
from vigie.model.report import Knowledge
from vigie.scanner.detector import Judgement
from vigie.scanner.distro import Distro, Platform, by_source, major, minor, source_version
from vigie.scanner.ecosystem import Ecosystem
from vigie.settings.groups import Options
from vigie.versions import apk, deb, maven, npm, pep440, rpm
from vigie.vulnerabilities.detector import detect

DATA = Path(__file__).parent.parent / "data" / "detector"


class Memory(msgspec.Struct):
    """A database that stands in a case. cpes: of content sets; None for a database without such numbers."""

    releases: dict[str, dict[str, list[Advisory]]] = {}
    ecosystems: dict[str, dict[str, list[Advisory]]] = {}
    known: dict[str, Details] = {}
    cpes: dict[str, list[int]] | None = None

    def of_release(self, platform: Platform, name: str, binary: str) -> Sequence[Advisory]:
        found = list(self.releases[platform.trivy].get(name, ()))
        for ecosystem in platform.osv_binary:
            found += self.releases.get(ecosystem, {}).get(binary, ())
        return found

    def of_ecosystem(self, ecosystem: Ecosystem, name: str) -> Sequence[Advisory]:
        return self.ecosystems[ecosystem.name].get(name, ())

    def covers(self, where: Platform | Ecosystem) -> bool:
        return where.trivy in self.releases if isinstance(where, Platform) else where.name in self.ecosystems

    def red_hat_cpes(self, build: BuildInfo, release: str) -> frozenset[int] | None:
        if self.cpes is None:
            return None
        return frozenset(n for name in build.content_sets for n in self.cpes.get(name, ()))

    def details(self, ids: Iterable[str]) -> dict[str, Details]:
        return {id: self.known[id] for id in ids if id in self.known}

    def describe(self, used: Iterable[Platform | Ecosystem]) -> Knowledge:
        return Knowledge("memory", "")

    def close(self) -> None:
        pass


class Case(msgspec.Struct):
    """One input file."""

    inventory: Inventory
    database: Memory | None = None
    options: Options = Options()
    today: date = date(2026, 8, 22)


DEBIAN = Distro(
    name="debian",
    package_type="deb",
    ordering=deb.ORDERING,
    platform=lambda system, _, __: Platform(f"debian {major(system.name)}") if "." in system.name else None,
    lookup=by_source,
    compared=source_version,
    report_unfixed=True,
    preset_severity="debian",
    vendor_ids=True,
    end_of_life={"12": date(2028, 6, 10)},
    end_of_life_key=lambda system, _: major(system.name),
)
UBUNTU = Distro(
    name="ubuntu",
    package_type="deb",
    ordering=deb.ORDERING,
    platform=lambda system, _, __: Platform(
        f"ubuntu {system.name}{'-ESM' if system.extended else ''}", osv_binary=(f"x_Ubuntu-binary:{system.name}",)
    ),
    lookup=by_source,
    compared=source_version,
    report_unfixed=True,
    end_of_life={"16.04": date(2021, 4, 21)},
)
ALPINE = Distro(
    name="alpine",
    package_type="apk",
    ordering=apk.ORDERING,
    platform=lambda system, repository, _: Platform(
        f"alpine {minor(repository.release if repository else system.name)}",
        warning="packages come from another release" if repository else "",
    ),
    lookup=by_source,
    compared=source_version,
    rolling=True,
)
RED_HAT = Distro(
    name="redhat",
    package_type="rpm",
    ordering=rpm.ORDERING,
    platform=lambda _, __, ___: Platform("Red Hat"),
    report_unfixed=True,
    parsed_fix=True,
    preset_severity="redhat",
    vendor_ids=True,
)
AZURE = Distro(
    name="azurelinux",
    package_type="rpm",
    ordering=rpm.ORDERING,
    platform=lambda system, _, __: Platform(f"Azure Linux {minor(system.name)}"),
    lookup=by_source,
    package_id=False,
    rolling=True,
)
DISTROS = {distro.name: distro for distro in (DEBIAN, UBUNTU, ALPINE, RED_HAT, AZURE)}
PIP = Ecosystem(
    name="pip",
    osv=("PyPI",),
    types=("pip", "poetry", "python-pkg"),
    ordering=pep440.ORDERING,
    aggregated={"python-pkg": "Python"},
    normalise=lambda name: name.lower().replace("_", "-"),
)
NPM = Ecosystem(
    name="npm", osv=("npm",), types=("npm", "node-pkg"), ordering=npm.ORDERING, aggregated={"node-pkg": "Node.js"}
)
MAVEN = Ecosystem(name="maven", osv=("Maven",), types=("jar",), ordering=maven.ORDERING, aggregated={"jar": "Java"})
ECOSYSTEMS = {ecosystem.name: ecosystem for ecosystem in (PIP, NPM, MAVEN)}


def judged(case: Case) -> Judgement:
    return detect(
        case.inventory,
        case.database,
        distros=DISTROS,
        ecosystems=ECOSYSTEMS,
        artifact_name="target",
        today=case.today,
        options=case.options,
        end_of_life_fallback=lambda family, release: (
            date(2020, 1, 1) if (family, release) == ("redhat", "6.9") else None
        ),
    )


def shown(finding: Vulnerability) -> dict[str, Any]:
    everything = {
        "id": finding.id,
        "package": finding.package.id or f"{finding.package.name} {finding.package.path}".strip(),
        "installed": finding.installed,
        "fixed": finding.fixed,
        "status": finding.status,
        "severity": f"{finding.severity} {finding.severity_source}".strip(),
        "vendor_ids": list(finding.vendor_ids),
        "source": finding.source.id if finding.source else "",
        "url": finding.primary_url,
        "title": finding.details.title if finding.details else "",
        "ratings": dict(finding.details.severities) if finding.details else {},
        "malicious": finding.malicious,
        "tentative": finding.tentative,
        "omit_package_id": finding.omit_package_id,
    }
    return {name: value for name, value in everything.items() if value}


def summary(judgement: Judgement) -> dict[str, Any]:
    return {
        "results": [
            {
                "target": result.target,
                "kind": result.kind,
                "type": result.type,
                "judged": result.judged,
                "packages": [
                    " ".join(filter(None, [package.id or package.name, package.path, *package.depends_on]))
                    for package in result.packages
                ],
                "findings": [shown(finding) for finding in result.findings],
            }
            for result in judgement.results
        ],
        "problems": [
            " | ".join(filter(None, [p.where, p.what, p.hint, "fatal" if p.fatal else ""])) for p in judgement.problems
        ],
        "end_of_life": [judgement.end_of_life, judgement.end_of_life_date],
        "used": [place.trivy if isinstance(place, Platform) else place.name for place in judgement.used],
    }


@pytest.mark.parametrize("folder", sorted(DATA.iterdir()), ids=lambda folder: folder.name)
def test_case(folder: Path) -> None:
    found = summary(judged(msgspec.json.decode((folder / "input.json").read_bytes(), type=Case)))
    file = folder / "expected.json"
    if os.environ.get("VIGIE_GOLDEN"):
        file.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    assert found == json.loads(file.read_text())


def test_a_hundred_thousand_packages_take_little_time() -> None:
    import time

    packages = [Package(name=f"package-{n}", version=f"1.{n % 50}.0", id=f"package-{n}@1") for n in range(100_000)]
    advisory = Advisory(id="CVE-2024-1", vulnerable=(">=1.0.0 <1.9.0",))
    database = Memory(ecosystems={"npm": {f"package-{n}": [advisory] for n in range(0, 100_000, 50)}})
    inventory = msgspec.convert({"applications": [{"type": "npm", "path": "a", "packages": []}]}, Inventory)
    listed = msgspec.structs.replace(inventory.applications[0], packages=tuple(packages))
    inventory = msgspec.structs.replace(inventory, applications=(listed,))
    start = time.process_time()
    judgement = judged(Case(inventory, database))
    assert time.process_time() - start < 2
    assert len(judgement.results[0].findings) == 2000
