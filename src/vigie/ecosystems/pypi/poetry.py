"""poetry.lock, and the pyproject.toml beside it. Source: Poetry's documentation, lock files of versions 1.0 to 2.1."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.ecosystems.documents import Table, rows, table, tables, text, toml_document
from vigie.ecosystems.graph import Graph, package_id
from vigie.ecosystems.pypi.names import normalise, pypi_purl
from vigie.ecosystems.pypi.pyproject import Asked, read_asked
from vigie.model.inventory import Problem
from vigie.model.package import Package
from vigie.scanner.analyzer import File, Group, ParseError, analyzer
from vigie.versions import pep440
from vigie.versions.ordering import InvalidVersion

MOST_VERSIONS = 100
"""Of one package, to choose from; nobody has more, and a hostile file must not make the choice slow."""
Locked = dict[str, list[tuple[str, str]]]
"""By normalised name: (version, id) in the order of the file."""


@analyzer("poetry", "**/poetry.lock", group=Group.LOCKFILE, type="poetry")
def poetry(file: File) -> Iterator[Package | Problem]:
    """Every locked package. Which are direct or for development only the pyproject.toml, or the groups that newer
    lock files state, can tell."""
    entries = tables(toml_document(file.bytes()).get("package"), "package")
    graph = Graph()
    locked: Locked = {}
    stated: dict[str, bool] = {}
    for entry in entries:
        name, version = text(entry.get("name"), "a name"), text(entry.get("version"), "a version")
        if not name:
            raise ParseError("has a package without a name")
        row = graph.add(name, version)
        locked.setdefault(normalise(name), []).append((version, row.id))
        groups = rows(entry.get("groups"), f"groups of {name}")
        if groups or entry.get("category") is not None:
            dev = "main" not in groups if groups else entry.get("category") == "dev"
            stated[row.id] = stated.get(row.id, True) and dev
    for entry in entries:
        row = graph.rows[package_id(entry["name"], text(entry.get("version"), "a version"))]
        row.depends_on.update(_edges(entry, locked))
    asked = None
    if (data := file.beside("pyproject.toml")) is not None:
        try:
            asked = read_asked(data)
        except ParseError as error:
            yield Problem(f"{file.folder}/pyproject.toml" if file.folder else "pyproject.toml", error.what)
    _mark(graph, stated, asked)
    yield from graph.packages(pypi_purl)


def _mark(graph: Graph, stated: dict[str, bool], asked: Asked | None) -> None:
    """Relationships and development flags. What the lock file states of a package outweighs what follows from edges."""
    shipped: set[str] | None = None
    if asked and asked.described:
        shipped = graph.reach(key for key, row in graph.rows.items() if normalise(row.name) in asked.main)
    for key, row in graph.rows.items():
        if asked and (asked.described or asked.groups):
            direct = normalise(row.name) in asked.main or normalise(row.name) in asked.groups
            row.relationship = "direct" if direct else "indirect"
        row.dev = stated.get(key, shipped is not None and key not in shipped)


def _edges(entry: Table, locked: Locked) -> Iterator[str]:
    """Ids of what a package needs; what is not locked belongs to an extra that nobody asked for.

    Several versions of a package are locked for different interpreters; all that fit are needed by somebody.
    """
    for name, constraint in table(entry.get("dependencies"), f"dependencies of {entry['name']}").items():
        candidates = locked.get(normalise(name), [])
        if len(candidates) == 1:
            yield candidates[0][1]
        elif len(candidates) <= MOST_VERSIONS:
            for text_ in _constraints(constraint):
                fitting = [key for version, key in candidates if _fits(version, text_)]
                yield from fitting or (key for _, key in candidates)


def _constraints(value: object) -> Iterator[str]:
    """A constraint is text, a table with `version`, or a list of these for different markers."""
    for each in value if isinstance(value, list) else [value]:
        version = each.get("version", "*") if isinstance(each, dict) else each
        if isinstance(version, str):
            yield version


def _fits(version: str, constraint: str) -> bool:
    satisfies = pep440.ORDERING.satisfies
    try:
        return satisfies is not None and any(
            satisfies(version, part.strip()) for part in constraint.split("||") if part.strip()
        )
    except InvalidVersion:
        return False
