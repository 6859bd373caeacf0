"""What must hold for every ordering: keys sort (a total order), no text does more than raise, time stays linear."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.versions import apk, bitnami, deb, generic, maven, npm, pep440, rpm, rubygems
from vigie.versions.ordering import InvalidVersion, Ordering

ORDERINGS = [module.ORDERING for module in (apk, bitnami, deb, generic, maven, npm, pep440, rpm, rubygems)]
PIECES = ["0", "00", "1", "01", "2", "10", ".", ".0", ".1", "-", "_", "~", "^", "+", ":", "!", "a", "b", "rc", "alpha"]
PIECES += ["beta", "pre", "_p", "_rc", "-r1", ".dev1", ".post1", "sp", "final", "x", "1:", "1.", "-1", "A"]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=6).map("".join) | st.text(max_size=12)


def readable(ordering: Ordering, texts: list[str]) -> list[str]:
    kept = []
    for text in texts:
        try:
            ordering.key(text)
        except InvalidVersion:
            continue
        kept.append(text)
    return kept


@pytest.mark.parametrize("ordering", ORDERINGS, ids=lambda ordering: ordering.name)
@settings(max_examples=150)
@given(texts=st.lists(TEXTS, min_size=6, max_size=12))
def test_total_order(ordering: Ordering, texts: list[str]) -> None:
    key = ordering.key
    kept = readable(ordering, ["1", "1.0", "1.1", *texts])
    for left, right in permutations(kept, 2):
        a, b = key(left), key(right)
        assert (a < b) + (a == b) + (a > b) == 1, (left, right)
        assert (a == b) == (hash(a) == hash(b) and a == b)
    ranked = sorted(kept, key=key)
    for place, low in enumerate(ranked):
        assert all(key(low) <= key(high) for high in ranked[place:])


@pytest.mark.parametrize("ordering", ORDERINGS, ids=lambda ordering: ordering.name)
@settings(max_examples=150)
@given(version=TEXTS, constraint=TEXTS | st.text(alphabet="<>=!~^*x.,|[]() 12ab", max_size=12))
def test_constraints_answer_or_refuse(ordering: Ordering, version: str, constraint: str) -> None:
    if ordering.satisfies is None:
        return
    with suppress(InvalidVersion):
        assert ordering.satisfies(version, constraint) in (True, False)


@pytest.mark.parametrize("ordering", [o for o in ORDERINGS if o.satisfies], ids=lambda ordering: ordering.name)
@settings(max_examples=150)
@given(
    left=st.lists(st.integers(0, 12), min_size=3, max_size=3),
    right=st.lists(st.integers(0, 12), min_size=3, max_size=3),
)
def test_operators_agree_with_the_order(ordering: Ordering, left: list[int], right: list[int]) -> None:
    a, b = ".".join(map(str, left)), ".".join(map(str, right))
    assert ordering.satisfies is not None
    expected = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right, "=": left == right}
    assert {sign: ordering.satisfies(a, sign + b) for sign in expected} == expected


HOSTILE: list[Callable[[int], str]] = [
    lambda size: "1" * size,
    lambda size: "0" * size,
    lambda size: "1." * (size // 2) + "1",
    lambda size: "1.0" * (size // 3),
    lambda size: "1-" * (size // 2),
    lambda size: "1" + "a" * size,
    lambda size: "1" + "-a" * (size // 2),
    lambda size: "1" + "_p" * (size // 2),
    lambda size: "1" + "~" * size,
    lambda size: "1.0+" + "a." * (size // 2),
    lambda size: " " * size + "1",
    lambda size: "1" + ".dev" * (size // 4) + "!",
    lambda size: ">=" * (size // 2),
    lambda size: "[1," * (size // 3),
    lambda size: "1 ," * (size // 3),
    lambda size: "1 || " * (size // 5),
    lambda size: "x." * (size // 2),
]


@pytest.mark.parametrize("ordering", ORDERINGS, ids=lambda ordering: ordering.name)
@pytest.mark.parametrize("make", HOSTILE)
def test_long_texts_stay_cheap(ordering: Ordering, make: Callable[[int], str]) -> None:
    def cost(text: str) -> float:
        start = time.process_time()
        for ask in (lambda: ordering.key(text), lambda: ordering.satisfies and ordering.satisfies("1.0.0", text)):
            with suppress(InvalidVersion):
                ask()
        return time.process_time() - start

    assert cost(make(10_000)) < 0.25
