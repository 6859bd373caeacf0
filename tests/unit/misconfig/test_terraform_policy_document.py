"""`aws_iam_policy_document` against the results in the documentation of the AWS provider."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from vigie.misconfig.graph import Block, Found
from vigie.misconfig.languages.terraform.policy_document import render
from vigie.misconfig.value import Cause, Sensitive, Unknown


class Written(Block):
    """A block made of a mapping: lists of mappings are nested blocks."""

    format = "terraform"

    def __init__(self, **content: Any) -> None:
        self.type, self.name, self.cause, self.content = "aws_iam_policy_document", "x", Cause("x.tf", 1, 9), content

    def find(self, name: str) -> Found | None:
        value = self.content.get(name)
        return None if value is None else Found(value, self.cause)

    def children(self, name: str) -> Sequence[Block]:
        value = self.content.get(name, [])
        return [Written(**item) for item in value if isinstance(item, dict)]

    def names(self) -> Iterable[str]:
        return self.content


def rendered(**content: Any) -> Any:
    text = render(Written(**content))
    assert isinstance(text, str)
    return json.loads(text)


def test_basic_example() -> None:
    document = rendered(
        statement=[
            {"sid": "1", "actions": ["s3:ListAllMyBuckets", "s3:GetBucketLocation"], "resources": ["arn:aws:s3:::*"]},
            {
                "actions": ["s3:ListBucket"],
                "resources": ["arn:aws:s3:::bucket"],
                "condition": [
                    {"test": "StringLike", "variable": "s3:prefix", "values": ["", "home/", "home/&{aws:username}/"]}
                ],
            },
            {
                "actions": ["s3:*"],
                "resources": ["arn:aws:s3:::bucket/home/&{aws:username}", "arn:aws:s3:::bucket/home/&{aws:username}/*"],
            },
        ]
    )
    assert document == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "1",
                "Effect": "Allow",
                "Action": ["s3:ListAllMyBuckets", "s3:GetBucketLocation"],
                "Resource": "arn:aws:s3:::*",
            },
            {
                "Effect": "Allow",
                "Action": "s3:ListBucket",
                "Resource": "arn:aws:s3:::bucket",
                "Condition": {"StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/"]}},
            },
            {
                "Effect": "Allow",
                "Action": "s3:*",
                "Resource": ["arn:aws:s3:::bucket/home/${aws:username}/*", "arn:aws:s3:::bucket/home/${aws:username}"],
            },
        ],
    }


def test_multiple_conditions_on_one_key_and_multiple_principals() -> None:
    document = rendered(
        statement=[
            {
                "effect": "Deny",
                "actions": ["sts:AssumeRole"],
                "principals": [
                    {"type": "Service", "identifiers": ["firehose.amazonaws.com"]},
                    {"type": "AWS", "identifiers": ["arn:aws:iam::1:root", "arn:aws:iam::2:root"]},
                    {"type": "AWS", "identifiers": ["*"]},
                ],
                "not_principals": [{"type": "*", "identifiers": ["*"]}],
                "condition": [
                    {"test": "ForAnyValue:StringEquals", "variable": "kms:EncryptionContext:service", "values": ["pi"]},
                    {
                        "test": "ForAnyValue:StringEquals",
                        "variable": "kms:EncryptionContext:aws:pi:arn",
                        "values": ["a"],
                    },
                ],
            }
        ]
    )
    statement = document["Statement"][0]
    assert statement["Effect"] == "Deny"
    assert statement["Principal"] == {
        "Service": "firehose.amazonaws.com",
        "AWS": ["arn:aws:iam::2:root", "arn:aws:iam::1:root", "*"],
    }
    assert statement["NotPrincipal"] == "*"
    assert statement["Condition"] == {
        "ForAnyValue:StringEquals": {
            "kms:EncryptionContext:service": "pi",
            "kms:EncryptionContext:aws:pi:arn": "a",
        }
    }


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_source_documents_come_first_and_own_sids_take_their_place() -> None:
    one = document({"Sid": "OverridePlaceholder", "Effect": "Allow", "Action": "ec2:*", "Resource": "*"})
    two = document({"Sid": "Other", "Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    merged = rendered(
        source_policy_documents=[one, two],
        statement=[{"sid": "OverridePlaceholder", "actions": ["s3:*"], "resources": ["arn:aws:s3:::b"]}],
    )
    assert [(statement["Sid"], statement["Action"]) for statement in merged["Statement"]] == [
        ("OverridePlaceholder", "s3:*"),
        ("Other", "s3:*"),
    ]


def test_override_documents_replace_by_sid_and_append_others() -> None:
    override = document(
        {"Sid": "Mine", "Effect": "Deny", "Action": "*", "Resource": "*"},
        {"Effect": "Allow", "Action": "x:y", "Resource": "*"},
    )
    merged = rendered(
        statement=[
            {"actions": ["ec2:*"], "resources": ["*"]},
            {"sid": "Mine", "actions": ["s3:*"], "resources": ["*"]},
        ],
        override_policy_documents=[override],
        override_json=document({"Sid": "Mine", "Effect": "Deny", "Action": "a:b", "Resource": "*"}),
        policy_id="p",
    )
    assert merged["Id"] == "p"
    assert [statement["Action"] for statement in merged["Statement"]] == ["ec2:*", "a:b", "x:y"]


def test_what_is_not_known_stands_in_the_likeness() -> None:
    text = render(
        Written(
            source_policy_documents=[Unknown()],
            statement=[
                {
                    "effect": Unknown("string"),
                    "actions": ["s3:Get*", Unknown()],
                    "resources": [Unknown("string", like="__UNRESOLVED__/*")],
                    "principals": [{"type": "AWS", "identifiers": Unknown("list")}],
                }
            ],
        )
    )
    assert isinstance(text, Unknown) and text.like
    assert json.loads(text.like)["Statement"] == [
        "__UNRESOLVED__",
        {
            "Effect": "__UNRESOLVED__",
            "Action": ["s3:Get*", "__UNRESOLVED__"],
            "Resource": "__UNRESOLVED__/*",
            "Principal": {"AWS": "__UNRESOLVED__"},
        },
    ]


def test_sensitive_and_odd_values() -> None:
    assert rendered() == {"Version": "2012-10-17"}
    assert rendered(statement=[{"actions": [Sensitive("a:b")], "resources": [5]}])["Statement"] == [
        {"Effect": "Allow", "Action": "a:b", "Resource": "5"}
    ]
    broken = render(Written(source_policy_documents=["{", "[" * 100_000]))
    assert isinstance(broken, Unknown) and broken.like
    assert json.loads(broken.like)["Statement"] == ["__UNRESOLVED__", "__UNRESOLVED__"]
    many = document(*({"Sid": str(i), "Effect": "Deny", "Action": "a:b", "Resource": "*"} for i in range(9_000)))
    assert isinstance(render(Written(source_policy_documents=[many])), Unknown)
