"""Rules that count only together with others, as gitleaks has them (`[[rules.required]]`, `skipReport`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from vigie.model.secret import SecretCandidate
from vigie.secrets.rule_set import Need, RuleSet


def reported(candidates: Sequence[SecretCandidate], rule_set: RuleSet) -> Sequence[SecretCandidate]:
    """The candidates without those of silent rules, and without those whose rule needs another that found nothing near:
    in the same file, layer and commit, where its finding is none that is noise or let pass."""
    if not rule_set.needs and not rule_set.silent:
        return candidates
    needs: dict[str, list[Need]] = defaultdict(list)
    for need in rule_set.needs:
        needs[need.rule].append(need)
    silent = frozenset(rule_set.silent)
    wanted = {other for need in rule_set.needs for other in need.others}
    others: dict[tuple[object, ...], list[SecretCandidate]] = defaultdict(list)
    for candidate in candidates:
        if candidate.rule in wanted and not candidate.noise and not candidate.allow:
            others[(candidate.rule, *_place(candidate))].append(candidate)
    return [
        candidate
        for candidate in candidates
        if candidate.rule not in silent
        and all(
            any(_near(candidate, one, need) for id_ in need.others for one in others[(id_, *_place(candidate))])
            for need in needs[candidate.rule]
        )
    ]


def _place(candidate: SecretCandidate) -> tuple[object, ...]:
    layer = candidate.layer
    return candidate.path, candidate.commit, layer.diff_id if layer else "", candidate.origin


def _near(one: SecretCandidate, other: SecretCandidate, need: Need) -> bool:
    lines, columns = abs(one.start - other.start), abs(one.start_column - other.start_column)
    return (need.lines is None or lines <= need.lines) and (need.columns is None or columns <= need.columns)
