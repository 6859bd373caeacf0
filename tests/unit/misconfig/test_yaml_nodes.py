"""YAML and JSON with places. Expected values: YAML 1.2.2 (core schema, section 10.3.2) and counting lines by hand."""

from __future__ import annotations

import time
from typing import Any

import pytest

from vigie import _core
from vigie.misconfig.languages import yaml_events, yaml_nodes
from vigie.misconfig.languages.yaml_nodes import Mapping, Sequence, Tagged

TEXT = b"""\
# comment
a: &x
  mode: 0644
  on: yes
  text: 'yes'
  version: 1.10
  none: ~
  date: 2020-01-01
b:
  - x: 1

  - y: |
      one

      two

# comment
c: {k: [1,
  2], l: !Ref here}
d: *x
e: !If
  - first
  - >
    folded
    text
f:
  <<: *x
  mode: 7
0x10: !Map {z: z}
"""


def one(text: bytes) -> Any:
    (document,) = yaml_nodes.documents(text)
    return document


def shape(node: Any) -> Any:
    """All that is known of a tree."""
    if isinstance(node, Mapping):
        inner: Any = {key: shape(value) for key, value in node.items()}
    elif isinstance(node, Sequence):
        inner = [shape(value) for value in node]
    else:
        return type(node).__name__, node, getattr(node, "tag", "") if isinstance(node, Tagged) else ""
    return type(node).__name__, node.start, node.column, node.end, node.tag, node.places, node.raw, inner


def test_values() -> None:
    document = one(TEXT)
    first = {"mode": 644, "on": "yes", "text": "yes", "version": 1.1, "none": None, "date": "2020-01-01"}
    assert document == {
        "a": first,
        "b": [{"x": 1}, {"y": "one\n\ntwo\n"}],
        "c": {"k": [1, 2], "l": "here"},
        "d": first,
        "e": ["first", "folded text\n"],
        "f": {**first, "mode": 7},
        "0x10": {"z": "z"},
    }
    assert isinstance(document, dict)
    assert isinstance(document["b"], list)


def test_scalars_know_how_they_are_written() -> None:
    a = one(TEXT)["a"]
    assert a.raw == {"mode": "0644", "on": "yes", "version": "1.10", "none": "~", "date": "2020-01-01"}
    assert [a.text(key) for key in a] == ["0644", "yes", "yes", "1.10", "~", "2020-01-01"]
    items = one(b"[true, 'true', no, {}]")
    assert items.raw == {0: "true", 2: "no"}
    assert [items.text(index) for index in range(4)] == ["true", "true", "no", None]


def test_tags() -> None:
    document = one(TEXT)
    here = document["c"]["l"]
    assert (here, here.tag) == ("here", "!Ref")
    assert isinstance(here, Tagged)
    assert (document["e"].tag, document["0x10"].tag, document["a"].tag) == ("!If", "!Map", "")


def test_places() -> None:
    document = one(TEXT)
    assert (document.start, document.end) == (2, 29)
    assert {key: document.span(key) for key in document} == {
        "a": (2, 8), "b": (9, 15), "c": (18, 19), "d": (20, 20), "e": (21, 25), "f": (26, 28), "0x10": (29, 29),
    }  # fmt: skip
    a, b, c, d, e, f = (document[key] for key in "abcdef")
    assert (a.start, a.column, a.end, a.line("version")) == (3, 3, 8, 6)
    assert document.places["a"] == (2, 1, 2, 4, 8)
    assert a.places["mode"] == (3, 3, 3, 9, 3)
    assert [b.span(index) for index in range(2)] == [(10, 10), (12, 15)]
    # A block scalar begins in its first line of text.
    assert b[1].places["y"] == (12, 5, 13, 7, 15)
    assert (c.start, c.column, c.end, c.span("k"), c["k"].places) == (18, 4, 19, (18, 19), [(18, 9, 18), (19, 3, 19)])
    # A copy stands where the alias is, its content where the anchor is.
    assert document.places["d"] == (20, 1, 20, 4, 20)
    assert (d.start, d.end, d.line("mode")) == (3, 8, 3)
    assert (e.start, e.end, document.places["e"][2]) == (22, 25, 21)
    assert (f.line("mode"), f.line("text"), f.end) == (28, 5, 28)


