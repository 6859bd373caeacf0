"""Every option of the scan commands, in groups. Names, keys and defaults are Trivy's, so that pipelines carry over."""

from typing import Annotated, Literal

from msgspec import Struct

from vigie.model.advisory import SEVERITIES, STATUSES

Unit = Literal["", "duration", "size", "severities", "scanners", "status"]
"""What a value's text means beyond its type; `units.py` reads it."""

# fmt: off
SOURCES = (
    "auto", "nvd", "redhat", "redhat-oval", "debian", "ubuntu", "alpine", "amazon", "oracle-oval", "suse-cvrf",
    "photon", "arch-linux", "alma", "rocky", "cbl-mariner", "azure", "ruby-advisory-db", "php-security-advisories",
    "nodejs-security-wg", "ghsa", "glad", "aqua", "osv", "k8s", "wolfi", "chainguard", "bitnami", "govulndb", "julia",
    "bottlerocket", "echo", "minimos", "rootio", "seal", "rapidfort", "anchore", "cleanstart", "cve", "cvedb",
    "debian-elts", "dotnet", "drupal", "fedora", "greenbone", "jenkins", "ossf", "projectkb", "retirejs", "victims",
)
# fmt: on
"""Ids of whoever rates vulnerabilities: those of Trivy's database, then those that only ours has."""


class Flag(Struct, frozen=True):
    """How an option is spelled.

    key: its place in trivy.yaml or vigie.yaml, "" when only flag and environment set it. old_keys: earlier places.
    aliases: older spellings, accepted with a warning. choices: what a value (or each item of a list) may be; later:
    values of the peer that are refused as not there yet.
    """

    name: str
    key: str
    help: str
    short: str = ""
    aliases: tuple[str, ...] = ()
    old_keys: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    unit: Unit = ""
    metavar: str = ""
    hidden: bool = False


class GlobalOptions(Struct, frozen=True):
    """What every command understands. timeout in seconds, 0 for none. cache_dir is never empty after `resolve`."""

    config: Annotated[
        str, Flag("--config", "", "settings file (default: vigie.yaml or trivy.yaml here)", "-c", metavar="FILE")
    ] = ""
    cache_dir: Annotated[
        str, Flag("--cache-dir", "cache.dir", "folder for databases and scan results", metavar="DIR")
    ] = ""
    timeout: Annotated[
        float, Flag("--timeout", "timeout", "give up after this long (90s, 5m, 1h30m)", unit="duration", metavar="TIME")
    ] = 300.0
    debug: Annotated[bool, Flag("--debug", "debug", "say what is going on, show causes of errors", "-d")] = False
    quiet: Annotated[bool, Flag("--quiet", "quiet", "no progress and no warnings", "-q")] = False
    insecure: Annotated[bool, Flag("--insecure", "insecure", "allow plain HTTP and unverified certificates")] = False
    cacert: Annotated[str, Flag("--cacert", "cacert", "further CA certificates", metavar="FILE")] = ""


class CacheOptions(Struct, frozen=True):
    """Where results of layers are kept. max_size in bytes. backend "" means the command's own choice."""

    backend: Annotated[
        str,
        Flag(
            "--cache-backend",
            "cache.backend",
            "where results of layers are kept",
            choices=("fs", "memory"),
            metavar="KIND",
        ),
    ] = ""
    max_size: Annotated[
        int,
        Flag(
            "--cache-max-size", "cache.max-size", "bound on kept results, oldest go first", unit="size", metavar="SIZE"
        ),
    ] = 1 << 30


