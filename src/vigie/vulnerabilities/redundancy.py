"""One vulnerability, one finding: several statements about it in one package become one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from vigie.model.advisory import Advisory
from vigie.vulnerabilities.matching import Match


def believable(advisories: Sequence[Advisory]) -> Sequence[Advisory]:
    """Without statements that do not say where a flaw ends, when another one speaks of the same vulnerability."""
    if not any(advisory.end_unknown for advisory in advisories):
        return advisories
    known = {name for a in advisories if not a.end_unknown for name in (a.id, *a.aliases)}
    return [a for a in advisories if not a.end_unknown or known.isdisjoint((a.id, *a.aliases))]


def merged(matches: Iterable[Match]) -> list[Match]:
    """The matches of one package, those of the same id or of alias ids made one: under the best-known id, with the fix
    that satisfies all. Two CVEs are never one; what is malicious stays apart."""
    groups: list[Match] = []
    place: dict[str, int] = {}
    for match in sorted(matches, key=lambda match: _fame(match.id)):
        if match.advisory.malicious:
            groups.append(match)
            continue
        numbered = match.id.startswith("CVE-")
        names = [name for name in (match.id, *match.aliases) if not (numbered and name.startswith("CVE-"))]
        at = place.get(match.id)
        if at is None and not numbered:
            at = next((place[name] for name in sorted(names, key=_fame) if name in place), None)
        if at is None:
            at = len(groups)
            groups.append(match)
        else:
            groups[at] = _better(groups[at], match)
        for name in (match.id, *names):
            place.setdefault(name, at)
    return groups


def _fame(id: str) -> tuple[int, str]:
    return (0 if id.startswith("CVE-") else 1 if id.startswith("GHSA-") else 2), id


def unique(matches: Iterable[Match]) -> list[Match]:
    """The matches of one result, those that the report could not tell apart made one."""
    kept: dict[tuple[str, ...], Match] = {}
    for match in matches:
        package = match.package
        key = (match.id, package.id, package.name, match.installed, package.path)
        kept[key] = _better(kept[key], match) if key in kept else match
    return list(kept.values())


def _better(first: Match, second: Match) -> Match:
    """The one whose nearest fix is further away, under the first one's id."""
    taken = second if _further(second, first) else first
    other = first if taken is second else second
    return msgspec.structs.replace(
        taken,
        id=first.id,
        vendor_ids=taken.vendor_ids or other.vendor_ids,
        aliases=tuple(dict.fromkeys((*first.aliases, second.id, *second.aliases))),
        preset=taken.preset or other.preset,
        preset_source=taken.preset_source if taken.preset else other.preset_source,
    )


def _further(second: Match, first: Match) -> bool:
    """Versions are compared as versions; the peer compares texts, by which 1.9 is above 1.10."""
    if second.reach is None or first.reach is None:
        return first.reach is None and (second.reach is not None or len(second.fixes) > len(first.fixes))
    if second.reach == first.reach:
        return len(second.fixes) > len(first.fixes)
    return bool(second.reach > first.reach)
