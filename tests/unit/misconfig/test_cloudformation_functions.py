"""Intrinsic functions. Expected values are those of AWS's reference (Template Reference, Intrinsic functions)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.misconfig.cloudformation_project import blocks, evaluated, load

from vigie.misconfig.value import UNRESOLVED, Sensitive, Unknown

MAPPINGS = """
Mappings:
  RegionMap:
    us-east-1: {HVM64: ami-0ff8a91507f77f867, HVMG2: ami-0a584ac55a7631c0c}
    eu-west-1: {HVM64: ami-047bb4163c506cd98, Count: 3, On: true, List: [a, b]}
Parameters:
  NoDefault: {Type: String}
  Env: {Type: String, Default: prod}
  Number: {Type: Number, Default: "5"}
  Subnets: {Type: CommaDelimitedList, Default: "10.0.48.0/24, 10.0.112.0/24"}
  Secret: {Type: String, Default: hunter2, NoEcho: true}
  Image: {Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: /aws/service/image}
Conditions:
  Yes: !Equals [a, a]
  No: !Equals [a, b]
  CaseMatters: !Equals [A, a]
  NumberIsText: !Equals [!Ref Number, "5"]
  Open: !Equals [!Ref NoDefault, x]
  Both: !And [!Condition Yes, !Condition No]
  NoneOf: !And [!Condition No, !Condition No]
  AllOf: !And [!Condition Yes, {"Fn::Not": [{Condition: No}]}]
  AnyOf: !Or [!Condition No, !Condition Yes]
  NoAny: !Or [!Condition No, !Condition No]
  OpenAnd: !And [!Condition Open, !Condition Yes]
  OpenButFalse: !And [!Condition Open, !Condition No]
  OpenButTrue: !Or [!Condition Open, !Condition Yes]
  Inverse: !Not [!Condition Yes]
  Circle: !Not [!Condition Circle]
