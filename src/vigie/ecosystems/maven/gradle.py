"""Gradle's lock files. Source: Gradle's documentation of dependency locking, one file for all configurations."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.ecosystems.graph import Graph
from vigie.ecosystems.maven.ecosystem import maven_purl
from vigie.model.inventory import Problem
from vigie.model.package import Location, Package
from vigie.scanner.analyzer import File, Group, analyzer


@analyzer("gradle-lockfile", "**/*gradle.lockfile", group=Group.LOCKFILE, type="gradle", version=2)
def gradle(file: File) -> Iterator[Package | Problem]:
    """Lines `group:artifact:version=configuration,…`. What only test configurations use is for development."""
    graph = Graph()
    for number, line in enumerate(file.text().splitlines(), start=1):
        stated = line.strip()
        if not stated or stated.startswith(("#", "empty=")):
            continue
        coordinates, _, configurations = stated.partition("=")
        parts = coordinates.split(":")
        if len(parts) != 3 or not all(parts):
            yield file.problem(f"{coordinates[:80]!r} is not of the form group:artifact:version", number)
            continue
        group, artifact, version = parts
        graph.add(
            f"{group}:{artifact}",
            version,
            id=coordinates,
            dev=bool(configurations) and all(name.startswith("test") for name in configurations.split(",")),
            locations=(Location(number, number),),
        )
    yield from graph.packages(maven_purl)
