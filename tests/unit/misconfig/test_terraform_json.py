"""The JSON syntax, by Terraform's documentation of it: the same graph as the native syntax, with lines."""

from __future__ import annotations

from tests.unit.misconfig.terraform_project import block, load, names, problems

from vigie.misconfig.value import Unknown

DOCUMENT = """{
  "//": "a comment",
  "variable": {
    "names": {
      "type": "list(string)",
      "default": ["${plain}", "b"]
    }
  },
  "locals": [{"first": "${var.names[0]}"}, {"second": "${var.names[1]}"}],
  "provider": {"aws": [{"region": "a"}, {"alias": "b", "region": "c"}]},
  "resource": {
    "aws_s3_bucket": {
      "one": {
        "bucket": "x-${local.second}",
        "count": 2,
        "tags": {
          "index": "${count.index}"
        },
        "versioning": {
          "enabled": true
        },
        "rule": [
          {"id": 1},
          {
            "id": 2
          }
        ],
        "dynamic": {
          "grant": {
            "for_each": "${var.names}",
            "iterator": "it",
            "content": {"name": "${it.value}"}
          }
        }
      },
      "two": [{"bucket": "$${x}"}]
    }
  },
  "data": {"aws_region": {"here": {}}},
  "module": {
    "m": {
      "source": "./m",
      "size": "${1 + 1}"
    }
  },
  "output": {"o": {"value": "${local.first}"}}
}
"""


def test_the_json_syntax() -> None:
    project = load(
        {"main.tf.json": DOCUMENT, "m/main.tf": 'variable "size" {}\nresource thing t { size = var.size }\n'}
    )
    assert problems(project) == []
    assert set(names(project)) == {
        "aws_s3_bucket.one[0]",
        "aws_s3_bucket.one[1]",
        "aws_s3_bucket.two",
        "data.aws_region.here",
        "thing.t",
    }
    one = block(project, "aws_s3_bucket.one[1]")
    assert one.find("bucket").value == "x-b"
    assert one.find("tags").value == {"index": 1}
    assert (one.cause.start, one.cause.end) == (13, 35)
    assert (one.find("tags").cause.start, one.find("tags").cause.end) == (16, 18)
    (versioning,) = one.children("versioning")
    assert (versioning.cause.start, versioning.cause.end) == (19, 21)
    assert (versioning.find("enabled").value, versioning.find("enabled").cause.start) == (True, 20)
    assert [(rule.find("id").value, rule.cause.start, rule.cause.end) for rule in one.children("rule")] == [
        (1, 23, 23),
        (2, 24, 26),
    ]
    assert [grant.find("name").value for grant in one.children("grant")] == ["${plain}", "b"]
    assert block(project, "aws_s3_bucket.two").find("bucket").value == "${x}"
    assert block(project, "thing.t").find("size").value == 2
    assert project.graph is not None
    assert [p.find("region").value for p in project.graph.providers("aws")] == ["a", "c"]  # type: ignore[union-attr]


def test_broken_templates_are_told() -> None:
    project = load({"main.tf.json": '{"resource": {"a": {"b": {\n"x": "${1 +",\n"y": 1\n}}}}'})
    one = block(project, "a.b")
    assert isinstance(one.find("x").value, Unknown)
    assert one.find("y").value == 1
    assert [where for where, _ in problems(project)] == ["main.tf.json:2"]


def test_both_syntaxes_in_one_module() -> None:
    project = load(
        {
            "a.tf": "locals { x = 1 }\nresource a b { v = local.y }\n",
            "b.tofu.json": '{"locals": {"y": "${local.x + 1}"}}',
        }
    )
    assert block(project, "a.b").find("v").value == 2


def test_whole_numbers_are_integers() -> None:
    one = block(load({"main.tf.json": '{"resource": {"a": {"b": {"x": 1.0, "y": 1.5, "z": 1e2}}}}'}), "a.b")
    assert [repr(one.find(name).value) for name in "xyz"] == ["1", "1.5", "100"]
