"""dpkg's databases: the status file (or one file per package in images without dpkg), file lists and digests."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from vigie.model.inventory import Fact, OwnedFiles, PackageDigest
from vigie.model.package import Package, SourcePackage
from vigie.scanner.analyzer import File, Group, ParseError, analyzer
from vigie.versions.deb import ORDERING
from vigie.versions.ordering import InvalidVersion

FIELD = re.compile(
    r"^(Package|Status|Version|Source|Architecture|Maintainer|Depends|SHA256):[ \t]*(.*(?:\n[ \t].*)*)",
    re.IGNORECASE | re.MULTILINE,
)
SOURCE = re.compile(r"(\S+)(?:\s+\(([^)]*)\))?")
GONE = frozenset({"deinstall", "purge", "not-installed", "config-files"})
"""Words of Status that say that a package is not, or no longer, there."""

THIRD_PARTIES = (
    "support@docker.com",
    "@nvidia.com",
    "Google Cloud CLI Authors",
    "sapmachine@sap.com",
    "@hashicorp.com",
    "@microsoft.com",
    "@mongodb.com",
    "developers@lists.mariadb.org",
    "dev@couchdb.apache.org",
    "info@elastic.co",
    "nginx-packaging@f5.com",
    "@konghq.com",
    "@cloudflare.com",
    "support@influxdb.com",
    "support@gitlab.com",
    "contact@grafana.com",
    "@datadoghq.com",
    "@nodesource.com",
    "info@tailscale.com",
    "@openrobotics.org",
    "@osrfoundation.org",
)
"""Parts of a Maintainer field that tell that somebody else than the distribution built the package."""
THIRD_PARTY_NAMES = frozenset({"GitHub", "HashiCorp"})


@analyzer(
    "dpkg",
    "var/lib/dpkg/status",
    "var/lib/dpkg/status.d/*",
    "var/lib/dpkg/info/*.md5sums",
    "var/lib/dpkg/available",
    group=Group.SYSTEM,
    type="deb",
    version=1,
)
def dpkg(file: File) -> Iterator[Fact]:
    """The packages that dpkg installed, the files they own, and their archives' digests.

    Source: deb-control(5), dpkg-query(1) for the words of Status; `status.d` is how distroless images keep it.
    """
    if file.path.endswith(".md5sums"):
        yield OwnedFiles(file.name.removesuffix(".md5sums"), owned_files(file.text()))
    elif file.path.endswith("/available"):
        yield from _digests(file.text())
    else:
        yield from _status(file)


def _status(file: File) -> Iterator[Fact]:
    packages: dict[str, Package] = {}
    wanted: dict[str, str] = {}
    by_name: dict[str, str] = {}
    for fields in paragraphs(file.text()):
        if GONE & set(fields.get("status", "").split()):
            continue
        try:
            package = _package(fields)
        except (InvalidVersion, ParseError) as error:
            yield file.problem(f"{fields.get('package') or 'a package without a name'} was left out: {error}")
            continue
        packages[package.id] = package
        wanted[package.id] = fields.get("depends", "")
        by_name[package.name] = package.id
    for package in packages.values():
        needs = {by_name[name] for name in dependencies(wanted[package.id]) if name in by_name}
        yield replace(package, depends_on=tuple(sorted(needs))) if needs else package


def paragraphs(text: str) -> Iterator[dict[str, str]]:
    """The fields that are used, by lower-cased name, of each paragraph that names any; the first value of a field
    counts."""
    for paragraph in text.replace("\r\n", "\n").split("\n\n"):
        fields: dict[str, str] = {}
        for name, value in FIELD.findall(paragraph):
            fields.setdefault(name.lower(), value.strip())
        if fields:
            yield fields


def split_version(text: str) -> tuple[int, str, str]:
    """Epoch, upstream version and revision. Raises InvalidVersion."""
    ORDERING.key(text)
    before, colon, rest = text.strip().partition(":")
    upstream, dash, revision = (rest if colon else before).rpartition("-")
    return (int(before) if colon else 0, upstream, revision) if dash else (int(before) if colon else 0, revision, "")


def dependencies(text: str) -> Iterator[str]:
    """The names in a Depends field; of alternatives, all."""
    for word in re.split(r"[,|]", text):
        yield word.partition("(")[0].strip()


def third_party(maintainer: str) -> bool:
    """Whether somebody else than the distribution maintains the package."""
    return maintainer in THIRD_PARTY_NAMES or any(mark in maintainer for mark in THIRD_PARTIES)


def owned_files(text: str) -> tuple[str, ...]:
    """The absolute paths of an md5sums file, sorted. Raises ParseError for a line of another form."""
    paths = []
    for number, line in enumerate(text.split("\n"), 1):
        if line:
            digest, blanks, path = line.partition("  ")
            if not blanks or " " in digest:
                raise ParseError("a line is no digest and path; the list was left out", number)
            paths.append(f"/{path}")
    paths.sort()
    return tuple(paths)


def _digests(text: str) -> Iterator[Fact]:
    for fields in paragraphs(text):
        if "sha256" in fields and "package" in fields and "version" in fields:
            yield PackageDigest(f"{fields['package']}@{fields['version']}", f"sha256:{fields['sha256']}")


def _package(fields: dict[str, str]) -> Package:
    """Raises ParseError when name or version is missing, InvalidVersion when the version is none."""
    name, text = fields.get("package", ""), fields.get("version", "")
    if not name or not text:
        raise ParseError("it has no version" if name else "no name")
    epoch, version, release = split_version(text)
    written = SOURCE.match(fields.get("source", ""))
    if written:
        source_epoch, source_version, source_release = (
            split_version(written[2]) if written[2] else (epoch, version, release)
        )
        source = SourcePackage(written[1], source_version, source_release, source_epoch)
    else:
        source = SourcePackage(name, version, release, epoch)
    maintainer = fields.get("maintainer", "")
    return Package(
        id=f"{name}@{text}",
        name=name,
        version=version,
        release=release,
        epoch=epoch,
        arch=fields.get("architecture", ""),
        source=source,
        maintainer=maintainer,
        third_party=third_party(maintainer),
    )
