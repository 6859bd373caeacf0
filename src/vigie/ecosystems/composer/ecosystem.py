"""Packagist: facts of the ecosystem, and what its two files share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vigie import spdx
from vigie.ecosystems.documents import Spans, Table, line_of, place, rows, table, text
from vigie.ecosystems.graph import Graph, package_id
from vigie.model.package import Relationship
from vigie.model.purl import purl
from vigie.scanner.ecosystem import Ecosystem
from vigie.versions import generic as versions

composer = Ecosystem(
    name="composer",
    osv=("Packagist",),
    types=("composer", "composer-vendor"),
    ordering=versions.ORDERING,
)

Entry = tuple[Table, bool]


def composer_purl(name: str, version: str) -> str:
    """The vendor is the namespace."""
    namespace, _, last = name.rpartition("/")
    return purl("composer", namespace, last, version)


def fill(graph: Graph, entries: Iterable[Entry], spans: Spans, direct: frozenset[str] | None) -> None:
    """Adds entries, each with whether it is for development. direct: names the project asks for, None when unknown."""
    listed = list(entries)
    versions = {_name(entry, spans): text(entry.get("version"), "version") for entry, _ in reversed(listed)}
    for entry, dev in listed:
        name = _name(entry, spans)
        if package_id(name, versions[name]) in graph.rows:
            continue
        relationship: Relationship = "unknown" if direct is None else "direct" if name in direct else "indirect"
        graph.add(
            name,
            versions[name],
            relationship=relationship,
            dev=dev,
            depends_on=_edges(entry, versions),
            locations=place(entry, spans),
            licenses=_licenses(entry, spans),
        )


def _name(entry: Table, spans: Spans) -> str:
    return text(entry.get("name"), "name", line_of(entry, spans))


def _edges(entry: Table, versions: dict[str, str]) -> Iterator[str]:
    """PHP itself and its extensions are no packages and never stand in `versions`."""
    required = entry.get("require")
    for name in required if isinstance(required, dict) else ():
        if name in versions:
            yield package_id(name, versions[name])


def _licenses(entry: Table, spans: Spans) -> tuple[str, ...]:
    stated = entry.get("license")
    if isinstance(stated, str):
        return spdx.licenses(stated)
    return spdx.unique(text(one, "a licence", line_of(entry, spans)) for one in rows(stated, "license"))


def required_names(manifest: Table) -> frozenset[str]:
    """What a composer.json asks for."""
    return frozenset(name for key in ("require", "require-dev") for name in table(manifest.get(key) or None, key))
