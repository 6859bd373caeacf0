"""The packages of one lock file while it is being read: rows that may meet again, and the edges between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct

from vigie.model.package import Location, Package, Relationship

STRENGTH: dict[Relationship, int] = {"root": 0, "workspace": 1, "direct": 2, "indirect": 3, "unknown": 4}


class Row(Struct):
    """One package id. The fields are those of `Package`."""

    name: str
    version: str
    id: str
    relationship: Relationship = "unknown"
    dev: bool = False
    depends_on: set[str] = set()
    locations: tuple[Location, ...] = ()
    licenses: tuple[str, ...] = ()


class Graph:
    """Rows by id, in the order of their first appearance.

    A lock file may hold the same package several times (npm nests copies, pnpm splits by peers). They become one row:
    for development only if all are, with the closest relationship, all positions, all edges and the first licence.
    """

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}

    def add(
        self,
        name: str,
        version: str,
        *,
        id: str = "",
        relationship: Relationship = "unknown",
        dev: bool = False,
        depends_on: Iterable[str] = (),
        locations: tuple[Location, ...] = (),
        licenses: tuple[str, ...] = (),
    ) -> Row:
        """Adds a row, or what is new about one that is there. id: `name@version` unless given."""
        key = id or package_id(name, version)
        row = self.rows.get(key)
        if row is None:
            row = self.rows[key] = Row(name, version, key, relationship, dev, set(depends_on), locations, licenses)
            return row
        if STRENGTH[relationship] < STRENGTH[row.relationship]:
            row.relationship = relationship
        row.dev = row.dev and dev
        row.depends_on.update(depends_on)
        row.locations += locations
        row.licenses = row.licenses or licenses
        return row

    def reach(self, starts: Iterable[str]) -> set[str]:
        """The ids that can be reached from `starts` over edges, themselves included. Cycles are fine."""
        return reachable(starts, {key: row.depends_on for key, row in self.rows.items()})

    def packages(self, purl: Callable[[str, str], str], *, by_name: bool = False) -> Iterator[Package]:
        """The rows as packages; `purl` makes a package URL of a name and a version. Edges to no row are left out, the
        others sorted, by_name as yarn writes them: `a` before `a-b`, where ids stand the other way round."""
        rows = self.rows
        for row in rows.values():
            edges = sorted(key for key in row.depends_on if key in rows)
            if by_name and row.relationship not in ("root", "workspace"):
                edges.sort(key=lambda key: rows[key].name)
            yield Package(
                name=row.name,
                version=row.version,
                id=row.id,
                purl=purl(row.name, row.version),
                relationship=row.relationship,
                dev=row.dev,
                depends_on=tuple(edges),
                locations=row.locations if len(row.locations) < 2 else _sorted(row.locations),
                licenses=row.licenses,
            )


def package_id(name: str, version: str) -> str:
    """`name@version`, or the bare name when there is no version."""
    return f"{name}@{version}" if version else name


def reachable(starts: Iterable[str], edges: Mapping[str, Iterable[str]]) -> set[str]:
    """All that is in `edges` and can be reached from `starts`, themselves included."""
    seen: set[str] = set()
    waiting = [start for start in starts if start in edges]
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting.extend(found for found in edges[current] if found not in seen and found in edges)
    return seen


def _sorted(locations: tuple[Location, ...]) -> tuple[Location, ...]:
    return tuple(sorted(set(locations), key=lambda location: (location.start, location.end)))
