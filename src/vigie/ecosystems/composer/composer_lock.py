"""composer.lock, with composer.json to tell direct dependencies. Source: Composer's documentation."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.ecosystems.composer.ecosystem import composer_purl, fill, required_names
from vigie.ecosystems.documents import json_document, tables
from vigie.ecosystems.graph import Graph
from vigie.model.inventory import Problem
from vigie.model.package import Package
from vigie.scanner.analyzer import File, Group, ParseError, analyzer


@analyzer("composer", "**/composer.lock", companions=("**/composer.json",), group=Group.LOCKFILE, type="composer")
def composer_lock(file: File) -> Iterator[Package | Problem]:
    """A lock file below `vendor` came with a package and says nothing about what is installed."""
    if "/vendor/" in f"/{file.path}":
        return
    lock, spans = json_document(file)
    direct = None
    if (manifest := file.beside("composer.json")) is not None:
        try:
            document, _ = json_document(File(f"{file.folder}/composer.json".lstrip("/"), manifest, file.tree))
            direct = required_names(document)
        except ParseError as error:
            yield Problem(f"{file.folder}/composer.json".lstrip("/"), error.what)
    graph = Graph()
    entries = [(entry, False) for entry in tables(lock.get("packages"), "packages")]
    entries += [(entry, True) for entry in tables(lock.get("packages-dev"), "packages-dev")]
    fill(graph, entries, spans, direct)
    yield from graph.packages(composer_purl)