def test_several_documents_share_their_lines() -> None:
    first, second, third = yaml_nodes.documents(b"a: 1\n---\nb: 2\n---\n# nothing\n")
    assert (first, second, third) == ({"a": 1}, {"b": 2}, None)
    assert second.start == 3
    assert yaml_nodes.documents(b"") == []
    assert yaml_nodes.documents(b"\xef\xbb\xbfa: 1") == [{"a": 1}]


def test_of_equal_keys_the_last_one_counts() -> None:
    for document in (one(b"a: 007\nb: 2\na: 'x'\n"), yaml_nodes.json_document(b'{"a": 1,\n"b": 2,\n"a": "x"}')):
        assert document == {"a": "x", "b": 2}
        assert document.line("a") == 3
        assert document.raw.get("a") is None


def test_json() -> None:
    document = yaml_nodes.json_document(b'{"a": {"b": [1, null],\n "c": true}, "d": "0644", "e": 12345678901234567890}')
    assert document == {"a": {"b": [1, None], "c": True}, "d": "0644", "e": 12345678901234567890}
    assert document.places["a"] == (1, 2, 1, 7, 2)
    assert document["a"].places == {"b": (1, 8, 1, 13, 1), "c": (2, 2, 2, 7, 2)}
    assert (document["a"].start, document["a"].column, document["a"].end) == (1, 7, 2)
    assert (document.span("d"), document.text("d"), document.raw) == ((2, 2), "0644", {})


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"a: [1\nb: 2\n", 2),
        (b"a: 1\nb: *no\n", 2),
        (b"a: 1\nb: &b {c: *b}\n", 2),
        (b"a: 1\n<<: 2\n", 2),
        (b"a: 1\nb: \xff\n", 2),
        (b"[" * 5000, 1),
        (b"- " * 5000, 1),
        (b"? [a]\n: b\n", 1),
    ],
)
def test_refusals_say_the_line(text: bytes, line: int) -> None:
    with pytest.raises(ValueError) as caught:
        yaml_nodes.documents(text)
    what, found, *_ = caught.value.args
    assert isinstance(what, str)
    assert found == line


@pytest.mark.parametrize("text", [b"", b"{", b'{"a": 1,}', b"{'a': 1}", b"[" * 5000, b'{"a": \n}'])
def test_what_is_no_json(text: bytes) -> None:
    with pytest.raises(ValueError) as caught:
        yaml_nodes.json_document(text)
    assert isinstance(caught.value.args[1], int)


def test_bounds_hold_quickly() -> None:
    bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
    for level in range(1, 30):
        bomb += f"a{level}: &a{level} [{','.join([f'*a{level - 1}'] * 9)}]\n"
    start = time.process_time()
    for text in (bomb.encode(), b"a: " + b"x" * (50 << 20), b"[" + b"1," * 600_000 + b"]"):
        with pytest.raises(ValueError):
            yaml_nodes.documents(text)
    with pytest.raises(ValueError, match="too many values"):
        yaml_nodes.json_document(b"[" + b"1," * 600_000 + b"1]")
    assert time.process_time() - start < 5


ODD = b"""\
Resources:
  A:
    List: [
      1, !Ref B, yes
    ]
    Text: "a
   b"
    Block: |
      x
"""
"""A quoted scalar whose second line is less indented: libyaml, and so CloudFormation and kubectl, read it."""


def test_what_only_libyaml_reads() -> None:
    with pytest.raises(ValueError, match="indentation"):
        _core.parse_yaml_nodes(ODD, Mapping, Sequence, Tagged)
    a = one(ODD)["Resources"]["A"]
    assert a == {"List": [1, "B", "yes"], "Text": "a b", "Block": "x\n"}
    assert a["List"][1].tag == "!Ref"
    assert a["List"].raw == {0: "1", 2: "yes"}
    assert {key: a.span(key) for key in a} == {"List": (3, 5), "Text": (6, 7), "Block": (8, 9)}


def test_both_readers_make_the_same_tree() -> None:
    found = yaml_events.documents(TEXT, 1000)
    assert found is not None
    assert shape(found[0]) == shape(one(TEXT))
    assert found[0]["a"] is not found[0]["d"]
    assert yaml_events.documents(TEXT, 10) is None
    assert yaml_events.documents(b"[" * 2000 + b"]" * 2000, 10_000) is None
    assert yaml_events.documents(b"&a [*a]", 1000) is None