class DatabaseOptions(Struct, frozen=True):
    """Which knowledge to use and how to keep it fresh."""

    database: Annotated[
        str, Flag("--database", "db.use", "which one answers: auto, trivy, vigie, or a file", metavar="WHICH")
    ] = "auto"
    repositories: Annotated[
        tuple[str, ...],
        Flag("--db-repository", "db.repository", "where Trivy's database is fetched, tried in order", metavar="LIST"),
    ] = ("mirror.gcr.io/aquasec/trivy-db:2", "ghcr.io/aquasecurity/trivy-db:2")
    java_repositories: Annotated[
        tuple[str, ...],
        Flag("--java-db-repository", "db.java-repository", "the same for the Java database", metavar="LIST"),
    ] = ("mirror.gcr.io/aquasec/trivy-java-db:1", "ghcr.io/aquasecurity/trivy-java-db:1")
    skip_update: Annotated[
        bool, Flag("--skip-db-update", "db.skip-update", "use the database that is there", aliases=("--skip-update",))
    ] = False
    skip_java_update: Annotated[
        bool, Flag("--skip-java-db-update", "db.java-skip-update", "use the Java database that is there")
    ] = False
    download_only: Annotated[bool, Flag("--download-db-only", "db.download-only", "fetch the database and stop")] = (
        False
    )
    download_java_only: Annotated[
        bool, Flag("--download-java-db-only", "db.download-java-only", "fetch the Java database and stop")
    ] = False
    no_progress: Annotated[bool, Flag("--no-progress", "db.no-progress", "no progress bars")] = False


class ImageOptions(Struct, frozen=True):
    """How an image is found. max_size in bytes, 0 for no bound."""

    input: Annotated[str, Flag("--input", "image.input", "archive or OCI layout folder to read", metavar="PATH")] = ""
    sources: Annotated[
        tuple[str, ...],
        Flag(
            "--image-src",
            "image.source",
            "where to look, in order",
            choices=("docker", "containerd", "podman", "remote"),
            metavar="LIST",
        ),
    ] = ("docker", "containerd", "podman", "remote")
    platform: Annotated[
        str, Flag("--platform", "image.platform", "os/arch[/variant] of a multi-platform image", metavar="NAME")
    ] = ""
    docker_host: Annotated[
        str, Flag("--docker-host", "image.docker.host", "address of the Docker daemon", metavar="URL")
    ] = ""
    config_scanners: Annotated[
        tuple[str, ...],
        Flag(
            "--image-config-scanners",
            "image.image-config-scanners",
            "what to look for in the image's configuration and history",
            choices=("misconfig", "secret"),
            metavar="LIST",
        ),
    ] = ()
    max_size: Annotated[
        int,
        Flag("--max-image-size", "image.max-size", "refuse larger images (500MB, 2GB)", unit="size", metavar="SIZE"),
    ] = 0


class RegistryOptions(Struct, frozen=True):
    """Credentials and mirrors. Users and passwords are paired by position."""

    usernames: Annotated[tuple[str, ...], Flag("--username", "registry.username", "registry user", metavar="NAME")] = ()
    passwords: Annotated[
        tuple[str, ...],
        Flag("--password", "registry.password", "registry password; prefer --password-stdin", metavar="TEXT"),
    ] = ()
    password_stdin: Annotated[
        bool, Flag("--password-stdin", "registry.password-stdin", "read the password from standard input")
    ] = False
    token: Annotated[
        str, Flag("--registry-token", "registry.token", "bearer token for the registry", metavar="TEXT")
    ] = ""
    mirrors: dict[str, tuple[str, ...]] = {}
    """registry.mirrors of the settings file: host → mirror hosts, tried first."""


class RepositoryOptions(Struct, frozen=True):
    """Which revision of a repository; at most one is set."""

    branch: Annotated[str, Flag("--branch", "repository.branch", "branch to scan", metavar="NAME")] = ""
    tag: Annotated[str, Flag("--tag", "repository.tag", "tag to scan", metavar="NAME")] = ""
    commit: Annotated[str, Flag("--commit", "repository.commit", "commit to scan", metavar="HASH")] = ""


