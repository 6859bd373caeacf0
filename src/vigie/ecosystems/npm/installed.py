"""Installed Node.js packages: every package.json with a name and a version."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.ecosystems.npm.manifest import NAME, licenses_of, npm_purl, read_manifest
from vigie.model.package import Package
from vigie.scanner.analyzer import File, Group, ParseError, analyzer


@analyzer("node-pkg", "**/package.json", group=Group.INSTALLED, type="node-pkg")
def node_pkg(file: File) -> Iterator[Package]:
    """A project without name or version is nobody's package and is left out."""
    manifest = read_manifest(file.bytes())
    name, version = manifest.name, manifest.version
    if not name or not version:
        return
    if not NAME.fullmatch(name):
        raise ParseError(f"names a package {name[:80]!r}, which is no npm package name")
    yield Package(
        name=name,
        version=version,
        id=f"{name}@{version}",
        purl=npm_purl(name, version),
        licenses=licenses_of(manifest),
        path=file.path,
    )
