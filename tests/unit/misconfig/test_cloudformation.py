"""Whole templates: which resources there are, what their properties say, where they stand and what they point at."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest
from tests.unit.misconfig.cloudformation_project import blocks, load

from vigie.errors import UsageError
from vigie.misconfig.detector import detect
from vigie.misconfig.languages.cloudformation import language
from vigie.model.inventory import Configuration
from vigie.settings.groups import MisconfigOptions

TEMPLATE = textwrap.dedent(
    """\
    Resources:
      Bucket:
        Type: AWS::S3::Bucket
        Properties:
          BucketName: logs
          BucketEncryption:
            ServerSideEncryptionConfiguration:
              - ServerSideEncryptionByDefault:
                  SSEAlgorithm: AES256
              - BucketKeyEnabled: yes
          Tags:
            - {Key: a, Value: "1"}
          PublicAccessBlockConfiguration: {BlockPublicAcls: "1",
            IgnorePublicAcls: 0}

      Policy:
        Type: AWS::S3::BucketPolicy
        Properties:
          Bucket: !Ref Bucket
          PolicyDocument: !If
            - Missing
            - Statement: []
            - Statement: []
    """
)


IGNORED = """
Resources:
  # trivy:ignore:AWS-0132
  Above:
    Type: AWS::S3::Bucket
    Properties:
      BucketEncryption:
        ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}}]
  Inside:
    Type: AWS::S3::Bucket  # checkov:skip=AWS-0132:done elsewhere
    Properties:
      BucketEncryption:
        ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}}]
  Neither:
    Type: AWS::S3::Bucket
    Properties:
      BucketEncryption:
        ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}}]
"""


def test_a_comment_at_a_resource_counts_for_all_in_it() -> None:
    files = [Configuration("cloudformation", "t.yaml", IGNORED.encode())]
    judged = detect(files, None, [language], MisconfigOptions())
    (result,) = judged.results
    found = [finding for finding in result.findings if finding.id == "AWS-0132"]
    hidden = [entry for entry in result.suppressed if entry.finding.id == "AWS-0132"]
    assert [(finding.resource, finding.start) for finding in found] == [("Neither", 18)]
    assert [(entry.finding.resource, entry.statement) for entry in hidden] == [
        ("Above", ""), ("Inside", "done elsewhere"),
    ]  # fmt: skip
    (occurrence,) = found[0].occurrences
    assert (occurrence.resource, occurrence.file, occurrence.start) == ("Neither", "t.yaml", 18)


def test_properties_are_blocks_and_attributes() -> None:
    bucket = blocks(load(TEMPLATE))["Bucket"]
    rules = bucket.blocks("BucketEncryption.ServerSideEncryptionConfiguration")
    path = "BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault.SSEAlgorithm"
    assert bucket.string(path).value == "AES256"
    assert [list(rule.names()) for rule in rules] == [["ServerSideEncryptionByDefault"], ["BucketKeyEnabled"]]
    assert rules[1].boolean("BucketKeyEnabled").value is True
    assert bucket.block("Tags") is not None
    assert bucket.boolean("PublicAccessBlockConfiguration.BlockPublicAcls").is_true
    assert bucket.boolean("PublicAccessBlockConfiguration.IgnorePublicAcls").is_false
    assert not bucket.boolean("PublicAccessBlockConfiguration.BlockPublicPolicy").explicit
    assert (bucket.format, bucket.type, bucket.name) == ("cloudformation", "AWS::S3::Bucket", "Bucket")
    assert list(bucket.names()) == ["BucketName", "BucketEncryption", "Tags", "PublicAccessBlockConfiguration"]


def test_causes() -> None:
    found = blocks(load(TEMPLATE))
    bucket, policy = found["Bucket"], found["Policy"]
    # A resource from its key to its last line, named by that; a property by the logical id.
    assert (bucket.cause.file, bucket.cause.start, bucket.cause.end) == ("t.yaml", 2, 14)
    assert (bucket.cause.name, bucket.cause.parent) == ("t.yaml:2-14", None)
    name = bucket.string("BucketName").cause
    assert (name.start, name.end, name.name) == (5, 5, "Bucket")
    assert name.parent is not None
    assert (name.parent.start, name.parent.end, name.parent.name, name.parent.parent) == (2, 14, "Bucket", None)
    # A map or list stands where its first item does; a missing property where the innermost block does.
    encryption = bucket.block("BucketEncryption")
    assert encryption is not None
    assert (encryption.cause.start, encryption.cause.end) == (7, 10)
    missing = bucket.string("BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault.KMSKeyID")
    assert (missing.cause.start, missing.cause.end, missing.cause.name) == (9, 9, "Bucket")
    inner = bucket.raw("BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault.SSEAlgorithm")
    parent = inner[1].parent
    assert parent is not None
    assert (parent.start, parent.end, parent.name, parent.parent) == (9, 9, "Bucket", None)
    assert inner[1].within is bucket.cause
    access = bucket.boolean("PublicAccessBlockConfiguration.IgnorePublicAcls").cause
    assert (access.start, access.end) == (14, 14)
    assert bucket.string("Absent").cause is bucket.cause
    # What Fn::If chooses keeps its place.
    document = policy.find("PolicyDocument")
    assert document is not None
    assert (document.value, document.cause.start) == ({"Statement": []}, 22)


def test_json_has_exact_lines() -> None:
    text = '{"Resources": {\n "A": {"Type": "AWS::X::Y", "Properties": {"P": 1, "Q": {"R":\n "x"}}}}}'
    block = blocks(load(text, path="t.json"))["A"]
    assert (block.cause.start, block.cause.end) == (2, 3)
    assert block.integer("P").value == 1
    assert block.integer("P").cause.start == 2
    assert (block.string("Q.R").value, block.string("Q.R").cause.start) == ("x", 3)


def test_what_only_libyaml_reads_is_the_same() -> None:
    text = """
