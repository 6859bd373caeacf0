"""JSON, TOML and YAML as the Rust module reads them."""

from __future__ import annotations

import gc
import json
import math
import tomllib
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie import _core

numbers = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False))
scalars = st.one_of(st.none(), st.booleans(), numbers, st.text())
values = st.recursive(
    scalars, lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)), max_leaves=30
)


@settings(max_examples=200)
@given(value=values, indent=st.sampled_from([None, 2]), ascii_only=st.booleans())
def test_json_as_python_reads_it(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    read, lines = _core.parse_json(text.encode())
    assert read == value
    assert repr(read) == repr(json.loads(text)), "types and order as well"
    if isinstance(read, dict):
        assert lines[id(read)] == (1, text.count("\n") + 1)


def test_json_lines_of_every_object() -> None:
    read, lines = _core.parse_json(b'{"a":\n{\n"b": 1}, "c": [{}, \n{"d":\n\n2}]}')
    assert lines[id(read)] == (1, 6)
    assert lines[id(read["a"])] == (2, 3)
    assert [lines[id(item)] for item in read["c"]] == [(3, 3), (4, 6)]
    assert len(lines) == 4


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        (b'{"a": 1,\n "a": 2}', 'key "a" stands twice', 2),
        (b"{}\n\n{}", "text after the document", 3),
        (b'{"a": 1,}', "expected a key, found '}'", 1),
        (b"[1\n2]", "expected ',' or ']', found '2'", 2),
        (b"", "expected a value, found the end", 1),
        (b'["\xff"]', "invalid UTF-8", 1),
        (b"[NaN]", "expected a value, found 'N'", 1),
        (b"[" * 600, "nested deeper than 500 levels", 1),
    ],
)
def test_json_refused(text: bytes, what: str, line: int) -> None:
    with pytest.raises(ValueError) as caught:
        _core.parse_json(text)
    assert caught.value.args == (what, line)


def test_json_depth_is_the_callers_to_choose() -> None:
    assert _core.parse_json(b"[[[]]]", 3)[0] == [[[]]]
    with pytest.raises(ValueError):
        _core.parse_json(b"[[[]]]", 2)
    with pytest.raises(ValueError):
        _core.parse_json(b"[" * 1_000_000, 1_000_000)


def test_the_collector_runs_again_afterwards() -> None:
    for text in (b"{}", b"{"):
        try:
            _core.parse_json(text)
        except ValueError:
            assert text == b"{"
        assert gc.isenabled()


TOML = """
title = "x"
when = 1979-05-27T07:32:00Z
day = 1979-05-27
pi = 3.14
big = 0xff
inf = -inf
[a.b]
list = [1, "two", {three = 3}]
[[package]]
name = 'one'
[[package]]
name = 'two'
"""


def test_toml_as_tomllib_reads_it() -> None:
    expected = tomllib.loads(TOML) | {"when": "1979-05-27T07:32:00Z", "day": "1979-05-27"}
    read = _core.parse_toml(TOML.encode())
    assert read == expected
    assert list(read) == list(expected)


@pytest.mark.parametrize(
    ("text", "line"),
    [(b"a = 1\nb =", 2), (b"a = 1\na = 2", 2), (b"a = '\xff'", 1), (b"[a]\n[a]\n", 2), (b"\n\na = " + b"[" * 9999, 3)],
)
def test_toml_refused(text: bytes, line: int) -> None:
    with pytest.raises(ValueError) as caught:
        _core.parse_toml(text)
    assert caught.value.args[1] == line


# Quoted, so that both schemas agree; numbers and words are compared below.
plain = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**62), 2**62), st.text("abc:#-?{}[]'\"\\ \n\té😀", max_size=12)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text("ab <*&", max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=200)
@given(value=plain, flow=st.sampled_from([None, True, False]))
def test_yaml_as_written(value: Any, flow: bool | None) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=True)
    assert _core.parse_yaml(text.encode()) == [value]


def test_yaml_scalars_by_the_core_schema() -> None:
    text = b"[5.4, '6.0', yes, No, on, true, ~, 0o17, 0x1F, 017, 1e3, 2024-01-01, 1_000, !!str 1, .inf, 12:30, 1.2.3]"
    expected = [5.4, "6.0", "yes", "No", "on", True, None, 15, 31, 17, 1000.0, "2024-01-01", "1_000", "1"]
    assert _core.parse_yaml(text) == [[*expected, math.inf, "12:30", "1.2.3"]]
    assert _core.parse_yaml(b"{version: 1.10, flag: true, none: , 'q': '1'}", text=True) == [
        {"version": "1.10", "flag": "true", "none": "", "q": "1"}
    ]


def test_yaml_documents_aliases_and_merges() -> None:
    assert _core.parse_yaml(b"") == []
    assert _core.parse_yaml(b"a: 1\n---\nb: 2\n") == [{"a": 1}, {"b": 2}]
    assert _core.parse_yaml(b"\xef\xbb\xbfa: 1\na: 2\n") == [{"a": 2}]
    assert _core.parse_yaml(b"{1: a, true: b, ~: c, 1.5: d}") == [{1: "b", None: "c", 1.5: "d"}]
    text = b"base: &b {x: 1, y: 1}\nother: &o {x: 2, z: 2}\nuse:\n  y: 3\n  <<: [*b, *o]\nalias: *b\n"
    document = _core.parse_yaml(text)[0]
    assert document["use"] == {"x": 1, "y": 3, "z": 2}
    assert document["alias"] == {"x": 1, "y": 1}


def laughs(levels: int) -> bytes:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, levels)]
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (laughs(9), "too many values"),
        (b"long: &l " + b"x" * 1_000_000 + b"\nmany: [" + b"*l, " * 10_000 + b"]", "too many values"),
        (b"&a [*a]", "an alias stands inside of what it names"),
        (b"- " * 1000, "nested deeper than 500 levels"),
        (b"? {a: 1}\n: b", "a list or mapping as a key"),
        (b"<<: 1", "'<<' merges what is no mapping"),
        (b"a: '\xff'", "invalid UTF-8"),
    ],
)
def test_yaml_refused(text: bytes, what: str) -> None:
    with pytest.raises(ValueError) as caught:
        _core.parse_yaml(text)
    assert caught.value.args[0] == what
    assert isinstance(caught.value.args[1], int)


@pytest.mark.parametrize("text", [b"a: [", b"a: b: c", b"a: 'x", b"[" * 100_000, b"{" * 100_000, b"*x"])
def test_yaml_syntax_is_refused_with_its_line(text: bytes) -> None:
    with pytest.raises(ValueError) as caught:
        _core.parse_yaml(text)
    assert caught.value.args[1] >= 1


def test_yaml_nodes_are_the_callers_to_choose() -> None:
    assert _core.parse_yaml(b"[a, b]", 3) == [["a", "b"]]
    with pytest.raises(ValueError):
        _core.parse_yaml(b"[a, b]", 2)
