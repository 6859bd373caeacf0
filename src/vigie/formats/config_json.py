"""Misconfigurations in the JSON report, key for key as the peer writes them.

Ours, left out when empty: `Origins` in CauseMetadata, where the parts of a value come from. `Highlighted` is left out:
colours are for those who show the excerpt.
"""

from __future__ import annotations

from typing import Any

from vigie.model.misconfiguration import CodeLine, Misconfiguration
from vigie.model.report import Result


def summary(result: Result) -> dict[str, int]:
    """`MisconfSummary`; empty when nothing was judged."""
    if result.kind != "config" or not (result.passes or result.findings):
        return {}
    return {"Successes": len(result.passes), "Failures": len(result.misconfigurations)}


def misconfiguration(finding: Misconfiguration, layer: dict[str, Any]) -> dict[str, Any]:
    """One finding, or one passed check."""
    cause = _set(
        ("Resource", finding.resource),
        ("Provider", finding.provider),
        ("Service", finding.service),
        ("StartLine", finding.start),
        ("EndLine", finding.end),
        ("Code", {"Lines": [_line(line) for line in finding.code]} if finding.code else {}),
        (
            "Occurrences",
            [
                {"Resource": o.resource, "Filename": o.file, "Location": {"StartLine": o.start, "EndLine": o.end}}
                for o in finding.occurrences
            ],
        ),
        ("RenderedCause", _set(("Raw", finding.rendered))),
        (
            "Origins",
            [
                {"Name": o.name, "Filename": o.file, "Location": {"StartLine": o.start, "EndLine": o.end}}
                for o in finding.origins
            ],
        ),
    )
    return _set(
        ("Type", finding.type),
        ("ID", finding.id),
        ("Title", finding.title),
        ("Description", finding.description),
        ("Message", finding.message),
        ("Namespace", finding.namespace),
        ("Query", finding.query),
        ("Resolution", finding.resolution),
        ("Severity", finding.severity),
        ("PrimaryURL", finding.primary_url),
        ("References", finding.references),
        ("Status", finding.status),
        ("Layer", layer),
        ("CauseMetadata", cause),
    )


def _line(line: CodeLine) -> dict[str, Any]:
    return {
        "Number": line.number,
        "Content": line.content,
        "IsCause": line.is_cause,
        "Annotation": "",
        "Truncated": line.truncated,
        "FirstCause": line.first,
        "LastCause": line.last,
    }


def _set(*pairs: tuple[str, Any]) -> dict[str, Any]:
    """The pairs that are not empty."""
    return {key: value for key, value in pairs if value}
