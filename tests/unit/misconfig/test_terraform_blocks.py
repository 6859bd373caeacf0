"""Blocks: instances, nested and dynamic blocks, places, links, as Terraform's documentation says."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.misconfig.terraform_project import block, load, names, problems

from vigie.misconfig.value import Cause, Unknown


def places(cause: Cause | None) -> list[tuple[str, str, int, int]]:
    found = []
    while cause is not None:
        found.append((cause.name, cause.path, cause.start, cause.end))
        cause = cause.parent
    return found


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ("", ["a.b"]),
        ("count = 0", []),
        ("count = 2", ["a.b[0]", "a.b[1]"]),
        ('count = "1"', ["a.b[0]"]),
        ("count = var.unknown", ["a.b[0]"]),
        ("count = null", ["a.b[0]"]),
        ('for_each = { y = 1, x = 2 }', ['a.b["x"]', 'a.b["y"]']),
        ('for_each = toset(["q", "p", "q"])', ['a.b["p"]', 'a.b["q"]']),
        ('for_each = ["q", "p"]', ['a.b["q"]', 'a.b["p"]']),
        ("for_each = {}", []),
        ("for_each = var.unknown", ["a.b[?]"]),
        ("for_each = 5", ["a.b[?]"]),
        ('for_each = { "k\\"1" = 1 }', ['a.b["k\\"1"]']),
        ("lifecycle {\n enabled = false\n }", []),
    ],
)  # fmt: skip
def test_instances(meta: str, expected: list[str]) -> None:
    assert names(load(f'variable "unknown" {{}}\nresource a b {{\n {meta}\n}}\n')) == expected


def test_each_and_count_within_instances() -> None:
    project = load(
        "resource a b {\n for_each = { x = { n = 1 } }\n k = each.key\n v = each.value.n\n}\n"
        'resource c d {\n count = 2\n i = "n${count.index}"\n}\n'
    )
    one = block(project, 'a.b["x"]')
    assert (one.find("k").value, one.find("v").value) == ("x", 1)
    assert block(project, "c.d[1]").find("i").value == "n1"
    assert (one.type, one.name, one.key) == ("a", "b", "x")


def test_a_symbolic_instance_knows_its_literals_only() -> None:
    one = block(load('variable "u" {}\nresource a b {\n for_each = var.u\n x = 1\n y = each.value.z\n}\n'), "a.b[?]")
    assert one.find("x").value == 1
    assert isinstance(one.find("y").value, Unknown)


NESTED = """resource a b {
  text = <<EOT
x
EOT
  rule {
    port = 1
    inner {
      deep = true
    }
  }
  dynamic "rule" {
    for_each = ["p", "q"]
    content {
      port = rule.key
      name = rule.value
      dynamic "inner" {
        for_each = { k = "${rule.value}!" }
        iterator = it
        content {
          deep = it.value
        }
      }
    }
  }
  rule {
    port = 9
  }
}
"""


def test_nested_and_dynamic_blocks_in_their_order() -> None:
    rules = block(load(NESTED), "a.b").children("rule")
    assert [rule.find("port").value for rule in rules] == [1, 0, 1, 9]
    assert [rule.block("inner").find("deep").value for rule in rules[:3]] == [True, "p!", "q!"]
    assert {rule.type for rule in rules} == {"rule"}
    assert all(rule.certain for rule in rules)


def test_places_of_attributes_and_blocks() -> None:
    one = block(load(NESTED), "a.b")
    rules = one.children("rule")
    assert places(one.find("text").cause) == [("a.b.text", "main.tf", 2, 4), ("a.b", "main.tf", 1, 28)]
    assert places(rules[0].block("inner").cause) == [
        ("inner", "main.tf", 7, 9),
        ("rule", "main.tf", 5, 10),
        ("a.b", "main.tf", 1, 28),
    ]
    assert places(rules[1].cause)[:3] == [
        ("content", "main.tf", 13, 23),
        ("dynamic.rule", "main.tf", 11, 24),
        ("a.b", "main.tf", 1, 28),
    ]


def test_an_unknown_dynamic_block_is_one_that_may_not_come_to_be() -> None:
    project = load(
        'variable "u" {}\nresource a b {\n dynamic "rule" {\n for_each = var.u\n content {\n port = rule.value\n'
        ' x = 1\n }\n }\n dynamic "none" {\n for_each = []\n content {}\n }\n}\n'
    )
    (rule,) = block(project, "a.b").children("rule")
    assert not rule.certain
    assert isinstance(rule.find("port").value, Unknown)
    assert rule.find("x").value == 1
    assert block(project, "a.b").children("none") == []


def test_attributes_that_hold_objects_are_blocks_too() -> None:
    project = load(
        'variable "u" {}\nresource a b {\n one = { x = 1 }\n many = [{ x = 1 }, { x = 2 }]\n u = var.u\n s = "t"\n}\n'
    )
    one = block(project, "a.b")
    assert one.block("one").find("x").value == 1
    assert [inner.find("x").value for inner in one.children("many")] == [1, 2]
    assert one.block("one").cause is one.find("one").cause
    (unknown,) = one.children("u")
    assert isinstance(unknown.find("whatever").value, Unknown)
    assert one.children("s") == []


def test_values_as_texts_and_bools() -> None:
    one = block(load('resource a b {\n t = "True"\n n = 1\n z = "0"\n s = true\n l = ["x", 1]\n}\n'), "a.b")
    assert one.boolean("t").is_true
    assert one.boolean("n").is_true
    assert one.string("s").value == "true"
    assert one.integer("z").value == 0
    assert [item.value for item in one.strings("l")] == ["x", "1"]


LINKS = """
variable "names" { default = ["x", "y"] }
resource aws_s3_bucket plain { bucket = "first" }
resource aws_s3_bucket named {
  for_each = toset(var.names)
  bucket   = "bucket-${each.key}"
}
resource aws_s3_bucket unnamed {}
locals { chosen = aws_s3_bucket.unnamed.id }
resource link by_id { bucket = aws_s3_bucket.plain.id }
resource link by_name { bucket = "first" }
resource link each {
  for_each = aws_s3_bucket.named
  bucket   = each.value.id
}
resource link key {
  for_each = toset(var.names)
  bucket   = aws_s3_bucket.named[each.key].id
}
resource link local { bucket = local.chosen }
resource link text { bucket = "${aws_s3_bucket.unnamed.arn}/*" }
resource link either { bucket = var.nothing ? aws_s3_bucket.unnamed.id : null }
resource link nowhere { bucket = "elsewhere" }
resource aws_s3_bucket maybe { count = var.nothing }
resource link maybe {
  for_each = { for k, v in aws_s3_bucket.named : k => v }
  bucket   = one(aws_s3_bucket.maybe[*].id)
}
resource link every {
  for_each = aws_s3_bucket.maybe
  bucket   = each.value.arn
}
resource link chosen { bucket = true ? aws_s3_bucket.named["y"].bucket : aws_s3_bucket.named["x"].bucket }
"""


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("link.by_id", "aws_s3_bucket.plain"),
        ("link.by_name", "aws_s3_bucket.plain"),
        ('link.each["y"]', 'aws_s3_bucket.named["y"]'),
        ('link.key["y"]', 'aws_s3_bucket.named["y"]'),
        ("link.local", "aws_s3_bucket.unnamed"),
        ("link.text", "aws_s3_bucket.unnamed"),
        ("link.either", "aws_s3_bucket.unnamed"),
        ("link.nowhere", None),
        ('link.maybe["x"]', "aws_s3_bucket.maybe[0]"),
        ("link.every[?]", "aws_s3_bucket.maybe[0]"),
        ("link.chosen", 'aws_s3_bucket.named["y"]'),
    ],
)
def test_links(link: str, target: str | None) -> None:
    project = load(LINKS)
    assert project.graph is not None
    found = project.graph.target(block(project, link), "bucket", "aws_s3_bucket")
    assert (found.cause.name if found else None) == target


def test_links_through_modules() -> None:
    main = """
