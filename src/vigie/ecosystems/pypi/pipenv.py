"""Pipfile.lock. Source: Pipenv's documentation of its lock file."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.ecosystems.documents import json_document, line_of, place, table, text
from vigie.ecosystems.pypi.names import pypi_purl
from vigie.model.package import Package
from vigie.scanner.analyzer import File, Group, analyzer


@analyzer("pipenv", "**/Pipfile.lock", group=Group.LOCKFILE, type="pipenv")
def pipenv(file: File) -> Iterator[Package]:
    """The section `default`, and what only other sections have (`develop` and categories that are installed on demand),
    for development. Entries from a path or a repository have no version."""
    lock, spans = json_document(file)
    shipped: set[tuple[str, str]] = set()
    for section in ("default", *sorted(set(lock) - {"_meta", "default"})):
        for name, value in table(lock.get(section), section).items():
            entry = table(value, f"package {name}")
            version = text(entry.get("version"), f"version of {name}", line_of(entry, spans)).lstrip("=")
            if (name, version) not in shipped:
                shipped.add((name, version))
                yield Package(
                    name=name,
                    version=version,
                    purl=pypi_purl(name, version),
                    dev=section != "default",
                    locations=place(entry, spans),
                )
