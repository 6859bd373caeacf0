"""What SARIF calls a result: one finding, where it stands, and what stays the same about it from scan to scan."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from vigie.errors import TargetError
from vigie.formats.json_values import omit_empty
from vigie.formats.sarif_rules import LEVELS, link
from vigie.formats.secret_table import sureness, told
from vigie.model.finding import Finding, Suppressed, Vulnerability
from vigie.model.misconfiguration import Misconfiguration
from vigie.model.report import Report, Result
from vigie.model.secret import Secret

ROOT = "ROOTPATH"
FINGERPRINT = "vigie/v1"


def results(report: Report, numbers: dict[str, int]) -> Iterator[dict[str, Any]]:
    """All findings in the order of the report, those of a target that were set apart behind the others. numbers: from
    a rule's id to its index."""
    seen: dict[str, int] = {}
    for result in report.results:
        apart = {id(one.finding): one for one in result.suppressed}
        for finding in (*result.findings, *(one.finding for one in result.suppressed)):
            path = _path(report, result, finding)
            same = _fingerprint(finding, path)
            seen[same] = number = seen.get(same, 0) + 1
            suppressed = apart.get(id(finding))
            yield {
                "ruleId": finding.id,
                "ruleIndex": numbers[finding.id],
                "level": LEVELS[finding.severity],
                "message": {"text": _message(finding, result)},
                "locations": list(_locations(finding, path)),
                "partialFingerprints": {FINGERPRINT: same if number == 1 else f"{same}:{number}"},
            } | omit_empty(
                ("relatedLocations", list(_related(finding, path))),
                ("suppressions", [_suppression(suppressed)] if suppressed else []),
                ("properties", _properties(finding)),
            )


def _path(report: Report, result: Result, finding: Finding) -> str:
    """Where a finding stands, below the root: a file; for the distribution's packages the repository of the image, as
    with the peer."""
    if result.kind != "os-pkgs":
        path = finding.package.path if isinstance(finding, Vulnerability) else ""
        return (path or result.target).lstrip("/")
    from vigie.oci.references import parse_reference

    name = report.artifact.name
    try:
        return parse_reference(name).repository
    except TargetError:
        return name.lstrip("/") or result.type


def _uri(path: str) -> str:
    """A relative reference (RFC 3986 §4.2)."""
    return quote(path, safe="/!$&'()*+,;=@", errors="replace")


def _location(path: str, region: dict[str, int], text: str) -> dict[str, Any]:
    place = {"uri": _uri(path), "uriBaseId": ROOT}
    return {"physicalLocation": {"artifactLocation": place, "region": region}, "message": {"text": text}}


def _region(start: int, end: int, start_column: int = 1, end_column: int = 1) -> dict[str, int]:
    """What has no line stands in the first one. end_column: one behind the last."""
    if start < 1:
        start = end = start_column = end_column = 1
    return {"startLine": start, "startColumn": start_column, "endLine": max(start, end), "endColumn": end_column}


def _locations(finding: Finding, path: str) -> Iterator[dict[str, Any]]:
    if isinstance(finding, Vulnerability):
        text = f"{path}: {finding.package.name}@{finding.installed}"
        places = [_region(where.start, where.end) for where in finding.package.locations] or [_region(0, 0)]
        yield from (_location(path, place, text) for place in places)
    elif isinstance(finding, Secret):
        columns = max(finding.start_column, 1), max(finding.end_column, 0) + 1
        yield _location(path, _region(finding.start, finding.end, *columns), path)
    else:
        yield _location(path, _region(finding.start, finding.end), path)


def _related(finding: Finding, path: str) -> Iterator[dict[str, Any]]:
    """The parts of a secret; what the cause of a misconfiguration stands in and comes from."""
    if isinstance(finding, Secret):
        for part in finding.parts:
            yield _location(path, _region(part.start, part.end), f"{part.title} ({part.rule})")
    elif isinstance(finding, Misconfiguration):
        for inside in finding.occurrences:
            yield _location(inside.file, _region(inside.start, inside.end), inside.resource)
        for origin in finding.origins:
            yield _location(origin.file, _region(origin.start, origin.end), origin.name)


def _message(finding: Finding, result: Result) -> str:
    """The peer's lines. What is known of a secret, and where it is in layers and commits, follows."""
    if isinstance(finding, Vulnerability):
        lines = [f"Package: {finding.package.name}", f"Installed Version: {finding.installed}"]
        lines += [f"Vulnerability {finding.id}", f"Severity: {finding.severity}", f"Fixed Version: {finding.fixed}"]
        return "\n".join([*lines, f"Link: {link(finding.id, finding.primary_url)}"])
    lines = [f"Artifact: {result.target}", f"Type: {result.type or result.kind}"]
    if isinstance(finding, Misconfiguration):
        lines += [f"Misconfiguration {finding.id}", f"Severity: {finding.severity}", f"Message: {finding.message}"]
        return "\n".join([*lines, f"Link: {link(finding.id, finding.primary_url)}"])
    lines += [f"Secret {finding.title}", f"Severity: {finding.severity}", f"Match: {finding.match}"]
    known = (sureness(finding), *(text for text, _ in told(finding)))
    return "\n".join([*lines, *(text[:1].upper() + text[1:] for text in known)])


def _fingerprint(finding: Finding, path: str) -> str:
    """The same in every scan in which this finding is there, wherever its lines went."""
    if isinstance(finding, Secret):
        return finding.fingerprint
    if isinstance(finding, Vulnerability):
        parts: tuple[str, ...] = (finding.id, path, finding.package.name, finding.installed)
    else:
        parts = (finding.id, path, finding.type, finding.resource, finding.message)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]


def _suppression(suppressed: Suppressed) -> dict[str, Any]:
    """Comments are in the source; whatever else accepted or ruled out a finding is external. Without a `status` it is
    accepted (§3.27.23)."""
    comment = re.search(r":(?:allow|ignore|skip)\b", suppressed.source)
    if isinstance(suppressed.finding, Misconfiguration):
        comment = comment or re.search(r":[0-9]+$", suppressed.source)
    why = f"{suppressed.statement or suppressed.status.replace('_', ' ')} ({suppressed.source})"
    return {"kind": "inSource" if comment else "external", "justification": why}


def _properties(finding: Finding) -> dict[str, Any]:
    if isinstance(finding, Secret):
        return omit_empty(("confidence", finding.confidence), ("verified", finding.verified))
    if isinstance(finding, Misconfiguration):
        return {}
    details = finding.details
    return omit_empty(
        ("epss", details.epss if details else None),
        ("knownExploited", details is not None and details.exploited),
        ("malicious", finding.malicious),
        ("tentative", finding.tentative),
    )
