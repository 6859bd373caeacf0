"""A package, installed or pinned, and where it was found."""

from typing import Literal

from msgspec import Struct

from vigie.model.artifact import LayerReference

Relationship = Literal["root", "workspace", "direct", "indirect", "unknown"]


class Location(Struct, frozen=True):
    """Lines of a file, counted from 1, both ends included."""

    start: int
    end: int


class SourcePackage(Struct, frozen=True):
    """The source package a distribution built a binary package from. Same parts of a version as in `Package`."""

    name: str
    version: str = ""
    release: str = ""
    epoch: int = 0


class ArchiveClaims(Struct, frozen=True):
    """What an archive without coordinates of its own says of itself: its digest, (group, artifact, version) of the
    manifest and (artifact, version) of the file name, empty where unsaid. holds_others: it names packages inside it."""

    sha1: str
    manifest: tuple[str, str, str]
    file_name: tuple[str, str]
    holds_others: bool = False


class Package(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One component.

    name, version: as the package's own metadata writes them. For deb and rpm `version` is the upstream part alone,
        with `release` and `epoch` beside it; for apk and languages it is the whole text.
    id: the report's package id, unique inside one file's list, "" for types that have none; `depends_on` names ids.
    path: the package's own file, for packages that are files (wheels, gems, JARs); "" for the rows of a lock file.
    installed_files: absolute paths that the distribution's package owns.
    claims: stands instead of name and version until `scanner/identify.py` has settled what the archive is.
    third_party: not built by the distribution, so its advisories say nothing about it.
    """

    name: str
    version: str
    release: str = ""
    epoch: int = 0
    arch: str = ""
    source: SourcePackage | None = None
    id: str = ""
    purl: str = ""
    licenses: tuple[str, ...] = ()
    maintainer: str = ""
    modularity: str = ""
    third_party: bool | None = None
    relationship: Relationship = "unknown"
    dev: bool = False
    depends_on: tuple[str, ...] = ()
    path: str = ""
    digest: str = ""
    locations: tuple[Location, ...] = ()
    layer: LayerReference | None = None
    installed_files: tuple[str, ...] = ()
    found_by: str = ""
    claims: ArchiveClaims | None = None

    @property
    def full_version(self) -> str:
        """`[epoch:]version[-release]`, the text that package managers print and that reports show."""
        return evr(self.epoch, self.version, self.release)

    @property
    def source_version(self) -> str:
        """The source package's full version; "" when no source package is known."""
        return evr(self.source.epoch, self.source.version, self.source.release) if self.source else ""


def evr(epoch: int, version: str, release: str) -> str:
    """Joins the parts of a deb or rpm version; an epoch of 0 and an empty release are not written."""
    return f"{f'{epoch}:' if epoch else ''}{version}{f'-{release}' if release else ''}"
