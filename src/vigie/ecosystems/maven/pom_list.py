"""A Maven project and what it is built with, as packages of a report."""

from __future__ import annotations

from msgspec import Struct

from vigie.ecosystems.maven.ecosystem import maven_purl
from vigie.ecosystems.maven.pom_project import Project
from vigie.ecosystems.maven.pom_resolve import Resolution
from vigie.model.package import Package
from vigie.model.structure_hash import of_map, of_text


class Listed(Struct, frozen=True):
    """A project as it stands in the list of a project above it. project: itself, None when it has no coordinates."""

    project: Package | None
    packages: tuple[Package, ...]
    resolution: Resolution


def listed(path: str, project: Project, resolution: Resolution) -> Listed:
    """The packages of the project whose file is at `path`."""
    ids = {row.name: _id(row.name, row.version, path) for row in resolution.rows.values()}
    # What has no version is not what a package was built with.
    targets = {row.name: ids[row.name] for row in resolution.rows.values() if row.version}
    itself = None
    if project.group and project.artifact:
        itself = Package(
            name=project.name,
            version=project.version,
            id=_id(project.name, project.version, path),
            purl=maven_purl(project.name, project.version),
            relationship="workspace",
            licenses=project.licenses,
            depends_on=tuple(
                sorted(
                    targets[row.name]
                    for row in resolution.rows.values()
                    if row.relationship == "direct" and row.version
                )
            ),
        )
    packages = tuple(
        Package(
            name=row.name,
            version=row.version,
            id=ids[row.name],
            purl=maven_purl(row.name, row.version),
            relationship=row.relationship,
            licenses=row.licenses,
            depends_on=tuple(sorted(targets[name] for name in row.needs if name in targets)),
        )
        for row in resolution.rows.values()
    )
    return Listed(itself, packages, resolution)


def _id(name: str, version: str, path: str) -> str:
    """`group:artifact:version`, and eight digits that tell the same package of other files apart."""
    coordinates = f"{name}:{version}" if version else name
    digits = f"{of_map({'gav': of_text(coordinates), 'path': of_text(path)}):x}"
    return f"{coordinates}::{digits[:8]}"