class ScanOptions(Struct, frozen=True):
    """What is read."""

    scanners: Annotated[
        tuple[str, ...],
        Flag(
            "--scanners",
            "scan.scanners",
            "what to look for",
            aliases=("--security-checks",),
            old_keys=("scan.security-checks",),
            choices=("vuln", "misconfig", "secret"),
            later=("license", "rbac"),
            unit="scanners",
            metavar="LIST",
        ),
    ] = ("vuln", "secret")
    skip_dirs: Annotated[
        tuple[str, ...], Flag("--skip-dirs", "scan.skip-dirs", "folders to leave out (globs)", metavar="LIST")
    ] = ()
    skip_files: Annotated[
        tuple[str, ...], Flag("--skip-files", "scan.skip-files", "files to leave out (globs)", metavar="LIST")
    ] = ()
    file_patterns: Annotated[
        tuple[str, ...],
        Flag("--file-patterns", "scan.file-patterns", "further files for an analyzer, name:regex", metavar="LIST"),
    ] = ()
    offline: Annotated[
        bool, Flag("--offline-scan", "scan.offline", "ask no service about packages, fetch no modules")
    ] = False
    parallel: Annotated[
        int, Flag("--parallel", "scan.parallel", "layers read at once; 0: one per core", metavar="N")
    ] = 5
    detection_priority: Annotated[
        Literal["precise", "comprehensive"],
        Flag(
            "--detection-priority",
            "scan.detection-priority",
            "fewer false alarms, or fewer misses",
            choices=("precise", "comprehensive"),
            metavar="KIND",
        ),
    ] = "precise"
    distro: Annotated[str, Flag("--distro", "scan.distro", "take the system for family/version", metavar="NAME")] = ""


class PackageOptions(Struct, frozen=True):
    """Which packages count."""

    types: Annotated[
        tuple[str, ...],
        Flag(
            "--pkg-types",
            "pkg.types",
            "kinds of packages",
            aliases=("--vuln-type",),
            old_keys=("vulnerability.type",),
            choices=("os", "library"),
            metavar="LIST",
        ),
    ] = ("os", "library")
    relationships: Annotated[
        tuple[str, ...],
        Flag(
            "--pkg-relationships",
            "pkg.relationships",
            "only packages with these relationships",
            choices=("unknown", "root", "workspace", "direct", "indirect"),
            metavar="LIST",
        ),
    ] = ("unknown", "root", "workspace", "direct", "indirect")
    include_dev: Annotated[bool, Flag("--include-dev-deps", "pkg.include-dev-deps", "development dependencies too")] = (
        False
    )


class VulnerabilityOptions(Struct, frozen=True):
    """How vulnerabilities are chosen and rated."""

    ignore_unfixed: Annotated[bool, Flag("--ignore-unfixed", "vulnerability.ignore-unfixed", "only what has a fix")] = (
        False
    )
    ignore_status: Annotated[
        tuple[str, ...],
        Flag(
            "--ignore-status",
            "vulnerability.ignore-status",
            "leave out these statuses",
            choices=STATUSES,
            metavar="LIST",
        ),
    ] = ()
    severity_sources: Annotated[
        tuple[str, ...],
        Flag(
            "--vuln-severity-source",
            "vulnerability.severity-source",
            "whose ratings to take, in order; auto chooses",
            choices=SOURCES,
            metavar="LIST",
        ),
    ] = ("auto",)


class ReportOptions(Struct, frozen=True):
    """What is shown, where, and with which exit status. After `resolve`, `formats` and `outputs` are pairs of equal
    number; the output "" is standard output."""

    formats: Annotated[
        tuple[str, ...],
        Flag(
            "--format",
            "format",
            "may be given several times, each with its --output",
            "-f",
            choices=("table", "json", "sarif"),
            later=("cyclonedx", "spdx", "spdx-json", "github", "cosign-vuln", "template"),
            metavar="FORMAT",
        ),
    ] = ("table",)
    outputs: Annotated[tuple[str, ...], Flag("--output", "output", "file to write to", "-o", metavar="FILE")] = ()
    severities: Annotated[
        tuple[str, ...],
        Flag("--severity", "severity", "a list, or a threshold such as high+", "-s", unit="severities", metavar="LIST"),
    ] = SEVERITIES
    table_mode: Annotated[
        tuple[str, ...],
        Flag("--table-mode", "table-mode", "parts of the table", choices=("summary", "detailed"), metavar="LIST"),
    ] = ("summary", "detailed")
    dependency_tree: Annotated[
        bool, Flag("--dependency-tree", "dependency-tree", "show who asks for each vulnerable package")
    ] = False
    list_all_packages: Annotated[
        bool, Flag("--list-all-pkgs", "list-all-pkgs", "list packages without findings too (JSON)")
    ] = True
    ignore_file: Annotated[
        str, Flag("--ignorefile", "ignorefile", "accepted findings (.trivyignore or YAML)", metavar="FILE")
    ] = ".trivyignore"
    show_suppressed: Annotated[
        bool, Flag("--show-suppressed", "scan.show-suppressed", "also what was accepted, and why")
    ] = False
    exit_code: Annotated[
        int, Flag("--exit-code", "exit-code", "exit status when findings are left", unit="status", metavar="N")
    ] = 0
    exit_on_eol: Annotated[
        int,
        Flag(
            "--exit-on-eol", "exit-on-eol", "exit status when the system is out of support", unit="status", metavar="N"
        ),
    ] = 0
    default_config: Annotated[
        bool, Flag("--generate-default-config", "", "write all settings to vigie-default.yaml and stop")
    ] = False
    strict: Annotated[bool, Flag("--strict", "strict", "exit 3 when anything could not be read")] = False


