"""Gathering: wanted files of one part are given to their analyzers, and the facts are sorted into kinds."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence

import msgspec

from vigie import _core
from vigie.model.inventory import (
    BuildInfo,
    Configuration,
    Fact,
    OperatingSystem,
    OwnedFiles,
    PackageDigest,
    PackageLicenses,
    PackageList,
    PackageRepository,
    PartFacts,
    Problem,
)
from vigie.model.package import Package
from vigie.model.secret import SecretCandidate
from vigie.scanner.analyzer import Analyzer, File, Group, ParseError, Tree

KEPT_AT_MOST = 256 << 20
"""Bytes of files of one layer that wait for their companions; past it the rest are analyzed without them."""

MOST_PROBLEMS = 1000
"""Problems of one part that are told one by one."""


class KeptFiles:
    """The wanted files of a layer, as a Tree: what analyzers with companions can look at."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.size = 0

    def keep(self, path: str, content: bytes) -> bool:
        """Keeps a file; False when there is no more room."""
        if self.size + len(content) > KEPT_AT_MOST:
            return False
        self.size += len(content)
        self.files[path] = content
        return True

    def read(self, path: str) -> bytes | None:
        """The bytes of a kept file."""
        return self.files.get(path)

    def glob(self, pattern: str) -> Iterable[str]:
        """Kept paths that match. `fnmatch` lets `*` cross folders, so the number of parts is compared too."""
        depth = pattern.count("/")
        crosses = "**" in pattern
        return sorted(
            path
            for path in self.files
            if fnmatch.fnmatchcase(path, pattern.replace("**/", "*")) and (crosses or path.count("/") == depth)
        )


class Gathering:
    """Collects the facts of one part. Not shared between threads."""

    def __init__(self, analyzers: Sequence[Analyzer], tree: Tree | None) -> None:
        self._analyzers = analyzers
        self._kept = KeptFiles()
        self._tree: Tree = tree if tree is not None else self._kept
        self._waits = tree is None
        self._waiting: list[tuple[Analyzer, File]] = []
        self._facts: dict[tuple[int, str, str], tuple[Analyzer, list[Fact]]] = {}
        self._problems: list[Problem] = []

    def add(self, found: _core.Found) -> None:
        """Takes one wanted file: analyzes it now, or keeps it until its companions may have come."""
        if found.problem is not None or found.content is None:
            self._problems.append(Problem(found.path, found.problem or "could not be read"))
            return
        file = File(found.path, found.content, self._tree, size=found.size, mode=found.mode)
        kept = False
        for rule in found.rules:
            is_companion = rule >= len(self._analyzers)
            waits = self._waits and not is_companion and bool(self._analyzers[rule].companions)
            if (is_companion or waits) and not kept and isinstance(found.content, bytes):
                kept = self._kept.keep(found.path, found.content)
                if not kept:
                    self._problems.append(
                        Problem(found.path, "was read without the files beside it: the layer holds too many")
                    )
            if waits and kept:
                self._waiting.append((self._analyzers[rule], file))
            elif not is_companion:
                self._analyze(self._analyzers[rule], file)

    def _analyze(self, analyzer: Analyzer, file: File) -> None:
        facts: list[Fact] = []
        try:
            facts.extend(analyzer.run(file))
        except ParseError as error:
            self._problems.append(file.problem(error.what, error.line))
        except RecursionError:
            self._problems.append(file.problem("is nested too deeply"))
        except (ValueError, LookupError, TypeError, AttributeError, OSError) as error:
            line = error.args[1] if len(error.args) == 2 and isinstance(error.args[1], int) else None
            self._problems.append(file.problem(f"could not be read: {error.args[0] if error.args else error}", line))
        # A path may stand twice in a layer; the later entry is the one that a container sees.
        self._facts[analyzer.order, file.path, analyzer.name] = analyzer, facts

    def facts(self, walked: _core.Walked, problems: Iterable[Problem]) -> PartFacts:
        """Everything about the part, once it was read to its end."""
        for analyzer, file in self._waiting:
            self._analyze(analyzer, file)
        sorted_facts = _Sorted()
        for (_, path, _), (analyzer, facts) in sorted(self._facts.items(), key=lambda entry: entry[0]):
            sorted_facts.take(path, analyzer, facts)
        told = [*problems, *(Problem(where or "the layer", what) for where, what in walked.problems)]
        return PartFacts(
            systems=tuple(sorted_facts.systems),
            repository=sorted_facts.repository,
            build=sorted_facts.build,
            os_packages=tuple(sorted_facts.os_packages),
            applications=tuple(sorted_facts.applications),
            licenses=tuple(sorted_facts.licenses),
            owned_files=tuple(sorted_facts.owned),
            digests=tuple(sorted_facts.digests),
            configurations=tuple(sorted_facts.configurations),
            secrets=tuple(sorted_facts.secrets),
            whiteouts=tuple(walked.whiteouts),
            opaque=tuple(walked.opaque),
            problems=_bounded([*told, *self._problems, *sorted_facts.problems]),
            digest=walked.digest,
            diff_id=walked.diff_id,
            size=walked.size,
        )


class _Sorted:
    """Facts by kind."""

    def __init__(self) -> None:
        self.systems: list[OperatingSystem] = []
        self.repository: PackageRepository | None = None
        self.build: BuildInfo | None = None
        self.os_packages: list[PackageList] = []
        self.applications: list[PackageList] = []
        self.licenses: list[PackageLicenses] = []
        self.owned: list[OwnedFiles] = []
        self.digests: list[PackageDigest] = []
        self.configurations: list[Configuration] = []
        self.secrets: list[SecretCandidate] = []
        self.problems: list[Problem] = []

    def take(self, path: str, analyzer: Analyzer, facts: Iterable[Fact]) -> None:
        """Sorts what one analyzer said of one file."""
        packages: list[Package] = []
        for fact in facts:
            match fact:
                case Package():
                    packages.append(fact if fact.found_by else msgspec.structs.replace(fact, found_by=analyzer.name))
                case OperatingSystem():
                    self.systems.append(fact)
                case PackageRepository():
                    self.repository = fact
                case BuildInfo():
                    self.build = _combined(self.build, fact)
                case PackageLicenses():
                    self.licenses.append(fact)
                case OwnedFiles():
                    self.owned.append(fact)
                case PackageDigest():
                    self.digests.append(fact)
                case Configuration():
                    self.configurations.append(fact)
                case SecretCandidate():
                    self.secrets.append(fact)
                case Problem():
                    self.problems.append(fact)
        if packages:
            lists = self.os_packages if analyzer.group is Group.SYSTEM else self.applications
            lists.append(PackageList(analyzer.type, path, tuple(packages)))


def _bounded(problems: list[Problem]) -> tuple[Problem, ...]:
    """The problems; past the bound a last one tells how many more there are. Those that fail a part are never left
    out."""
    if len(problems) <= MOST_PROBLEMS:
        return tuple(problems)
    kept = problems[:MOST_PROBLEMS] + [problem for problem in problems[MOST_PROBLEMS:] if problem.fatal]
    more = len(problems) - len(kept)
    return (*kept, Problem("the layer", f"{more} more problems are not listed"))


def _combined(first: BuildInfo | None, second: BuildInfo) -> BuildInfo:
    """Content sets and name-version-release come from different files of one layer and complete each other."""
    if first is None:
        return second
    return BuildInfo(second.content_sets or first.content_sets, second.nvr or first.nvr, second.arch or first.arch)
