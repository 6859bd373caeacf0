"""The JSON report: Trivy's schema, version 2, key for key, with a few keys of our own added.

Ours, left out when empty: `Judged` in a result; `EPSS`, `KnownExploited`, `Malicious` and `Tentative` in a
vulnerability; what `config_json.py` and `secret_json.py` name; `Knowledge`, `Problems` and `Advice` at the end of the
report. Readers of the schema skip keys that they do not know.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any, TextIO

import msgspec

from vigie.formats.config_json import misconfiguration, summary
from vigie.formats.json_values import encoded, layer, omit_empty, plain
from vigie.formats.secret_json import secret
from vigie.formats.uid import fingerprint, package_uid
from vigie.model.advisory import SEVERITIES, Cvss
from vigie.model.finding import Finding, Suppressed, Vulnerability
from vigie.model.inventory import BuildInfo
from vigie.model.misconfiguration import Misconfiguration
from vigie.model.package import Package
from vigie.model.report import Knowledge, Report, Result
from vigie.model.secret import Secret
from vigie.scanner.advice import Action, describe
from vigie.scanner.writer import View, Writer

SCHEMA_VERSION = 2

# Fields of the OCI image configuration, in the order and with the emptiness rules of the structs that Go readers use.
_CONFIG = (
    *("architecture", "author", "container", "created", "docker_version", "history", "os", "rootfs", "config"),
    *("os.version", "variant", "os.features"),
)
_KEPT_EMPTY = ("architecture", "os", "rootfs", "config")
_RUN = (
    *(
        "AttachStderr",
        "AttachStdin",
        "AttachStdout",
        "Cmd",
        "Healthcheck",
        "Domainname",
        "Entrypoint",
        "Env",
        "Hostname",
    ),
    *("Image", "Labels", "OnBuild", "OpenStdin", "StdinOnce", "Tty", "User", "Volumes", "WorkingDir", "ExposedPorts"),
    *("ArgsEscaped", "NetworkDisabled", "MacAddress", "StopSignal", "Shell"),
)
_HISTORY = ("author", "created", "created_by", "comment", "empty_layer")
_UNKNOWN_TO_THE_PEER = {"jar": ("Digest",), "gomod": ("Locations",)}
"""By type of result: what the peer's records of packages lack, so that it does not count for their UID."""


def write(report: Report, view: View, out: TextIO) -> None:
    """Writes the report, two blanks of indent, `<`, `>` and `&` escaped as Go's encoder does. One result is in memory
    at a time."""
    separator = "{\n"
    for key, value in _members(report, view):
        if key == "Results":
            results = (encoded(_result(result, report, view), "    ") for result in report.results)
            out.write(f'{separator}  "Results": [\n    {next(results)}')
            for result in results:
                out.write(f",\n    {result}")
            out.write("\n  ]")
        else:
            out.write(f'{separator}  "{key}": {encoded(value, "  ")}')
        separator = ",\n"
    out.write("\n}\n")


writer = Writer("json", write)


def document(report: Report, view: View) -> dict[str, Any]:
    """The report as plain values."""
    whole = dict(_members(report, view))
    return whole | omit_empty(("Results", [_result(result, report, view) for result in report.results]))


def _members(report: Report, view: View) -> Iterator[tuple[str, Any]]:
    """The members of the report that are not empty, the results as they are."""
    artifact = report.artifact
    yield "SchemaVersion", SCHEMA_VERSION
    yield from omit_empty(
        # The key names the tool that wrote the report; programs that read Trivy's reports look for the version here.
        ("Trivy", omit_empty(("Version", report.tool_version))),
        ("ReportID", report.id),
        ("CreatedAt", report.created),
        ("ArtifactID", artifact.id),
        ("ArtifactName", artifact.name),
        ("ArtifactType", artifact.kind),
        ("Metadata", _metadata(report)),
        ("Results", report.results),
        ("Knowledge", _knowledge(report.knowledge)),
        ("Problems", [omit_empty(("Where", p.where), ("What", p.what), ("Hint", p.hint)) for p in report.problems]),
        ("Advice", [_action(action) for action in view.advice.actions]),
    ).items()


