"""Base scores against the examples of the specifications, and the laws that a score has to obey."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.vulnerabilities.database.cvss import base_score, rating, version_of

EXAMPLES = {
    # A Complete Guide to CVSS 2.0, section 3.3
    "AV:N/AC:L/Au:N/C:N/I:N/A:C": 7.8,
    "AV:N/AC:L/Au:N/C:C/I:C/A:C": 10.0,
    "AV:L/AC:H/Au:N/C:C/I:C/A:C": 6.2,
    "(AV:N/AC:M/Au:S/C:N/I:P/A:N)": 3.5,
    "AV:N/AC:L/Au:N/C:N/I:N/A:N": 0.0,
    # CVSS 3.1, examples
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N": 6.1,
    "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N": 6.4,
    "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N": 3.1,
    "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H": 9.9,
    "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O/RC:C": 9.8,
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H": 10.0,
    "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N": 0.0,
    # CVSS 4.0, examples
    "CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N": 7.3,
    "CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N": 7.7,
    "CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N": 8.3,
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H": 10.0,
    "CVSS:4.0/AV:L/AC:L/AT:N/PR:H/UI:N/VC:N/VI:N/VA:N/SC:H/SI:N/SA:N": 5.9,
    # exploit maturity and supplemental metrics are no part of a base score
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N/E:P/RE:L": 8.7,
    "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N": 0.0,
}

METRICS = {
    "": {"AV": "LAN", "AC": "HML", "Au": "MSN", "C": "NPC", "I": "NPC", "A": "NPC"},
    "CVSS:3.1/": {"AV": "PLAN", "AC": "HL", "PR": "HLN", "UI": "RN", "S": "UC", "C": "NLH", "I": "NLH", "A": "NLH"},
    "CVSS:4.0/": {"AV": "PLAN", "AC": "HL", "AT": "PN", "PR": "HLN", "UI": "APN"}
    | dict.fromkeys(("VC", "VI", "VA", "SC", "SI", "SA"), "NLH"),
}
"""The values of each metric from mildest to worst."""


@pytest.mark.parametrize("vector", EXAMPLES)
def test_examples(vector: str) -> None:
    assert base_score(vector) == EXAMPLES[vector]


@pytest.mark.parametrize(
    "text", ["", "CVSS:3.1/", "CVSS:5.0/AV:N", "AV:N/AC:L", "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "high"]
)
def test_what_is_no_vector_has_no_score(text: str) -> None:
    assert base_score(text) is None


def test_slots() -> None:
    assert [version_of(v) for v in ("AV:N/AC:L", "(AV:N", "CVSS:3.0/A", "CVSS:4.0/A", "x")] == ["2", "2", "3", "40", ""]


def test_ratings_have_the_bounds_of_the_specification() -> None:
    scores = (0.0, 0.1, 3.9, 4.0, 6.9, 7.0, 8.9, 9.0, 10.0)
    words = ["UNKNOWN", "LOW", "LOW", "MEDIUM", "MEDIUM", "HIGH", "HIGH", "CRITICAL", "CRITICAL"]
    assert [rating(score) for score in scores] == words
    assert rating(10.0, version="2") == "HIGH"


@given(st.sampled_from(sorted(METRICS)), st.data())
def test_a_worse_metric_never_lowers_the_score(version: str, data: st.DataObject) -> None:
    metrics = METRICS[version]
    mild = {name: data.draw(st.integers(0, len(values) - 1)) for name, values in metrics.items()}
    name = data.draw(st.sampled_from(sorted(metrics)))
    worse = mild | {name: min(mild[name] + 1, len(metrics[name]) - 1)}
    scores = [
        base_score(version + "/".join(f"{m}:{metrics[m][at]}" for m, at in chosen.items())) for chosen in (mild, worse)
    ]
    assert scores[0] is not None
    assert scores[1] is not None
    assert 0.0 <= scores[0] <= scores[1] <= 10.0
