"""Expressions: expected values are those of Terraform's documentation of the language."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.misconfig.terraform_project import block, load, value

from vigie.misconfig.value import Sensitive, Unknown

AROUND = """
variable "unknown" {}
variable "unknown_list" { type = list(string) }
variable "secret" {
  default   = "s3cr3t"
  sensitive = true
}
locals {
  list   = ["a", "b", "c"]
  map    = { x = 1, y = 2 }
  people = [{ name = "ann", age = 30 }, { name = "bob", age = 17 }]
  nested = [{ ports = [{ n = 1 }, { n = 2 }] }, { ports = [{ n = 3 }] }]
  set    = toset(["q", "p"])
  nil    = null
}
resource aws_thing one { size = 3 }
resource aws_thing many {
  count = 2
  size  = count.index
}
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("7 / 2", 3.5),
        ("6 / 2", 3),
        ("7 % 3", 1),
        ("-7 % 3", -1),
        ("10 - 2 - 3", 5),
        ("-(2)", -2),
        ('"2" + 1', 3),
        ("1 < 2 && 2 <= 2 && 3 > 2 && 3 >= 3", True),
        ('1 == "1"', False),
        ('"a" == "a"', True),
        ("[1, 2] == [1, 2]", True),
        ("{ a = 1 } != { a = 2 }", True),
        ("null == null", True),
        ("!true || false", False),
        ("true ? 1 : 2", 1),
        ('"true" ? 1 : 2', 1),
        ("false ? 1 : true ? 2 : 3", 2),
        ("100000000000000000000 + 1", 100000000000000000001),
        ("1.5", 1.5),
        ("1e3", 1000),
    ],
)
def test_operators(expression: str, expected: Any) -> None:
    found = value(expression)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('"a${1}b${true}c${1.5}"', "a1btruec1.5"),
        ('"${local.map}"', {"x": 1, "y": 2}),
        ('"$${x} %%{y}"', "${x} %{y}"),
        (r'"\u00e9\t\"\\"', 'é\t"\\'),
        ('"%{ if local.map.x == 1 }yes%{ else }no%{ endif }"', "yes"),
        ('"%{ if false }yes%{ endif }"', ""),
        ('"%{ for v in local.list }<${v}>%{ endfor }"', "<a><b><c>"),
        ('"%{ for i, v in local.list ~} ${i}${v} %{~ endfor }"', "0a1b2c"),
        ('"a ${~ "b" ~} c"', "abc"),
        ("<<EOT\nhello\n  ${local.list[0]}\nEOT", "hello\n  a\n"),
        ("<<-EOT\n    hello\n      there\n\n    end\n    EOT", "hello\n  there\n\nend\n"),
        ("<<EOT\n%{ for v in local.list ~}\nitem ${v}\n%{ endfor ~}\nEOT", "item a\nitem b\nitem c\n"),
    ],
)
def test_templates(expression: str, expected: Any) -> None:
    assert value(expression, AROUND) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("local.list[1]", "b"),
        ("local.list.1", "b"),
        ('local.map["x"]', 1),
        ("local.map.y", 2),
        ("local.people[*].name", ["ann", "bob"]),
        ("local.people.*.age", [30, 17]),
        ("local.nested[*].ports[*].n", [[1, 2], [3]]),
        ("local.nested[*].ports[0].n", [1, 3]),
        ("local.nil[*]", []),
        ("local.map[*].x", [1]),
        ("[for v in local.list : upper(v)]", ["A", "B", "C"]),
        ('[for i, v in local.list : "${i}-${v}"]', ["0-a", "1-b", "2-c"]),
        ("[for p in local.people : p.name if p.age >= 18]", ["ann"]),
        ("{ for k, v in local.map : v => k }", {"1": "x", "2": "y"}),
        ("{ for p in local.people : p.age > 18 ? 1 : 0 => p.name... }", {"1": ["ann"], "0": ["bob"]}),
        ("[for k, v in { b = 1, a = 2 } : k]", ["a", "b"]),
        ("[for v in local.set : v]", ["p", "q"]),
        ("{ for v in local.list : v => length(v) if v != \"b\" }", {"a": 1, "c": 1}),
        ("max(local.map.x, 5, 3)", 5),
        ("max([1, 9, 3]...)", 9),
        ('{ (local.list[0]) = 1, "${local.list[1]}" = 2, c = 3 }', {"a": 1, "b": 2, "c": 3}),
        ("try(local.map.nope, local.list[7], \"default\")", "default"),
        ("can(local.map.nope)", False),
        ("can(local.map.x)", True),
        ("terraform.workspace", "default"),
        ("path.module", "."),
        ("aws_thing.one.size", 3),
        ("aws_thing.many[*].size", [0, 1]),
        ("aws_thing.many[1].size", 1),
        ("[for t in aws_thing.many : t.size + 1]", [1, 2]),
        ("length(aws_thing.many)", 2),
    ],
)  # fmt: skip
def test_collections_and_references(expression: str, expected: Any) -> None:
    assert value(expression, AROUND) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("var.unknown && false", False),
        ("false && var.unknown", False),
        ("var.unknown || true", True),
        ("var.unknown == 1 ? 5 : 5", 5),
        ("true ? 1 : var.unknown", 1),
        ("aws_thing.one.id == null", False),
        ("length([var.unknown, 1])", 2),
        ("coalesce(null, \"a\", var.unknown)", "a"),
    ],
)  # fmt: skip
def test_what_does_not_hang_on_the_unknown_is_known(expression: str, expected: Any) -> None:
    assert value(expression, AROUND) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "var.unknown",
        "var.unknown && true",
        "!var.unknown",
        "var.unknown + 1",
        "var.unknown == 1",
        "var.unknown ? 1 : 2",
        "var.unknown.attribute[0]",
        "upper(var.unknown)",
        "[for v in var.unknown_list : v]",
        "local.list[var.unknown]",
        "var.unknown_list[*].x",
        "aws_thing.one.arn",
        "nothing.there",
        "local.nothing",
        "var.nothing",
        "local.list[9]",
        "local.map.z",
        "nofunction(1)",
        "1 / 0",
        '"a" + 1',
        "each.key",
        "count.index",
        "module.none.x",
        "data.a.b.c",
    ],
)
def test_what_cannot_be_known_is_unknown(expression: str) -> None:
    assert isinstance(value(expression, AROUND), Unknown)