def _metadata(report: Report) -> dict[str, Any]:
    artifact, system = report.artifact, report.system
    image, repository = artifact.image, artifact.repository
    pairs: list[tuple[str, Any]] = [("Size", artifact.size)]
    if system is None and any(result.kind == "os-pkgs" for result in report.results):
        pairs.append(("OS", {"Family": "none", "Name": ""}))
    elif system is not None:
        names = {"Family": system.family, "Name": system.name}
        pairs.append(
            (
                "OS",
                names
                | omit_empty(
                    ("EOSL", report.end_of_life), ("Supplier", system.supplier), ("extended", system.extended)
                ),
            )
        )
    if image is not None:
        pairs += [
            ("ImageID", image.id),
            ("DiffIDs", image.diff_ids),
            ("RepoTags", image.tags),
            ("RepoDigests", image.digests),
            ("Reference", image.reference),
            ("ImageConfig", _image_config(image.config)),
            ("Layers", [layer(each, size=True) for each in image.layers]),
        ]
    if repository is not None:
        pairs += [
            ("RepoURL", repository.url),
            ("Branch", repository.branch),
            ("Tags", repository.tags),
            ("Commit", repository.commit),
            ("CommitMsg", repository.message),
            ("Author", repository.author),
            ("Committer", repository.committer),
        ]
    return omit_empty(*pairs)


def _image_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """The image's configuration, its known fields in their customary order."""
    if not config:
        return {}
    known = dict(config)
    known["history"] = [_chosen(entry, _HISTORY) for entry in _dicts(config.get("history"))]
    root: Any = config.get("rootfs")
    root = root if isinstance(root, dict) else {}
    known["rootfs"] = {"type": root.get("type") or "", "diff_ids": root.get("diff_ids") or []}
    known["config"] = _chosen(config["config"], _RUN) if isinstance(config.get("config"), dict) else {}
    return {key: known.get(key, "") for key in _CONFIG if known.get(key) or key in _KEPT_EMPTY}


