"""The detector: candidates become findings. Read this first.

candidates ─▶ what is noise, allowed or accepted is set apart ─▶ of several rules at one place the best one
─▶ a key's id and its secret become one ─▶ results by file
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

import msgspec
from msgspec import Struct

from vigie.model.finding import Suppressed
from vigie.model.report import Result
from vigie.model.secret import CONFIDENCES, Secret, SecretCandidate, SecretPart
from vigie.secrets.rules import SecretRule

replace = msgspec.structs.replace

NEAR = 5
"""Lines between a key's id and the secret that belongs to it."""

Accept = Callable[[SecretCandidate, SecretRule], tuple[str, str, str] | None]
"""Status, statement and source of what sets a candidate apart (`ignored`, why, the file or comment that says so)."""


class _Judged(Struct):
    candidate: SecretCandidate
    rule: SecretRule
    fingerprint: str
    parts: tuple[SecretPart, ...] = ()
    key_id: str = ""


def detect(
    candidates: Sequence[SecretCandidate],
    rules: Iterable[SecretRule],
    accept: Accept,
    *,
    min_confidence: str = "low",
    rooted: bool = False,
) -> tuple[Result, ...]:
    """One result for each file, in order, with what was set apart as suppressed.

    rooted: paths are shown with a slash in front, as those of images are.
    """
    by_id = {rule.id: rule for rule in rules}
    kept: list[_Judged] = []
    apart: list[tuple[_Judged, tuple[str, str, str]]] = []
    for judged in _identified(candidates, by_id):
        reason = _apart(judged.candidate, min_confidence) or accept(judged.candidate, judged.rule)
        if reason is None:
            kept.append(judged)
        else:
            apart.append((judged, reason))
    findings: dict[str, list[Secret]] = defaultdict(list)
    suppressed: dict[str, list[Suppressed]] = defaultdict(list)

    def target(judged: _Judged) -> str:
        return f"/{judged.candidate.path}" if rooted and not judged.candidate.origin else judged.candidate.path

    for judged in _paired(_best(kept)):
        findings[target(judged)].append(_finding(judged, target(judged)))
    for judged, (status, statement, source) in apart:
        path = target(judged)
        suppressed[path].append(Suppressed(_finding(judged, path), status, statement, source))
    return tuple(
        Result(
            target=path,
            kind="secret",
            type="",
            findings=tuple(findings.get(path, ())),
            suppressed=tuple(suppressed.get(path, ())),
        )
        for path in sorted({*findings, *suppressed})
    )


def _identified(candidates: Sequence[SecretCandidate], by_id: dict[str, SecretRule]) -> Iterable[_Judged]:
    """Candidates with their rules and fingerprints. The same value in the same file has one for each time it stands
    there, so that a line more above changes nothing."""
    seen: Counter[tuple[str, str, str]] = Counter()
    for candidate in sorted(candidates, key=lambda one: (one.path, one.offset, one.rule)):
        rule = by_id.get(candidate.rule)
        if rule is None:  # of a cache that knew other rules
            continue
        key = candidate.rule, candidate.path, candidate.tag
        yield _Judged(candidate, rule, _fingerprint(*key, seen[key]))
        seen[key] += 1


def _fingerprint(rule: str, path: str, tag: str, number: int) -> str:
    """Of rule, path and the value's tag, so that neither lines above nor another scan change it; a new value does."""
    return hashlib.sha256(f"{rule}\0{path}\0{tag}\0{number}".encode()).hexdigest()[:32]


def _apart(candidate: SecretCandidate, min_confidence: str) -> tuple[str, str, str] | None:
    if candidate.noise:
        return "not_affected", candidate.reason, "vigie"
    if CONFIDENCES.index(candidate.confidence) < CONFIDENCES.index(min_confidence):
        return "ignored", f"its confidence is {candidate.confidence}: {candidate.reason}", "--min-confidence"
    return None


def _place(judged: _Judged) -> tuple[str, str]:
    return judged.candidate.path, judged.candidate.seen.commit if judged.candidate.seen else ""


def _best(judged: Sequence[_Judged]) -> list[_Judged]:
    """Without those whose place another rule tells better about: one that is named as better, one of a provider rather
    than a generic one, the surer one, the one whose match is longer."""
    kept: list[_Judged] = []
    for _, group in groupby(sorted(judged, key=_place), key=_place):
        inner = sorted(group, key=lambda one: (one.candidate.offset, one.candidate.rule))
        kept += [one for one in inner if not any(_covers(other, one) for other in inner if other is not one)]
    return kept


def _covers(better: _Judged, one: _Judged) -> bool:
    a, b = better.candidate, one.candidate
    if not _overlap(a, b):
        return False
    if one.rule.id in better.rule.over or better.rule.id in one.rule.over:
        return one.rule.id in better.rule.over
    return _rank(better) > _rank(one)


def _overlap(a: SecretCandidate, b: SecretCandidate) -> bool:
    first, second = sorted(
        (((one.start, one.start_column), (one.end, one.end_column)) for one in (a, b)), key=lambda place: place[0]
    )
    return second[0] <= first[1]


def _rank(judged: _Judged) -> tuple[int, int, int, str]:
    candidate, rule = judged.candidate, judged.rule
    specific = 0 if rule.category.lower() == "generic" else 1
    length = (candidate.end - candidate.start) * 1000 + candidate.end_column - candidate.start_column
    return specific, CONFIDENCES.index(candidate.confidence), length, rule.id


def _paired(judged: Sequence[_Judged]) -> list[_Judged]:
    """With the ids of keys as parts of the secrets they stand beside, in place of findings of their own."""
    taken: set[int] = set()
    partners = {id_ for one in judged for id_ in one.rule.with_}
    ids = [one for one in judged if one.rule.id in partners]
    for one in judged:
        if not one.rule.with_:
            continue
        near = [
            other
            for other in ids
            if other.rule.id in one.rule.with_
            and id(other) not in taken
            and _place(other) == _place(one)
            and abs(other.candidate.start - one.candidate.start) <= NEAR
        ]
        if near:
            partner = min(near, key=lambda other: abs(other.candidate.offset - one.candidate.offset))
            taken.add(id(partner))
            found = partner.candidate
            one.parts = (SecretPart(found.rule, partner.rule.title, found.start, found.end, found.offset, found.match),)
    return [one for one in judged if id(one) not in taken]


def _finding(judged: _Judged, path: str) -> Secret:
    candidate, rule = judged.candidate, judged.rule
    return Secret(
        id=rule.id,
        category=rule.category,
        title=rule.title,
        severity=rule.severity,
        path=path,
        start=candidate.start,
        end=candidate.end,
        start_column=candidate.start_column,
        end_column=candidate.end_column,
        offset=candidate.offset,
        match=candidate.match,
        code=candidate.code,
        confidence=candidate.confidence,
        reason=candidate.reason,
        fingerprint=judged.fingerprint,
        why=rule.why,
        fix=rule.fix,
        url=rule.url,
        key_id=candidate.key_id,
        facts=candidate.facts,
        decoded=candidate.decoded,
        parts=judged.parts,
        seen=candidate.seen,
        layer=candidate.layer,
        deleted_by=candidate.deleted_by,
    )
