"""Java archives: JAR, WAR, EAR and PAR files, and those inside them.

An archive says what it is in its pom.properties. One that has none keeps what its manifest and its name claim as
`Package.claims`, to be settled later with the database of known archives (`scanner/identify.py`).
Source: the Maven Archiver reference, the JAR file specification.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from vigie import spdx
from vigie._core import Archive
from vigie.ecosystems.license_text import license_of
from vigie.ecosystems.maven.ecosystem import maven_purl
from vigie.ecosystems.maven.pom_xml import parse_pom
from vigie.model.inventory import Problem
from vigie.model.package import ArchiveClaims, Package
from vigie.scanner.analyzer import File, Group, ParseError, Reader, analyzer
from vigie.versions.maven import ORDERING

NAME = re.compile(r"([A-Za-z0-9._-]+)-(\d\S*)")
LONGEST_NAME = 255
GROUP_KEYS = ("implementation-vendor-id", "bundle-symbolicname", "implementation-vendor", "specification-vendor")
ARTIFACT_KEYS = ("implementation-title", "specification-title", "bundle-name")
VERSION_KEYS = ("implementation-version", "specification-version", "bundle-version")
MANIFEST = "META-INF/MANIFEST.MF"
POM_FILE = re.compile(r"META-INF/maven/([^/]+)/([^/]+)/pom\.xml")
LICENSE_FILE = re.compile(r"(?:META-INF/)?(?:licen[sc]e|copyright)[^/]*", re.IGNORECASE)
SPDX_ID = re.compile(r"[A-Za-z0-9.+-]+")
LINE_END = re.compile(r"\r\n|\r|\n")


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
    version=3,
)
def jar(file: File) -> Iterator[Package | Problem]:
    """A shaded archive names many packages; all of them have the archive's path."""
    if isinstance(file.content, Archive):
        yield from _packages(file.content, file.path, len(file.content.path))


def _packages(archive: Archive, outermost: str, read_from: int) -> Iterator[Package | Problem]:
    """outermost: path of the archive that is a file. read_from: length of the name it was read by, with which all paths
    begin."""
    path = outermost + archive.path[read_from:]
    yield from (Problem(outermost + where[read_from:], what) for where, what in archive.problems)
    named = from_name(path)
    stated = _pom_licenses(archive.files)
    embedded = _unique(
        properties(content) for name, content in archive.files if name.rpartition("/")[2] == "pom.properties"
    )
    known = any((found.artifact, found.version) == (named.artifact, named.version) for found in embedded)
    attributes = manifest(archive.files)
    # What lies in the archive speaks of one package only when there is only one.
    own = _own_licenses(archive.files, attributes) if len(embedded) <= 1 else ()
    for found in embedded:
        yield Package(
            name=found.name,
            version=found.version,
            purl=maven_purl(found.name, found.version),
            licenses=stated.get(found.name) or own,
            path=path,
            digest=_digest(archive),
        )
    if not known and archive.sha1:
        claimed = claims(attributes)
        yield Package(
            name="",
            version="",
            licenses=() if embedded else own,
            path=path,
            digest=_digest(archive),
            claims=ArchiveClaims(
                sha1=archive.sha1,
                manifest=(claimed.group, claimed.artifact, claimed.version),
                file_name=(named.artifact, named.version),
                holds_others=bool(embedded) or bool(archive.nested),
            ),
        )
    for nested in archive.nested:
        yield from _packages(nested, outermost, read_from)


def _digest(archive: Archive) -> str:
    return f"sha1:{archive.sha1}" if archive.sha1 else ""


def from_name(path: str) -> Coordinates:
    """Artifact and version from `artifact-1.2.3.jar`, divided at the last dash before a digit; nothing from others."""
    name = path.rpartition("/")[2]
    if not name.endswith(".jar") or len(name) > LONGEST_NAME:
        return Coordinates()
    found = NAME.fullmatch(name.removesuffix(".jar"))
    return Coordinates("", found[1], found[2]) if found else Coordinates()


def properties(content: bytes) -> Coordinates:
    """What a pom.properties says."""
    values: dict[str, str] = {}
    for line in LINE_END.split(content.decode("utf-8", errors="replace")):
        key, equals, value = line.partition("=")
        if equals:
            values[key.strip()] = value.strip()
    return Coordinates(values.get("groupId", ""), values.get("artifactId", ""), values.get("version", ""))


def manifest(files: Iterable[tuple[str, bytes]]) -> dict[str, str]:
    """The main section of an archive's manifest, names in lower case. Lines go on in the next when that begins with a
    blank; an archive without a manifest of its own is described by the last one in it."""
    found = [(name, content) for name, content in files if name.rpartition("/")[2] == "MANIFEST.MF"]
    content = next((content for name, content in found if name == MANIFEST), found[-1][1] if found else b"")
    values: dict[str, list[str]] = {}
    key = ""
    for line in LINE_END.split(content.decode("utf-8-sig", errors="replace")):
        if not line:
            break
        if line.startswith(" ") and key:
            values[key].append(line[1:])
        elif ":" in line:
            name, _, value = line.partition(":")
            key = name.lower()
            values[key] = [value]
    return {name: "".join(pieces).strip() for name, pieces in values.items()}


def claims(attributes: Mapping[str, str]) -> Coordinates:
    """The coordinates that a manifest's attributes suggest. Values that begin with `%` stand elsewhere, translated."""

    def first(keys: Iterable[str]) -> str:
        for name in keys:
            value = attributes.get(name, "")
            if name == "bundle-symbolicname":
                value = value.partition(";")[0].strip().rpartition(".")[0]
            if value and not value.startswith("%"):
                return value
        return ""

    return Coordinates(first(GROUP_KEYS), first(ARTIFACT_KEYS), first(VERSION_KEYS))


def _unique(found: Iterable[Coordinates]) -> list[Coordinates]:
    """Complete coordinates, each once; versions that Maven takes for equal count as one."""
    kept: dict[tuple[str, object], Coordinates] = {}
    for one in found:
        if one:
            kept.setdefault((one.name, ORDERING.key(one.version)), one)
    return list(kept.values())


def _pom_licenses(files: Iterable[tuple[str, bytes]]) -> dict[str, tuple[str, ...]]:
    """Licences that embedded poms state, by `group:artifact`."""
    found: dict[str, tuple[str, ...]] = {}
    for name, content in files:
        place = POM_FILE.fullmatch(name)
        if place and b"<licenses" in content:
            try:
                found[f"{place[1]}:{place[2]}"] = parse_pom(content).licenses
            except ParseError:
                continue  # the archive's coordinates stand in its pom.properties
    return found


def _own_licenses(files: Iterable[tuple[str, bytes]], attributes: Mapping[str, str]) -> tuple[str, ...]:
    """What the manifest says of the licence, else the one licence file that the archive has."""
    plugin = [value for name, value in attributes.items() if name.startswith("plugin-license-name")]
    if plugin:
        return spdx.unique(plugin)
    entries = spdx.unique(entry.partition(";")[0] for entry in attributes.get("bundle-license", "").split(","))
    if bundle := tuple(name for name in entries if SPDX_ID.fullmatch(name)):
        return bundle
    texts = [content for name, content in files if LICENSE_FILE.fullmatch(name)]
    return spdx.unique(map(license_of, texts)) if len(texts) == 1 else ()
