"""Several sources speak of one vulnerability in one package: which statements are kept, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vigie.versions import apk, deb, rpm
from vigie.versions.ordering import InvalidVersion
from vigie.vulnerabilities.database.osv import Draft, packaging

_KEYS: dict[str, Callable[[str], Any]] = {
    "deb": deb.ORDERING.key,
    "rpm": rpm.ORDERING.key,
    "apk": apk.ORDERING.key,
}


class Voice:
    """What merging must know of a record: the ids it is reported as, how far its source is trusted, and whether the
    record's own id is shown beside the reported ones."""

    __slots__ = ("ids", "rank", "vendor")

    def __init__(self, ids: tuple[str, ...], rank: int, vendor: bool) -> None:
        self.ids, self.rank, self.vendor = ids, rank, vendor


def keep(ecosystem: str, drafts: Sequence[Draft], voices: Mapping[int, Voice]) -> list[Draft]:
    """The statements about one package that are stored. The reader takes the first one that names an id."""
    if kind := packaging(ecosystem):
        return _of_distribution(ecosystem, drafts, voices, _KEYS[kind])
    return _of_language(drafts, voices)


def _of_distribution(
    ecosystem: str, drafts: Sequence[Draft], voices: Mapping[int, Voice], key: Callable[[str], Any]
) -> list[Draft]:
    """Greatest fix first: a vulnerability that was mended twice is mended by the later fix. Statements that add neither
    an id nor a vendor id are dropped. Of the builds for several contexts in one erratum of AlmaLinux the lowest
    counts."""
    lowest_counts = ecosystem.startswith("AlmaLinux")
    by_record: dict[int, Draft] = {}
    rest: list[Draft] = []
    for draft in drafts:
        if not simple(draft):
            rest.append(draft)
            continue
        other = by_record.get(draft.record)
        if other is None or (_less(draft, other, key) == lowest_counts and draft.ranges != other.ranges):
            by_record[draft.record] = draft
    fixed: list[tuple[Any, Draft]] = []
    for draft in by_record.values():
        try:
            fixed.append((key(draft.ranges[0][1]), draft))
        except InvalidVersion:
            rest.append(draft)
    fixed.sort(key=lambda pair: pair[0], reverse=True)
    kept: list[Draft] = []
    named: set[str] = set()
    for draft in [draft for _, draft in fixed] + sorted(rest, key=lambda d: not d.bounded):
        voice = voices[draft.record]
        if voice.vendor or not named.issuperset(voice.ids):
            kept.append(draft)
            named.update(voice.ids)
    return kept


def _less(one: Draft, other: Draft, key: Callable[[str], Any]) -> bool:
    try:
        return bool(key(one.ranges[0][1]) < key(other.ranges[0][1]))
    except InvalidVersion:
        return one.ranges < other.ranges


def simple(draft: Draft) -> bool:
    """Affected is whatever is below one fixed version."""
    return len(draft.ranges) == 1 and draft.ranges[0][0] == "0" and bool(draft.ranges[0][1]) and not draft.versions


def _of_language(drafts: Sequence[Draft], voices: Mapping[int, Voice]) -> list[Draft]:
    """One statement per vulnerability, of the most trusted source, a known end before an unknown one; two records of
    the same source are united, unless one names an end where the other names none."""
    groups: dict[tuple[str, ...], list[Draft]] = {}
    for draft in drafts:
        groups.setdefault(voices[draft.record].ids, []).append(draft)
    return [_best(group, voices) for group in groups.values()]


def _best(group: Sequence[Draft], voices: Mapping[int, Voice]) -> Draft:
    if len(group) == 1:
        return group[0]
    best = min((draft.end_unknown, voices[draft.record].rank) for draft in group)
    top = [draft for draft in group if (draft.end_unknown, voices[draft.record].rank) == best]
    top = [draft for draft in top if draft.bounded] or top
    first = top[0]
    return Draft(
        ecosystem=first.ecosystem,
        name=first.name,
        ranges=tuple(dict.fromkeys(triple for draft in top for triple in draft.ranges)),
        versions=tuple(dict.fromkeys(version for draft in top for version in draft.versions)),
        status=first.status,
        severity=max(draft.severity for draft in top),
        end_unknown=first.end_unknown,
        record=first.record,
    )
