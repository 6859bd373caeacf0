"""Any expression is evaluated without an error, and what is known does not hang on what is not."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.misconfig.cloudformation_project import blocks, load

from vigie.misconfig.graph import Block, plain
from vigie.misconfig.value import UNRESOLVED, Sensitive, Unknown

NAMES = ["Known", "Open", "Secret", "List", "R", "S", "AWS::Region", "AWS::NoValue", "AWS::NotificationARNs", "Nobody"]
SCALARS = st.one_of(
    st.sampled_from(["a", "", "1", "${Known}-${Open}", "${R.Arn}", "${!x}", "${", "10.0.0.0/8", "{{resolve:x:y}}"]),
    st.booleans(),
    st.integers(-3, 300),
    st.none(),
    st.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip
CONDITIONS = st.sampled_from(["True", "False", "Undecided", "Circle", "None"])


def calls(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Functions and plain maps and lists around other expressions; arguments are not always right."""
    some = st.lists(inner, max_size=4)
    names = ["Join", "Split", "Select", "Sub", "If", "FindInMap", "GetAtt", "Cidr", "Base64", "GetAZs", "Length"]
    names += ["ToJsonString", "ImportValue", "And", "Or", "Not", "Equals", "Transform", "GetStackOutput", "Nothing"]
    return st.one_of(
        some,
        st.dictionaries(st.sampled_from(["a", "b", "Fn::ForEach::L", "Condition"]), inner, max_size=3),
        st.builds(lambda name, argument: {f"Fn::{name}": argument}, st.sampled_from(names), st.one_of(some, inner)),
        st.builds(lambda delimiter, items: {"Fn::Join": [delimiter, items]}, st.sampled_from(["", ","]), some),
        st.builds(lambda index, items: {"Fn::Select": [index, items]}, st.integers(-1, 3), some),
        st.builds(lambda name, a, b: {"Fn::If": [name, a, b]}, CONDITIONS, inner, inner),
        st.builds(lambda a, b: {"Fn::GetAtt": [a, b]}, st.sampled_from(NAMES), st.sampled_from(["Arn", "P", "Q"])),
        st.builds(lambda name, body: {"Fn::ForEach::X": ["N", name, {"k${N}": body}]}, some, inner),
    )


EXPRESSIONS = st.recursive(st.one_of(SCALARS, st.builds(lambda n: {"Ref": n}, st.sampled_from(NAMES))), calls)


def template(expression: Any, other: Any = None) -> str:
    return json.dumps(
        {
            "Parameters": {
                "Known": {"Type": "String", "Default": "k"},
                "Open": {"Type": "String"},
                "Secret": {"Type": "String", "Default": "s3cret", "NoEcho": True},
                "List": {"Type": "CommaDelimitedList", "Default": "x,y"},
            },
            "Mappings": {"a": {"a": {"a": 1, "b": ["x"]}}},
            "Conditions": {
                "True": {"Fn::Equals": [1, 1]},
                "False": {"Fn::Not": [{"Condition": "True"}]},
                "Undecided": {"Fn::Equals": [{"Ref": "Open"}, "x"]},
                "Circle": {"Fn::Not": [{"Condition": "Circle"}]},
            },
            "Resources": {
                "R": {"Type": "AWS::X::Y", "Properties": {"P": expression, "Q": other}},
                "S": {"Type": "AWS::X::Y", "Properties": {"P": {"Fn::GetAtt": ["R", "P"]}}},
            },
        }
    )


def read(block: Block, depth: int = 0) -> None:
    """Asks everything of a block."""
    for name in list(block.names()):
        found = block.find(name)
        check(found.value if found is not None else None)
        for attribute in (block.string(name), block.boolean(name), block.integer(name), block.mapping(name)):
            assert attribute.cause.start > 0
        block.strings(name)
        if depth < 6:
            for child in block.children(name):
                read(child, depth + 1)


def check(value: Any) -> None:
    """Whether a value is one of the lattice."""
    if isinstance(value, Sensitive):
        assert not isinstance(value.value, (Sensitive, Unknown))
    elif isinstance(value, list):
        for inner in value:
            check(inner)
    elif isinstance(value, dict):
        for inner in value.values():
            check(inner)
    else:
        assert value is None or isinstance(value, (bool, int, float, str, Unknown))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EXPRESSIONS, EXPRESSIONS)
def test_any_expression_has_a_value(expression: Any, other: Any) -> None:
    project = load(template(expression, other), path="t.json")
    for block in blocks(project).values():
        read(block)
        assert project.graph is not None
        project.graph.targets(block, "P", "AWS::X::Y")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EXPRESSIONS)
def test_secrets_are_never_in_plain_values(expression: Any) -> None:
    found = blocks(load(template(expression), path="t.json"))["R"].find("P")
    assert "s3cret" not in repr(found)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EXPRESSIONS, st.sampled_from(["x", "y", ""]))
def test_what_is_known_stays_when_more_is_known(expression: Any, value: str) -> None:
    text = template(expression)
    with_less = blocks(load(text, path="t.json"))["R"].find("P")
    with_more = blocks(load(text, f"Open={value}", path="t.json"))["R"].find("P")
    before = plain(with_less.value) if with_less is not None else None
    after = plain(with_more.value) if with_more is not None else None
    assert agrees(before, after), (before, after)


def agrees(before: Any, after: Any) -> bool:
    """Whether a value may become another one when more is known: what was unknown may be anything, or not there."""
    if isinstance(before, Unknown):
        return True
    if isinstance(before, dict) and isinstance(after, dict):
        sure = {key: inner for key, inner in before.items() if UNRESOLVED not in key}  # a loop's name is not known
        return all(isinstance(inner, Unknown) or agrees(inner, after.get(key)) for key, inner in sure.items())
    if isinstance(before, list) and isinstance(after, list):
        if any(isinstance(inner, Unknown) for inner in before):
            return len(after) <= len(before)
        return len(before) == len(after) and all(map(agrees, before, after))
    if isinstance(before, Sensitive) or isinstance(after, Sensitive):
        return isinstance(before, Sensitive) and isinstance(after, Sensitive) and before.value == after.value
    return type(before) is type(after) and before == after
