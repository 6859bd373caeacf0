"""yarn.lock, and the package.json files beside it that tell what was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from vigie.ecosystems.graph import Graph, package_id
from vigie.ecosystems.npm.licenses import installed_licenses
from vigie.ecosystems.npm.manifest import Project, licenses_of, npm_purl, read_project
from vigie.ecosystems.npm.workspaces import Workspaces
from vigie.ecosystems.npm.yarn_lock import Block, blocks
from vigie.model.inventory import Problem
from vigie.model.package import Location, Package
from vigie.scanner.analyzer import File, Group, ParseError, analyzer
from vigie.versions import npm as versions
from vigie.versions.ordering import InvalidVersion

PROTOCOL = re.compile(r"([a-z][a-z+.]*):")
NO_RELEASE = frozenset(
    {
        "workspace",
        "patch",
        "file",
        "link",
        "portal",
        "exec",
        "github",
        "git",
        "git+ssh",
        "git+http",
        "git+https",
        "git+file",
    }
)
"""Protocols of what no registry released. A patched package is listed a second time, without the patch."""
MOST_VERSIONS = 100
"""Of one package, to choose from; nobody has more, and a hostile file must not make the choice slow."""
RANGE = re.compile(r"[\d^~<>=*|v ]")


@analyzer("yarn", "**/yarn.lock", group=Group.LOCKFILE, type="yarn")
def yarn(file: File) -> Iterator[Package | Problem]:
    """Lock files that came with a package, or with yarn's own folder, say nothing about what is installed."""
    if {"node_modules", ".yarn"} & set(file.path.split("/")[:-1]):
        return
    lock = _Lock(file)
    error = lock.read()
    yield from lock.mark()
    yield from lock.graph.packages(npm_purl, by_name=True)
    if error:
        raise error


