"""pylock.toml, the lock file that installers share. Source: PEP 751."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from vigie.ecosystems.documents import Table, table, tables, text, toml_document
from vigie.ecosystems.graph import Graph, package_id
from vigie.ecosystems.pypi.names import normalise, pypi_purl
from vigie.ecosystems.pypi.pyproject import Asked, read_asked
from vigie.model.inventory import Problem
from vigie.model.package import Package, Relationship
from vigie.scanner.analyzer import File, Group, ParseError, analyzer

NAME_PARTS = (2, 3)
"""`pylock.toml`, or `pylock.<name>.toml` where the name holds no dot."""


@analyzer("pylock", "**/pylock.toml", "**/pylock.*.toml", group=Group.LOCKFILE, type="pylock")
def pylock(file: File) -> Iterator[Package | Problem]:
    """Every locked package under its normalised name. Direct ones are known from the pyproject.toml beside it."""
    if file.name.startswith("pylock.") and len(file.name.split(".")) not in NAME_PARTS:
        return
    entries = tables(toml_document(file.bytes()).get("packages"), "packages")
    asked: Asked | None = None
    if (data := file.beside("pyproject.toml")) is not None:
        try:
            asked = read_asked(data)
        except ParseError as error:
            yield Problem(f"{file.folder}/pyproject.toml" if file.folder else "pyproject.toml", error.what)
    graph = Graph()
    by_name: dict[str, list[tuple[str, str]]] = {}
    roots: list[str] = []
    for entry in entries:
        name, version = _identity(entry)
        relationship: Relationship = "unknown"
        if asked:
            relationship = "direct" if name in asked.main else "indirect"
        if _is_root(entry):
            relationship = "root"
            roots.append(package_id(name, version))
        key = graph.add(name, version, relationship=relationship).id
        by_name.setdefault(name, []).append((version, key))
    for entry in entries:
        graph.rows[package_id(*_identity(entry))].depends_on.update(_targets(entry, by_name))
    for key in roots:
        graph.rows[key].depends_on.update(row.id for row in graph.rows.values() if row.relationship == "direct")
    yield from graph.packages(pypi_purl)


def _identity(entry: Table) -> tuple[str, str]:
    name = normalise(text(entry.get("name"), "a name"))
    if not name:
        raise ParseError("has a package without a name")
    return name, text(entry.get("version"), f"version of {name}")


def _is_root(entry: Table) -> bool:
    """The project itself is the package that is installed from the lock file's own folder."""
    path = table(entry.get("directory"), "directory").get("path")
    return isinstance(path, str) and posixpath.normpath(path) == "."


def _targets(entry: Table, by_name: dict[str, list[tuple[str, str]]]) -> Iterator[str]:
    """Ids of an entry's dependencies, which carry as much as is needed to tell packages of one name apart."""
    for dependency in tables(entry.get("dependencies"), f"dependencies of {entry['name']}"):
        candidates = by_name.get(normalise(text(dependency.get("name"), "a dependency")), [])
        version = dependency.get("version")
        yield from (
            key for stated, key in candidates if version in (None, stated) and (version or len(candidates) == 1)
        )
