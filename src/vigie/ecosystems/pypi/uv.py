"""uv.lock. Source: uv's documentation of projects and their lock file."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.ecosystems.documents import Table, rows, table, tables, text, toml_document
from vigie.ecosystems.graph import Graph, package_id, reachable
from vigie.ecosystems.pypi.names import pypi_purl
from vigie.model.package import Package
from vigie.scanner.analyzer import File, Group, ParseError, analyzer

MOST_VERSIONS = 100
"""Of one package that an entry may leave open; nobody has more, and a hostile file must not make edges explode."""


@analyzer("uv", "**/uv.lock", group=Group.LOCKFILE, type="uv")
def uv(file: File) -> Iterator[Package]:
    """Every locked package, the project itself and the members of its workspace included. What neither the project nor
    a member needs outside its development groups is for development only."""
    lock = toml_document(file.bytes())
    entries = tables(lock.get("package"), "package")
    graph = Graph()
    by_name: dict[str, list[tuple[str, str]]] = {}
    for entry in entries:
        name, version = _identity(entry)
        row = graph.add(name, version, relationship="indirect")
        by_name.setdefault(name, []).append((version, row.id))

    root, members = "", set[str]()
    listed = {
        text(name, "a member")
        for name in rows(table(lock.get("manifest"), "manifest").get("members"), "manifest.members")
    }
    shipped: dict[str, set[str]] = {}
    direct: dict[str, set[str]] = {}
    for entry in entries:
        name, version = _identity(entry)
        key = package_id(name, version)
        source = table(entry.get("source"), f"source of {name}")
        place = source.get("editable", source.get("virtual"))
        if place == ".":
            root = key
        elif place is not None and name in listed:
            members.add(key)
        needed = set(_targets(entry.get("dependencies"), by_name))
        for extra in table(entry.get("optional-dependencies"), f"optional-dependencies of {name}").values():
            needed.update(_targets(extra, by_name))
        shipped.setdefault(key, set()).update(needed)
        groups = table(entry.get("dev-dependencies", entry.get("dependency-groups")), f"dev-dependencies of {name}")
        direct.setdefault(key, set()).update(needed, *(_targets(group, by_name) for group in groups.values()))
    for key, needed in direct.items():
        graph.rows[key].depends_on.update(needed)
    _mark(graph, root, members, shipped, direct)
    yield from graph.packages(pypi_purl)


def _mark(
    graph: Graph, root: str, members: set[str], shipped: dict[str, set[str]], direct: dict[str, set[str]]
) -> None:
    """Relationships as seen from the root, or from the members of a workspace that has no project at its root."""
    starts = {root} if root else members
    if not starts:
        for row in graph.rows.values():
            row.relationship = "unknown"
        return
    asked = set().union(*(direct[key] for key in starts))
    needed = reachable(starts | members, shipped)
    from_root = reachable(starts, direct)
    for key, row in graph.rows.items():
        row.dev = key not in needed
        if key == root:
            row.relationship = "root"
        elif key in members and (not root or key not in from_root):
            row.relationship = "workspace"
        elif key in asked:
            row.relationship = "direct"


def _identity(entry: Table) -> tuple[str, str]:
    name = text(entry.get("name"), "a name")
    if not name:
        raise ParseError("has a package without a name")
    return name, text(entry.get("version"), f"version of {name}")


def _targets(value: object, by_name: dict[str, list[tuple[str, str]]]) -> Iterator[str]:
    """Ids of listed dependencies. Where a name is locked in several versions, each entry says which one it means; only
    a damaged file leaves it open, then all of them are taken."""
    for dependency in tables(value, "dependencies"):
        candidates = by_name.get(text(dependency.get("name"), "a dependency"), [])
        version = dependency.get("version")
        exact = [key for stated, key in candidates if stated == version]
        yield from exact or (key for _, key in candidates[:MOST_VERSIONS])
