"""Which packages a Maven project is built with: its dependencies, and theirs as far as their projects are known.

Source: Maven's introduction to the dependency mechanism. The first mention in breadth-first order decides the version;
a version that is the only one that will do decides over others.
"""

from __future__ import annotations

from collections import deque

from msgspec import Struct

from vigie.ecosystems.maven.pom_project import Find, Needed, Project
from vigie.model.package import Relationship

Exclusions = frozenset[tuple[str, str]]


class Row(Struct):
    """One package, by group and artifact. needs: names of what it depends on. lines: where the project asks for it."""

    name: str
    version: str
    relationship: Relationship
    hard: bool
    why: str
    lines: tuple[int, int] | None
    licenses: tuple[str, ...] = ()
    needs: dict[str, None] = {}


class Resolution(Struct):
    """rows: packages by name. incomplete: what some of them need is not known. nameless: how many dependencies have no
    group or artifact, as a property is not known."""

    rows: dict[str, Row] = {}
    incomplete: bool = False
    nameless: int = 0


def resolve(project: Project, find: Find) -> Resolution:
    """The packages of a project. find: gives the projects of dependencies, as far as they are known."""
    result = Resolution()
    waiting: deque[tuple[Needed, Row | None, Exclusions]] = deque(
        (needed, None, needed.exclusions) for needed in project.shipped if needed.name != project.name
    )
    while waiting:
        needed, dependent, excluded = waiting.popleft()
        group, artifact, *_ = needed.key
        if not (group and artifact):
            result.nameless += 1
            continue
        row = _chosen(result, needed, dependent)
        if row is None:
            continue
        source = find(group, artifact, needed.version) if needed.version else None
        if source is None:
            result.incomplete = True
            continue
        row.licenses = source.licenses
        for below in source.shipped:
            managed = project.managed(below.key)
            child = below if managed is None else _overridden(below, managed)
            if not child.shipped or child.name == project.name or (excluded and _excludes(excluded, child)):
                continue
            row.needs[child.name] = None
            there = result.rows.get(child.name)
            if there is None or (child.hard and not there.hard):
                waiting.append((child, row, excluded | child.exclusions if child.exclusions else excluded))
    return result


def _chosen(result: Resolution, needed: Needed, dependent: Row | None) -> Row | None:
    """The row whose dependencies have to be followed now; None when this mention decides nothing."""
    row = result.rows.get(needed.name)
    if row is None:
        relationship: Relationship = "direct" if dependent is None else "indirect"
        lines = needed.lines if dependent is None else None
        row = Row(needed.name, needed.version, relationship, needed.hard, needed.why, lines)
        result.rows[needed.name] = row
        return row
    if needed.hard and not row.hard:
        row.version, row.hard, row.why = needed.version, True, ""
        row.needs, row.licenses = {}, ()
        return row
    return None


def _overridden(needed: Needed, managed: Needed) -> Needed:
    """A dependency of a dependency with what the project being resolved manages for it. Management for tests alone does
    not take away what others need at run time."""
    version = managed if managed.version or managed.why else needed
    return Needed(
        key=needed.key,
        name=needed.name,
        version=version.version,
        hard=version.hard,
        why=version.why,
        scope=managed.scope if managed.scope not in ("", "test") else needed.scope,
        optional=needed.optional or managed.optional,
        exclusions=needed.exclusions | managed.exclusions if managed.exclusions else needed.exclusions,
    )


def _excludes(excluded: Exclusions, needed: Needed) -> bool:
    group, artifact, *_ = needed.key
    return not excluded.isdisjoint({(group, artifact), ("*", artifact), (group, "*"), ("*", "*")})
