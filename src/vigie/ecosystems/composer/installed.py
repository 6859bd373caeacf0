"""Installed PHP packages: Composer's installed.json. Source: Composer's documentation; version 1 is a bare list."""

from __future__ import annotations

from collections.abc import Iterator

from vigie import _core
from vigie.ecosystems.composer.ecosystem import composer_purl, fill
from vigie.ecosystems.documents import tables
from vigie.ecosystems.graph import Graph
from vigie.model.package import Package
from vigie.scanner.analyzer import File, Group, ParseError, analyzer


@analyzer("composer-vendor", "**/installed.json", group=Group.INSTALLED, type="composer-vendor")
def composer_vendor(file: File) -> Iterator[Package]:
    """Any file of this name that lists packages; others of the name are no business of Composer's.

    What it calls development packages is installed like the rest, so it counts like the rest.
    """
    try:
        document, spans = _core.parse_json(file.bytes())
    except ValueError as error:
        raise ParseError(f"is not valid JSON: {error.args[0]}") from error
    if isinstance(document, dict):
        if "packages" not in document:
            return
        document = document["packages"]
    graph = Graph()
    fill(graph, [(entry, False) for entry in tables(document, "packages")], spans, None)
    yield from graph.packages(composer_purl)
