"""Java archives: JAR, WAR, EAR and PAR files, and those inside them.

An archive says what it is in its pom.properties. One that has none keeps what its manifest and its name claim as
`Package.claims`, to be settled later with the database of known archives (`scanner/identify.py`).
Source: the Maven Archiver reference, the JAR file specification.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from vigie import spdx
from vigie._core import Archive
from vigie.ecosystems.maven.ecosystem import maven_purl
from vigie.model.inventory import Problem
from vigie.model.package import ArchiveClaims, Package
from vigie.scanner.analyzer import File, Group, Reader, analyzer
from vigie.versions.maven import ORDERING
from vigie.versions.ordering import InvalidVersion

NAME = re.compile(r"([A-Za-z0-9._-]+)-(\d\S*)\.jar$")
GROUP_KEYS = ("Implementation-Vendor-Id", "Bundle-SymbolicName", "Implementation-Vendor", "Specification-Vendor")
ARTIFACT_KEYS = ("Implementation-Title", "Specification-Title", "Bundle-Name")
VERSION_KEYS = ("Implementation-Version", "Specification-Version", "Bundle-Version")
MANIFEST_LIMIT = 10 << 20


class Coordinates(Struct, frozen=True):
    """Group, artifact and version; any may be empty."""

    group: str = ""
    artifact: str = ""
    version: str = ""

    def __bool__(self) -> bool:
        return bool(self.group and self.artifact and self.version)

    @property
    def name(self) -> str:
        """`group:artifact`."""
        return f"{self.group}:{self.artifact}"


@analyzer(
    "jar",
    "**/*.[jJ][aA][rR]",
    "**/*.[wW][aA][rR]",
    "**/*.[eE][aA][rR]",
    "**/*.[pP][aA][rR]",
    group=Group.INSTALLED,
    type="jar",
    reader=Reader.ARCHIVE,
)
def jar(file: File) -> Iterator[Package | Problem]:
    """A shaded archive names many packages; all of them have the archive's path."""
    if isinstance(file.content, Archive):
        yield from _packages(file.content, file.path)


def _packages(archive: Archive, path: str) -> Iterator[Package | Problem]:
    yield from (Problem(where, what) for where, what in archive.problems)
    named = _from_name(path)
    licenses = _pom_licenses(archive.files)
    embedded = _unique(
        properties(content) for name, content in archive.files if name.rpartition("/")[2] == "pom.properties"
    )
    for found in embedded:
        yield Package(
            name=found.name,
            version=found.version,
            purl=maven_purl(found.name, found.version),
            licenses=licenses.get(found.name, ()),
            path=path,
            digest=f"sha1:{archive.sha1}",
        )
    if not any((found.artifact, found.version) == (named.artifact, named.version) for found in embedded):
        claimed = Coordinates()
        for name, content in archive.files:
            if name.rpartition("/")[2] == "MANIFEST.MF":
                claimed = manifest(content)
        yield Package(
            name="",
            version="",
            path=path,
            digest=f"sha1:{archive.sha1}",
            claims=ArchiveClaims(
                sha1=archive.sha1,
                manifest=(claimed.group, claimed.artifact, claimed.version),
                file_name=(named.artifact, named.version),
                holds_others=bool(embedded) or bool(archive.nested),
            ),
        )
    for nested in archive.nested:
        yield from _packages(nested, nested.path)


def _from_name(path: str) -> Coordinates:
    """Artifact and version from `artifact-1.2.3.jar`; the last dash before a digit divides."""
    found = NAME.match(path.rpartition("/")[2])
    if found is None:
        return Coordinates()
    artifact, version = found[1], found[2]
    while (later := re.match(r"(\S*?)-(\d\S*)$", version)) is not None:
        artifact, version = f"{artifact}-{later[1]}", later[2]
    return Coordinates("", artifact, version)


def properties(content: bytes) -> Coordinates:
    """What a pom.properties says."""
    values: dict[str, str] = {}
    for line in content.decode("utf-8", errors="replace").splitlines():
        key, equals, value = line.partition("=")
        if equals:
            values[key.strip()] = value.strip()
    return Coordinates(values.get("groupId", ""), values.get("artifactId", ""), values.get("version", ""))


def manifest(content: bytes) -> Coordinates:
    """What the main section of a manifest claims. Lines go on in the next when that begins with a blank."""
    values: dict[str, str] = {}
    key = ""
    for line in content[:MANIFEST_LIMIT].decode("utf-8", errors="replace").splitlines():
        if not line:
            break
        if line.startswith(" ") and key:
            values[key] += line[1:]
        elif ":" in line:
            key, _, value = line.partition(":")
            values[key] = value.lstrip(" ")

    def first(keys: Iterable[str]) -> str:
        for name in keys:
            value = values.get(name, "").strip()
            if name == "Bundle-SymbolicName":
                value = value.partition(";")[0].rpartition(".")[0]
            if value and not value.startswith("%"):
                return value
        return ""

    return Coordinates(first(GROUP_KEYS), first(ARTIFACT_KEYS), first(VERSION_KEYS))


def _unique(found: Iterable[Coordinates]) -> list[Coordinates]:
    """Complete coordinates, each once; versions that Maven takes for equal count as one."""
    kept: dict[tuple[str, object], Coordinates] = {}
    for one in found:
        if one:
            try:
                version: object = ORDERING.key(one.version)
            except InvalidVersion:
                version = one.version
            kept.setdefault((one.name, version), one)
    return list(kept.values())


def _pom_licenses(files: Iterable[tuple[str, bytes]]) -> dict[str, tuple[str, ...]]:
    """Licences that embedded poms state, by `group:artifact`."""
    found: dict[str, tuple[str, ...]] = {}
    for name, content in files:
        parts = name.split("/")
        if len(parts) >= 5 and parts[-1] == "pom.xml" and parts[-5:-3] == ["META-INF", "maven"]:
            stated = re.search(rb"<licenses>(.*?)</licenses>", content, re.DOTALL)
            names = re.findall(rb"<name>\s*([^<]+?)\s*</name>", stated[1]) if stated else []
            found[f"{parts[-3]}:{parts[-2]}"] = spdx.unique(text.decode("utf-8", errors="replace") for text in names)
    return found
