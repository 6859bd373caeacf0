"""What an artifact contains, as facts: the only thing that detectors see. Made by analyzers, merged over layers."""

from msgspec import Struct

from vigie.model.artifact import LayerReference
from vigie.model.package import Package
from vigie.model.secret import SecretCandidate


class Problem(Struct, frozen=True, omit_defaults=True):
    """Something that could not be read or judged. It stands in the report beside the findings.

    where: file (with `:line` when known), layer or part. fatal: a whole part that was asked for is missing, exit
    status 3. caution: everything was read and judged, but by old knowledge; no exit status depends on it.
    """

    where: str
    what: str
    hint: str = ""
    fatal: bool = False
    caution: bool = False


class OperatingSystem(Struct, frozen=True, tag=True, omit_defaults=True):
    """A detected distribution. `family` and `name` as in the report's `OS` (`debian`, `12.5`).

    An analyzer may know only one part: family and name empty with `extended` set is Ubuntu's support contract,
    with `supplier` set a hardened image's maker.
    """

    family: str = ""
    name: str = ""
    extended: bool = False
    supplier: str = ""


class PackageRepository(Struct, frozen=True, tag=True):
    """The release that the package repositories point at (Alpine), which may differ from the system's own."""

    family: str
    release: str


class BuildInfo(Struct, frozen=True, tag=True, omit_defaults=True):
    """Red Hat's build facts: the content sets of the image, or its name-version-release and architecture."""

    content_sets: tuple[str, ...] = ()
    nvr: str = ""
    arch: str = ""


class PackageLicenses(Struct, frozen=True, tag=True):
    """Licences that a file other than the package database states for the package `name` (Debian's copyright files)."""

    name: str
    licenses: tuple[str, ...]


class OwnedFiles(Struct, frozen=True, tag=True):
    """Absolute paths that the distribution's packages own, where they stand apart from the packages (dpkg's
    md5sums)."""

    package: str
    paths: tuple[str, ...]


class PackageDigest(Struct, frozen=True, tag=True):
    """A digest that a file other than the package database states for the package with this id (dpkg's `available`)."""

    id: str
    digest: str


class Configuration(Struct, frozen=True, tag=True):
    """A file of configuration that is to be judged. language: as in `--misconfig-scanners`; data: the whole file."""

    language: str
    path: str
    data: bytes
    layer: LayerReference | None = None


Fact = (
    Package
    | OperatingSystem
    | PackageRepository
    | BuildInfo
    | PackageLicenses
    | OwnedFiles
    | PackageDigest
    | Configuration
    | SecretCandidate
    | Problem
)
"""What an analyzer may yield."""


class PackageList(Struct, frozen=True, omit_defaults=True):
    """The packages one file names. `type` is the report's Type (`debian` lists use the package type `deb`, `rpm`,
    `apk`)."""

    type: str
    path: str
    packages: tuple[Package, ...]


class PartFacts(Struct, frozen=True, omit_defaults=True):
    """All that was read from one layer or folder. This is what the cache stores."""

    systems: tuple[OperatingSystem, ...] = ()
    repository: PackageRepository | None = None
    build: BuildInfo | None = None
    os_packages: tuple[PackageList, ...] = ()
    applications: tuple[PackageList, ...] = ()
    licenses: tuple[PackageLicenses, ...] = ()
    owned_files: tuple[OwnedFiles, ...] = ()
    digests: tuple[PackageDigest, ...] = ()
    configurations: tuple[Configuration, ...] = ()
    secrets: tuple[SecretCandidate, ...] = ()
    whiteouts: tuple[str, ...] = ()
    opaque: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    digest: str = ""
    diff_id: str = ""
    size: int = 0


class Inventory(Struct, frozen=True):
    """The merged facts of an artifact. `builds` maps a layer's diff id to the build facts that hold for its
    packages."""

    system: OperatingSystem | None = None
    repository: PackageRepository | None = None
    builds: dict[str, BuildInfo] = {}
    os_packages: tuple[Package, ...] = ()
    applications: tuple[PackageList, ...] = ()
    configurations: tuple[Configuration, ...] = ()
    secrets: tuple[SecretCandidate, ...] = ()
    problems: tuple[Problem, ...] = ()
