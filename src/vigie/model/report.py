"""The answer to a scan."""

from typing import Literal

from msgspec import Struct

from vigie.model.artifact import ArtifactFacts
from vigie.model.finding import Finding, Suppressed, Vulnerability
from vigie.model.inventory import BuildInfo, OperatingSystem, Problem
from vigie.model.misconfiguration import Misconfiguration
from vigie.model.package import Package
from vigie.model.secret import Secret

ResultClass = Literal["os-pkgs", "lang-pkgs", "config", "secret", "license", "license-file"]


class Result(Struct, frozen=True):
    """What was found in one target: the distribution's packages, one lock file, all wheels, …

    judged: False when no knowledge could be asked for this target, so that an empty list means nothing.
    passes: checks that found nothing here, of class `config`; they have no place, so results share them.
    """

    target: str
    kind: ResultClass
    type: str
    packages: tuple[Package, ...] = ()
    findings: tuple[Finding, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    judged: bool = True
    passes: tuple[Misconfiguration, ...] = ()

    @property
    def vulnerabilities(self) -> tuple[Vulnerability, ...]:
        """The findings that are vulnerabilities."""
        return tuple(finding for finding in self.findings if isinstance(finding, Vulnerability))

    @property
    def misconfigurations(self) -> tuple[Misconfiguration, ...]:
        """The findings that are misconfigurations."""
        return tuple(finding for finding in self.findings if isinstance(finding, Misconfiguration))

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The findings that are secrets."""
        return tuple(finding for finding in self.findings if isinstance(finding, Secret))


class Judged(Struct, frozen=True):
    """What one scanner says: results by target, and what could not be read or judged."""

    results: tuple[Result, ...]
    problems: tuple[Problem, ...]


class KnowledgeAge(Struct, frozen=True):
    """One source that answered and the day its data is from (`YYYY-MM-DD`, "" when it does not say)."""

    source: str
    date: str


class Knowledge(Struct, frozen=True):
    """Which database answered. kind: `trivy` or `vigie`; date: the day it was built."""

    kind: str
    date: str
    location: str = ""
    sources: tuple[KnowledgeAge, ...] = ()


class Report(Struct, frozen=True):
    """The answer to a scan: what was opened, what was found in it, and what could not be read or judged.

    scanners: what was looked for (`vuln`, `misconfig`, `secret`). created: RFC 3339. id: a UUIDv7. builds: as in
    the inventory. end_of_life: whether the distribution is past its last day of support, end_of_life_date that day, ""
    when it is not known.
    """

    artifact: ArtifactFacts
    results: tuple[Result, ...]
    problems: tuple[Problem, ...]
    created: str
    id: str
    system: OperatingSystem | None = None
    builds: dict[str, BuildInfo] = {}
    end_of_life: bool = False
    end_of_life_date: str = ""
    knowledge: Knowledge | None = None
    tool_version: str = ""
    scanners: tuple[str, ...] = ("vuln",)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings of all results, in the order of the report."""
        return tuple(finding for result in self.results for finding in result.findings)