def _chosen(values: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    return {key: values[key] for key in keys if values.get(key)}


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (entry for entry in value if isinstance(entry, dict))


def _result(result: Result, report: Report, view: View) -> dict[str, Any]:
    uids = {id(package): _uid(package, result) for package in result.packages}

    def identifier(package: Package) -> dict[str, Any]:
        uid = uids.get(id(package)) or _uid(package, result)
        return omit_empty(("PURL", package.purl), ("UID", uid))

    def written(finding: Finding) -> dict[str, Any]:
        if isinstance(finding, Vulnerability):
            return _vulnerability(finding, identifier(finding.package), report.artifact.id, result.target)
        return secret(finding) if isinstance(finding, Secret) else misconfiguration(finding)

    shown = (*result.misconfigurations, *(result.passes if view.passes else ()))

    listed = result.packages if view.options.list_all_packages else ()
    builds = report.builds if result.kind == "os-pkgs" else {}
    ids = {package.id for package in listed}
    return (
        {"Target": result.target}
        | omit_empty(
            ("Class", result.kind),
            ("Type", result.type),
            ("Packages", [_package(_within(package, ids), identifier(package), builds) for package in listed]),
            ("Vulnerabilities", [written(finding) for finding in result.vulnerabilities]),
            ("MisconfSummary", summary(result)),
            ("Misconfigurations", [written(finding) for finding in shown]),
            ("Secrets", [written(finding) for finding in result.secrets]),
            ("ExperimentalModifiedFindings", [_suppressed(s, written(s.finding)) for s in result.suppressed]),
        )
        | ({} if result.judged else {"Judged": False})
    )


def _within(package: Package, ids: Container[str]) -> Package:
    """A project without what it asks for but the report leaves out; other packages' edges are shown as they are."""
    if package.relationship not in ("root", "workspace") or all(id_ in ids for id_ in package.depends_on):
        return package
    return msgspec.structs.replace(package, depends_on=tuple(id_ for id_ in package.depends_on if id_ in ids))


def _uid(package: Package, result: Result) -> str:
    if result.kind == "os-pkgs":
        # Debian's licences come from copyright files, not from the package list.
        return package_uid(package, "", ("Licenses",) if package.purl.startswith("pkg:deb/") else ())
    # Packages of aggregated types have files of their own, archives in archives the outermost one; others are rows of
    # the target's file.
    path = package.path or result.target
    outermost = re.match(r".*?\.[jwep]ar(?=/)", path) if result.type == "jar" else None
    return package_uid(package, outermost[0] if outermost else path, _UNKNOWN_TO_THE_PEER.get(result.type, ()))


def _package(package: Package, identifier: dict[str, Any], builds: Mapping[str, BuildInfo]) -> dict[str, Any]:
    source = package.source
    build = builds.get(package.layer.diff_id if package.layer else "") or BuildInfo()
    return omit_empty(
        ("ID", package.id),
        ("Name", package.name),
        ("Identifier", identifier),
        ("Version", package.version),
        ("Release", package.release),
        ("Epoch", package.epoch),
        ("Arch", package.arch),
        ("Dev", package.dev),
        *(
            (
                ("SrcName", source.name),
                ("SrcVersion", source.version),
                ("SrcRelease", source.release),
                ("SrcEpoch", source.epoch),
            )
            if source
            else ()
        ),
        ("Licenses", package.licenses),
        ("Maintainer", package.maintainer),
        ("Modularitylabel", package.modularity),
        ("BuildInfo", omit_empty(("ContentSets", build.content_sets), ("Nvr", build.nvr), ("Arch", build.arch))),
        ("Repository", {} if package.third_party is None else _repository_class(package.third_party)),
        ("Indirect", package.relationship == "indirect"),
        ("Relationship", package.relationship if package.relationship != "unknown" else ""),
        ("DependsOn", package.depends_on),
        ("Layer", layer(package.layer)),
        ("FilePath", package.path),
        ("Digest", package.digest),
        ("Locations", [omit_empty(("StartLine", where.start), ("EndLine", where.end)) for where in package.locations]),
        ("InstalledFiles", package.installed_files),
        ("AnalyzedBy", package.found_by),
    )


def _repository_class(third_party: bool) -> dict[str, str]:
    return {"Class": "third-party" if third_party else "official"}


def _vulnerability(finding: Vulnerability, identifier: dict[str, Any], artifact: str, target: str) -> dict[str, Any]:
    package, details, source = finding.package, finding.details, finding.source
    package_id = "" if finding.omit_package_id else package.id
    data_source = (
        omit_empty(("ID", source.id), ("Name", source.name), ("URL", source.url), ("BaseID", source.base_id))
        if source
        else {}
    )
    known: tuple[tuple[str, Any], ...] = ()
    ours: tuple[tuple[str, Any], ...] = ()
    if details is not None:
        severities = {name: SEVERITIES.index(rating) for name, rating in sorted(details.severities.items())}
        known = (
            ("CweIDs", details.weaknesses),
            ("VendorSeverity", severities),
            ("CVSS", {name: _cvss(scores) for name, scores in sorted(details.cvss.items())}),
            ("References", details.references),
            ("PublishedDate", details.published),
            ("LastModifiedDate", details.modified),
        )
        ours = (
            ("EPSS", omit_empty(("Score", details.epss), ("Percentile", details.epss_percentile))),
            ("KnownExploited", details.exploited),
        )
    return omit_empty(
        ("VulnerabilityID", finding.id),
        ("VendorIDs", finding.vendor_ids),
        ("PkgID", package_id),
        ("PkgName", package.name),
        ("PkgPath", package.path),
        ("PkgIdentifier", identifier),
        ("InstalledVersion", finding.installed),
        ("FixedVersion", finding.fixed),
        ("Status", finding.status),
        ("Layer", layer(package.layer)),
        ("SeveritySource", finding.severity_source),
        ("PrimaryURL", finding.primary_url),
        ("DataSource", data_source),
        ("Fingerprint", fingerprint(artifact, target, package_id, finding.id)),
        ("Title", details.title if details else ""),
        ("Description", details.description if details else ""),
        ("Severity", finding.severity),
        *known,
        *ours,
        ("Malicious", finding.malicious),
        ("Tentative", finding.tentative),
    )


def _cvss(cvss: Cvss) -> dict[str, Any]:
    return omit_empty(
        ("V2Vector", cvss.v2_vector),
        ("V3Vector", cvss.v3_vector),
        ("V40Vector", cvss.v40_vector),
        ("V2Score", plain(cvss.v2_score)),
        ("V3Score", plain(cvss.v3_score)),
        ("V40Score", plain(cvss.v40_score)),
    )


_KINDS: dict[type[Finding], str] = {
    Vulnerability: "vulnerability",
    Misconfiguration: "misconfiguration",
    Secret: "secret",
}


def _suppressed(suppressed: Suppressed, finding: dict[str, Any]) -> dict[str, Any]:
    return {
        "Type": _KINDS[type(suppressed.finding)],
        "Status": suppressed.status,
        "Statement": suppressed.statement,
        "Source": suppressed.source,
        "Finding": finding,
    }


def _knowledge(knowledge: Knowledge | None) -> dict[str, Any]:
    if knowledge is None:
        return {}
    sources = [omit_empty(("Source", source.source), ("Date", source.date)) for source in knowledge.sources]
    return omit_empty(("Kind", knowledge.kind), ("Date", knowledge.date), ("Sources", sources))


def _action(action: Action) -> dict[str, Any]:
    return omit_empty(
        ("Action", action.kind),
        ("Text", describe(action)),
        ("Type", action.type),
        ("Name", action.name),
        ("Packages", action.packages),
        ("InstalledVersion", action.installed),
        ("To", action.to),
        ("Removes", action.findings),
        ("Severities", action.severities),
        ("KnownExploited", action.exploited),
        ("SameMajor", omit_empty(("To", action.step), ("Removes", action.step_findings))),
        ("Targets", action.targets),
        ("Via", action.via),
        ("Standing", action.standing),
    )
