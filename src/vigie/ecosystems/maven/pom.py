"""pom.xml: a Maven project, its modules, and what they are built with.

Only files of the project are read: versions and dependencies that stand in a repository (a parent such as Spring
Boot's, an imported list of versions, the needs of dependencies) are not known, and a Problem says so. The local
repository of whoever scans would make the answer depend on the machine, and the network is not asked while reading.
What knows more would be a further `Find` (`pom_project.py`).

Deliberate differences from the peer: a parent has to have the coordinates that its child names; projects that are built
together know each other's dependencies; dependencies that differ in type or classifier do not replace each other
between parent and child; the environment and the home folder of whoever scans are not read.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from vigie.ecosystems.maven.pom_list import Listed
from vigie.ecosystems.maven.pom_project import Project
from vigie.ecosystems.maven.pom_resolve import Resolution
from vigie.ecosystems.maven.pom_workspace import Workspace, workspace_of
from vigie.model.inventory import Problem
from vigie.model.package import Location, Package
from vigie.scanner.analyzer import File, Group, analyzer

replace = msgspec.structs.replace

INTEGRATION_TEST = re.compile(r"(?:.*/)?(?:src|target)/it/[^/]+/pom\.xml")
MOST_LISTED_AGAIN = 200_000
"""Packages that stand in the lists of modules and of the projects above them, over one tree."""
SHOWN = 5


@analyzer("pom", "**/pom.xml", companions=("**/pom.xml",), group=Group.LOCKFILE, type="pom")
def pom(file: File) -> Iterator[Package | Problem]:
    """The project is the root of its list. Each module is in it too, as a workspace with packages of its own."""
    workspace = workspace_of(file.tree)
    workspace.take(file.path, file.bytes())
    project = workspace.project(file.path)
    if project is None:
        return
    listed = workspace.listed(file.path, project)
    modules, absent = _modules(workspace, file.path)
    below = [workspace.listed(path, module) for path, module in modules]
    dev = INTEGRATION_TEST.fullmatch(file.path) is not None
    for package in _of_root(listed, [one.project.id for one in below if one.project is not None]):
        yield replace(package, dev=True) if dev else package
    yield from _problems(file, project, listed.resolution)
    if absent:
        yield file.problem(f"modules could not be read: {_some(absent)}")
    for module in below:
        if workspace.listed_again > MOST_LISTED_AGAIN:
            yield file.problem("has too many modules; the packages of the others stand in their own lists only")
            break
        for package in (*((module.project,) if module.project else ()), *module.packages):
            workspace.listed_again += 1
            yield replace(package, dev=True) if dev else package


def _of_root(listed: Listed, module_ids: Iterable[str]) -> Iterator[Package]:
    """The project whose file this is: only here are positions known. It needs all its modules, nested ones too."""
    if (itself := listed.project) is not None:
        depends_on = tuple(sorted({*itself.depends_on, *module_ids}))
        yield replace(itself, relationship="root", depends_on=depends_on)
    for package, row in zip(listed.packages, listed.resolution.rows.values(), strict=True):
        yield replace(package, locations=(Location(*row.lines),)) if row.lines else package


def _modules(workspace: Workspace, path: str) -> tuple[list[tuple[str, Project]], list[str]]:
    """All modules below a project, and the paths of those that cannot be read."""
    found: list[tuple[str, Project]] = []
    absent: list[str] = []
    seen = {path}
    waiting = deque(workspace.modules(path))
    while waiting:
        place = waiting.popleft()
        if place in seen:
            continue
        seen.add(place)
        project = workspace.project(place)
        if project is None:
            absent.append(place)
        else:
            found.append((place, project))
            waiting += workspace.modules(place)
    return found, absent


def _problems(file: File, project: Project, resolution: Resolution) -> Iterator[Problem]:
    """What is not known of a project, in at most three lines."""
    unknown = [row for row in resolution.rows.values() if not row.version]
    if unknown:
        first = min((row.lines[0] for row in unknown if row.lines), default=None)
        shown = _some([f"{row.name} ({row.why})" for row in unknown])
        yield file.problem(f"{_versions(len(unknown))} not known, so not judged: {shown}", first)
    if resolution.nameless:
        counted = f"{resolution.nameless} dependencies have" if resolution.nameless > 1 else "a dependency has"
        yield file.problem(f"{counted} no group or artifact that is known")
    elsewhere = []
    if (parent := project.missing_parent) is not None:
        elsewhere.append(f"the parent {parent.group}:{parent.artifact}:{parent.version}")
    if project.missing_imports:
        elsewhere.append(f"the versions imported from {_some(list(project.missing_imports))}")
    if resolution.incomplete:
        elsewhere.append("what the dependencies need themselves")
    if elsewhere:
        yield file.problem(
            f"what stands in repositories is not known: {', '.join(elsewhere)}",
            hint="scan what the build makes of it, or an SBOM or a lock file that the build writes",
        )


def _versions(count: int) -> str:
    return f"the versions of {count} dependencies are" if count > 1 else "the version of a dependency is"


def _some(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - SHOWN} more" if len(texts) > SHOWN else ""
    return ", ".join(texts[:SHOWN]) + more
