"""Base scores of CVSS vectors, by the formulas of the specifications of FIRST.org (versions 2.0, 3.0, 3.1 and 4.0)."""

from __future__ import annotations

import math

from vigie.model.advisory import Severity

_V2 = {
    "AV": {"L": 0.395, "A": 0.646, "N": 1.0},
    "AC": {"H": 0.35, "M": 0.61, "L": 0.71},
    "Au": {"M": 0.45, "S": 0.56, "N": 0.704},
    "CIA": {"N": 0.0, "P": 0.275, "C": 0.66},
}
_V3 = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "UI": {"N": 0.85, "R": 0.62},
    "PR": {"N": 0.85, "L": 0.62, "H": 0.27},
    "PR changed": {"N": 0.85, "L": 0.68, "H": 0.5},
    "CIA": {"H": 0.56, "L": 0.22, "N": 0.0},
}
_V4_STEPS = {
    "AV": "NALP",
    "PR": "NLH",
    "UI": "NPA",
    "AC": "LH",
    "AT": "NP",
    "VC": "HLN",
    "VI": "HLN",
    "VA": "HLN",
    "SC": "SHLN",
    "SI": "SHLN",
    "SA": "SHLN",
}
"""The values of each metric from worst to mildest; one step is a distance of 1."""

_V4_CLASSES: dict[str, tuple[tuple[dict[str, str], ...], ...]] = {
    "exploit": (
        ({"AV": "N", "PR": "N", "UI": "N"},),
        ({"AV": "A", "PR": "N", "UI": "N"}, {"AV": "N", "PR": "L", "UI": "N"}, {"AV": "N", "PR": "N", "UI": "P"}),
        ({"AV": "P", "PR": "N", "UI": "N"}, {"AV": "A", "PR": "L", "UI": "P"}),
    ),
    "complexity": (
        ({"AC": "L", "AT": "N"},),
        ({"AC": "H", "AT": "N"}, {"AC": "L", "AT": "P"}),
    ),
    "vulnerable": (
        ({"VC": "H", "VI": "H", "VA": "H"},),
        ({"VC": "L", "VI": "H", "VA": "H"}, {"VC": "H", "VI": "L", "VA": "H"}),
        ({"VC": "L", "VI": "L", "VA": "L"},),
    ),
    "subsequent": (
        ({"SC": "H", "SI": "S", "SA": "S"},),
        ({"SC": "H", "SI": "H", "SA": "H"},),
        ({"SC": "L", "SI": "L", "SA": "L"},),
    ),
}
"""The worst vectors of each level of the equivalence classes EQ1, EQ2, EQ3 with EQ6, and EQ4."""

_V4_DEPTHS = {"exploit": (1, 4, 5), "complexity": (1, 2), "vulnerable": (7, 8, 10), "subsequent": (6, 5, 4)}

_V4_SCORES = (
    ((100, 100, 93), (99, 96, 90), (98, 93, 88), (95, 92, 80), (92, 79, 69)),
    ((99, 95, 92), (97, 91, 81), (95, 92, 84), (93, 82, 70), (86, 71, 63)),
    ((98, 94, 87), (95, 89, 75), (94, 86, 72), (89, 76, 57), (83, 65, 53)),
    ((95, 90, 77), (90, 77, 66), (89, 74, 61), (78, 59, 52), (71, 58, 23)),
    ((93, 86, 70), (87, 74, 54), (85, 72, 53), (75, 57, 36), (64, 47, 24)),
    ((88, 73, 54), (75, 55, 43), (75, 61, 46), (55, 51, 18), (53, 24, 10)),
)
"""Ten times the score of each macro vector with EQ5 = 0: rows EQ1, EQ2; columns EQ3 EQ6 (00 01 10 11 21), then EQ4."""


def base_score(vector: str) -> float | None:
    """The base score of a CVSS vector, 0.0 to 10.0; None when the text is no vector of a known version."""
    version, metrics = _parse(vector)
    try:
        if version == "2.0":
            return _score2(metrics)
        if version in {"3.0", "3.1"}:
            return _score3(metrics)
        if version == "4.0":
            return _score4(metrics)
    except (KeyError, ValueError):
        return None
    return None


def version_of(vector: str) -> str:
    """`2`, `3` or `40`, the name of the slot a vector belongs to; "" when it is no vector."""
    if vector.startswith("CVSS:3."):
        return "3"
    if vector.startswith("CVSS:4."):
        return "40"
    return "2" if vector.startswith(("AV:", "(AV:")) else ""


def rating(score: float, *, version: str = "3") -> Severity:
    """The severity word of a base score. The top of CVSS 2 is HIGH; 0.0 says nothing."""
    if score >= 9.0:
        return "HIGH" if version == "2" else "CRITICAL"
    if score >= 7.0:
        return "HIGH"
    if score >= 4.0:
        return "MEDIUM"
    return "LOW" if score > 0.0 else "UNKNOWN"


