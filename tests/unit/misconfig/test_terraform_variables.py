"""Type constraints and their conversion, and where variables get their values from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vigie.errors import UsageError
from vigie.misconfig.languages.terraform.syntax import parse
from vigie.misconfig.languages.terraform.types import parse_type
from vigie.misconfig.languages.terraform.values import FunctionError, SetValue
from vigie.misconfig.languages.terraform.variables import Variable, assignments, declared, literal
from vigie.misconfig.value import Sensitive, Unknown


def evaluate(text: str) -> Any:
    from vigie import _core

    return literal(_core.parse_hcl_expression(text))


@pytest.mark.parametrize(
    ("type", "value", "expected"),
    [
        ("string", 15, "15"),
        ("string", True, "true"),
        ("number", "15", 15),
        ("number", "1.5", 1.5),
        ("bool", "false", False),
        ("any", "x", "x"),
        ("list(string)", ["a", 15, True], ["a", "15", "true"]),
        ("list(any)", ["a", 15], ["a", "15"]),
        ("list", ["a", "b"], ["a", "b"]),
        ("set(string)", ["b", "a", "a"], ["a", "b"]),
        ("map(number)", {"a": "1"}, {"a": 1}),
        ("map", {"a": "1"}, {"a": "1"}),
        ("tuple([string, number, bool])", ["a", "15", "true"], ["a", 15, True]),
        ("object({ name=string, age=number })", {"name": "John", "age": "52", "x": 1}, {"name": "John", "age": 52}),
        ('"string"', 1, "1"),
        ("object({a = optional(string), b = optional(number, 127)})", {}, {"a": None, "b": 127}),
        ("object({b = optional(number, 127)})", {"b": None}, {"b": 127}),
        ("list(string)", None, None),
    ],
)
def test_conversion(type: str, value: Any, expected: Any) -> None:
    converted = parse_type(type, evaluate).convert(value)
    assert converted == expected
    assert [*map(repr, [converted])] == [*map(repr, [expected])]  # true is not 1


def test_nested_optional_defaults() -> None:
    """The example of Terraform's documentation of optional object attributes."""
    text = """list(object({
      name    = string
      enabled = optional(bool, true) # a comment, with (brackets]
      website = optional(object({
        index_document = optional(string, "index.html")
        error_document = optional(string, "error.html")
        routing_rules  = optional(string)
      }), {})
    }))"""
    value = [
        {"name": "production", "website": {"routing_rules": "[]"}},
        {"name": "archived", "enabled": False},
        {"name": "docs", "website": {"index_document": "index.txt", "error_document": "error.txt"}},
    ]
    assert parse_type(text, evaluate).convert(value) == [
        {
            "name": "production",
            "enabled": True,
            "website": {"index_document": "index.html", "error_document": "error.html", "routing_rules": "[]"},
        },
        {
            "name": "archived",
            "enabled": False,
            "website": {"index_document": "index.html", "error_document": "error.html", "routing_rules": None},
        },
        {
            "name": "docs",
            "enabled": True,
            "website": {"index_document": "index.txt", "error_document": "error.txt", "routing_rules": None},
        },
    ]


@pytest.mark.parametrize(
    ("type", "value"),
    [
        ("number", "x"),
        ("bool", 5),
        ("string", []),
        ("list(number)", ["a"]),
        ("object({a = string})", {}),
        ("tuple([string])", ["a", "b"]),
        ("map(string)", ["a"]),
    ],
)
def test_no_conversion(type: str, value: Any) -> None:
    with pytest.raises(FunctionError):
        parse_type(type).convert(value)


@pytest.mark.parametrize(
    "text", ["", "strin", "list(", "object({a})", "string string", "list(" * 500, "object({a=optional("]
)
def test_no_type(text: str) -> None:
    with pytest.raises(FunctionError):
        parse_type(text, evaluate)


def test_unknown_and_sensitive_parts_stay() -> None:
    converted = parse_type("list(string)").convert([Unknown(), Sensitive(5), 1])
    assert isinstance(converted[0], Unknown) and converted[0].type == "string"
    assert isinstance(converted[1], Sensitive) and converted[1].value == "5"
    assert converted[2] == "1"
    unknown = parse_type("map(string)").convert(Unknown())
    assert isinstance(unknown, Unknown) and unknown.type == "map"
    assert isinstance(parse_type("set(string)").convert(["a"]), SetValue)


def variable(text: str) -> tuple[Variable, list[str]]:
    told: list[str] = []
    block = parse("x.tf", text.encode()).body.blocks[0]
    return declared(block, evaluate, told.append), told


