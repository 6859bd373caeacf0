"""What is left of the findings: by severity, then status, then ignore file. Duplicates are the detector's matter."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from vigie.model.advisory import SEVERITIES
from vigie.model.finding import Finding, Suppressed, Vulnerability
from vigie.model.report import Report, Result
from vigie.model.secret import Secret
from vigie.scanner import ignore
from vigie.settings.groups import Options


def apply_filters(report: Report, options: Options, today: date) -> Report:
    """The report with the findings that the options ask for, in the peer's order.

    What the ignore file accepts is kept in `Result.suppressed` with `--show-suppressed`. Raises UsageError for a bad
    ignore file; a caller that wants to know before a long scan loads it once (`ignore.load`).
    """
    accepted = ignore.load(options.report.ignore_file)
    results = tuple(_filtered(result, options, accepted, today) for result in report.results)
    results = tuple(one for one in results if one.kind != "secret" or one.findings or one.suppressed)
    return msgspec.structs.replace(report, results=results)


def _filtered(result: Result, options: Options, accepted: ignore.IgnoreList, today: date) -> Result:
    kept: list[Finding] = []
    suppressed = [one for one in result.suppressed if one.finding.severity in options.report.severities]
    for finding in result.findings:
        if finding.severity not in options.report.severities or not _status_counts(finding, options):
            continue
        entry = accepted.match(finding, result.target, today)
        if entry is None:
            kept.append(finding)
        else:
            suppressed.append(Suppressed(finding, "ignored", entry.statement, accepted.source))
    kept.sort(key=order)
    shown = tuple(suppressed) if options.report.show_suppressed else ()
    passes = tuple(
        one
        for one in result.passes
        if one.severity in options.report.severities and accepted.match(one, result.target, today) is None
    )
    return msgspec.structs.replace(result, findings=tuple(kept), suppressed=shown, passes=passes)


def _status_counts(finding: Finding, options: Options) -> bool:
    if not isinstance(finding, Vulnerability):
        return True
    if finding.malicious:
        return True  # no version mends it: it is removed, not upgraded
    if options.vulnerabilities.ignore_unfixed and finding.status != "fixed":
        return False
    return finding.status not in options.vulnerabilities.ignore_status


def order(finding: Finding) -> tuple[Any, ...]:
    """The order of findings in a result: of vulnerabilities package, its version, then severity from the highest, then
    id; of misconfigurations id, severity, resource, message and place; of secrets the place."""
    if isinstance(finding, Secret):
        return finding.start, finding.offset, finding.id
    if not isinstance(finding, Vulnerability):
        severity = -SEVERITIES.index(finding.severity)
        return finding.type, finding.id, severity, finding.resource, finding.message, finding.start, finding.end
    package = finding.package
    return (
        package.name,
        "" if finding.omit_package_id else package.id,
        finding.installed,
        -SEVERITIES.index(finding.severity),
        finding.id,
        package.path,
    )
