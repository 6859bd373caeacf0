"""Misconfigurations in the JSON report, key for key as the peer writes them.

Ours, left out when empty: `Origins` in CauseMetadata, where the parts of a value come from.
"""

from __future__ import annotations

from typing import Any

from vigie.formats.json_values import code, layer, omit_empty
from vigie.model.misconfiguration import Misconfiguration
from vigie.model.report import Result


def summary(result: Result) -> dict[str, int]:
    """`MisconfSummary`; empty when nothing was judged."""
    if result.kind != "config" or not (result.passes or result.findings):
        return {}
    return {"Successes": len(result.passes), "Failures": len(result.misconfigurations)}


def misconfiguration(finding: Misconfiguration) -> dict[str, Any]:
    """One finding, or one passed check."""
    cause = omit_empty(
        ("Resource", finding.resource),
        ("Provider", finding.provider),
        ("Service", finding.service),
        ("StartLine", finding.start),
        ("EndLine", finding.end),
        ("Code", code(finding.code) if finding.code else {}),
        (
            "Occurrences",
            [
                {"Resource": o.resource, "Filename": o.file, "Location": {"StartLine": o.start, "EndLine": o.end}}
                for o in finding.occurrences
            ],
        ),
        ("RenderedCause", omit_empty(("Raw", finding.rendered))),
        (
            "Origins",
            [
                {"Name": o.name, "Filename": o.file, "Location": {"StartLine": o.start, "EndLine": o.end}}
                for o in finding.origins
            ],
        ),
    )
    return omit_empty(
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
        ("Layer", layer(finding.layer)),
        ("CauseMetadata", cause),
    )
