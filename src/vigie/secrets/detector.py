"""The detector: candidates become findings. Read this first.

candidates ─▶ what is noise, or not sure enough, is set apart ─▶ of several rules at one place the best one
─▶ what is let pass or accepted is set apart ─▶ a key's id and its secret become one ─▶ results by file
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
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

Reason = tuple[str, str, str]
"""Status, statement and source of what sets a candidate apart (`ignored`, why, the file or comment that says so)."""

Accept = Callable[[SecretCandidate, str], Reason | None]
"""What people accepted, by candidate and fingerprint."""

Key = tuple[str, str, str]
"""Rule, path and tag of a secret."""


class Detected(Struct, frozen=True):
    """results: by file. keys: of each finding, by its fingerprint, its own and that of its key's id."""

    results: tuple[Result, ...]
    keys: dict[str, tuple[Key, Key | None]]


class _Judged(Struct):
    candidate: SecretCandidate
    rule: SecretRule
    fingerprint: str
    partners: list[SecretCandidate] = []
    parts: list[SecretPart] = []
    aliases: list[str] = []


def detect(
    candidates: Sequence[SecretCandidate],
    rules: Iterable[SecretRule],
    accept: Accept | None = None,
    *,
    min_confidence: str = "low",
    rooted: bool = False,
    name: str = "",
) -> Detected:
    """One result for each file, in order, with what was set apart as suppressed.

    rooted: paths are shown with a slash in front, as those of images are. name: the artifact's, which is shown for what
    stands in no file.
    """
    by_id = {rule.id: rule for rule in rules}
    sure: list[_Judged] = []
    apart: list[tuple[_Judged, Reason]] = []
    for judged in _identified(candidates, by_id):
        reason = _unsure(judged.candidate, min_confidence)
        if reason is None:
            sure.append(judged)
        else:
            apart.append((judged, reason))
    kept: list[_Judged] = []
    for judged in _best(sure):
        reason = _let_pass(judged.candidate) or (accept and accept(judged.candidate, judged.fingerprint))
        if reason:
            apart.append((judged, reason))
        else:
            kept.append(judged)

    def target(candidate: SecretCandidate) -> str:
        if candidate.origin:
            return name or candidate.path
        return f"/{candidate.path}" if rooted else candidate.path

    findings: dict[str, list[Secret]] = defaultdict(list)
    suppressed: dict[str, list[Suppressed]] = defaultdict(list)
    keys: dict[str, tuple[Key, Key | None]] = {}
    for judged in _paired(kept):
        path = target(judged.candidate)
        findings[path].append(_finding(judged, path))
        partner = judged.partners[0] if judged.partners else None
        keys[judged.fingerprint] = _key(judged.candidate), _key(partner) if partner else None
    for judged, reason in sorted(apart, key=lambda one: _order(one[0])):
        path = target(judged.candidate)
        suppressed[path].append(Suppressed(_finding(judged, path), *reason))
    results = (
        Result(path, "secret", "", findings=tuple(findings.get(path, ())), suppressed=tuple(suppressed.get(path, ())))
        for path in sorted({*findings, *suppressed})
    )
    return Detected(tuple(results), keys)


def _identified(candidates: Sequence[SecretCandidate], by_id: dict[str, SecretRule]) -> Iterator[_Judged]:
    """Candidates with their rules and fingerprints. The same value in the same file has one for each time it stands
    there, so that a line more above changes nothing."""
    seen: Counter[Key] = Counter()
    for candidate in sorted(candidates, key=lambda one: (one.path, one.offset, one.rule, _layer(one), one.commit)):
        rule = by_id.get(candidate.rule)
        if rule is None:  # of a cache that knew other rules
            continue
        key = _key(candidate)
        yield _Judged(candidate, rule, _fingerprint(*key, seen[key]))
        seen[key] += 1


def _key(candidate: SecretCandidate) -> Key:
    return candidate.rule, candidate.path, candidate.tag


def _order(judged: _Judged) -> tuple[str, int, str]:
    return judged.candidate.path, judged.candidate.offset, judged.candidate.rule


def _fingerprint(rule: str, path: str, tag: str, number: int) -> str:
    """Of rule, path and the value's tag, so that neither lines above nor another scan change it; a new value does."""
    return hashlib.sha256(f"{rule}\0{path}\0{tag}\0{number}".encode(errors="surrogateescape")).hexdigest()[:32]


def _unsure(candidate: SecretCandidate, min_confidence: str) -> Reason | None:
    if candidate.noise:
        return "not_affected", candidate.reason, "vigie"
    if CONFIDENCES.index(candidate.confidence) < CONFIDENCES.index(min_confidence):
        return "ignored", f"its confidence is {candidate.confidence}: {candidate.reason}", "--min-confidence"
    return None