Resources:
  A:
    Type: AWS::X::Y
    Properties:
      List: &list [!Ref AWS::Region,
        !If [No, a,
          "b
     c"],
      ]
      Copy: *list
      Chosen: &chosen !If
        - !Equals [a, a]
        - {P: !Ref AWS::Partition}
        - {}
      Again: *chosen
"""
    project = load(text)
    assert not project.problems
    block = blocks(project)["A"]
    for name in ("List", "Copy"):
        region, unknown = block.strings(name)
        assert region.value == "eu-west-1"
        assert not unknown.known
    assert (block.string("Chosen.P").value, block.string("Again.P").value) == ("aws", "aws")
    assert (block.cause.start, block.string("Chosen.P").cause.start) == (3, 14)


def test_links_between_resources() -> None:
    project = load(
        TEMPLATE
        + textwrap.indent(
            textwrap.dedent(
                """\
                ByName: {Type: "AWS::S3::BucketPolicy", Properties: {Bucket: logs}}
                ById: {Type: "AWS::S3::BucketPolicy", Properties: {Bucket: Bucket}}
                ByArn: {Type: "AWS::S3::BucketPolicy", Properties: {Bucket: "arn:aws:s3:::logs"}}
                ByAttribute: {Type: "AWS::S3::BucketPolicy", Properties: {Bucket: !GetAtt Bucket.Arn}}
                ByText: {Type: "AWS::S3::BucketPolicy", Properties: {Bucket: !Sub "${Bucket}"}}
                ByPart: {Type: "AWS::S3::BucketPolicy", Properties: {Bucket: !Select [0, !Split ["/", !Ref Bucket]]}}
                Other: {Type: "AWS::S3::BucketPolicy", Properties: {Bucket: others}}
                Group: {Type: "AWS::EC2::SecurityGroup"}
                Balancer: {Type: "AWS::X::Y", Properties: {Groups: [sg-1, !GetAtt Group.GroupId, !Ref Bucket]}}
                """
            ),
            "  ",
        )
    )
    graph = project.graph
    assert graph is not None
    found = blocks(project)
    pointing = graph.pointing(found["Bucket"], "Bucket", "AWS::S3::BucketPolicy")
    assert [block.name for block in pointing] == [
        "Policy", "ByName", "ById", "ByArn", "ByAttribute", "ByText", "ByPart",
    ]  # fmt: skip
    assert graph.target(found["Other"], "Bucket", "AWS::S3::Bucket") is None
    assert graph.targets(found["Balancer"], "Groups", "AWS::EC2::SecurityGroup") == [found["Group"]]
    assert graph.target(found["Balancer"], "Groups", "AWS::S3::Bucket") is found["Bucket"]
    assert set(graph.types()) == {
        "AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::EC2::SecurityGroup", "AWS::X::Y",
    }  # fmt: skip


CONDITIONED = """
Parameters:
  Env: {Type: String, Default: dev}
  Open: {Type: String}
Conditions:
  Prod: !Equals [!Ref Env, prod]
  Unknown: !Equals [!Ref Open, prod]
  Elsewhere: !Equals [!Ref AWS::Region, us-east-1]
Resources:
  Always: {Type: AWS::X::Y}
  InProd: {Type: AWS::X::Y, Condition: Prod}
  Perhaps: {Type: AWS::X::Y, Condition: Unknown}
  InAmerica: {Type: AWS::X::Y, Condition: Elsewhere}
  Values:
    Type: AWS::X::Y
    Properties:
      Removed: !If [Prod, {A: 1}, !Ref AWS::NoValue]
      Maybe: !If [Unknown, {A: 1, B: 2}, {A: 1, B: 3}]
      MaybeNot: !If [Unknown, {A: 1}, !Ref AWS::NoValue]
      Rules: !If [Unknown, [{A: 1}], [{A: 2}]]
      Same: !If [Unknown, [{A: 1}], [{A: 1}]]
      Mixed: [!If [Prod, {A: 1}, !Ref AWS::NoValue], {A: 2}, !If [Unknown, {A: 1}, {A: 3}]]
"""


def test_conditions_of_resources() -> None:
    # That a stack is not in this region is not certain, whatever `AWS::Region` stands for here.
    assert set(blocks(load(CONDITIONED))) == {"Always", "Perhaps", "InAmerica", "Values"}
    assert "InProd" in blocks(load(CONDITIONED, "Env=prod"))


def test_properties_chosen_by_conditions() -> None:
    values = blocks(load(CONDITIONED))["Values"]
    assert values.block("Removed") is None
    assert not values.has("Removed")
    assert not values.integer("Removed.A", 7).explicit
    assert values.integer("Maybe.A").value == 1
    assert not values.integer("Maybe.B").known
    assert not values.integer("MaybeNot.A").known
    (rule,) = values.blocks("Rules")
    assert not rule.integer("A").known
    assert [rule.integer("A").value for rule in values.blocks("Same")] == [1]
    assert [rule.integer("A").known for rule in values.blocks("Mixed")] == [True, False]


def test_parameter_files(tmp_path: Path) -> None:
    contents = {
        "pairs.json": ["Env=prod", "Open=a=b"],
        "keys.json": [
            {"ParameterKey": "Env", "ParameterValue": "prod"},
            {"ParameterKey": "Open", "ParameterValue": "o"},
        ],
        "object.json": {"Parameters": {"Env": "prod", "Open": "o"}},
        "lines.txt": "# comment\nEnv=prod\n\nOpen=o\n",
    }
    for name, content in contents.items():
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        assert "InProd" in blocks(load(CONDITIONED, str(path))), name
    (tmp_path / "wrong.json").write_text("[1]")
    for wrong in ("wrong.json", "none.json"):
        with pytest.raises(UsageError):
            load(CONDITIONED, str(tmp_path / wrong))


def test_attributes_of_others() -> None:
    text = """
    Resources:
      Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
      Rule:
        Type: AWS::X::Y
        Properties: {A: !GetAtt Vpc.CidrBlock, B: !GetAtt [Vpc, DefaultSecurityGroup], C: !GetAtt No.Where}
      One: {Type: AWS::X::Y, Properties: {P: !GetAtt Two.P}}
      Two: {Type: AWS::X::Y, Properties: {P: !GetAtt One.P, Q: !Sub "${Two.Q}"}}
    """
    project = load(textwrap.dedent(text))
    found = blocks(project)
    assert found["Rule"].string("A").value == "10.0.0.0/16"
    default = found["Rule"].find("B")
    assert default is not None
    assert default.value.source is found["Vpc"]
    assert not found["Rule"].string("C").known
    assert not found["One"].string("P").known
    assert not found["Two"].string("Q").known


SERVERLESS = """
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.12
    Timeout: 3
    Environment: {Variables: {A: one, B: two}}
    Layers: [l1]
    Tracing: Active
  SimpleTable: {SSESpecification: {SSEEnabled: true}}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: 10
      Environment: {Variables: {B: mine}}
      Layers: [l2]
  G: {Type: AWS::Serverless::Function}
  T: {Type: AWS::Serverless::SimpleTable}
  L: {Type: AWS::Lambda::Function, Properties: {Timeout: 1}}
"""


def test_globals_of_serverless() -> None:
    found = blocks(load(SERVERLESS))
    function = found["F"]
    assert function.integer("Timeout").value == 10
    assert function.string("Tracing").value == "Active"
    assert function.string("Tracing").cause.start == 9
    assert function.mapping("Environment.Variables").value == {"A": "one", "B": "mine"}
    assert [layer.value for layer in function.strings("Layers")] == ["l1", "l2"]
    assert found["G"].string("Runtime").value == "python3.12"
    assert found["T"].boolean("SSESpecification.SSEEnabled").is_true
    assert not found["L"].has("Runtime")


ORIGINS = """
Parameters:
  Acl: {Type: String, Default: PublicRead}
  Env: {Type: String, Default: dev}
Mappings:
  Sizes:
    dev: {Name: small}
Conditions:
  Prod: !Equals [!Ref Env, prod]
Resources:
  B:
    Type: AWS::S3::Bucket
    Properties:
      AccessControl: !If [Prod, Private, !Ref Acl]
      BucketName: !Sub "${Acl}-x"
      Size: !FindInMap [Sizes, !Ref Env, Name]
      Plain: x
"""


def test_declarations_that_made_a_value() -> None:
    project = load(ORIGINS)
    bucket = blocks(project)["B"]
    assert project.origins is not None
    found = {
        name: [(origin.name, origin.start, origin.end) for origin in project.origins(bucket.string(name).cause)]
        for name in bucket.names()
    }
    acl, env = ("Parameters.Acl", 3, 3), ("Parameters.Env", 4, 4)
    assert found == {
        "AccessControl": [("Conditions.Prod", 9, 9), acl, env],
        "BucketName": [acl],
        "Size": [("Mappings.Sizes", 6, 7), env],
        "Plain": [],
    }
