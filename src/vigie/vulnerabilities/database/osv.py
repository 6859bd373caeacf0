"""Records in the OSV format become statements: these versions of this package are affected by that vulnerability."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from vigie.model.advisory import SEVERITIES, STATUSES
from vigie.vulnerabilities.database.schema import severity_of, status_of

Triple = tuple[str, str, str]
"""introduced, fixed, last_affected."""

MOST_VERSIONS = 20_000


class Event(Struct):
    """One step of a range; exactly one field is set."""

    introduced: str = ""
    fixed: str = ""
    last_affected: str = ""
    limit: str = ""


class OsvRange(Struct):
    """`type` is ECOSYSTEM, SEMVER or GIT; GIT ranges name commits and are not used."""

    type: str = ""
    events: list[Event] = []


class OsvPackage(Struct):
    """Where the package is published and what it is called there."""

    ecosystem: str = ""
    name: str = ""


class OsvSeverity(Struct):
    """A CVSS vector, or a word with the distribution's name as type. `base` and `source` only stand in the CVSS
    file."""

    type: str = ""
    score: str = ""
    source: str = ""
    base: float | None = None


class Affected(Struct):
    """One package of a record."""

    package: OsvPackage | None = None
    ranges: list[OsvRange] = []
    versions: list[str] = []
    severity: list[OsvSeverity] = []
    database_specific: Any = None
    ecosystem_specific: Any = None


class Reference(Struct):
    """A link."""

    url: str = ""
    type: str = ""


class OsvRecord(Struct):
    """One record (OSV schema 1.7), the fields that are used."""

    id: str
    aliases: list[str] = []
    upstream: list[str] = []
    related: list[str] = []
    published: str = ""
    modified: str = ""
    withdrawn: str = ""
    severity: list[OsvSeverity] = []
    affected: list[Affected] = []
    references: list[Reference] = []
    database_specific: Any = None


decode_record = msgspec.json.Decoder(OsvRecord).decode


class Draft(Struct):
    """A statement on its way into the database. `versions` are exact ones; `severity` is 0 for none, else index + 1."""

    ecosystem: str
    name: str
    ranges: tuple[Triple, ...]
    versions: tuple[str, ...]
    status: int = 0
    severity: int = 0
    end_unknown: bool = False
    record: int = -1

    @property
    def bounded(self) -> bool:
        """An end is named for every range."""
        return all(fixed or last for _, fixed, last in self.ranges)


_DEB, _RPM, _APK = "deb", "rpm", "apk"
_FAMILIES = {
    "Debian": _DEB,
    "x_Debian-ELTS": _DEB,
    "Ubuntu": _DEB,
    "x_Ubuntu-binary": _DEB,
    "Echo": _DEB,
    "AlmaLinux": _RPM,
    "Rocky Linux": _RPM,
    "Red Hat": _RPM,
    "SUSE": _RPM,
    "openSUSE": _RPM,
    "openEuler": _RPM,
    "Mageia": _RPM,
    "Photon OS": _RPM,
    "Azure Linux": _RPM,
    "x_CBL-Mariner": _RPM,
    "x_Bottlerocket": _RPM,
    "Alpine": _APK,
    "Alpaquita": _APK,
    "BellSoft Hardened Containers": _APK,
    "Chainguard": _APK,
    "CleanStart": _APK,
    "MinimOS": _APK,
    "Wolfi": _APK,
}


def packaging(ecosystem: str) -> str:
    """`deb`, `rpm` or `apk` for a distribution's ecosystem name; "" for a language."""
    family = ecosystem.partition(":")[0]
    return _FAMILIES.get(family) or (_RPM if family.endswith("-binary") else "")


def names_binaries(ecosystem: str) -> bool:
    """The records of this ecosystem name binary packages, whose own version is compared."""
    family = ecosystem.partition(":")[0]
    return family.endswith("-binary") or family in ("AlmaLinux", "Rocky Linux", "x_Bottlerocket")