def _let_pass(candidate: SecretCandidate) -> Reason | None:
    return ("ignored", candidate.allow, candidate.allow_source) if candidate.allow else None


def _layer(candidate: SecretCandidate) -> str:
    return candidate.layer.diff_id if candidate.layer else ""


def _place(judged: _Judged) -> tuple[str, str, str]:
    """What lines and offsets are counted in: one state of one file."""
    candidate = judged.candidate
    return candidate.path, _layer(candidate), candidate.commit


def _best(judged: Sequence[_Judged]) -> list[_Judged]:
    """Without those whose place another rule tells better about: one that is named as better, one of a provider rather
    than a generic one, the surer one, the one whose match is longer."""
    kept: list[_Judged] = []
    for _, group in groupby(sorted(judged, key=_place), key=_place):
        inner = sorted(group, key=lambda one: _span(one.candidate))
        touching: dict[int, list[_Judged]] = defaultdict(list)
        for index, one in enumerate(inner):
            for other in inner[index + 1 :]:
                if _span(other.candidate)[0] > _span(one.candidate)[1]:
                    break
                touching[id(one)].append(other)
                touching[id(other)].append(one)
        chosen: set[int] = set()
        for one in sorted(inner, key=_rank, reverse=True):
            others = touching.get(id(one), ())
            # One that was not chosen takes no other's place, unless its rule says so.
            if not any(id(other) in chosen or _named_as_better(other, one) for other in others):
                chosen.add(id(one))
        for one in inner:
            if id(one) in chosen:
                kept.append(one)
                for other in touching.get(id(one), ()):
                    if other.rule.id in one.rule.over:
                        _join(one, other)
    return kept


def _span(candidate: SecretCandidate) -> tuple[tuple[int, int], tuple[int, int]]:
    return (candidate.start, candidate.start_column), (candidate.end, candidate.end_column)


def _named_as_better(other: _Judged, one: _Judged) -> bool:
    return one.rule.id in other.rule.over and other.rule.id not in one.rule.over


def _rank(judged: _Judged) -> tuple[int, int, int, str, str]:
    candidate, rule = judged.candidate, judged.rule
    specific = 0 if rule.category.lower() == "generic" else 1
    length = (candidate.end - candidate.start) * 1000 + candidate.end_column - candidate.start_column
    plain = "" if candidate.decoded else "plain"
    return specific, CONFIDENCES.index(candidate.confidence), length, plain, rule.id


def _join(better: _Judged, one: _Judged) -> None:
    """What a better rule found already: the same secret, or the id that belongs to it."""
    if one.candidate.offset == better.candidate.offset:
        better.aliases = [*better.aliases, one.rule.id]
    else:
        _add_part(better, one)


def _add_part(judged: _Judged, part: _Judged) -> None:
    found = part.candidate
    one = SecretPart(found.rule, part.rule.title, found.start, found.end, found.offset, found.match)
    judged.parts, judged.partners = [*judged.parts, one], [*judged.partners, found]


def _paired(judged: Sequence[_Judged]) -> list[_Judged]:
    """With the ids of keys as parts of the secrets they stand beside, in place of findings of their own."""
    taken: set[int] = set()
    partners = {id_ for one in judged for id_ in one.rule.with_}
    ids: dict[tuple[str, str, str], list[_Judged]] = defaultdict(list)
    for one in judged:
        if one.rule.id in partners:
            ids[_place(one)].append(one)
    for one in judged:
        near = [
            other
            for other in (ids.get(_place(one), ()) if one.rule.with_ else ())
            if other.rule.id in one.rule.with_
            and id(other) not in taken
            and abs(other.candidate.start - one.candidate.start) <= NEAR
        ]
        if near:
            partner = min(near, key=lambda other: abs(other.candidate.offset - one.candidate.offset))
            taken.add(id(partner))
            _add_part(one, partner)
    return sorted((one for one in judged if id(one) not in taken), key=_order)


def _finding(judged: _Judged, path: str) -> Secret:
    candidate, rule = judged.candidate, judged.rule
    facts = {name: value for one in (*judged.partners, candidate) for name, value in one.facts.items()}
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
        facts=facts,
        decoded=candidate.decoded,
        parts=tuple(judged.parts),
        seen=candidate.seen,
        layer=candidate.layer,
        deleted_by=candidate.deleted_by,
        aliases=tuple(judged.aliases),
        origin=candidate.origin,
    )