class CleanOptions(Struct, frozen=True):
    """What `vigie clean` deletes."""

    everything: Annotated[bool, Flag("--all", "clean.all", "everything in the cache folder that is Vigie's", "-a")] = (
        False
    )
    scan_cache: Annotated[bool, Flag("--scan-cache", "clean.scan-cache", "results of layers, fetched modules")] = False
    vuln_db: Annotated[bool, Flag("--vuln-db", "clean.vuln-db", "databases of vulnerabilities")] = False
    java_db: Annotated[bool, Flag("--java-db", "clean.java-db", "the Java database")] = False
    checks_bundle: Annotated[
        bool, Flag("--checks-bundle", "clean.checks-bundle", "configuration checks", hidden=True)
    ] = False
    vex_repo: Annotated[bool, Flag("--vex-repo", "clean.vex-repo", "VEX repositories", hidden=True)] = False


class MisconfigOptions(Struct, frozen=True):
    """How configuration is read and judged. offline, insecure, cacert and cache (a folder, "" for the usual one) repeat
    options of others for those who fetch modules."""

    languages: Annotated[
        tuple[str, ...],
        Flag(
            "--misconfig-scanners",
            "misconfiguration.scanners",
            "languages of configuration",
            choices=(
                *("cloudformation", "dockerfile", "helm", "kubernetes", "terraform", "terraformplan-json"),
                "terraformplan-snapshot",
            ),
            later=("azure-arm", "ansible", "json", "yaml"),
            metavar="LIST",
        ),
    ] = (
        *("cloudformation", "dockerfile", "helm", "kubernetes", "terraform", "terraformplan-json"),
        "terraformplan-snapshot",
    )
    include_passes: Annotated[
        bool, Flag("--include-non-failures", "misconfiguration.include-non-failures", "list passed checks too")
    ] = False
    include_deprecated: Annotated[
        bool, Flag("--include-deprecated-checks", "rego.include-deprecated-checks", "deprecated checks too")
    ] = False
    terraform_vars: Annotated[
        tuple[str, ...],
        Flag("--tf-vars", "misconfiguration.terraform.vars", "files of Terraform variables", metavar="LIST"),
    ] = ()
    exclude_downloaded: Annotated[
        bool,
        Flag(
            "--tf-exclude-downloaded-modules",
            "misconfiguration.terraform.exclude-downloaded-modules",
            "leave out findings in modules from elsewhere",
        ),
    ] = False
    cloudformation_params: Annotated[
        tuple[str, ...],
        Flag("--cf-params", "misconfiguration.cloudformation.params", "files of template parameters", metavar="LIST"),
    ] = ()
    helm_values: Annotated[
        tuple[str, ...], Flag("--helm-values", "misconfiguration.helm.values", "files of Helm values", metavar="LIST")
    ] = ()
    helm_set: Annotated[
        tuple[str, ...], Flag("--helm-set", "misconfiguration.helm.set", "Helm values, key=value", metavar="LIST")
    ] = ()
    helm_set_string: Annotated[
        tuple[str, ...],
        Flag("--helm-set-string", "misconfiguration.helm.set-string", "Helm values that are texts", metavar="LIST"),
    ] = ()
    helm_set_file: Annotated[
        tuple[str, ...],
        Flag("--helm-set-file", "misconfiguration.helm.set-file", "Helm values from files, key=path", metavar="LIST"),
    ] = ()
    helm_api_versions: Annotated[
        tuple[str, ...],
        Flag(
            "--helm-api-versions", "misconfiguration.helm.api-versions", "API versions a chart may use", metavar="LIST"
        ),
    ] = ()
    helm_kube_version: Annotated[
        str, Flag("--helm-kube-version", "misconfiguration.helm.kube-version", "Kubernetes version", metavar="VERSION")
    ] = ""
    kubernetes_version: Annotated[
        str,
        Flag(
            "--k8s-version",
            "kubernetes.k8s-version",
            "version of the cluster that manifests are meant for",
            metavar="VERSION",
        ),
    ] = ""
    render_cause: Annotated[
        tuple[str, ...],
        Flag(
            "--render-cause",
            "misconfiguration.render-cause",
            "show causes with resolved values",
            choices=("terraform",),
            later=("ansible",),
            metavar="LIST",
        ),
    ] = ()
    offline: bool = False
    insecure: bool = False
    cacert: str = ""
    cache: str = ""