"""


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('!Base64 "AWS CloudFormation"', "QVdTIENsb3VkRm9ybWF0aW9u"),
        ('!Join [":", [a, b, c]]', "a:b:c"),
        ('!Join ["", ["arn:", !Ref "AWS::Partition", ":s3:::elasticbeanstalk-*-", !Ref "AWS::AccountId"]]',
         "arn:aws:s3:::elasticbeanstalk-*-123456789012"),
        ('!Join [",", !Ref Subnets]', "10.0.48.0/24,10.0.112.0/24"),
        ('!Select ["1", [apples, grapes, oranges, mangoes]]', "grapes"),
        ("!Select [0, !Ref Subnets]", "10.0.48.0/24"),
        ('!Split ["|", "a|b|c"]', ["a", "b", "c"]),
        ('!Split ["|", "a||c|"]', ["a", "", "c", ""]),
        ('!Select [2, !Split ["|", "a|b|c"]]', "c"),
        ('!Sub "www.${Env}.com"', "www.prod.com"),
        ('!Sub ["www.${Domain}-${Env}", {Domain: !Join ["", [x, y]]}]', "www.xy-prod"),
        ('!Sub "${AWS::Region}/${!Literal}/${ Env }"', "eu-west-1/${Literal}/prod"),
        ('!Sub "arn:${AWS::Partition}:s3:::b"', "arn:aws:s3:::b"),
        ('{"Fn::Sub": "${Number} and ${Subnets}"}', "5 and 10.0.48.0/24,10.0.112.0/24"),
        ("!FindInMap [RegionMap, us-east-1, HVM64]", "ami-0ff8a91507f77f867"),
        ('!FindInMap [RegionMap, !Ref "AWS::Region", HVM64]', "ami-047bb4163c506cd98"),
        ("!FindInMap [RegionMap, eu-west-1, Count]", 3),
        ("!FindInMap [RegionMap, eu-west-1, On]", True),
        ("!FindInMap [RegionMap, eu-west-1, List]", ["a", "b"]),
        ("!FindInMap [RegionMap, nowhere, HVM64, {DefaultValue: !Ref Env}]", "prod"),
        ("!Length [1, 2, 3]", 3),
        ("{'Fn::Length': !Ref Subnets}", 2),
        ("!ToJsonString {a: [1, !Ref Env], b: true}", '{"a":[1,"prod"],"b":true}'),
        ("{'Fn::ToJsonString': {a: [1, !Ref Env], b: true}}", '{"a":[1,"prod"],"b":true}'),
        ('!Cidr ["192.168.0.0/24", 6, 5]',
         ["192.168.0.0/27", "192.168.0.32/27", "192.168.0.64/27", "192.168.0.96/27", "192.168.0.128/27",
          "192.168.0.160/27"]),
        ('!Cidr ["10.0.0.0/16", "2"]', ["10.0.0.0/24", "10.0.1.0/24"]),
        ('!GetAZs us-east-1', ["us-east-1a", "us-east-1b", "us-east-1c"]),
        ('!Select [0, !GetAZs ""]', "eu-west-1a"),
        ("!Ref Env", "prod"),
        ("!Ref Number", 5),
        ("!Ref AWS::URLSuffix", "amazonaws.com"),
        ("!Ref AWS::NoValue", None),
        ("!If [Yes, a, b]", "a"),
        ("!If [No, a, b]", "b"),
        ("!If [No, a, !Ref AWS::NoValue]", None),
        ("[!If [No, a, !Ref AWS::NoValue], z]", ["z"]),
        ("!If [Open, same, same]", "same"),
        ("!If [Yes, !If [No, a, b], c]", "b"),
        # With a second key it is a plain map.
        ("{Ref: Env, Other: 1}", {"Ref": "Env", "Other": 1}),
        ("012345678901", "012345678901"),
        ('["1", 1, 1.5, true, "true"]', ["1", 1, 1.5, True, "true"]),
    ],
)  # fmt: skip
def test_values(expression: str, value: Any) -> None:
    assert evaluated(expression, MAPPINGS) == value


@pytest.mark.parametrize(
    ("condition", "truth"),
    [
        ("Yes", True), ("No", False), ("CaseMatters", False), ("NumberIsText", True), ("Open", None), ("Both", False),
        ("NoneOf", False), ("AllOf", True), ("AnyOf", True), ("NoAny", False), ("OpenAnd", None),
        ("OpenButFalse", False), ("OpenButTrue", True), ("Inverse", False), ("Circle", None), ("Missing", None),
    ],
)  # fmt: skip
def test_conditions(condition: str, truth: bool | None) -> None:
    value = evaluated(f"!If [{condition}, a, b]", MAPPINGS)
    assert value == ("a" if truth else "b") if truth is not None else isinstance(value, Unknown)


@pytest.mark.parametrize(
    ("expression", "type_", "like"),
    [
        ("!Ref NoDefault", "string", None),
        ("!Ref Missing", "string", None),
        ("!ImportValue x", "string", None),
        ("!If [Open, a, b]", "string", None),
        ("!If [Open, true, false]", "bool", None),
        ("!If [Open, a, !Ref AWS::NoValue]", "string", None),
        ('!Sub "arn:${NoDefault}:x"', "string", f"arn:{UNRESOLVED}:x"),
        ('!Join ["/", [a, !Ref NoDefault]]', "string", f"a/{UNRESOLVED}"),
        ("!Select [9, [a]]", "string", None),
        ("!Select [-1, [a]]", "string", None),
        ("!FindInMap [RegionMap, nowhere, HVM64]", "any", None),
        ("!Split [',', !Ref NoDefault]", "list", None),
        ("!Transform {Name: Macro}", "any", None),
        ("{'Fn::GetStackOutput': {StackName: s, OutputKey: k}}", "string", None),
        ("'{{resolve:ssm:/db/name:1}}'", "string", UNRESOLVED),
        ("'x-{{resolve:secretsmanager:s:SecretString:k}}'", "string", f"x-{UNRESOLVED}"),
        ("!Sub '{{resolve:secretsmanager:${NoDefault}:SecretString:k}}'", "string", UNRESOLVED),
        ("!Join ['', ['{{resolve:ssm:', !Ref Env, '}}/x']]", "string", f"{UNRESOLVED}/x"),
        ("!Ref Image", "string", None),
    ],
)
def test_unknown_values(expression: str, type_: str, like: str | None) -> None:
    value = evaluated(expression, MAPPINGS)
    assert isinstance(value, Unknown)
    assert (value.type, value.like) == (type_, like)


@pytest.mark.parametrize(
    ("expression", "filled"),
    [
        ("!Ref NoDefault", False), ("!ImportValue x", True), ("!If [Open, a, b]", True), ("!Ref Image", True),
        ("!If [Open, a, '']", False), ("!If [Open, a, !Ref AWS::NoValue]", False), ('!Sub "${NoDefault}"', False),
        ('!Sub "a${NoDefault}"', True), ("'{{resolve:ssm:x}}'", True), ("!GetAtt R.Arn", True),
    ],
)  # fmt: skip
def test_what_is_certainly_not_empty(expression: str, filled: bool) -> None:
    assert evaluated(expression, MAPPINGS).filled is filled


def test_secrets_stay_hidden() -> None:
    resource = "Resources:\n  R:\n    Type: AWS::X::Y\n    Properties:\n"
    properties = {"A": "!Ref Secret", "B": "!Sub 'x-${Secret}'", "C": "!Base64 {Ref: Secret}"}
    text = MAPPINGS + resource + "".join(f"      {name}: {value}\n" for name, value in properties.items())
    block = blocks(load(text))["R"]
    for name, value in {"A": "hunter2", "B": "x-hunter2", "C": "aHVudGVyMg=="}.items():
        found = block.find(name)
        assert found is not None
        assert isinstance(found.value, Sensitive)
        assert found.value.value == value
        assert "hunter" not in repr(found)
    assert block.string("A").value == "hunter2"


def test_json_has_the_long_forms() -> None:
    text = """{"Parameters": {"P": {"Type": "String", "Default": "v"}}, "Resources": {"R": {"Type": "AWS::X::Y",
    "Properties": {"A": {"Fn::Join": ["-", ["a", {"Ref": "P"}]]}, "B": {"Fn::GetAtt": ["S", "Arn"]}}},
    "S": {"Type": "AWS::X::S", "Properties": {"Name": "n"}}}}"""
    project = load(text, path="t.json")
    block = blocks(project)["R"]
    assert block.string("A").value == "a-v"
    assert project.graph is not None
    assert project.graph.target(block, "B", "AWS::X::S") is blocks(project)["S"]