def test_declaration() -> None:
    read, told = variable(
        'variable "x" {\n  type = list(string)\n  default = ["a"]\n  nullable = false\n  sensitive = true\n}\n'
    )
    assert not told
    assert (read.name, read.required, read.nullable, read.sensitive) == ("x", False, False, True)
    value = read.unset()
    assert isinstance(value, Sensitive) and value.value == ["a"]
    value = read.settle(None, told.append)
    assert isinstance(value, Sensitive) and value.value == ["a"]
    assert not told


def test_null_is_a_value_where_it_may_be() -> None:
    read, told = variable('variable "x" {\n  default = "a"\n}\n')
    assert read.settle(None, told.append) is None
    unknown = read.settle(Unknown(), told.append)
    assert isinstance(unknown, Unknown)


def test_unset_is_unknown_of_its_type() -> None:
    read, _ = variable('variable "x" {\n  type = number\n}\n')
    value = read.unset()
    assert isinstance(value, Unknown) and value.type == "number"


def test_wrong_value_is_told_and_unknown() -> None:
    read, told = variable('variable "x" {\n  type = number\n}\n')
    value = read.settle("many", told.append)
    assert isinstance(value, Unknown) and value.type == "number"
    assert told == ["the variable x has a value of another type: a number is required"]


class Files:
    def __init__(self, contents: dict[str, str]) -> None:
        self.contents = contents

    def paths(self, language: str) -> list[str]:
        return []

    def read(self, path: str) -> bytes | None:
        text = self.contents.get(path)
        return None if text is None else text.encode()

    def glob(self, pattern: str) -> list[str]:
        from vigie.scanner.ignore import glob

        return [path for path in self.contents if glob(pattern).fullmatch(path)]


def test_precedence(tmp_path: Path) -> None:
    """Each source wins over those before it, in the order of Terraform's documentation."""
    names = ["environment", "tfvars", "json", "auto_a", "auto_b", "first", "second"]

    def lines(source: str, form: str) -> str:
        return "\n".join(form.format(name, source) for name in names[names.index(source) :])

    first, second = tmp_path / "first.tfvars", tmp_path / "second.tfvars"
    first.write_text(lines("first", '{} = "{}"'))
    second.write_text(lines("second", '{} = "{}"'))
    files = Files(
        {
            "app/terraform.tfvars": lines("tfvars", '{} = "{}"'),
            "app/terraform.tfvars.json": "{" + lines("json", '"{}": "{}",').strip(",") + "}",
            "app/b.auto.tfvars": lines("auto_b", '{} = "{}"'),
            "app/a.auto.tfvars": lines("auto_a", '{} = "{}"'),
            "app/other.tfvars": 'tfvars = "never"',
            "terraform.tfvars": 'tfvars = "never"',
        }
    )
    environment = {f"TF_VAR_{name}": "environment" for name in names} | {"TF_VAR_": "x", "OTHER": "y"}
    found = assignments(files, "app", [str(first), str(second)], environment)
    assert {name: given.value for name, given in found.values.items()} == {name: name for name in names}
    assert not found.problems
    assert found.values["tfvars"][1:4] == ("app/terraform.tfvars", 1, 1)
    assert found.values["auto_b"][1:4] == ("app/b.auto.tfvars", 1, 1)
    assert found.values["environment"].path == ""


def test_environment_is_an_expression_for_other_than_plain_types() -> None:
    told: list[str] = []
    given = assignments(Files({}), "", [], {"TF_VAR_x": '["a", 1]', "TF_VAR_y": "a=b=c"}).values
    assert Variable("x", parse_type("list(string)")).settle(given["x"], told.append) == ["a", "1"]
    assert Variable("x", parse_type("string")).settle(given["x"], told.append) == '["a", 1]'
    assert Variable("y").settle(given["y"], told.append) == "a=b=c"
    assert not told
    assert isinstance(Variable("y", parse_type("any")).settle(given["y"], told.append), Unknown)
    assert told and told[0].startswith("TF_VAR_y is no expression")


def test_what_is_broken_is_a_problem() -> None:
    text = 'a = 1\nb = var.a\nc = upper("x")\nblock {\n}\nd = -1\ne = "x\n'
    found = assignments(Files({"terraform.tfvars": text}), "", [], {})
    assert {name: given.value for name, given in found.values.items()} == {"a": 1, "d": -1}
    assert sorted(problem.where for problem in found.problems) == [f"terraform.tfvars:{line}" for line in (2, 3, 4, 7)]


def test_missing_file_of_the_option(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gone\.tfvars: No such file"):
        assignments(Files({}), "", [str(tmp_path / "gone.tfvars")], {})