def ecosystem_key(ecosystem: str) -> str:
    """The name under which an ecosystem is stored. Languages lose the address of a further registry
    (`Packagist:https://packages.drupal.org/8`), whose packages have names of their own; releases stay."""
    name, _, rest = ecosystem.partition(":")
    return name if "://" in rest else ecosystem


def is_malicious(record_id: str) -> bool:
    """The record says that a package is malware, not that it has a flaw."""
    return record_id.startswith(("MAL-", "IOC:"))


_CVE = re.compile(r"CVE-\d{4}-\d{4,}")
_GHSA_IN_URL = re.compile(r"https://github\.com/(?:[^/]+/[^/]+/security/)?advisories/(GHSA(?:-[a-z0-9]{4}){3})")
_MADE_UP = ("RUBYSEC:", "FOP:", "VICTIMS:", "CVEDB:", "PROJECTKB:", "ANCHORE:", "CNA:", "GHADV:", "ALPINE-", "UBUNTU-")
"""Prefixes of ids that a collector gave to records of sources without ids of their own."""


def is_made_up(record_id: str) -> bool:
    """The id is known to nobody but the collector."""
    return record_id.startswith(_MADE_UP)


def cves(ids: list[str], rejected: frozenset[str] | set[str] = frozenset()) -> list[str]:
    """The CVE ids among `ids` that were not rejected, each once, in order."""
    return [cve for cve in dict.fromkeys(i for i in ids if _CVE.fullmatch(i)) if cve not in rejected]


def reported_ids(record: OsvRecord, known: Mapping[str, str], rejected: set[str]) -> tuple[str, ...]:
    """What the record's findings are called; empty when there is nothing left to report.

    A record about several vulnerabilities (`upstream`; `related` in distributions) yields each CVE. A record that is
    one vulnerability under several names (`aliases`) yields the CVE if there is exactly one, else the GHSA id, else its
    own. known: GHSA id → its CVE, as learnt from all records.
    """
    if is_malicious(record.id):
        return (record.id,)
    every = [record.id, *record.upstream, *record.aliases]
    distribution = any(a.package and packaging(a.package.ecosystem) for a in record.affected[:1])
    many = cves(record.upstream, rejected)
    if distribution:
        many = many or cves(every, rejected) or cves(record.related, rejected)
    if many:
        return tuple(many)
    if distribution and (cves([*every, *record.related]) or record.id.startswith(("ALBA-", "ALEA-"))):
        return ()  # rejected ids alone; or bug fixes and enhancements of AlmaLinux, which are no vulnerabilities
    if _CVE.fullmatch(record.id) and record.id not in rejected:
        return (record.id,)
    single = cves(every, rejected)
    if len(single) == 1:
        return (single[0],)
    advisories = list(dict.fromkeys(name for name in every if name.startswith("GHSA-"))) or _linked(record)
    if not single:
        learnt = {known[name] for name in advisories if name in known} - rejected
        if len(learnt) == 1:
            return (learnt.pop(),)
    if advisories:
        return (advisories[0],)
    return () if not single and cves(every) else (_own_name(record),)


def _linked(record: OsvRecord) -> list[str]:
    """The GHSA id that a record without aliases links to, when it links to one only."""
    if record.aliases:
        return []
    found = {match[1] for reference in record.references if (match := _GHSA_IN_URL.match(reference.url))}
    return list(found) if len(found) == 1 else []


def _own_name(record: OsvRecord) -> str:
    """The id as its source writes it: a collector's prefix is taken off where a known id stands behind it."""
    name = record.id.rpartition("/")[2]
    if record.id.startswith("RUBYSEC:") and name.startswith("OSVDB-"):
        return name
    if record.id.startswith(("ALPINE-", "UBUNTU-")) and record.upstream and record.id.endswith(record.upstream[0]):
        return record.upstream[0]
    return record.id


