"""Every option of the scan commands, in groups. Names, keys and defaults are Trivy's, so that pipelines carry over."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Struct


class Flag(Struct, frozen=True):
    """How an option is spelled. key: its place in trivy.yaml or vigie.yaml, "" when only flag and environment set it.
    aliases: older spellings, accepted with a warning."""

    name: str
    key: str
    help: str
    short: str = ""
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    metavar: str = ""
    hidden: bool = False


class GlobalOptions(Struct, frozen=True):
    """What every command understands. timeout in seconds."""

    config: Annotated[str, Flag("--config", "", "settings file (default trivy.yaml or vigie.yaml in this folder)", "-c")] = ""
    cache_dir: Annotated[str, Flag("--cache-dir", "cache.dir", "folder for databases and scan results")] = ""
    timeout: Annotated[float, Flag("--timeout", "timeout", "give up after this long (90s, 5m, 1h)", metavar="TIME")] = 300.0
    debug: Annotated[bool, Flag("--debug", "debug", "say what is going on, and show causes of errors", "-d")] = False
    quiet: Annotated[bool, Flag("--quiet", "quiet", "no progress and no log lines", "-q")] = False
    insecure: Annotated[bool, Flag("--insecure", "insecure", "allow plain HTTP and unverified certificates")] = False
    cacert: Annotated[str, Flag("--cacert", "cacert", "file with further CA certificates", metavar="FILE")] = ""


class CacheOptions(Struct, frozen=True):
    """Where results of layers are kept. max_size in bytes."""

    backend: Annotated[str, Flag("--cache-backend", "cache.backend", "where results of layers are kept: fs or memory")] = ""
    ttl: Annotated[float, Flag("--cache-ttl", "cache.ttl", "how long a Redis cache keeps results", hidden=True)] = 0.0
    max_size: Annotated[int, Flag("--cache-max-size", "cache.max-size", "bound on the scan cache; least recently used goes first")] = 1 << 30


class DatabaseOptions(Struct, frozen=True):
    """Which knowledge to use and how to keep it fresh."""

    repositories: Annotated[
        tuple[str, ...], Flag("--db-repository", "db.repository", "where Trivy's database is fetched, tried in order")
    ] = ("mirror.gcr.io/aquasec/trivy-db:2", "ghcr.io/aquasecurity/trivy-db:2")
    java_repositories: Annotated[
        tuple[str, ...], Flag("--java-db-repository", "db.java-repository", "where the Java database is fetched, tried in order")
    ] = ("mirror.gcr.io/aquasec/trivy-java-db:1", "ghcr.io/aquasecurity/trivy-java-db:1")
    skip_update: Annotated[
        bool, Flag("--skip-db-update", "db.skip-update", "use the database that is there", aliases=("--skip-update",))
    ] = False
    skip_java_update: Annotated[bool, Flag("--skip-java-db-update", "db.java-skip-update", "use the Java database that is there")] = False
    download_only: Annotated[bool, Flag("--download-db-only", "db.download-only", "fetch the database and stop")] = False
    download_java_only: Annotated[bool, Flag("--download-java-db-only", "db.download-java-only", "fetch the Java database and stop")] = False
    no_progress: Annotated[bool, Flag("--no-progress", "db.no-progress", "no progress bars")] = False
    database: Annotated[
        str,
        Flag("--database", "db.use", "which database answers: auto, trivy, vigie, or the path of a file", metavar="WHICH"),
    ] = "auto"


class ImageOptions(Struct, frozen=True):
    """How an image is found. max_size in bytes, 0 for no bound."""

    input: Annotated[str, Flag("--input", "image.input", "archive or OCI layout folder to read instead of a registry", metavar="PATH")] = ""
    sources: Annotated[
        tuple[str, ...], Flag("--image-src", "image.source", "where to look, in order: docker, containerd, podman, remote")
    ] = ("docker", "containerd", "podman", "remote")
    platform: Annotated[str, Flag("--platform", "image.platform", "os/arch[/variant] of a multi-platform image")] = ""
    docker_host: Annotated[str, Flag("--docker-host", "image.docker.host", "address of the Docker daemon")] = ""
    podman_host: Annotated[str, Flag("--podman-host", "image.podman.host", "address of the podman service", hidden=True)] = ""
    max_size: Annotated[int, Flag("--max-image-size", "image.max-size", "refuse larger images (500MB, 2GB)", metavar="SIZE")] = 0
    removed_packages: Annotated[bool, Flag("--removed-pkgs", "image.removed-pkgs", "also packages removed by later layers", hidden=True)] = False
    config_scanners: Annotated[
        tuple[str, ...], Flag("--image-config-scanners", "image.image-config-scanners", "what to look for in the image's configuration", hidden=True)
    ] = ()


class RegistryOptions(Struct, frozen=True):
    """Credentials and mirrors. Users and passwords are paired by position."""

    usernames: Annotated[tuple[str, ...], Flag("--username", "registry.username", "registry user")] = ()
    passwords: Annotated[tuple[str, ...], Flag("--password", "registry.password", "registry password; prefer --password-stdin")] = ()
    password_stdin: Annotated[bool, Flag("--password-stdin", "registry.password-stdin", "read the password from standard input")] = False
    token: Annotated[str, Flag("--registry-token", "registry.token", "bearer token for the registry")] = ""
    mirrors: dict[str, tuple[str, ...]] = {}
    """registry.mirrors of the settings file: host → mirror hosts, tried first."""


class RepositoryOptions(Struct, frozen=True):
    """Which revision of a repository."""

    branch: Annotated[str, Flag("--branch", "repository.branch", "branch to scan")] = ""
    tag: Annotated[str, Flag("--tag", "repository.tag", "tag to scan")] = ""
    commit: Annotated[str, Flag("--commit", "repository.commit", "commit to scan")] = ""


class ScanOptions(Struct, frozen=True):
    """What is read."""

    scanners: Annotated[
        tuple[str, ...],
        Flag("--scanners", "scan.scanners", "what to look for: vuln, misconfig, secret, license", aliases=("--security-checks",)),
    ] = ("vuln",)
    skip_dirs: Annotated[tuple[str, ...], Flag("--skip-dirs", "scan.skip-dirs", "folders to leave out (globs)")] = ()
    skip_files: Annotated[tuple[str, ...], Flag("--skip-files", "scan.skip-files", "files to leave out (globs)")] = ()
    file_patterns: Annotated[tuple[str, ...], Flag("--file-patterns", "scan.file-patterns", "further files for an analyzer, as name:regex")] = ()
    offline: Annotated[bool, Flag("--offline-scan", "scan.offline", "make no network request to learn about packages")] = False
    parallel: Annotated[int, Flag("--parallel", "scan.parallel", "layers read at once; 0 is the number of cores")] = 5
    detection_priority: Annotated[
        Literal["precise", "comprehensive"],
        Flag("--detection-priority", "scan.detection-priority", "fewer false alarms, or fewer misses", choices=("precise", "comprehensive")),
    ] = "precise"
    distro: Annotated[str, Flag("--distro", "scan.distro", "take the system for this one (family/version)")] = ""


class PackageOptions(Struct, frozen=True):
    """Which packages count."""

    types: Annotated[
        tuple[str, ...],
        Flag("--pkg-types", "pkg.types", "os, library", aliases=("--vuln-type",), choices=("os", "library")),
    ] = ("os", "library")
    relationships: Annotated[
        tuple[str, ...],
        Flag("--pkg-relationships", "pkg.relationships", "keep packages with these relationships", choices=("unknown", "root", "workspace", "direct", "indirect")),
    ] = ("unknown", "root", "workspace", "direct", "indirect")
    include_dev: Annotated[bool, Flag("--include-dev-deps", "pkg.include-dev-deps", "development dependencies too")] = False


class VulnerabilityOptions(Struct, frozen=True):
    """How vulnerabilities are chosen and rated."""

    ignore_unfixed: Annotated[bool, Flag("--ignore-unfixed", "vulnerability.ignore-unfixed", "only what has a fix")] = False
    ignore_status: Annotated[tuple[str, ...], Flag("--ignore-status", "vulnerability.ignore-status", "leave out these statuses")] = ()
    severity_sources: Annotated[
        tuple[str, ...], Flag("--vuln-severity-source", "vulnerability.severity-source", "whose ratings to take, in order; auto chooses")
    ] = ("auto",)


class ReportOptions(Struct, frozen=True):
    """What is shown, where, and with which exit status. `formats` and `outputs` are paired by position."""

    formats: Annotated[tuple[str, ...], Flag("--format", "format", "table or json; may be given several times, each with its --output", "-f")] = ("table",)
    outputs: Annotated[tuple[str, ...], Flag("--output", "output", "file to write to", "-o", metavar="FILE")] = ()
    severities: Annotated[
        tuple[str, ...], Flag("--severity", "severity", "severities to report: a list, or a threshold such as high+", "-s")
    ] = ("UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL")
    list_all_packages: Annotated[bool, Flag("--list-all-pkgs", "list-all-pkgs", "list packages without findings too (JSON)")] = True
    dependency_tree: Annotated[bool, Flag("--dependency-tree", "dependency-tree", "show who asks for each vulnerable package")] = False
    ignore_file: Annotated[str, Flag("--ignorefile", "ignorefile", "accepted findings", metavar="FILE")] = ".trivyignore"
    exit_code: Annotated[int, Flag("--exit-code", "exit-code", "exit status when findings are left")] = 0
    exit_on_eol: Annotated[int, Flag("--exit-on-eol", "exit-on-eol", "exit status when the system is out of support")] = 0
    show_suppressed: Annotated[bool, Flag("--show-suppressed", "scan.show-suppressed", "also what was accepted, and why")] = False
    table_mode: Annotated[
        tuple[str, ...], Flag("--table-mode", "table-mode", "parts of the table: summary, detailed", choices=("summary", "detailed"))
    ] = ("summary", "detailed")
    strict: Annotated[bool, Flag("--strict", "strict", "exit 3 when any file could not be read")] = False
