"""The pom.xml files of one tree, and how they refer to each other: parents by path, modules, and coordinates.

Every file is read and understood once, however many others refer to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from vigie.ecosystems.maven.pom_list import Listed, listed
from vigie.ecosystems.maven.pom_project import Project
from vigie.ecosystems.maven.pom_resolve import resolve
from vigie.ecosystems.maven.pom_xml import Parent, Pom, is_static, parse_pom
from vigie.scanner.analyzer import ParseError, Tree, join

MOST_PARENTS = 64
MOST_MODULES = 20_000
"""Modules of one build; past it they are only known by their own files."""
HIGHEST = 8
"""How many folders up the pom.xml that lists a module is looked for."""


class Workspace:
    """The projects of one tree. Paths are those of the tree."""

    def __init__(self, tree: Tree) -> None:
        self._read = tree.read
        self._poms: dict[str, Pom | ParseError | None] = {}
        self._projects: dict[str, Project | None] = {}
        self._modules: dict[str, tuple[str, ...]] = {}
        self._tops: dict[str, str] = {}
        self._builds: dict[str, dict[tuple[str, str], list[str]]] = {}
        self._listed: dict[str, Listed] = {}
        self.listed_again = 0

    def take(self, path: str, content: bytes) -> None:
        """Reads a file whose bytes are at hand. Raises ParseError."""
        if self._poms.get(path) is None:
            try:
                self._poms[path] = parse_pom(content)
            except ParseError as error:
                self._poms[path] = error
        if isinstance(found := self._poms[path], ParseError):
            raise ParseError(found.what, found.line)

    def pom(self, path: str) -> Pom | None:
        """The file as written; None when there is none or it cannot be read."""
        found = self._load(path)
        return None if isinstance(found, ParseError) else found

    def _load(self, path: str) -> Pom | ParseError | None:
        if path not in self._poms:
            content = self._read(path)
            try:
                self._poms[path] = None if content is None else parse_pom(content)
            except ParseError as error:
                self._poms[path] = error
        return self._poms[path]

    def project(self, path: str) -> Project | None:
        """The file with what it inherits; None when it cannot be read."""
        if path not in self._projects:
            pom = self.pom(path)
            self._projects[path] = self._inherited(path, pom) if pom is not None else None
        return self._projects[path]

    def _inherited(self, path: str, pom: Pom) -> Project:
        chain, places = [pom], [path]
        missing: Parent | None = None
        while (parent := chain[-1].parent) is not None:
            above = self._parent_path(places[-1], parent)
            found = self.pom(above) if above is not None else None
            if above is None or found is None or above in places or len(chain) == MOST_PARENTS:
                missing = parent
                break
            chain.append(found)
            places.append(above)
        return Project(
            tuple(chain), missing, lambda group, artifact, version: self.find(path, group, artifact, version)
        )

    def _parent_path(self, path: str, parent: Parent) -> str | None:
        """Where a parent stands in the tree: at its relative path, else among what is built together with its child."""
        if parent.relative_path != "":
            relative = (parent.relative_path or "../pom.xml").replace("\\", "/")
            beside = join(path.rpartition("/")[0], relative)
            for place in (beside, f"{beside}/pom.xml".lstrip("/")) if beside is not None else ():
                if _matches(self.pom(place), parent):
                    return place
        for place in self._build(path).get((parent.group, parent.artifact), ()):
            if place != path and _matches(self.pom(place), parent):
                return place
        return None

    def modules(self, path: str) -> tuple[str, ...]:
        """Paths of the pom.xml files of a project's modules, whether they are there or not."""
        if path not in self._modules:
            pom = self.pom(path)
            folder = path.rpartition("/")[0]
            found = []
            for module in pom.modules if pom is not None else ():
                place = join(folder, module.replace("\\", "/"))
                if place is not None and module:
                    found.append(place if place.endswith(".xml") else f"{place}/pom.xml".lstrip("/"))
            self._modules[path] = tuple(dict.fromkeys(found))
        return self._modules[path]

    def find(self, near: str, group: str, artifact: str, version: str) -> Project | None:
        """The project with these coordinates among those that are built together with `near`."""
        for path in self._build(near).get((group, artifact), ()):
            project = self.project(path)
            if project is not None and (project.group, project.artifact, project.version) == (group, artifact, version):
                return project
        return None

    def listed(self, path: str, project: Project) -> Listed:
        """What a project is built with; it is the same in whatever list the project stands."""
        if path not in self._listed:
            resolution = resolve(project, lambda group, artifact, version: self.find(path, group, artifact, version))
            self._listed[path] = listed(path, project, resolution)
        return self._listed[path]

    def _build(self, path: str) -> dict[tuple[str, str], list[str]]:
        """What is built together with a project: paths by group and artifact."""
        top = self._top(path)
        if top not in self._builds:
            build = self._builds[top] = {}
            for place in self._reactor(top):
                pom = self.pom(place)
                if pom is not None:
                    build.setdefault((group_of(pom), pom.scalars.get("artifactId", "")), []).append(place)
        return self._builds[top]

    def _reactor(self, top: str) -> Iterator[str]:
        """A project and all its modules, nested ones too."""
        seen = {top: None}
        waiting = [top]
        while waiting and len(seen) < MOST_MODULES:
            fresh = [module for path in waiting for module in self.modules(path) if module not in seen]
            waiting = list(dict.fromkeys(fresh))
            seen.update(dict.fromkeys(waiting))
        yield from seen

    def _top(self, path: str) -> str:
        """The outermost project that, through its modules, builds this one."""
        climbed: list[str] = []
        while path not in self._tops and path not in climbed:
            climbed.append(path)
            path = self._aggregator(path) or path
        top = self._tops.get(path, path)
        self._tops.update(dict.fromkeys(climbed, top))
        return top

    def _aggregator(self, path: str) -> str | None:
        folder = path.rpartition("/")[0]
        for _ in range(HIGHEST):
            if not folder:
                return None
            folder = folder.rpartition("/")[0]
            place = f"{folder}/pom.xml".lstrip("/")
            if path in self.modules(place):
                return place
        pom = self.pom(path)
        if pom is not None and pom.parent is not None and pom.parent.relative_path:
            beside = join(path.rpartition("/")[0], pom.parent.relative_path.replace("\\", "/"))
            for candidate in (beside, f"{beside}/pom.xml") if beside else ():
                if path in self.modules(candidate):
                    return candidate
        return None


def group_of(pom: Pom) -> str:
    """The group as written, the parent's when it has none of its own."""
    return pom.scalars.get("groupId") or (pom.parent.group if pom.parent else "")


def _matches(pom: Pom | None, parent: Parent) -> bool:
    """Whether this file is the parent that is asked for. Coordinates with properties in them cannot be compared yet and
    are believed; so is a range of versions."""
    if pom is None or pom.scalars.get("artifactId", "") != parent.artifact:
        return False
    version = pom.scalars.get("version") or (pom.parent.version if pom.parent else "")
    pairs = ((group_of(pom), parent.group), (version, parent.version))
    return all(
        found == asked or not (is_static(found) and is_static(asked)) or asked[:1] in ("[", "(")
        for found, asked in pairs
    )


_WORKSPACES: WeakKeyDictionary[Tree, Workspace] = WeakKeyDictionary()


def workspace_of(tree: Tree) -> Workspace:
    """The workspace of a tree, one for as long as the tree is in use."""
    try:
        found = _WORKSPACES.get(tree)
        if found is None:
            found = _WORKSPACES[tree] = Workspace(tree)
    except TypeError:  # a tree that cannot be referred to weakly is not remembered
        return Workspace(tree)
    return found