class SecretOptions(Struct, frozen=True):
    """What is looked for as a secret, and where. archives: how deep archives in archives are opened, 0 for none."""

    config: Annotated[
        str,
        Flag(
            "--secret-config",
            "secret.config",
            "rules of your own (trivy-secret.yaml or a gitleaks .toml)",
            metavar="FILE",
        ),
    ] = "trivy-secret.yaml"
    min_confidence: Annotated[
        Literal["low", "medium", "high"],
        Flag(
            "--min-confidence",
            "secret.min-confidence",
            "leave out what is less sure to be a secret",
            choices=("low", "medium", "high"),
            metavar="LEVEL",
        ),
    ] = "low"
    archives: Annotated[
        int, Flag("--secret-archives", "secret.archives", "look into archives, so deep in one another", metavar="N")
    ] = 0
    binaries: Annotated[
        bool, Flag("--secret-binaries", "secret.binaries", "look at what can be read in binary files")
    ] = False
    all_paths: Annotated[
        bool, Flag("--secret-all-paths", "secret.all-paths", "look where allow rules and skip patterns say not to")
    ] = False
    baseline: Annotated[
        str,
        Flag(
            "--baseline",
            "secret.baseline",
            "earlier report: only what is new counts",
            aliases=("--baseline-path",),
            metavar="FILE",
        ),
    ] = ""
    gitleaks_ignore: Annotated[
        str,
        Flag(
            "--gitleaks-ignore-path",
            "secret.gitleaks-ignore",
            "fingerprints that are accepted, or their folder",
            metavar="PATH",
        ),
    ] = ""
    verify: Annotated[bool, Flag("--verify", "", "ask each provider whether its secret still works")] = False


class HistoryOptions(Struct, frozen=True):
    """Which commits are searched for secrets."""

    history: Annotated[bool, Flag("--history", "repository.history", "secrets in all commits too")] = False
    since: Annotated[
        str, Flag("--since", "repository.since", "only commits from this day on (2026-01-31, 90d)", metavar="DATE")
    ] = ""
    staged: Annotated[bool, Flag("--staged", "", "only secrets that are staged for the next commit")] = False


class Options(Struct, frozen=True, kw_only=True):
    """All groups. A command fills the ones it declares; the others keep their defaults."""

    general: GlobalOptions = GlobalOptions()
    scan: ScanOptions = ScanOptions()
    image: ImageOptions = ImageOptions()
    repository: RepositoryOptions = RepositoryOptions()
    packages: PackageOptions = PackageOptions()
    misconfig: MisconfigOptions = MisconfigOptions()
    secret: SecretOptions = SecretOptions()
    history: HistoryOptions = HistoryOptions()
    vulnerabilities: VulnerabilityOptions = VulnerabilityOptions()
    report: ReportOptions = ReportOptions()
    database: DatabaseOptions = DatabaseOptions()
    registry: RegistryOptions = RegistryOptions()
    cache: CacheOptions = CacheOptions()
    clean: CleanOptions = CleanOptions()
