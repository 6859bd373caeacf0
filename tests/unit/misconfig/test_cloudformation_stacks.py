"""Templates made of more: loops, includes, nested stacks; how they are recognised, and what hostile ones do."""

from __future__ import annotations

import textwrap
import time

import pytest
from tests.unit.misconfig.cloudformation_project import blocks, load, projects

from vigie.misconfig.languages.cloudformation import recognise
from vigie.misconfig.languages.cloudformation.expand import below
from vigie.misconfig.value import Unknown

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


def test_whole_templates_are_included() -> None:
    main = """
    Transform: {Name: AWS::Include, Parameters: {Location: shared.json}}
    Resources:
      A:
        Type: AWS::S3::Bucket
        Properties:
          BucketName: !Ref Shared
          Fn::Transform: {Name: AWS::Include, Parameters: {Location: self.yaml}}
    """
    shared = """{"Parameters": {"Shared": {"Type": "String", "Default": "s"}},
                 "Resources": {"A": {}, "B": {"Type": "Ours::X::B"}}}"""
    itself = "Q: 1\nFn::Transform: {Name: AWS::Include, Parameters: {Location: self.yaml}}\n"
    (project,) = projects({"t.yaml": textwrap.dedent(main), "shared.json": shared, "self.yaml": itself})
    found = blocks(project)
    assert set(found) == {"A", "B"}
    assert found["A"].string("BucketName").value == "s"
    assert found["A"].integer("Q").value == 1
    assert [problem.what for problem in project.problems] == [
        "self.yaml cannot be included: only files beneath the root are, and so many of them"
    ]


@pytest.mark.parametrize(
    "name", ["../up.yaml", "/etc/passwd", "a/../../up.yaml", "http://x/y", "..", "a\0b", "a\\b", ""]
)
def test_paths_that_leave_the_root(name: str) -> None:
    assert below("t.yaml", name) is None


def test_paths_are_relative_to_the_template() -> None:
    assert below("a/b/t.yaml", "../c/./x.yaml") == "a/c/x.yaml"


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
        ("t.yaml", PARENT, True),
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
