"""Whole templates: which resources there are, what their properties say, where they stand and what they point at."""

from __future__ import annotations

import json
import textwrap
import time
from pathlib import Path

import pytest
from tests.unit.misconfig.cloudformation_project import blocks, load, projects

from vigie.errors import UsageError
from vigie.misconfig.detector import detect
from vigie.misconfig.languages.cloudformation import language, recognise
from vigie.misconfig.value import Unknown
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


LOOPS = """
Transform: AWS::LanguageExtensions
Parameters:
  Names: {Type: CommaDelimitedList, Default: "red,blue.1"}
  Open: {Type: CommaDelimitedList}
Mappings:
  M: {Blue: {Properties: [One, Two]}}
Conditions:
  'Fn::ForEach::C':
    - N
    - [X, Y]
    - 'Is${N}': !Equals ['${N}', X]
Resources:
  'Fn::ForEach::Buckets':
    - Name
    - !Ref Names
    - 'Bucket&{Name}':
        Type: AWS::S3::Bucket
        Properties:
          BucketName: !Sub 'b-${Name}-${AWS::Region}'
          Plain: !Ref Name
          'Fn::ForEach::P':
            - Property
            - !FindInMap [M, Blue, Properties]
            - '${Property}': !Join ['', [!Ref Property, !Ref Name]]
  'Fn::ForEach::Pairs':
    - A
    - [p, q]
    - 'Fn::ForEach::Inner':
        - B
        - [!Ref A, z]
        - 'T${A}${B}': {Type: AWS::X::Y, Condition: IsY}
  'Fn::ForEach::Unknown':
    - U
    - !Ref Open
    - 'U${U}': {Type: AWS::X::Z, Properties: {P: 1}}
  Kept: {Type: AWS::X::Y, Condition: IsX}
"""


def test_loops() -> None:
    project = load(LOOPS)
    found = blocks(project)
    assert not project.problems
    assert set(found) == {"Bucketred", "Bucketblue1", "U__UNRESOLVED__", "Kept"}
    blue = found["Bucketblue1"]
    assert blue.string("BucketName").value == "b-blue.1-eu-west-1"
    assert blue.string("Plain").value == "blue.1"
    assert (blue.string("One").value, blue.string("Two").value) == ("Oneblue.1", "Twoblue.1")
    assert blue.cause.start == LOOPS.split("\n").index("    - 'Bucket&{Name}':") + 1
    assert {"Tpp", "Tpz", "Tqq", "Tqz"} < set(blocks(load(LOOPS.replace("IsY", "IsX"))))


def test_includes() -> None:
    main = """
    Resources:
      A:
        Type: AWS::S3::Bucket
        Properties:
          P: 1
          Fn::Transform: {Name: AWS::Include, Parameters: {Location: parts/more.yaml}}
      Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://bucket/file}}
      B: {Type: AWS::X::Y, Properties: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: ../../up}}}}
    """
    (project,) = projects({"d/t.yaml": textwrap.dedent(main), "d/parts/more.yaml": "Q: !Sub 'q-${AWS::Region}'\n"})
    block = blocks(project)["A"]
    assert (block.integer("P").value, block.string("Q").value) == (1, "q-eu-west-1")
    assert block.string("Q").cause.start == 7
    assert [problem.where for problem in project.problems] == ["d/t.yaml:8", "d/t.yaml:9"]


PARENT = """
Parameters: {Key: {Type: String}}
Conditions: {Never: !Equals [a, b]}
Resources:
  Store:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: ./nested/store.yaml
      Parameters: {Acl: PublicRead, Group: !Ref Group}
  Skipped: {Type: AWS::CloudFormation::Stack, Condition: Never, Properties: {TemplateURL: nested/other.yaml}}
  Remote: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "https://example.com/t.yaml"}}
  Group: {Type: AWS::EC2::SecurityGroup}
  User: {Type: AWS::X::Y, Properties: {Name: !GetAtt Store.Outputs.Name, Link: !GetAtt Store.Outputs.Link}}
"""
STORE = """
Parameters: {Acl: {Type: String}, Group: {Type: String}}
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {AccessControl: !Ref Acl, BucketName: inner, SG: !Ref Group}
Outputs:
  Name: {Value: !Sub "x-${Acl}"}
  Link: {Value: !Ref Bucket}
"""


def test_nested_stacks() -> None:
    other = "Resources: {O: {Type: AWS::X::O}}\n"
    files = {"a/main.yaml": PARENT, "a/nested/store.yaml": STORE, "a/nested/other.yaml": other}
    (project,) = projects(files)
    found = blocks(project)
    assert project.target == "a/main.yaml"
    assert not project.problems
    assert "O" in found  # judged alone, since no stack makes it
    bucket = found["Bucket"]
    acl = bucket.string("AccessControl")
    assert (acl.value, acl.cause.file, acl.cause.start) == ("PublicRead", "a/nested/store.yaml", 6)
    assert acl.cause.outermost.file == "a/main.yaml"
    assert acl.cause.outermost.name == "Store"
    assert bucket.cause.parent is not None
    assert bucket.cause.parent.name == "Store"
    assert project.graph is not None
    assert project.graph.target(bucket, "SG", "AWS::EC2::SecurityGroup") is found["Group"]
    assert found["User"].string("Name").value == "x-PublicRead"
    assert project.graph.target(found["User"], "Link", "AWS::S3::Bucket") is bucket


