"""Expressions of Go mean here what they mean there: `tests/data/secrets/go_expressions.json` is what Go finds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie import _core
from vigie.secrets.go_expression import first_group, translate

GO = json.loads((Path(__file__).parents[2] / "data/secrets/go_expressions.json").read_text())


def found(expression: str, text: str) -> list[list[int]]:
    return [[start, end] for _, start, end, _, _ in _core.SecretMatcher([(expression, ())]).find(text.encode())]


@pytest.mark.parametrize(("pattern", "text", "matches"), GO["found"])
def test_what_go_finds(pattern: str, text: str, matches: list[list[int]]) -> None:
    assert found(translate(pattern), text) == matches


@pytest.mark.parametrize("pattern", GO["refused"])
def test_what_go_refuses(pattern: str) -> None:
    with pytest.raises(ValueError):
        _core.SecretMatcher([(translate(pattern), ())])


@pytest.mark.parametrize(
    ("pattern", "reason", "character"),
    [
        ("ab(?=c)", "looking ahead is refused", 3),
        ("ab(?!c)", "looking ahead is refused", 3),
        ("(?<=a)b", "looking behind is refused", 1),
        ("(?<!a)b", "looking behind is refused", 1),
        (r"(a)\1", "a back reference is refused", 4),
        ("a(?P=x)", "a back reference is refused", 2),
        ("(?>a)", "gives nothing back is refused", 1),
        ("a++", "a repetition cannot be repeated", 3),
        ("*a", "nothing stands before '*'", 1),
        ("a{5,2}", "ends before it begins", 2),
        ("a{1001}", "more than 1000 repetitions", 2),
        ("[b-a]", "ends before it begins", 2),
        ("(a", "a group is not closed", 3),
        ("a)", "that was not opened", 2),
        ("[a", "a class is not closed", 1),
        (r"\Z", r"'\Z' is not known", 1),
        ("a\\", "stands at the end", 2),
        ("(" * 101 + "a" + ")" * 101, "more than 100 deep", 101),
    ],
)
def test_reasons_and_places(pattern: str, reason: str, character: int) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        translate(pattern)
    assert reason in str(raised.value)
    assert str(raised.value).endswith(f"(character {character})")


def test_too_long() -> None:
    with pytest.raises(ValueError, match="at most 16000"):
        translate("a" * 16_001)


@pytest.mark.parametrize(
    ("expression", "text", "secret"),
    [
        (translate("a(b)(c)", 2), "xabc", "c"),
        (translate("(?P<x>a)(?P<key>b)", "x"), "ab", "a"),
        (translate("(?P<secret>a)(b)", 2), "ab", "b"),
        (translate("a(b)"), "ab", "ab"),
        (first_group("a(?:x(b+)|y(c+))"), "ayccc", "ccc"),
        (first_group("a(b?)(c)"), "ac", "c"),
        (first_group("ab"), "ab", "ab"),
    ],
)
def test_the_group_that_is_the_secret(expression: str, text: str, secret: str) -> None:
    ((_, _, _, start, end),) = _core.SecretMatcher([(expression, ())]).find(text.encode())
    assert text[start:end] == secret


@pytest.mark.parametrize("group", [3, "nobody"])
def test_a_group_that_is_not_there(group: int | str) -> None:
    with pytest.raises(ValueError, match="has no group"):
        translate("(a)(?P<b>b)", group)


@pytest.mark.parametrize("text", ["aäb", "a€b", "a\U0001d11eb"])
def test_one_character_is_one(text: str) -> None:
    assert found(translate("^a.b$"), text) == [[0, len(text.encode())]]
    assert found(translate("^a[^x]b$"), text) == [[0, len(text.encode())]]
    assert found(translate(r"^a\Sb$"), text) == [[0, len(text.encode())]]


def test_a_byte_that_is_no_character_is_one() -> None:
    assert _core.SecretMatcher([(translate("^a.b$"), ())]).find(b"a\xffb") == [(0, 0, 3, 0, 3)]


@given(st.text(alphabet=st.sampled_from("ab01(){}[]|*+?^$.\\:<>=!-,PQEdwsDbBzAxipLmU&~#é \n"), max_size=30))
def test_whatever_is_translated_can_be_read(pattern: str) -> None:
    """The matcher takes it, unless it matches nothing or the empty text, or names a kind of characters that is none."""
    try:
        translated = first_group(pattern)
    except ValueError:
        return
    try:
        _core.SecretExpressions([translated])
    except ValueError as error:
        assert r"\p" in pattern.lower() or r"\P" in pattern, error
