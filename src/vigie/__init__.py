"""Vigie finds known vulnerabilities in images, file systems and repositories.

    import vigie
    report = vigie.scan("python:3.4-alpine")
    for finding in report.findings:
        print(finding.severity, finding.id, finding.package.name, finding.fixed)

Names load on first use, so that `vigie version` starts in milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vigie.compose import scan
    from vigie.errors import KnowledgeError, TargetError, UsageError, VigieError
    from vigie.model.finding import Finding, Vulnerability
    from vigie.model.inventory import Problem
    from vigie.model.package import Package
    from vigie.model.report import Report

__all__ = [
    "Finding",
    "KnowledgeError",
    "Package",
    "Problem",
    "Report",
    "TargetError",
    "UsageError",
    "VigieError",
    "Vulnerability",
    "__version__",
    "scan",
]

__version__ = "0.1.0"

_HOMES = {
    "Finding": "vigie.model.finding",
    "KnowledgeError": "vigie.errors",
    "Package": "vigie.model.package",
    "Problem": "vigie.model.inventory",
    "Report": "vigie.model.report",
    "TargetError": "vigie.errors",
    "UsageError": "vigie.errors",
    "VigieError": "vigie.errors",
    "Vulnerability": "vigie.model.finding",
    "scan": "vigie.compose",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'vigie' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
