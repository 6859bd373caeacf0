"""rpm's database. Rust reads its three storage formats; here its rows become packages."""

from __future__ import annotations

from collections.abc import Iterator

from vigie import _core
from vigie.model.inventory import Fact
from vigie.model.package import Package, SourcePackage
from vigie.scanner.analyzer import File, Group, Reader, analyzer
from vigie.scanner.distro import official

NONE = "(none)"
"""What rpm prints for a tag that is absent."""

VENDORS = (
    "Amazon Linux",
    "Amazon.com",
    "CentOS",
    "Fedora Project",
    "Oracle America",
    "Red Hat",
    "AlmaLinux",
    "CloudLinux",
    "VMware",
    "SUSE",
    "openSUSE",
    "Microsoft Corporation",
    "Rocky",
)
"""How the Vendor tags of distributions begin."""


@analyzer(
    "rpm",
    "var/lib/rpm/Packages",
    "var/lib/rpm/Packages.db",
    "var/lib/rpm/rpmdb.sqlite",
    "usr/lib/sysimage/rpm/Packages",
    "usr/lib/sysimage/rpm/Packages.db",
    "usr/lib/sysimage/rpm/rpmdb.sqlite",
    "usr/share/rpm/rpmdb.sqlite",
    group=Group.SYSTEM,
    type="rpm",
    reader=Reader.RPM,
    version=1,
)
def rpm(file: File) -> Iterator[Fact]:
    """The packages that rpm installed. Source: rpm's tag reference (https://rpm.org/docs/latest/manual/tags.html)."""
    rows = file.content
    if not isinstance(rows, list):
        raise TypeError(f"{file.path} was not read as an rpm database")
    providers = {name: identity(row) for row in rows for name in row.provides}
    for row in rows:
        yield package(row, providers)


def identity(row: _core.RpmPackage) -> str:
    """The package id of a row."""
    return f"{row.name}@{row.version}-{row.release}.{_text(row.arch)}"


def package(row: _core.RpmPackage, providers: dict[str, str]) -> Package:
    """The package of a row. providers: from what packages provide to their ids."""
    id_ = identity(row)
    needs = {providers[name] for name in row.requires if name in providers} - {id_}
    vendor, license_ = _text(row.vendor), _text(row.license)
    foreign = third_party(vendor, row.release)
    return Package(
        id=id_,
        name=row.name,
        version=row.version,
        release=row.release,
        epoch=row.epoch or 0,
        arch=_text(row.arch) or "None",
        source=source(_text(row.source_rpm), row.epoch or 0),
        licenses=(license_,) if license_ else (),
        maintainer=vendor,
        modularity=_text(row.modularity),
        third_party=foreign,
        depends_on=tuple(sorted(needs)),
        digest=f"md5:{row.md5}" if row.md5 else "",
        installed_files=() if foreign else tuple(row.files),
    )


def source(file_name: str, epoch: int) -> SourcePackage | None:
    """The source package behind a `name-version-release.src.rpm`; None when it has too few parts. Source packages'
    names carry no epoch; it is the binary's."""
    stem, dot, _ = file_name.removesuffix(".rpm").rpartition(".")
    pieces = stem.rsplit("-", 2)
    return SourcePackage(pieces[0], pieces[1], pieces[2], epoch) if dot and len(pieces) == 3 else None


def third_party(vendor: str, release: str) -> bool:
    """Whether somebody else than a distribution built the package. Amazon Linux 1 has packages without a vendor."""
    return "amzn" not in release if not vendor else not vendor.startswith(VENDORS)


def judged(package: Package) -> bool:
    """The distribution's advisories speak of this package; `gpg-pubkey` is a key, no software."""
    return official(package) and package.name != "gpg-pubkey"


def _text(value: str) -> str:
    return "" if value == NONE else value
