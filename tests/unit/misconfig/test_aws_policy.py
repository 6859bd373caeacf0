"""IAM policy documents: what the grammar of AWS allows, texts that are known in part, and hostile input.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.misconfig.resources.aws.policy import Condition, Policy, Statement, matches, read_policy, statements
from vigie.misconfig.value import UNMANAGED, UNRESOLVED, Attribute, Sensitive, Unknown, doubts


def one(statement: dict[str, Any]) -> Statement:
    policy = read_policy({"Version": "2012-10-17", "Statement": [statement]})
    assert policy is not None
    [found] = policy.statements
    return found


def test_whole_document() -> None:
    policy = read_policy(
        json.dumps(
            {
                "Version": "2012-10-17",
                "Id": "example",
                "Statement": {
                    "Sid": "Reports",
                    "Effect": "Allow",
                    "Principal": {
                        "AWS": ["arn:aws:iam::123456789012:root", "999999999999"],
                        "Service": "s3.amazonaws.com",
                    },
                    "Action": ["s3:GetObject", "s3:Put*"],
                    "NotResource": "arn:aws:s3:::secret/*",
                    "Condition": {"Bool": {"aws:SecureTransport": True}, "IpAddress": {"aws:SourceIp": ["10.0.0.0/8"]}},
                },
            }
        )
    )
    assert policy == Policy(
        version="2012-10-17",
        id="example",
        statements=(
            Statement(
                sid="Reports",
                effect="Allow",
                actions=("s3:GetObject", "s3:Put*"),
                not_resources=("arn:aws:s3:::secret/*",),
                principals={
                    "AWS": ("arn:aws:iam::123456789012:root", "999999999999"),
                    "Service": ("s3.amazonaws.com",),
                },
                conditions=(
                    Condition("Bool", "aws:SecureTransport", ("true",)),
                    Condition("IpAddress", "aws:SourceIp", ("10.0.0.0/8",)),
                ),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("principal", "anyone"),
    [
        ("*", True),
        ({"AWS": "*"}, True),
        ({"AWS": ["123456789012", "*"]}, True),
        ({"Service": "ec2.amazonaws.com"}, False),
        ({"AWS": "arn:aws:iam::123456789012:root"}, False),
        (None, False),
    ],
)
def test_anyone(principal: Any, anyone: bool) -> None:
    assert one({"Effect": "Allow", "Principal": principal, "Action": "s3:*"}).anyone is anyone


@pytest.mark.parametrize(
    ("statement", "covered"),
    [
        ({"Action": "iam:PassRole"}, True),
        ({"Action": "IAM:passrole"}, True),  # names of actions are read whatever the case of their letters
        ({"Action": ["ec2:*", "iam:Pass*"]}, True),
        ({"Action": "*"}, True),
        ({"Action": "iam:P?ssRole"}, True),
        ({"Action": "iam:PassRoles"}, False),
        ({"NotAction": "ec2:*"}, True),
        ({"NotAction": ["iam:*"]}, False),
        ({}, False),
    ],
)
def test_covers(statement: dict[str, Any], covered: bool) -> None:
    assert one({"Effect": "Allow", **statement}).covers("iam:PassRole") is covered


def test_lists_as_written() -> None:
    statement = one({"Effect": "Deny", "Action": ["S3:*"]})
    assert statement.lists("s3:*")
    assert not statement.lists("s3:GetObject")
    assert statement.denies
    assert not statement.allows


@pytest.mark.parametrize(
    "text",
    [
        f'{{"Statement": [{{"Effect": "Allow", "Action": "s3:*", "Resource": {UNRESOLVED}}}]}}',
        f'{{"Statement": [{{"Effect": "Allow", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::{UNRESOLVED}/*"]}}]}}',
    ],
)
def test_known_in_part(text: str) -> None:
    policy = read_policy(Unknown("string", like=text))
    assert policy is not None
    assert policy.statements[0].lists("s3:*")
    assert UNRESOLVED in policy.statements[0].resources[0]
    assert not policy.partial


@pytest.mark.parametrize(
    "document",
    [
        {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject"}, Unknown()]},
        {"Statement": Unknown()},
        {"Statement": [{"Effect": Unknown(), "Action": "s3:GetObject"}]},
        {"Statement": [{"Effect": "Allow", "Action": ["s3:GetObject", Unknown()]}]},
    ],
)
def test_what_is_not_known_at_all_is_a_doubt(document: dict[str, Any]) -> None:
    policy = read_policy(document)
    assert policy is not None
    assert policy.partial
    doubts.clear()
    statements(Attribute(policy, UNMANAGED))
    assert doubts
    doubts.clear()
    statements(Attribute(Policy(), UNMANAGED))
    assert not doubts


def test_marks_of_values() -> None:
    policy = read_policy(
        Sensitive('{"Statement": [{"Effect": "Allow", "Resource": "arn:aws:s3:::b/&{aws:username}"}]}')
    )
    assert policy is not None
    assert policy.statements[0].resources == ("arn:aws:s3:::b/${aws:username}",)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "no policy",
        "[]",
        "null",
        '"text"',
        "{" * 100_000,
        "[" * 100_000,
        "9" * 5000,
        None,
        7,
        [],
        Unknown(),
        "{" + " " * 2_000_000 + "}",
    ],
)
def test_no_policy(value: Any) -> None:
    assert read_policy(value) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.builds(Unknown),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Statement", "Effect", "Action", "Principal", "Condition", "AWS", "Bool", "x"]), inner
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_any_document_is_read_or_not(value: Any) -> None:
    policy = read_policy(value)
    assert policy is None or isinstance(policy, Policy)


def test_patterns_take_linear_time() -> None:
    assert not matches("*a" * 5000, "a" * 4000 + "b")
    assert matches("s3:*Object*", "S3:GetObjectAcl")
    assert not matches("", "x")
    assert matches("**", "")
