"""From candidates to findings: what is set apart and why, which rule tells of a place, what belongs together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.model.artifact import LayerReference
from vigie.model.secret import Secret, SecretCandidate
from vigie.secrets.detector import Detected, detect
from vigie.secrets.rules import SecretRule

LOWER, UPPER = (LayerReference(f"sha256:d{n}", f"sha256:{n}", created_by=f"RUN {n}") for n in (1, 2))


def rule(id_: str, category: str = "Acme", **more: Any) -> SecretRule:
    texts = {"why": "w", "fix": "f", "url": "https://acme.example/"}
    return SecretRule(
        id=id_, title=f"title of {id_}", category=category, severity="HIGH", keywords=(), pattern="", **texts, **more
    )


RULES = (
    rule("token"),
    rule("other"),
    rule("generic", "generic"),
    rule("key-id"),
    rule("key", with_=("key-id",)),
    rule("pair", over=("key-id", "key")),
)


def candidate(rule: str = "token", line: int = 1, column: int = 1, length: int = 10, **more: Any) -> SecretCandidate:
    offset = line * 1000 + column
    fields = {"path": "a.env", "offset": offset, "tag": f"{rule}-{line}", "match": "***", "code": ()}
    fields |= {"confidence": "high", "reason": "r", "start": line, "end": line}
    fields |= {"start_column": column, "end_column": column + length - 1}
    return SecretCandidate(rule=rule, **(fields | more))


def judged(*candidates: SecretCandidate, accept: Any = None, **more: Any) -> Detected:
    return detect(candidates, RULES, accept, **more)


def found(*candidates: SecretCandidate, **more: Any) -> list[Secret]:
    return [one for result in judged(*candidates, **more).results for one in result.secrets]


def apart(*candidates: SecretCandidate, **more: Any) -> list[tuple[str, str, str, str]]:
    results = judged(*candidates, **more).results
    return [(one.finding.id, one.status, one.statement, one.source) for r in results for one in r.suppressed]  # type: ignore[union-attr]


def test_a_finding_says_all_that_its_rule_knows() -> None:
    (secret,) = found(candidate(key_id="AK1", facts={"account": "42"}, decoded="base64", deleted_by=UPPER, layer=LOWER))
    assert (secret.id, secret.title, secret.category, secret.severity) == ("token", "title of token", "Acme", "HIGH")
    assert (secret.why, secret.fix, secret.url) == ("w", "f", "https://acme.example/")
    assert (secret.path, secret.start, secret.end, secret.start_column, secret.end_column) == ("a.env", 1, 1, 1, 10)
    assert (secret.key_id, secret.facts, secret.decoded) == ("AK1", {"account": "42"}, "base64")
    assert (secret.layer, secret.deleted_by, secret.verified) == (LOWER, UPPER, "")


def test_what_is_set_apart_says_why() -> None:
    assert apart(candidate(noise=True, reason="it says 'example'")) == [
        ("token", "not_affected", "it says 'example'", "vigie")
    ]
    assert apart(candidate(allow="a comment", allow_source="gitleaks:allow")) == [
        ("token", "ignored", "a comment", "gitleaks:allow")
    ]
    known = ("baseline", "known", "old.json")
    assert apart(candidate(), accept=lambda *_: known) == [("token", *known)]
    assert apart(candidate(), accept=lambda *_: None) == []
    assert found(candidate(noise=True), candidate(line=2, allow="x"), candidate(line=3)) == found(candidate(line=3))


def test_the_confidence_that_is_asked_for() -> None:
    three = [candidate(line=n, confidence=level) for n, level in enumerate(("low", "medium", "high"), 1)]
    for count, level in enumerate(("low", "medium", "high")):
        assert [one.start for one in found(*three, min_confidence=level)] == [1, 2, 3][count:]
    assert apart(*three, min_confidence="medium") == [
        ("token", "ignored", "its confidence is low: r", "--min-confidence")
    ]


def test_of_rules_at_one_place_the_better_one_counts() -> None:
    def winner(*candidates: SecretCandidate) -> list[str]:
        assert [one.id for one in found(*candidates)] == [one.id for one in found(*reversed(candidates))]
        return [one.id for one in found(*candidates)]

    assert winner(candidate("generic", length=40, confidence="high"), candidate("token", confidence="low")) == ["token"]
    assert winner(candidate("token", confidence="medium", length=40), candidate("other", column=5)) == ["other"]
    assert winner(candidate("token", length=40), candidate("other", column=5)) == ["token"]
    assert winner(candidate("pair", confidence="low"), candidate("key")) == ["pair"]
    # They touch in their last and first column; beside one another both count.
    assert winner(candidate("token"), candidate("other", column=10)) == ["token"]
    assert winner(candidate("token"), candidate("other", column=11)) == ["token", "other"]
    # In other files, layers and commits the same lines are other places.
    assert winner(candidate("token"), candidate("other", path="b.env")) == ["token", "other"]
    assert winner(candidate("token", layer=LOWER), candidate("other", layer=UPPER)) == ["other", "token"]


def test_a_rule_that_lost_its_place_takes_nobody_elses() -> None:
    """token > other > generic by rank; the first and the last do not touch."""
    three = (
        candidate("token", column=1, confidence="high"),
        candidate("other", column=8, confidence="medium"),
        candidate("generic", column=16, confidence="low"),
    )
    assert [one.id for one in found(*three)] == ["token", "generic"]


def test_what_is_let_pass_hides_the_worse_rules_at_its_place() -> None:
    assert found(candidate("token", allow="x"), candidate("generic", column=3)) == []
    assert [one.id for one in found(candidate("token", noise=True), candidate("generic", column=3))] == ["generic"]


def test_an_id_and_its_secret_are_one_finding_of_two_parts() -> None:
    (secret,) = found(candidate("key-id", facts={"account": "1"}), candidate("key", line=2, facts={"x": "y"}))
    assert secret.id == "key"
    assert secret.facts == {"account": "1", "x": "y"}
    (part,) = secret.parts
    assert (part.rule, part.title, part.start, part.end, part.match) == ("key-id", "title of key-id", 1, 1, "***")
    assert secret.names == ("key",)  # who accepts ids of keys accepts no secret
    detected = judged(candidate("key-id"), candidate("key", line=2))
    assert list(detected.keys.values()) == [(("key", "a.env", "key-2"), ("key-id", "a.env", "key-id-1"))]


@pytest.mark.parametrize(
    ("other", "count"),
    [
        (candidate("key-id", line=15), 1),
        (candidate("key-id", line=16), 2),
        (candidate("key-id", line=5), 1),
        (candidate("key-id", line=9, path="b.env"), 2),
        (candidate("key-id", line=9, layer=LOWER), 2),
        (candidate("token", line=9), 2),
        (candidate("key-id", line=9, noise=True), 1),
    ],
)
def test_only_what_stands_near_belongs_together(other: SecretCandidate, count: int) -> None:
    assert len(found(candidate("key", line=10), other)) == count


def test_each_secret_has_the_id_nearest_to_it() -> None:
    two = found(
        *(candidate("key-id", line=n) for n in (1, 4)),
        *(candidate("key", line=n) for n in (2, 5)),
        candidate("key", line=6),
    )
    assert [(one.start, [part.start for part in one.parts]) for one in two] == [(2, [1]), (5, [4]), (6, [])]


def test_a_rule_for_both_names_what_others_found_in_it() -> None:
    (secret,) = found(
        candidate("pair", length=60, offset=30),
        candidate("key-id", length=10, offset=2),
        candidate("key", column=20, offset=30),
    )
    assert secret.id == "pair"
    assert [part.rule for part in secret.parts] == ["key-id"]
    assert secret.names == ("pair", "key")


def test_targets_and_order() -> None:
    candidates = (
        candidate(path="b", line=2),
        candidate(path="a", line=9, allow="x"),
        candidate(path="b", line=1),
        candidate(path="config.json", origin="ENV X"),
    )
    results = judged(*candidates, rooted=True, name="app:1").results
    assert [result.target for result in results] == ["/a", "/b", "app:1"]
    assert {result.kind for result in results} == {"secret"}
    assert [one.start for one in results[1].secrets] == [1, 2]
    assert (results[2].secrets[0].path, results[2].secrets[0].origin) == ("app:1", "ENV X")
    assert [result.target for result in judged(*candidates).results] == ["a", "b", "config.json"]


def test_a_rule_that_is_not_known_is_passed_over() -> None:
    assert judged(candidate("gone")).results == ()


def test_fingerprints() -> None:
    def prints(*candidates: SecretCandidate, **more: Any) -> list[str]:
        return [one.fingerprint for one in found(*candidates, **more)]

    (first,) = prints(candidate())
    assert len(first) == 32 and int(first, 16)
    assert prints(candidate(line=7, tag="token-1")) == [first]
    assert prints(candidate(), rooted=True) == [first]
    others = [candidate(tag="z"), candidate(path="b"), candidate("other", tag="token-1")]
    assert len({first, *(prints(one)[0] for one in others)}) == 4
    # The same value twice: each has its own, in the order of the file.
    twice = prints(candidate(), candidate(line=5, tag="token-1"))
    assert twice[0] == first and twice[1] != first


@given(
    st.lists(
        st.builds(
            lambda rule, line, column, length, confidence, number: candidate(
                rule, line, column, length, confidence=confidence, tag=str(number), offset=line * 100 + column
            ),
            st.sampled_from([one.id for one in RULES]),
            st.integers(1, 3),
            st.integers(1, 30),
            st.integers(1, 20),
            st.sampled_from(["low", "medium", "high"]),
            st.integers(),
        ),
        max_size=12,
    ),
    st.randoms(),
)
def test_laws_of_places(candidates: list[SecretCandidate], source: Any) -> None:
    """Findings do not overlap, each place where something was found has one, in whatever order they come."""

    def spans(one: Secret | SecretCandidate) -> set[tuple[int, int]]:
        return {(one.start, column) for column in range(one.start_column, one.end_column + 1)}

    secrets = found(*candidates)
    covered: set[tuple[int, int]] = set()
    for secret in secrets:
        assert not covered & spans(secret)
        covered |= spans(secret)
    shuffled = source.sample(candidates, len(candidates))
    assert [(one.id, one.start, one.start_column) for one in found(*shuffled)] == [
        (one.id, one.start, one.start_column) for one in secrets
    ]
    told = covered | {(part.start, column) for secret in secrets for part in secret.parts for column in range(31)}
    named = {over for one in RULES for over in one.over}
    for one in candidates:
        if one.rule not in named:
            assert told & spans(one)
