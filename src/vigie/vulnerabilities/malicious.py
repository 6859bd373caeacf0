"""Packages that are malware: no flaw to mend, but something to throw out."""

from __future__ import annotations

import msgspec

from vigie.model.advisory import Details, Severity
from vigie.model.package import Package

SEVERITY: Severity = "CRITICAL"


def explained(details: Details | None, id: str, package: Package) -> Details:
    """The details to show: the database's, with a title and a description where it has none."""
    known = details or Details(id=id)
    advice = (
        f"{package.name} {package.version} is listed as malware. There is no version to move to: remove it, then treat "
        "every secret that was within its reach as stolen."
    )
    return msgspec.structs.replace(
        known,
        title=known.title or f"Malicious package: {package.name}",
        description=known.description or advice,
        severity=SEVERITY,
    )