def _parse(vector: str) -> tuple[str, dict[str, str]]:
    text = vector.strip().strip("()")
    version = "2.0"
    if text.startswith("CVSS:"):
        version, _, text = text[5:].partition("/")
    return version, dict(pair.split(":", 1) for pair in text.split("/") if ":" in pair)


def _score2(m: dict[str, str]) -> float:
    cia = _V2["CIA"]
    impact = 10.41 * (1 - (1 - cia[m["C"]]) * (1 - cia[m["I"]]) * (1 - cia[m["A"]]))
    exploitability = 20 * _V2["AV"][m["AV"]] * _V2["AC"][m["AC"]] * _V2["Au"][m["Au"]]
    score = (0.6 * impact + 0.4 * exploitability - 1.5) * (1.176 if impact else 0.0)
    return math.floor(score * 10 + 0.5 + 1e-9) / 10


def _score3(m: dict[str, str]) -> float:
    cia = _V3["CIA"]
    changed = {"U": False, "C": True}[m["S"]]
    lost = 1 - (1 - cia[m["C"]]) * (1 - cia[m["I"]]) * (1 - cia[m["A"]])
    impact = 7.52 * (lost - 0.029) - 3.25 * (lost - 0.02) ** 15 if changed else 6.42 * lost
    rights = _V3["PR changed" if changed else "PR"][m["PR"]]
    exploitability = 8.22 * _V3["AV"][m["AV"]] * _V3["AC"][m["AC"]] * rights * _V3["UI"][m["UI"]]
    if impact <= 0:
        return 0.0
    return _round_up(min((1.08 if changed else 1.0) * (impact + exploitability), 10.0))


def _round_up(score: float) -> float:
    # The integer form of CVSS 3.1, appendix A: free of the errors of binary fractions.
    whole = round(score * 100_000)
    return whole / 100_000 if whole % 10_000 == 0 else (whole // 10_000 + 1) / 10


def _score4(m: dict[str, str]) -> float:
    for metric, values in _V4_STEPS.items():
        if m[metric] not in values:
            raise ValueError(metric)
    if all(m[metric] == "N" for metric in ("VC", "VI", "VA", "SC", "SI", "SA")):
        return 0.0
    levels = _levels(m)
    score = _lookup(levels)
    steps = []
    for name, level in levels.items():
        lower = _next_lower(levels, name)
        if lower is None:
            continue
        distance = _distance(m, _V4_CLASSES[name][level])
        steps.append((score - lower) * distance / _V4_DEPTHS[name][level])
    # EQ5 (exploit maturity) is always at its worst in a base score: a lower macro vector exists, at distance 0.
    mean = sum(steps) / (len(steps) + 1)
    return max(0.0, min(10.0, math.floor((score - mean) + 0.5 + 1e-9) / 10))


def _levels(m: dict[str, str]) -> dict[str, int]:
    open_ways = [m["AV"] == "N", m["PR"] == "N", m["UI"] == "N"]
    exploit = 0 if all(open_ways) else 1 if any(open_ways) and m["AV"] != "P" else 2
    vulnerable = 0 if m["VC"] == "H" == m["VI"] else 1 if "H" in (m["VC"], m["VI"], m["VA"]) else 2
    subsequent = 0 if "S" in (m["SI"], m["SA"]) else 1 if "H" in (m["SC"], m["SI"], m["SA"]) else 2
    complexity = 0 if m["AC"] == "L" and m["AT"] == "N" else 1
    return {"exploit": exploit, "complexity": complexity, "vulnerable": vulnerable, "subsequent": subsequent}


def _lookup(levels: dict[str, int], column: int | None = None) -> float:
    if column is None:
        column = (0, 2, 4)[levels["vulnerable"]]
    row = levels["exploit"] * 2 + levels["complexity"]
    return _V4_SCORES[row][column][levels["subsequent"]]


def _next_lower(levels: dict[str, int], name: str) -> float | None:
    """Ten times the score of the macro vector one level milder in one class; None when there is none."""
    level = levels[name]
    if name == "vulnerable":
        if level == 0:
            return max(_lookup(levels, 1), _lookup(levels, 2))
        return _lookup(levels, 3) if level == 1 else None
    if level + 1 >= len(_V4_CLASSES[name]):
        return None
    return _lookup({**levels, name: level + 1})


def _distance(m: dict[str, str], worst: tuple[dict[str, str], ...]) -> int:
    """Steps from the first worst vector that is at least as bad in every metric."""
    for vector in worst:
        steps = [
            _V4_STEPS[metric].index(m[metric]) - _V4_STEPS[metric].index(value) for metric, value in vector.items()
        ]
        if min(steps) >= 0:
            return sum(steps)
    raise ValueError("no worst vector")