def test_stacks_that_nest_themselves() -> None:
    stack = "Resources:\n  S: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: %s}}\n"
    found = projects({"a.yaml": stack % "b.yaml", "b.yaml": stack % "a.yaml"})
    assert [project.target for project in found] == ["a.yaml"]
    assert [problem.what for problem in found[0].problems] == ["a.yaml nests itself"]


def test_many_nested_stacks_are_bounded() -> None:
    stack = "Resources:\n" + "".join(
        f"  S{n}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: %s}}}}\n" for n in range(9)
    )
    files = {f"t{n}.yaml": stack.replace("%s", f"t{n + 1}.yaml") for n in range(7)}
    (project,) = projects({**files, "t7.yaml": "Resources: {B: {Type: AWS::S3::Bucket}}"})
    assert "too many nested stacks" in project.problems[0].what
    assert "B" in blocks(project)


@pytest.mark.parametrize(
    ("path", "text", "taken"),
    [
        ("t.yaml", TEMPLATE, True),
        ("t.yaml", LOOPS, True),
        ("t.json", '{"Resources":{"A":{"Type" : "AWS::X::Y"}}}', True),
        ("t.yaml", "Resources: {A: {Type: 'Custom::Mine'}}", True),
        ("t.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {}\n", False),
        ("t.yaml", "Resources:\n  - a\n", False),
        ("serverless.yml", "resources:\n  Resources:\n    A: {Type: AWS::S3::Bucket}\n", False),
    ],
)
def test_recognised(path: str, text: str, taken: bool) -> None:
    assert recognise(path, text.encode()) is taken


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("Resources:\n  A: {Type: AWS::X::Y\n  B: [\n", "t.yaml:"),
        ("Resources:\n  A: {Type: AWS::X::Y}\n  B: &b [*b]\n", "t.yaml:3"),
        ("Resources:\n  A: {Type: AWS::X::Y}\n  B: {Kind: x}\n  C: 1\n", "t.yaml:3"),
        ("Resources:\n  A: {Type: AWS::X::Y}\n  B: " + "[" * 5000, "t.yaml:3"),
        ("Resources:\n  A: {Type: AWS::X::Y}\n  Fn::ForEach::L: 5\n", "t.yaml:3"),
        ("Resources:\n  A: {Type: AWS::X::Y, P: '" + "x" * (9 << 20) + "'}\n", "t.yaml:1"),
    ],
)
def test_what_cannot_be_read_is_a_problem(text: str, where: str) -> None:
    project = load(text)
    assert project.problems
    assert project.problems[0].where.startswith(where)
    if project.graph is not None:  # what is left is judged, and nothing passes where nothing was read
        assert "A" in blocks(project)


def test_hostile_templates_end_soon() -> None:
    bomb = "".join(f"  A{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'x'}]\n" for n in range(12))
    digits = "[" + ", ".join(str(n) for n in range(500)) + "]"
    nested = f"    - A{{0}}\n    - {digits}\n"
    loops = (
        "Resources:\n  Kept: {Type: AWS::X::Y}\n  Fn::ForEach::L1:\n" + nested.format(1) + "    - Fn::ForEach::L2:\n"
        + textwrap.indent(nested.format(2), "    ") + "        - 'R${A1}x${A2}': {Type: AWS::X::Y}\n"
    )  # fmt: skip
    chain = "Resources:\n" + "".join(
        f"  R{n}: {{Type: AWS::X::Y, Properties: {{P: !Sub '${{R{n - 1}.P}}${{R{n - 1}.P}}'}}}}\n" for n in range(400)
    )
    conditions = "Conditions:\n" + "".join(
        f"  C{n}: !And [!Condition C{n + 1}, !Condition C{n + 1}]\n" for n in range(2000)
    )
    text = "x" * 1000
    joins = "!Join ['', [" * 30 + text + "]]" * 30
    templates = [
        "Resources:\n  A: {Type: AWS::X::Y}\n" + bomb,
        loops,
        chain,
        conditions + "Resources:\n  A: {Type: AWS::X::Y, Condition: C0}\n",
        f"Resources:\n  A: {{Type: AWS::X::Y, Properties: {{P: {joins}}}}}\n",
    ]
    for template in templates:
        start = time.process_time()
        project = load(template)
        for block in blocks(project).values():
            for name in block.names():
                block.find(name)
        assert time.process_time() - start < 4
    assert len(blocks(load(chain))) == 400
    project = load(loops)
    assert "makes too much" in project.problems[0].what
    assert "Kept" in blocks(project)


def test_an_unknown_block_says_nothing_at_any_depth() -> None:
    text = "Resources:\n  A: {Type: AWS::X::Y, Properties: {P: !Transform {Name: M}}}\n"
    block = blocks(load(text))["A"]
    value = block.find("P")
    assert value is not None
    assert isinstance(value.value, Unknown)
    assert not block.string("P.Q.R").known
    assert block.string("P.Q.R").cause.start == 2


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