def test_unknown_parts_leave_the_rest_known() -> None:
    items = value("[1, var.unknown, 3]", AROUND)
    assert (items[0], items[2]) == (1, 3)
    assert isinstance(items[1], Unknown)
    entries = value("{ a = 1, b = var.unknown }", AROUND)
    assert entries["a"] == 1
    assert isinstance(entries["b"], Unknown)


def test_an_unknown_part_of_a_text_has_a_stand_in() -> None:
    text = value('"a-${var.unknown}-${local.list[0]}"', AROUND)
    assert isinstance(text, Unknown)
    assert (text.type, text.like, text.source) == ("string", "a-__UNRESOLVED__-a", None)
    text = value('"x/${aws_thing.one.arn}"', AROUND)
    assert (text.like, text.source.name, text.attribute) == ("x/__UNRESOLVED__", "one", "arn")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("var.secret", "s3cr3t"),
        ('"a-${var.secret}"', "a-s3cr3t"),
        ("upper(var.secret)", "S3CR3T"),
        ('var.secret == "x"', False),
        ("var.secret != null ? 1 : 2", 1),
        ('sensitive("x")', "x"),
        ("{ (var.secret) = 1 }", {"s3cr3t": 1}),
    ],
)
def test_what_is_sensitive_stays_so(expression: str, expected: Any) -> None:
    found = value(expression, AROUND)
    assert isinstance(found, Sensitive)
    assert found.value == expected
    assert "s3cr3t" not in repr(found)


def test_a_mark_stays_on_the_part_that_has_it() -> None:
    found = value('{ a = var.secret, b = "open" }', AROUND)
    assert isinstance(found["a"], Sensitive)
    assert found["b"] == "open"
    assert value("nonsensitive(var.secret)", AROUND) == "s3cr3t"


def test_null_is_as_if_it_was_not_written() -> None:
    found = block(load("resource a b {\n x = null\n y = local.nothing\n}\n"), "a.b")
    assert found.find("x") is None
    assert isinstance(found.find("y").value, Unknown)


def test_templates_in_files_see_their_variables_only() -> None:
    files = {
        "main.tf": 'variable "v" { default = 1 }\nresource a b {\n'
        '  x = templatefile("${path.module}/t.tftpl", { names = ["p", "q"] })\n'
        '  y = templatefile("t2.tftpl", {})\n  z = templatefile("loop.tftpl", {})\n}\n',
        "t.tftpl": "%{ for n in names ~}\n- ${n}\n%{ endfor ~}\n",
        "t2.tftpl": "${var.v}",
        "loop.tftpl": '${templatefile("loop.tftpl", {})}',
    }
    found = block(load(files), "a.b")
    assert found.find("x").value == "- p\n- q\n"
    assert isinstance(found.find("y").value, Unknown)
    assert isinstance(found.find("z").value, Unknown)
