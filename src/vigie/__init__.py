"""Vigie finds known vulnerabilities in images, file systems and repositories, and judges what a host does by rules.

    import vigie
    report = vigie.scan("python:3.4-alpine")
    for finding in report.findings:
        print(finding.severity, finding.id, finding.package.name, finding.fixed)
    for alert in vigie.watch("activity.scap"):
        print(alert.priority.name, alert.rule, alert.message)

Names load on first use, so that `vigie version` starts in milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vigie.compose import scan
    from vigie.errors import CaptureError, KnowledgeError, RuleError, TargetError, UsageError, VigieError
    from vigie.model.alert import Alert, Priority
    from vigie.model.finding import Finding, Vulnerability
    from vigie.model.inventory import Problem
    from vigie.model.package import Package
    from vigie.model.report import Report
    from vigie.runtime.watch import watch

__all__ = [
    "Alert",
    "CaptureError",
    "Finding",
    "KnowledgeError",
    "Package",
    "Priority",
    "Problem",
    "Report",
    "RuleError",
    "TargetError",
    "UsageError",
    "VigieError",
    "Vulnerability",
    "__version__",
    "scan",
    "watch",
]

__version__ = "0.1.0"

_HOMES = {
    "Alert": "vigie.model.alert",
    "CaptureError": "vigie.errors",
    "Finding": "vigie.model.finding",
    "KnowledgeError": "vigie.errors",
    "Package": "vigie.model.package",
    "Priority": "vigie.model.alert",
    "Problem": "vigie.model.inventory",
    "Report": "vigie.model.report",
    "RuleError": "vigie.errors",
    "TargetError": "vigie.errors",
    "UsageError": "vigie.errors",
    "VigieError": "vigie.errors",
    "Vulnerability": "vigie.model.finding",
    "scan": "vigie.compose",
    "watch": "vigie.runtime.watch",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'vigie' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
