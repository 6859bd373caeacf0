"""From matches to findings: what the database knows about a vulnerability is looked up and a severity chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vigie.model.advisory import Details, Severity, Status
from vigie.model.finding import Vulnerability
from vigie.scanner.filter import order as report_order
from vigie.vulnerabilities import links, malicious
from vigie.vulnerabilities.matching import Match
from vigie.vulnerabilities.redundancy import unique
from vigie.vulnerabilities.severity import choose


def wanted_ids(matches: Iterable[Match]) -> set[str]:
    """Every id under which the details of these matches may stand."""
    return {id for match in matches for id in (match.id, match.advisory.id, *match.aliases)}


def findings(
    matches: Iterable[Match], details: Mapping[str, Details], severity_sources: Sequence[str]
) -> tuple[Vulnerability, ...]:
    """The findings of one result, without duplicates, in the order of the report. What was rejected is left out."""
    found = (_finding(match, _details(match, details), severity_sources) for match in unique(matches))
    return tuple(sorted((finding for finding in found if finding is not None), key=report_order))


def _details(match: Match, details: Mapping[str, Details]) -> Details | None:
    return next((details[id] for id in (match.id, match.advisory.id, *match.aliases) if id in details), None)


def _finding(match: Match, details: Details | None, severity_sources: Sequence[str]) -> Vulnerability | None:
    advisory = match.advisory
    severity: Severity
    if advisory.malicious:
        details = malicious.explained(details, match.id, match.package)
        severity, rater = malicious.SEVERITY, match.source.id if match.source else ""
    elif details is not None and details.rejected:
        return None
    else:
        severity, rater = choose(details, match.id, match.source, severity_sources)
        if match.preset is not None:
            severity, rater = match.preset, match.preset_source
            if details is not None and rater:
                ratings = {**details.severities, rater: severity}
                details = msgspec.structs.replace(details, severities=ratings)
    references = details.references if details is not None else ()
    return Vulnerability(
        id=match.id,
        package=match.package,
        installed=match.installed,
        fixed=", ".join(match.fixes),
        status=_status(match),
        severity=severity,
        severity_source=rater,
        vendor_ids=match.vendor_ids,
        source=match.source,
        primary_url=links.primary(match.id, match.source, references) if details is not None else "",
        details=details,
        malicious=advisory.malicious,
        tentative=advisory.end_unknown,
        omit_package_id=match.omit_package_id,
    )


def _status(match: Match) -> Status:
    if match.advisory.end_unknown:
        return "under_investigation"
    return "affected" if match.status == "unknown" else match.status
