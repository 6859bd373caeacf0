"""What SARIF calls a rule: the vulnerability, the check, or the rule of secrets behind findings, in the peer's form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from vigie.formats.json_values import omit_empty, plain
from vigie.model.advisory import Cvss, Severity
from vigie.model.finding import Finding, Vulnerability
from vigie.model.misconfiguration import Misconfiguration
from vigie.model.report import ResultClass
from vigie.model.secret import Secret

LEVELS: dict[Severity, str] = {
    "CRITICAL": "error",
    "HIGH": "error",
    "MEDIUM": "warning",
    "LOW": "note",
    "UNKNOWN": "note",
}
SCORES: dict[Severity, str] = {"CRITICAL": "9.5", "HIGH": "8.0", "MEDIUM": "5.5", "LOW": "2.0", "UNKNOWN": "0.0"}
"""`security-severity` where no CVSS score is known; forges draw their severities from it."""
NAMES: dict[ResultClass, str] = {
    "os-pkgs": "OsPackageVulnerability",
    "lang-pkgs": "LanguageSpecificPackageVulnerability",
    "config": "Misconfiguration",
    "secret": "Secret",
    "license": "License",
    "license-file": "License",
}


class _Told(NamedTuple):
    """What is said of a rule. rows: names and values of its table, in Markdown, the severity where it belongs."""

    word: str
    name: str
    title: str
    text: str
    url: str
    rows: Sequence[tuple[str, str]]
    score: str
    more: Mapping[str, Any]
    precision: str = "very-high"


def rule(finding: Finding, kind: ResultClass) -> dict[str, Any]:
    """The rule of a finding; of several findings the last has the say."""
    told = _told(finding)
    title, text = (" ".join(told.title.split()) or finding.id), told.text or told.title or finding.id
    heading = f"{told.word} {told.name}"
    return {
        "id": finding.id,
        "name": NAMES[kind],
        "shortDescription": {"text": title},
        "fullDescription": {"text": text},
        "defaultConfiguration": {"level": LEVELS[finding.severity]},
        **omit_empty(("helpUri", told.url)),
        "help": {
            "text": "\n".join([heading, *(f"{name}: {value}" for name, value in told.rows), told.text]),
            "markdown": f"**{heading}**\n{_table(told.rows)}\n\n{told.text}",
        },
        "properties": {
            **told.more,
            "precision": told.precision,
            "security-severity": told.score,
            "tags": [told.word.lower(), "security", finding.severity],
        },
    }


def link(id_: str, url: str) -> str:
    """A link in Markdown, which SARIF allows in plain messages too; without an address the id alone."""
    return f"[{id_}]({url})" if url else id_


def _told(finding: Finding) -> _Told:
    if isinstance(finding, Vulnerability):
        return _vulnerability(finding)
    return _secret(finding) if isinstance(finding, Secret) else _misconfiguration(finding)


def _vulnerability(finding: Vulnerability) -> _Told:
    details = finding.details
    cvss = details.cvss.get(finding.severity_source, Cvss()) if details else Cvss()
    rows = (
        ("Severity", finding.severity),
        ("Package", finding.package.name),
        ("Fixed Version", finding.fixed),
        ("Link", link(finding.id, finding.primary_url)),
    )
    scores = omit_empty(
        ("cvssv3_baseScore", plain(cvss.v3_score)),
        ("cvssv3_vector", cvss.v3_vector),
        ("cvssv40_baseScore", plain(cvss.v40_score)),
        ("cvssv40_vector", cvss.v40_vector),
    )
    score = f"{cvss.v3_score:.1f}" if cvss.v3_score else SCORES[finding.severity]
    title, text = (details.title, details.description) if details else ("", "")
    return _Told("Vulnerability", finding.id, title, text, finding.primary_url, rows, score, scores)


def _misconfiguration(finding: Misconfiguration) -> _Told:
    rows = (
        ("Type", finding.type),
        ("Severity", finding.severity),
        ("Check", finding.title),
        ("Message", finding.message),
        ("Link", link(finding.id, finding.primary_url)),
    )
    text = f"{finding.description}\n\nTo mend it: {finding.resolution}" if finding.resolution else finding.description
    score = SCORES[finding.severity]
    return _Told("Misconfiguration", finding.id, finding.title, text, finding.primary_url, rows, score, {})


def _secret(finding: Secret) -> _Told:
    rows = (
        ("Severity", finding.severity),
        ("Rule", finding.id),
        *([("Link", link(finding.id, finding.url))] if finding.url else []),
    )
    text = "\n\n".join(filter(None, (finding.why, finding.fix and f"What to do: {finding.fix}")))
    score = SCORES[finding.severity]
    return _Told("Secret", finding.title, finding.title, text, finding.url, rows, score, {}, "high")


def _table(rows: Sequence[tuple[str, str]]) -> str:
    """A table of one row. Signs that would end a cell are made harmless."""
    names = " | ".join(name for name, _ in rows)
    values = "|".join(" ".join(value.replace("|", "\\|").split()) for _, value in rows)
    return f"| {names} |\n|{' --- |' * len(rows)}\n|{values}|"