class _Lock:
    """The packages of a yarn.lock. `ids` finds them by pattern (`name@range`), `named` by the name a project uses."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.graph = Graph()
        self.ids: dict[str, str] = {}
        self.named: dict[str, dict[str, str]] = {}

    def read(self) -> ParseError | None:
        """Fills the graph; returns what stopped it."""
        read: list[tuple[str, Block]] = []
        error = None
        try:
            for block in blocks(self.file.text()):
                read.append((self._add(block), block))
        except ParseError as stopped:
            error = stopped
        parents: dict[str, list[str]] = {}
        for key, block in read:
            row = self.graph.rows.get(key)
            for name, asked in block.dependencies if row else ():
                found = self.find(name, asked)
                if row and found:
                    row.depends_on.add(found)
                    parents.setdefault(found, []).append(row.name)
        for row in self.graph.rows.values():
            folders = [f"node_modules/{row.name}"]
            folders += [f"node_modules/{parent}/node_modules/{row.name}" for parent in parents.get(row.id, [])[:8]]
            row.licenses = installed_licenses(self.file, row.name, row.version, *folders)
        return error

    def _add(self, block: Block) -> str:
        """Adds the package of a block and returns its id; "" for a block that holds no released package."""
        if not block.version:
            raise ParseError(f"{block.patterns[0]} has no version", block.start)
        resolved = block.resolution or next(
            (p for p in block.patterns if _protocol(split(p)[1]) not in NO_RELEASE), block.patterns[0]
        )
        name, asked = split(resolved)
        protocol = _protocol(asked)
        if protocol not in NO_RELEASE:
            if not block.resolution:
                name = _real_name(name, asked)
            key = package_id(name, block.version)
            self.graph.add(name, block.version, locations=(Location(block.start, block.end),))
        elif protocol == "patch":
            key = package_id(name, block.version)
        else:
            return ""
        for pattern in block.patterns:
            self.ids[_plain(pattern)] = key
            self.named.setdefault(split(pattern)[0], {})[key] = block.version
        return key if protocol not in NO_RELEASE else ""

    def find(self, name: str, asked: str) -> str:
        """The id of what `name` with this range stands for; "" when the lock file does not tell.

        Resolutions and catalogues replace ranges, so that the range that was written is not in the file. Then the only
        version, or else the one version in range, is meant.
        """
        if key := self.ids.get(_plain(f"{name}@{asked}")):
            return key
        if asked.startswith(("workspace:", "link:", "portal:")):
            return ""
        candidates = self.named.get(name, {})
        if len(candidates) > MOST_VERSIONS:
            return ""
        if len(candidates) < 2:
            return next(iter(candidates), "")
        fitting = [key for key, version in candidates.items() if _satisfies(version, asked.removeprefix("npm:"))]
        return fitting[0] if len(fitting) == 1 else ""

    def mark(self) -> Iterator[Problem]:
        """Adds the root and its workspaces, and says of each package how it was come by."""
        data = self.file.beside("package.json")
        if data is None:
            return
        path = f"{self.file.folder}/package.json" if self.file.folder else "package.json"
        projects: list[tuple[str, Project]] = []
        root: Project | None = None
        for where, content in (path, data), *(Workspaces(_peek(data)).manifests(self.file)):
            try:
                project = read_project(content)
            except ParseError as error:
                yield Problem(where, error.what)
                if where == path:
                    return
                continue
            root = root or project
            projects.append((where, project))
        assert root is not None
        ids = [package_id(p.name, p.version) if p.name and p.version else where for where, p in projects]
        by_name = {project.name: key for key, (_, project) in zip(ids, projects, strict=True)}
        productive: set[str] = set()
        developing: set[str] = set()
        for key, (_, project) in zip(ids, projects, strict=True):
            asked = self._asked(root, by_name, project.dependencies, project.optionalDependencies)
            tools = self._asked(root, by_name, project.devDependencies)
            productive |= asked
            developing |= tools
            members = set(ids[1:]) if project is root else set()
            self.graph.add(
                project.name,
                project.version,
                id=key,
                relationship="root" if project is root else "workspace",
                depends_on=asked | tools | members,
                licenses=licenses_of(project),
            )
        own = set(ids)
        shipped, tooling = self.graph.reach(productive - own), self.graph.reach(developing - own)
        for key, row in self.graph.rows.items():
            if key in own:
                continue
            if key in productive or key in developing:
                row.relationship = "direct"
            elif key in shipped or key in tooling:
                row.relationship = "indirect"
            row.dev = key in tooling and key not in shipped

    def _asked(self, root: Project, workspaces: dict[str, str], *groups: Any) -> set[str]:
        """Ids of what groups of dependencies ask for."""
        overrides = root.resolutions if isinstance(root.resolutions, dict) else {}
        found: set[str] = set()
        for group in groups:
            for name, asked in group.items() if isinstance(group, dict) else ():
                if not isinstance(asked, str):
                    continue
                override = overrides.get(name)
                key = self.find(name, asked) or (self.find(name, override) if isinstance(override, str) else "")
                found.add(key or workspaces.get(name, ""))
        return found - {""}


def split(pattern: str) -> tuple[str, str]:
    """Name and range of `name@range`; the `@` of a scope is part of the name."""
    at = pattern.find("@", 1)
    return (pattern, "") if at < 0 else (pattern[:at], pattern[at + 1 :])


def _plain(pattern: str) -> str:
    """A pattern without the registry's protocol, which only some versions of yarn write."""
    name, asked = split(pattern)
    return f"{name}@{asked.removeprefix('npm:')}"


def _protocol(asked: str) -> str:
    found = PROTOCOL.match(asked)
    return found[1] if found else ""


def _real_name(name: str, asked: str) -> str:
    """The released name behind a pattern of yarn 1: `npm:real@^1` names another package, `npm:^1` does not."""
    if not asked.startswith("npm:") or RANGE.match(asked[4:]):
        return name
    return split(asked[4:])[0]


def _satisfies(version: str, asked: str) -> bool:
    satisfies = versions.ORDERING.satisfies
    try:
        return satisfies is not None and satisfies(version, asked)
    except InvalidVersion:
        return False


def _peek(data: bytes) -> Any:
    """The workspaces that a package.json names; None when it cannot be read, which is complained about elsewhere."""
    try:
        return read_project(data).workspaces
    except ParseError:
        return None
