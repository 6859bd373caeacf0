"""The matcher of secrets as Python sees it. What it finds is tested where it is written, `crates/core/src/content/`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from vigie._core import SecretMatcher, text_positions

RULES = [
    (r"\b(?P<secret>tok_[0-9a-z]{6})\b", ["tok_"]),
    (r"^password[ \t]*=[ \t]*(?P<secret>\S+)$", ["password"]),
]


def test_rule_match_and_secret() -> None:
    found = SecretMatcher(RULES).find(b"a tok_01cd23\r\npassword = x y\r\npassword = xy\r\n")
    assert found == [(0, 2, 12, 2, 12), (1, 30, 43, 41, 43)]


def test_nothing_in_nothing() -> None:
    assert SecretMatcher(RULES).find(b"") == []
    assert SecretMatcher([]).find(b"tok_01cd23") == []


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"key(?=x)", "looking ahead or behind"),
        (r"(k)ey\1", "back reference"),
        (r"key(", "unclosed group"),
        (r"(?:key)?", "empty text"),
        (r"(?:(?:k{1000}){1000}){1000}", "steps"),
    ],
)
def test_a_rule_is_refused_with_its_number_and_why(pattern: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as raised:
        SecretMatcher([*RULES, (pattern, ["key"])])
    assert raised.value.args[1] == 2


def test_many_threads_find_the_same() -> None:
    matcher = SecretMatcher(RULES)
    texts = [b" ".join(b"tok_%06d" % number for number in range(count)) for count in range(200)]
    with ThreadPoolExecutor(4) as pool:
        counts = [len(found) for found in pool.map(matcher.find, texts)]
    assert counts == list(range(200))


def test_no_more_than_the_most_matches() -> None:
    text = b"tok_012345 " * (SecretMatcher.MOST_MATCHES + 1)
    assert len(SecretMatcher(RULES).find(text)) == SecretMatcher.MOST_MATCHES


def test_lines_and_columns() -> None:
    text = "é=1\r\nkey=ü2\n".encode()
    assert text_positions(text, [0, 3, 6, 10, 12, 99]) == [(1, 1), (1, 3), (2, 1), (2, 5), (2, 6), (3, 1)]
    assert text_positions(text, [10, 0]) == [(2, 5), (1, 1)]
