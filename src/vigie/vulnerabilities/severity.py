"""Whose rating of a vulnerability counts."""

from __future__ import annotations

from collections.abc import Sequence

from vigie.model.advisory import Cvss, DataSource, Details, Severity

AUTO = "auto"
PREFERENCE = (
    "nvd", "redhat", "redhat-oval", "debian", "ubuntu", "alpine", "amazon", "oracle-oval", "suse-cvrf", "photon",
    "arch-linux", "alma", "rocky", "cbl-mariner", "azure", "ruby-advisory-db", "php-security-advisories",
    "nodejs-security-wg", "ghsa", "glad", "aqua", "osv", "k8s", "wolfi", "chainguard", "bitnami", "govulndb", "julia",
    "bottlerocket", "echo", "minimos", "rootio",
)  # fmt: skip
"""Who is asked when neither the source of the advisory nor the database has a rating of its own."""


def choose(
    details: Details | None, id: str, source: DataSource | None, order: Sequence[str] = (AUTO,)
) -> tuple[Severity, str]:
    """The severity and the id of whoever rated so ("" for a rating precomputed by the database).

    order: source ids in the order in which they are asked. `auto` among them is: the advisory's own source (what it is
    built on first), GitHub for its own ids, NVD, the database's own rating, and then whoever has one.
    """
    if details is None:
        return "UNKNOWN", ""
    for name in order:
        if name == AUTO:
            return _automatic(details, id, source)
        found = _rating(details, name)
        if found is not None:
            return found, name
    return "UNKNOWN", ""


def _automatic(details: Details, id: str, source: DataSource | None) -> tuple[Severity, str]:
    asked = [source.base_id or source.id] if source else []
    if id.startswith("GHSA-"):
        asked.append("ghsa")
    for name in (*asked, "nvd"):
        found = _rating(details, name)
        if found is not None:
            return found, name
    if details.severity != "UNKNOWN":
        return details.severity, ""
    for name in (*PREFERENCE, *sorted({*details.severities, *details.cvss})):
        found = _rating(details, name)
        if found is not None and found != "UNKNOWN":
            return found, name
    return "UNKNOWN", ""


def _rating(details: Details, name: str) -> Severity | None:
    """What one source says: its word, else what its scores mean."""
    word = details.severities.get(name)
    if word is not None:
        return word
    cvss = details.cvss.get(name)
    return of_scores(cvss) if cvss is not None else None


def of_scores(cvss: Cvss) -> Severity | None:
    """The rating that the newest of one source's base scores stands for; None when there is no score."""
    score = cvss.v40_score or cvss.v3_score or cvss.v2_score
    if score >= 9.0:
        return "CRITICAL"
    if score >= 7.0:
        return "HIGH"
    if score >= 4.0:
        return "MEDIUM"
    return "LOW" if score > 0.0 else None
