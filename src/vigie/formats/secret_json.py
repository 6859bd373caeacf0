"""Secrets in the JSON report, key for key as the peer writes them, all values masked.

Ours, left out when empty: everything behind `Offset`. `StartColumn` and `EndColumn` count from 1; `Parts` are what
belongs to the secret and stands beside it; `Verified` is what the provider said; `Aliases` are rules that found the
same and tell less; `Origin` is where it stands when that is no file; `DeletedBy` the layer that hides the file, which
is still in the image; `Commit` where in a repository's history it stands.
"""

from __future__ import annotations

from typing import Any

from vigie.formats.json_values import code, layer, omit_empty
from vigie.model.secret import CommitSeen, Secret


def secret(finding: Secret) -> dict[str, Any]:
    """One finding. The first members are written even when they are empty."""
    return {
        "RuleID": finding.id,
        "Category": finding.category,
        "Severity": finding.severity,
        "Title": finding.title,
        "StartLine": finding.start,
        "EndLine": finding.end,
        "Code": code(finding.code),
        "Match": finding.match,
    } | omit_empty(
        ("Layer", layer(finding.layer)),
        ("Offset", finding.offset),
        ("StartColumn", finding.start_column),
        ("EndColumn", finding.end_column),
        ("Confidence", finding.confidence),
        ("Reason", finding.reason),
        ("Why", finding.why),
        ("Fix", finding.fix),
        ("PrimaryURL", finding.url),
        ("KeyID", finding.key_id),
        ("Facts", finding.facts),
        ("Decoded", finding.decoded),
        (
            "Parts",
            [
                {"RuleID": part.rule, "Title": part.title, "StartLine": part.start, "EndLine": part.end}
                | {"Match": part.match}
                | omit_empty(("Offset", part.offset))
                for part in finding.parts
            ],
        ),
        ("Verified", finding.verified),
        ("Aliases", finding.aliases),
        ("Origin", finding.origin),
        ("Fingerprint", finding.fingerprint),
        ("DeletedBy", layer(finding.deleted_by)),
        ("Commit", _commit(finding.seen)),
    )


def _commit(seen: CommitSeen | None) -> dict[str, Any]:
    """`Line` is where the first commit has it, when the finding's lines are those of the file as it lies here.
    `Present` is always said: that a secret is gone from all tips is worth knowing."""
    if seen is None:
        return {}
    return omit_empty(
        ("ID", seen.commit),
        ("Author", seen.author),
        ("Email", seen.email),
        ("Date", seen.date),
        ("Subject", seen.subject),
        ("Line", seen.line),
        ("LastID", seen.last),
        ("LastDate", seen.last_date),
    ) | {"Present": seen.present}
