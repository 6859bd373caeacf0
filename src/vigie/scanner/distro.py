"""The shape of a distribution: facts that are looked up, never switched on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from msgspec import Struct

from vigie.model.advisory import Advisory
from vigie.model.inventory import OperatingSystem, PackageRepository
from vigie.model.package import Package, evr
from vigie.model.purl import purl
from vigie.versions.ordering import Ordering


class Platform(Struct, frozen=True):
    """Where the advisories of one release stand: `trivy` is the bucket of Trivy's database (`debian 12`), `osv` the
    ecosystem names of OSV records (`Debian:12`), `osv_binary` those whose records name binary packages
    (`x_Ubuntu-binary:22.04`). warning: something the report should say about this choice."""

    trivy: str
    osv: tuple[str, ...] = ()
    osv_binary: tuple[str, ...] = ()
    warning: str = ""


def always(_: Advisory, __: Package) -> bool:
    """Every advisory may apply."""
    return True


def official(package: Package) -> bool:
    """The distribution's advisories speak of this package."""
    return package.third_party is not True


def by_source(package: Package) -> str:
    """Advisories are keyed by source package; a package without one matches nothing."""
    return package.source.name if package.source else ""


def by_binary(package: Package) -> str:
    """Advisories are keyed by binary package."""
    return package.name


def source_version(package: Package) -> str:
    """The source package's version is compared."""
    return package.source_version


def binary_version(package: Package) -> str:
    """The binary package's version is compared."""
    return package.full_version


class Distro(Struct, frozen=True, kw_only=True):
    """One family, such as debian.

    name: the report's `OS.Family`. package_type: `deb`, `rpm` or `apk` (purl type). namespace: purl namespace,
        the name unless stated; none for a family with a type of its own.
    distro_qualifier: the purl's `distro` from the family and `OS.Name`.
    platform: where to look for this system's advisories, None when there cannot be any (an unreleased branch).
        `today` matters for support contracts (Ubuntu).
    lookup, compared, shown: the name looked up, the version compared and the version shown as installed.
    judges: whether a package is matched at all.
    applies: whether this advisory may speak of that package (arch, flavour).
    report_unfixed: whether an advisory without a fix is a finding.
    parsed_fix: show the fixed version as the ordering prints it instead of as stored.
    preset_severity: the source id whose per-package severity overrides the choice (`debian`, `redhat`); "" for none.
    vendor_ids: copy the advisory's vendor ids into findings. package_id: write PkgID into findings.
    end_of_life: release → last day of support. end_of_life_key: the release as that table writes it.
    rolling: no releases, so never out of support.
    """

    name: str
    package_type: str
    ordering: Ordering
    platform: Callable[[OperatingSystem, PackageRepository | None, date], Platform | None]
    namespace: str = ""
    distro_qualifier: Callable[[str, str], str] = lambda family, name: f"{family}-{name}"
    lookup: Callable[[Package], str] = by_binary
    compared: Callable[[Package], str] = binary_version
    shown: Callable[[Package], str] = binary_version
    judges: Callable[[Package], bool] = official
    applies: Callable[[Advisory, Package], bool] = always
    report_unfixed: bool = False
    parsed_fix: bool = False
    preset_severity: str = ""
    vendor_ids: bool = False
    package_id: bool = True
    end_of_life: Mapping[str, date] = {}
    end_of_life_key: Callable[[OperatingSystem, date], str] = lambda system, _: system.name
    rolling: bool = False

    def purl(self, package: Package, release: str) -> str:
        """The package URL of one of its packages. release: `OS.Name`, as detected."""
        return purl(
            self.package_type,
            self.namespace or (self.name if self.package_type != self.name else ""),
            package.name.lower() if self.package_type == "apk" else package.name,
            evr(0, package.version, package.release),
            {
                "arch": package.arch,
                "distro": self.distro_qualifier(self.name, release),
                "epoch": str(package.epoch) if package.epoch else "",
                "modularitylabel": package.modularity,
            },
        )


def major(version: str) -> str:
    """The text before the first dot."""
    return version.partition(".")[0]


def minor(version: str) -> str:
    """The first two dot-separated parts; the whole text when there is no dot."""
    return ".".join(version.split(".")[:2])