resource aws_s3_bucket b {}
module "m" {
  source = "./m"
  bucket = aws_s3_bucket.b
  id     = aws_s3_bucket.b.id
}
resource link out { bucket = module.m.inner }
"""
    inner = """
variable "bucket" {}
variable "id" { type = string }
resource link whole { bucket = var.bucket.arn }
resource link id { bucket = var.id }
resource aws_s3_bucket inner {}
output "inner" { value = aws_s3_bucket.inner.id }
"""
    project = load({"main.tf": main, "m/main.tf": inner})
    assert project.graph is not None
    targets = {
        link.name: project.graph.target(link, "bucket", "aws_s3_bucket").cause.name  # type: ignore[union-attr]
        for link in project.graph.resources("link")
    }
    assert targets == {"out": "aws_s3_bucket.inner", "whole": "aws_s3_bucket.b", "id": "aws_s3_bucket.b"}


@pytest.mark.parametrize(
    ("attribute", "expected"),
    [("id", "first"), ("arn", "arn:aws:s3:::first"), ("bucket_domain_name", None)],
)
def test_attributes_that_follow_from_the_name(attribute: str, expected: str | None) -> None:
    found: Any = block(load(LINKS), "aws_s3_bucket.plain").attribute(attribute)
    assert found == expected if expected else isinstance(found, Unknown) and found.attribute == attribute


def test_a_bucket_that_is_read_has_its_name() -> None:
    found = block(load('data aws_s3_bucket d { bucket = "x" }\nresource a b { v = data.aws_s3_bucket.d.arn }\n'), "a.b")
    assert found.find("v").value == "arn:aws:s3:::x"


def test_data_sources_and_providers() -> None:
    project = load(
        'data aws_region here {}\nprovider "aws" {\n region = "eu-west-1"\n}\n'
        "resource a b { x = data.aws_region.here.name }\n"
    )
    graph = project.graph
    assert graph is not None
    assert list(graph.types()) == ["data.aws_region", "a"]
    assert [one.cause.name for one in graph.data("aws_region")] == ["data.aws_region.here"]
    (provider,) = graph.providers("aws")
    assert (provider.cause.name, provider.find("region").value) == ("provider.aws", "eu-west-1")  # type: ignore[union-attr]
    found = block(project, "a.b").find("x").value
    assert isinstance(found, Unknown)
    assert found.source is graph.data("aws_region")[0]


def test_a_broken_block_and_unknown_kinds_leave_the_rest() -> None:
    project = load(
        'resource a broken {\n x = = 1\n}\nresource a b {\n}\nnonsense "x" {}\nmoved {\n from = a\n to = b\n}\n'
    )
    assert names(project) == ["a.b"]
    assert [where for where, _ in problems(project)] == ["main.tf:2", "main.tf:6"]


def test_override_files_change_what_others_declare() -> None:
    project = load({
        "main.tf": 'resource a b {\n x = 1\n y = 1\n rule { n = 1 }\n rule { n = 2 }\n other {}\n}\nlocals { l = 1 }\n',
        "override.tf": "resource a b {\n x = 2\n rule { n = 3 }\n}\nlocals { l = 2 }\n",
        "z_override.tf": "resource a b { y = local.l }\n",
    })  # fmt: skip
    one = block(project, "a.b")
    assert (one.find("x").value, one.find("y").value) == (2, 2)
    assert one.find("x").cause.file == "override.tf"
    assert [rule.find("n").value for rule in one.children("rule")] == [3]
    assert len(one.children("other")) == 1
    assert problems(project) == []


def test_what_is_declared_twice_is_judged_and_told() -> None:
    project = load(
        {
            "a.tf": 'resource a b { x = 1 }\nresource link l { to = a.b.id }\nmodule "m" { source = "./m" }\n',
            "b.tf": 'resource a b { x = 2 }\nresource link k { to = a.b.id }\nmodule "m" { source = "./m" }\n',
            "c.tf": "resource a b { x = 3 }\nresource link j { to = a.b.id }\n",
            "m/main.tf": "resource c d {}\n",
        }
    )
    graph = project.graph
    assert graph is not None
    assert [one.find("x").value for one in graph.resources("a")] == [1, 2, 3]  # type: ignore[union-attr]
    assert [one.cause.name for one in graph.resources("a")] == ["a.b"] * 3
    assert [graph.target(link, "to", "a").cause.file for link in graph.resources("link")] == ["a.tf", "b.tf", "c.tf"]  # type: ignore[union-attr]
    assert len(graph.resources("c")) == 2
    what = "resource a.b is declared more than once, as are 2 more; each was judged"
    assert problems(project) == [("b.tf:1", what)]