def ghsa_aliases(record: OsvRecord) -> Iterator[tuple[str, str]]:
    """(GHSA id, CVE) when the record names exactly one of each as the same thing."""
    names = [record.id, *record.aliases]
    advisories, numbers = [n for n in names if n.startswith("GHSA-")], cves(names)
    if len(advisories) == 1 and len(numbers) == 1:
        yield advisories[0], numbers[0]


def drafts(record: OsvRecord) -> Iterator[Draft]:
    """A statement for each package that the record says is affected in some version; none for a withdrawn record."""
    if record.withdrawn:
        return
    word = table(record.database_specific).get("severity")
    modules = strings(table(record.database_specific).get("modules"))
    for affected in record.affected:
        package = affected.package
        if package is None or not package.ecosystem or not package.name:
            continue
        extra = table(affected.database_specific)
        if extra.get("scope") == "unknown":
            continue
        ranges = tuple(dict.fromkeys(t for r in affected.ranges if r.type != "GIT" for t in triples(r.events)))
        ecosystem = ecosystem_key(package.ecosystem)
        versions = tuple(affected.versions[:MOST_VERSIONS])
        if ecosystem == "Go":
            versions = tuple(v.removeprefix("v") for v in versions)
            ranges = _custom_ranges(affected, ranges)
        if not ranges and not versions:
            continue
        status = status_of(str(extra.get("status", "")))
        if status in ("not_affected", "fixed") and not any(fixed for _, fixed, _ in ranges):
            continue
        severity = severity_of(str(extra.get("severity") or (word if packaging(ecosystem) else "") or ""))
        for prefix in [f"{module}::" for module in modules] or [""]:
            yield Draft(
                ecosystem=ecosystem,
                name=prefix + package.name,
                ranges=ranges,
                versions=versions,
                status=STATUSES.index(status),
                severity=SEVERITIES.index(severity) + 1 if severity else 0,
                end_unknown=extra.get("end_unknown") is True,
            )


def not_affected(record: OsvRecord) -> Iterator[tuple[str, str]]:
    """(ecosystem, package) pairs that the record states to be free of its vulnerabilities."""
    for ecosystem, names in table(table(record.database_specific).get("not_affected")).items():
        for name in strings(names):
            yield ecosystem, name


def triples(events: list[Event]) -> list[Triple]:
    """A range's events as intervals. Events come in pairs in practice; two beginnings in a row are paired with the ends
    that follow in order, and when their numbers differ the widest interval holds."""
    found: list[Triple] = []
    starts: list[str] = []
    ends: list[tuple[str, str]] = []

    def close() -> None:
        if len(starts) == len(ends):
            found.extend((start, *end) for start, end in zip(starts, ends, strict=True))
        elif starts:
            found.append((starts[0], *(ends[-1] if ends else ("", ""))))
        starts.clear()
        ends.clear()

    for event in events:
        if event.introduced:
            if ends:
                close()
            starts.append("0" if event.introduced == "0.0.0-0" else event.introduced)
        elif event.fixed or event.last_affected:
            ends.append((event.fixed, event.last_affected))
    close()
    return found


def _custom_ranges(affected: Affected, ranges: tuple[Triple, ...]) -> tuple[Triple, ...]:
    """Go modules without proper tags have an open range, and beside it the versions that people know; those are
    used."""
    if any(fixed or last for _, fixed, last in ranges):
        return ranges
    custom = table(affected.ecosystem_specific).get("custom_ranges")
    try:
        known = msgspec.convert(custom or [], list[OsvRange])
    except msgspec.ValidationError:
        return ranges
    narrower = tuple(dict.fromkeys(t for r in known for t in triples(r.events)))
    return narrower if any(fixed or last for _, fixed, last in narrower) else ranges


def table(value: Any) -> dict[str, Any]:
    """The value if it is an object, else an empty one: `database_specific` is whatever a source likes."""
    return value if isinstance(value, dict) else {}


def strings(value: Any) -> list[str]:
    """The texts of an array; empty for anything else."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
