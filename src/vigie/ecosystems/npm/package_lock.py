"""package-lock.json, lock file versions 1 to 3. Source: the npm documentation of package-lock.json."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vigie import spdx
from vigie.ecosystems.documents import Spans, Table, json_document, line_of, place, table, text
from vigie.ecosystems.graph import Graph, package_id
from vigie.ecosystems.npm.licenses import installed_licenses
from vigie.ecosystems.npm.manifest import npm_purl
from vigie.ecosystems.npm.workspaces import Workspaces
from vigie.model.inventory import Problem
from vigie.model.package import Package, Relationship
from vigie.scanner.analyzer import File, Group, ParseError, analyzer

FOLDER = "node_modules/"
ASKED = ("dependencies", "optionalDependencies", "peerDependencies")
LONGEST_PATH = 4096
"""Letters of a folder's path, as on Linux; longer ones cannot have been installed."""
ELSEWHERE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|[^@/]+/[^@/]+$")
"""How a version of lock file version 1 begins that is an address (git, tarball, folder) and not a version."""


@analyzer("npm", "**/package-lock.json", group=Group.LOCKFILE, type="npm")
def npm_lock(file: File) -> Iterator[Package | Problem]:
    """A lock file below node_modules came with a package and says nothing about what is installed."""
    if f"/{FOLDER}" in f"/{file.path}":
        return
    lock, spans = json_document(file)
    if "packages" in lock and lock.get("lockfileVersion") != 1:
        reader = _Installed(file, lock, spans)
        yield from reader.problems
        yield from reader.graph.packages(npm_purl)
    else:
        yield from _version_1(file, lock, spans).packages(npm_purl)


def _version_1(file: File, lock: Table, spans: Spans) -> Graph:
    """Nested `dependencies`: each entry stands in the folder of the entry around it, and sees what stands there."""
    graph = Graph()
    outermost = table(lock.get("dependencies"), "dependencies")
    waiting: list[tuple[Table, tuple[Table, ...], str]] = [(outermost, (outermost,), "")]
    while waiting:
        entries, scopes, folder = waiting.pop()
        for key, value in entries.items():
            entry = table(value, f"dependency {key}")
            name, version = _identity(key, entry, spans)
            inner = table(entry.get("dependencies"), f"dependencies of {key}", line_of(entry, spans))
            visible = (*scopes, inner) if inner else scopes
            installed = f"{folder}{FOLDER}{key}"
            graph.add(
                name,
                version,
                dev=entry.get("dev") is True,
                depends_on=_required(entry, visible, spans),
                locations=place(entry, spans),
                licenses=installed_licenses(file, name, version, installed),
            )
            if inner:
                waiting.append((inner, visible, f"{installed}/"))
    return graph


def _identity(key: str, entry: Table, spans: Spans) -> tuple[str, str]:
    """Name and version of an entry of version 1; no version for what comes from an address instead of a registry."""
    version = text(entry.get("version"), f"version of {key}", line_of(entry, spans))
    if version.startswith("npm:"):
        name, at, alias_version = version[4:].rpartition("@")
        return (name, alias_version) if at and name else (version[4:], "")
    return key, "" if ELSEWHERE.match(version) else version


def _required(entry: Table, scopes: tuple[Table, ...], spans: Spans) -> Iterator[str]:
    """Ids of what an entry requires, from the innermost scope that has it; `requires: true` names nothing."""
    requires = entry.get("requires")
    for name in requires if isinstance(requires, dict) else ():
        for scope in reversed(scopes):
            found = scope.get(name)
            if isinstance(found, dict):
                yield package_id(*_identity(name, found, spans))
                break


class _Installed:
    """Versions 2 and 3: `packages` lists folders. A link names the folder of a workspace or local package."""

    def __init__(self, file: File, lock: Table, spans: Spans) -> None:
        self.graph = Graph()
        self.problems: list[Problem] = []
        self.folders = {
            path: table(entry, f"package {path!r}") for path, entry in table(lock["packages"], "packages").items()
        }
        self.spans = spans
        self.links: dict[str, str] = {}
        for path, entry in self.folders.items():
            if len(path) > LONGEST_PATH:
                raise ParseError(f"names a folder that no system can hold: {path[:60]}…", line_of(entry, spans))
            target = entry.get("resolved")
            if entry.get("link") is True and isinstance(target, str) and target:
                if target in self.folders:
                    self.links.setdefault(target, path)
                else:
                    self.problems.append(
                        file.problem(f"{path} is a link to {target}, which is not listed", line_of(entry, spans))
                    )
        direct = set(self._direct())
        for path, entry in self.folders.items():
            if path and entry.get("link") is not True and (path in self.links or f"/{FOLDER}" in f"/{path}"):
                name, version = self._identity(path)
                stated = entry.get("license")
                relationship: Relationship = "direct" if path in direct else "indirect"
                self.graph.add(
                    name,
                    version,
                    relationship=relationship,
                    dev=entry.get("dev") is True,
                    depends_on=self._edges(path, entry),
                    locations=place(entry, spans),
                    licenses=spdx.unique((stated,))
                    if isinstance(stated, str) and stated
                    else installed_licenses(file, name, version, path),
                )

    def _identity(self, path: str) -> tuple[str, str]:
        entry = self.folders[path]
        line = line_of(entry, self.spans)
        name = text(entry.get("name"), f"name of {path}", line) or self.links.get(path, path).rpartition(FOLDER)[2]
        return name, text(entry.get("version"), f"version of {path}", line)

    def _follow(self, path: str) -> str | None:
        """The folder that is meant by a path, a link replaced by its target; None when there is none."""
        entry = self.folders.get(path)
        if entry is None:
            return None
        if entry.get("link") is not True:
            return path
        target = entry.get("resolved")
        return target if isinstance(target, str) and target in self.links else None

    def _direct(self) -> Iterator[str]:
        """Folders of what the root asks for, its workspaces included."""
        root = self.folders.get("", {})
        for kind in (*ASKED, "devDependencies"):
            for name in table(root.get(kind), f"{kind} of the root", line_of(root, self.spans)):
                if (path := self._follow(FOLDER + name)) is not None:
                    yield path
        workspaces = Workspaces(root.get("workspaces"))
        yield from (target for target in self.links if workspaces.match(target))

    def _edges(self, path: str, entry: Table) -> Iterator[str]:
        for kind in ASKED:
            for name in table(entry.get(kind), f"{kind} of {path}", line_of(entry, self.spans)):
                if (found := self._resolve(path, name)) is not None:
                    yield package_id(*self._identity(found))

    def _resolve(self, path: str, name: str) -> str | None:
        """The folder that Node.js takes for `name` asked from `path`: the nearest node_modules on the way up."""
        at = path
        while True:
            found = self._follow(f"{at}/{FOLDER}{name}" if at else FOLDER + name)
            if found is not None or not at:
                return found
            outer = at.rfind(FOLDER)
            at = at[: max(outer - 1, 0)] if outer >= 0 else at.rpartition("/")[0]
