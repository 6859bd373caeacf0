"""Cargo.lock, with Cargo.toml to tell what the project itself asks for. Source: The Cargo Book."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vigie.ecosystems.cargo.ecosystem import crate_purl
from vigie.ecosystems.documents import Table, rows, table, tables, text, toml_document
from vigie.ecosystems.graph import Graph, package_id, reachable
from vigie.model.inventory import Problem
from vigie.model.package import Location, Package
from vigie.scanner.analyzer import File, Group, ParseError, analyzer
from vigie.versions.npm import ORDERING as RANGES
from vigie.versions.ordering import InvalidVersion

Crate = tuple[str, str]


@analyzer("cargo", "**/Cargo.lock", companions=("**/Cargo.toml",), group=Group.ANYWHERE, type="cargo", version=2)
def cargo_lock(file: File) -> Iterator[Package | Problem]:
    """Without a manifest everything counts; with one, what only tests or builds need does not."""
    content = file.text()
    lock = toml_document(content.encode())
    graph = Graph()
    by_name: dict[str, list[str]] = {}
    crates = tables(lock.get("package"), "package")
    for crate in crates:
        by_name.setdefault(_name(crate), []).append(text(crate.get("version"), "version"))
    positions = _positions(content)
    for crate in crates:
        name, version = _name(crate), text(crate.get("version"), "version")
        graph.add(
            name,
            version,
            depends_on=_edges(crate, by_name),
            locations=(positions[name, version],) if (name, version) in positions else (),
        )
    project = _Project(file, by_name)
    yield from project.problems
    yield from project.kept(graph).packages(crate_purl)


def _name(crate: Table) -> str:
    name = text(crate.get("name"), "name")
    if not name:
        raise ParseError("a package has no name")
    return name


def _edges(crate: Table, by_name: dict[str, list[str]]) -> Iterator[str]:
    """Dependencies are `name`, `name version` or `name version (source)`; the version is left out when there is one
    only."""
    for dependency in rows(crate.get("dependencies"), "dependencies"):
        words = text(dependency, "a dependency").split(" ")
        versions = by_name.get(words[0], [])
        if versions:
            yield package_id(words[0], words[1] if len(words) > 1 else versions[-1])


def _positions(content: str) -> dict[Crate, Location]:
    """First and last line of each `[[package]]` table."""
    found: dict[Crate, Location] = {}
    start, last, name, version = 0, 0, "", ""

    def close() -> None:
        if start and name:
            found[name, version] = Location(start, last)

    for number, line in enumerate(content.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("["):
            close()
            start, name, version = (number, "", "") if stripped == "[[package]]" else (0, "", "")
        elif start and not stripped:
            close()
            start = 0
        elif start:
            key, _, value = stripped.partition("=")
            if key.strip() == "name":
                name = value.strip().strip('"')
            elif key.strip() == "version":
                version = value.strip().strip('"')
        last = number
    close()
    return found


class _Project:
    """Cargo.toml beside the lock file, and those of its workspace members."""

    def __init__(self, file: File, by_name: dict[str, list[str]]) -> None:
        self.problems: list[Problem] = []
        self._by_name = by_name
        self._file = file
        self.manifest = self._read("Cargo.toml")
        self.members: list[Table] = []
        if self.manifest is not None:
            workspace = table(self.manifest.get("workspace"), "workspace")
            for pattern in rows(workspace.get("members"), "workspace.members"):
                for path in self._member_paths(text(pattern, "a member")):
                    member = self._read(path)
                    if member is not None:
                        self.members.append(member)

    def _read(self, path: str) -> Table | None:
        content = self._file.beside(path)
        if content is None:
            return None
        try:
            return toml_document(content)
        except ParseError as error:
            where = f"{self._file.folder}/{path}".lstrip("/")
            self.problems.append(Problem(where, f"{error.what}; every locked package is listed instead"))
            return None

    def _member_paths(self, pattern: str) -> Iterable[str]:
        if not any(sign in pattern for sign in "*?["):
            return (f"{pattern.strip('/')}/Cargo.toml",)
        folder = self._file.folder
        found = self._file.tree.glob(f"{folder}/{pattern}/Cargo.toml" if folder else f"{pattern}/Cargo.toml")
        return [path[len(folder) + 1 :] if folder else path for path in found]

    def kept(self, graph: Graph) -> Graph:
        """The part of the graph that the project's own manifests reach, with its relationships."""
        if self.manifest is None:
            return graph
        workspace = table(self.manifest.get("workspace"), "workspace")
        shared = table(workspace.get("dependencies"), "workspace.dependencies")
        inherited = text(table(workspace.get("package"), "workspace.package").get("version"), "version")
        own = [
            (manifest, self._identity(manifest, inherited))
            for manifest in (self.manifest, *self.members)
            if "package" in manifest
        ]
        starts: dict[str, set[str]] = {
            identity: set(self._direct(manifest, shared)) for manifest, identity in own if identity in graph.rows
        }
        if not starts:
            return graph
        # The lock file's edges of the project's own crates include what only their tests and builds need.
        edges = {key: starts.get(key, row.depends_on) for key, row in graph.rows.items()}
        # What the workspace offers its members counts as asked for, as it is not told who takes it for what.
        direct = set(self._locked_to(shared, shared)).union(*starts.values())
        reached = reachable(direct, edges) | set(starts)
        kept = Graph()
        root = own[0][1] if "package" in self.manifest else ""
        for key, row in graph.rows.items():
            if key not in reached:
                continue
            if key in starts:
                row.relationship = "root" if key == root else "workspace"
                row.depends_on = starts[key]
            else:
                row.relationship = "direct" if key in direct else "indirect"
            kept.rows[key] = row
        return kept

    def _identity(self, manifest: Table, inherited: str) -> str:
        package = table(manifest["package"], "package")
        version = package.get("version")
        return package_id(_name(package), version if isinstance(version, str) else inherited)

    def _direct(self, manifest: Table, shared: Table) -> Iterator[str]:
        """Ids of what a manifest's dependencies are locked to."""
        targets = table(manifest.get("target"), "target").values()
        for section in (manifest, *(table(target, "a target") for target in targets)):
            yield from self._locked_to(table(section.get("dependencies"), "dependencies"), shared)

    def _locked_to(self, dependencies: Table, shared: Table) -> Iterator[str]:
        for key, value in dependencies.items():
            wanted = shared.get(key) if isinstance(value, dict) and value.get("workspace") is True else value
            name, requirement = _requirement(key, wanted)
            if (version := self._locked(name, requirement)) is not None:
                yield package_id(name, version)

    def _locked(self, name: str, requirement: str) -> str | None:
        """The locked version that a requirement means; a folder or git dependency has none, the only version is
        meant."""
        versions = self._by_name.get(name, [])
        if len(versions) <= 1 or not requirement:
            return versions[0] if versions else None
        constraint = ", ".join(
            f"^{part.strip()}" if part.strip()[:1].isdigit() else part for part in requirement.split(",")
        )
        for version in versions:
            try:
                if RANGES.satisfies is not None and RANGES.satisfies(version, constraint):
                    return version
            except InvalidVersion:
                continue
        return versions[-1]


def _requirement(key: str, value: object) -> tuple[str, str]:
    """Name and requirement of a dependency; `package` renames it."""
    if isinstance(value, str):
        return key, value
    details = table(value, f"dependency {key}")
    return text(details.get("package"), "package") or key, text(details.get("version"), "version")
