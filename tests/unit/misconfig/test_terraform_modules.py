"""Modules: calls, instances, outputs, what is given; which folders are root modules."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.misconfig.terraform_project import block, load, names, problems, units

from vigie.misconfig.value import Unknown

INNER = """
variable "size" { type = number }
variable "name" { default = "standard" }
variable "key" { default = null }
resource thing t {
  size = var.size
  name = var.name
  key  = var.key
}
output "name" { value = "out-${thing.t.name}" }
output "size" { value = thing.t.size }
output "arn" { value = thing.t.arn }
"""


def find(project: Any, name: str, attribute: str) -> Any:
    found = block(project, name).find(attribute)
    return None if found is None else found.value


def call(arguments: str, more: str = "", inner: str = INNER) -> Any:
    main = f'module "m" {{\n source = "./inner"\n {arguments}\n}}\n{more}'
    return load({"main.tf": main, "inner/main.tf": inner})


def test_arguments_defaults_and_outputs() -> None:
    project = call('size = "4"\n key = "k"', 'resource user u {\n v = "${module.m.name}/${module.m.size}"\n}\n')
    assert (find(project, "thing.t", "size"), find(project, "thing.t", "name")) == (4, "standard")
    assert find(project, "user.u", "v") == "out-standard/4"
    assert problems(project) == []


def test_the_outermost_cause_is_the_rootmost_call() -> None:
    project = load({
        "main.tf": 'module "outer" {\n for_each = { a = 1 }\n source = "./outer"\n}\n',
        "outer/main.tf": 'module "inner" {\n source = "../inner"\n size = 1\n}\n',
        "inner/main.tf": INNER,
    })  # fmt: skip
    cause = block(project, "thing.t").find("size").cause
    chain = []
    while cause is not None:
        chain.append((cause.name, cause.file, cause.start, cause.prefix))
        cause = cause.parent
    assert chain == [
        ("thing.t.size", "inner/main.tf", 6, ""),
        ("thing.t", "inner/main.tf", 5, ""),
        ("module.inner", "outer/main.tf", 1, ""),
        ('module.outer["a"]', "main.tf", 1, ""),
    ]


def test_instances_of_modules() -> None:
    project = call(
        "for_each = { a = 1, b = 2 }\n size = each.value\n name = each.key",
        'resource user u {\n one = module.m["b"].size\n all = { for k, m in module.m : k => m.name }\n'
        ' list = values(module.m)[*].size\n none = module.m["c"].size\n}\n',
    )
    things = project.graph.resources("thing")
    assert [(one.cause.parent.name, one.find("size").value) for one in things] == [
        ('module.m["a"]', 1),
        ('module.m["b"]', 2),
    ]
    assert find(project, "user.u", "one") == 2
    assert find(project, "user.u", "all") == {"a": "out-a", "b": "out-b"}
    assert find(project, "user.u", "list") == [1, 2]
    assert isinstance(find(project, "user.u", "none"), Unknown)


def test_counted_modules() -> None:
    project = call(
        "count = 2\n size = count.index", "resource user u {\n v = module.m[*].size\n w = module.m[1].size\n}\n"
    )
    assert find(project, "user.u", "v") == [0, 1]
    assert find(project, "user.u", "w") == 1
    assert names(call("count = 0\n size = 1", "resource user u {\n v = length(module.m)\n}\n")) == ["user.u"]


def test_instances_that_hang_on_another_module() -> None:
    project = load({
        "main.tf": 'module "second" {\n source = "./inner"\n for_each = module.first.names\n size = each.value\n}\n'
        'module "first" {\n source = "./first"\n}\n',
        "first/main.tf": 'output "names" { value = { x = 7 } }\n',
        "inner/main.tf": INNER,
    })  # fmt: skip
    assert block(project, "thing.t").find("size").value == 7


def test_siblings_are_all_right() -> None:
    # what others judge on defaults: modules that get values of each other, in any order
    chain = "".join(
        f'module "m{i}" {{\n source = "./inner"\n size = {f"module.m{i + 1}.size + 1" if i < 9 else 0}\n}}\n'
        for i in range(10)
    )
    project = load({"main.tf": chain, "inner/main.tf": INNER})
    sizes = {one.cause.parent.name: one.find("size").value for one in project.graph.resources("thing")}  # type: ignore[union-attr]
    assert sizes == {f"module.m{i}": 9 - i for i in range(10)}


@pytest.mark.parametrize(
    ("declared", "argument", "expected"),
    [
        ('default = "d"', "", "d"),
        ('default = "d"', "v = null", None),
        ('default = "d"\n nullable = false', "v = null", "d"),
        ("type = list(string)", "v = [1, true]", ["1", "true"]),
        ("type = object({ a = optional(number, 3), b = string })", 'v = { b = "x", c = 1 }', {"a": 3, "b": "x"}),
        ("type = string", "v = 5", "5"),
    ],
)
def test_arguments_are_converted(declared: str, argument: str, expected: Any) -> None:
    project = call(argument, inner=f'variable "v" {{\n {declared}\n}}\nresource thing t {{\n v = var.v\n}}\n')
    assert find(project, "thing.t", "v") == expected


@pytest.mark.parametrize(("declared", "argument"), [("", ""), ("type = number", 'v = "x"'), ("", "v = aws_x.y.id")])
def test_arguments_that_are_not_known(declared: str, argument: str) -> None:
    project = call(argument, inner=f'variable "v" {{\n {declared}\n}}\nresource thing t {{\n v = var.v\n}}\n')
    assert isinstance(find(project, "thing.t", "v"), Unknown)


def test_an_unknown_argument_is_not_null() -> None:
    project = call("key = data.a.b.c", inner=INNER.replace("key  = var.key", 'key = var.key == null ? "null" : "set"'))
    assert isinstance(find(project, "thing.t", "key"), Unknown)


def test_a_symbolic_module() -> None:
    project = call("for_each = var.nothing\n size = 3\n name = each.key")
    (thing,) = project.graph.resources("thing")
    assert thing.cause.parent.name == "module.m[?]"
    assert thing.find("size").value == 3
    assert isinstance(thing.find("name").value, Unknown)


def test_values_from_files_and_names_of_files() -> None:
    files = {
        "main.tf": 'variable "a" {}\nvariable "b" { default = 0 }\nresource x y {\n a = var.a\n b = var.b\n}\n',
        "terraform.tfvars": "a = 1\nb = 1\n",
        "z.auto.tfvars": "b = 2\n",
        "other.tfvars": "b = 3\n",
    }
    project = load(files)
    assert (find(project, "x.y", "a"), find(project, "x.y", "b")) == (1, 2)


def test_a_module_that_is_not_there() -> None:
    project = load('module "m" {\n source = "./nowhere"\n}\nresource x y {\n v = module.m.z\n w = 1\n}\n')
    assert isinstance(find(project, "x.y", "v"), Unknown)
    assert find(project, "x.y", "w") == 1
    assert [where for where, _ in problems(project)] == ["main.tf:1"]


def test_installed_modules_bear_their_source() -> None:
    project = load({
        "main.tf": 'module "m" {\n source = "ns/name/aws"\n version = "1.0.0"\n size = 1\n}\n',
        ".terraform/modules/modules.json": '{"Modules": [{"Key": "m", "Source": "x", "Dir": ".terraform/modules/m"}]}',
        ".terraform/modules/m/main.tf": INNER,
    })  # fmt: skip
    cause = block(project, "thing.t").cause
    assert (cause.file, cause.prefix) == (".terraform/modules/m/main.tf", "ns/name/aws")
    assert project.texts[cause.path] == INNER.encode()
    assert cause.parent.name == "module.m"


def test_units_are_the_folders_that_nobody_calls() -> None:
    found = units({
        "app/main.tf": 'module "a" {\n source = "../modules/a"\n}\nmodule "r" {\n source = "hashicorp/x/y"\n}\n',
        "app/more.tf": "",
        "modules/a/main.tf": 'module "b" {\n source = "./b"\n}\n',
        "modules/a/b/main.tf": "",
        "modules/unused/main.tf": "",
        "app/.terraform/modules/m/main.tf": "",
        "main.tf.json": '{"module": {"j": {"source": "./json"}}}',
        "json/main.tf": "",
    })  # fmt: skip
    assert [unit.path for unit in found] == ["", "app", "modules/unused"]
    assert found[1].files == ("app/main.tf", "app/more.tf")


def test_modules_that_call_each_other_have_a_root() -> None:
    call = 'module "x" {\n source = "%s"\n}\n'
    found = units(
        {
            "a/m.tf": call % "../b",
            "b/m.tf": call % "../a",
            "c/m.tf": "# " + call % "../d" + "/*" + call % "../d" + "*/",
            "d/m.tf": 'resource aws_s3_object o { source = "../c" }',
            "self/m.tf": call % ".",
        }
    )
    assert [unit.path for unit in found] == ["a", "c", "d", "self"]


def test_origins_and_rendered_text() -> None:
    files = {
        "main.tf": 'variable "acl" { default = "public" }\nlocals {\n  name = "n-${var.acl}"\n'
        "  all = { a = 1, b = 2 }\n}\n"
        'module "m" {\n  source = "./m"\n  for_each = local.all\n  acl = local.name\n  size = each.value\n}\n',
        "m/main.tf": 'variable "acl" {}\nvariable "size" {}\nvariable "none" {}\n'
        'resource x y {\n  acl = var.acl\n  lit = "x"\n  inner {\n    size = var.size + 1\n  }\n  none = var.none\n'
        "  secret = sensitive(var.acl)\n}\n",
    }
    project = load(files)
    assert project.graph is not None
    assert project.origins is not None
    assert project.render is not None
    second = project.graph.resources("x")[1]
    cause = second.find("acl").cause  # type: ignore[union-attr]
    assert [(one.name, one.file, one.start) for one in project.origins(cause)] == [
        ('module.m["b"].acl', "main.tf", 9),
        ("local.name", "main.tf", 3),
        ("var.acl", "main.tf", 1),
    ]
    size = second.block("inner").find("size").cause  # type: ignore[union-attr]
    assert [one.name for one in project.origins(size)] == ['module.m["b"].size', "local.all"]
    assert project.render(cause) == 'resource "x" "y" {\n  acl = "n-public"\n}\n'
    assert project.render(size) == 'resource "x" "y" {\n  inner {\n    size = 3\n  }\n}\n'
    assert project.render(second.cause) == 'resource "x" "y" {\n  acl = "n-public"\n  inner {\n    size = 3\n  }\n}\n'
    assert project.render(second.find("lit").cause) == ""  # type: ignore[union-attr]


def test_origins_name_the_file_of_values() -> None:
    project = load({
        "main.tf": 'variable "ports" {}\nresource x y {\n dynamic "rule" {\n for_each = var.ports\n content {\n'
        " port = rule.value\n }\n }\n}\n",
        "terraform.tfvars": "\nports = [\n 22,\n 80\n]\n",
    })  # fmt: skip
    assert project.origins is not None
    assert project.render is not None
    first, second = block(project, "x.y").children("rule")
    for rule in (first, second):
        (origin,) = project.origins(rule.find("port").cause)
        assert (origin.name, origin.file, origin.start, origin.end) == ("var.ports", "terraform.tfvars", 2, 5)
        assert [one.name for one in project.origins(rule.cause)] == ["var.ports"]
    assert project.render(second.cause) == 'resource "x" "y" {\n  rule {\n    port = 80\n  }\n}\n'


def test_problems_of_installed_modules_bear_their_source() -> None:
    project = load(
        {
            "main.tf": 'module "m" {\n source = "ns/name/aws"\n}\nresource a b { v = module.m.x }\n',
            ".terraform/modules/modules.json": (
                '{"Modules": [{"Key": "m", "Source": "x", "Dir": ".terraform/modules/m"}]}'
            ),
            ".terraform/modules/m/main.tf": 'nonsense {}\noutput "x" { value = range(100000000) }\n',
        }
    )
    place = "ns/name/aws/.terraform/modules/m/main.tf"
    assert [where for where, _ in problems(project)] == [f"{place}:1"]
    block(project, "a.b").find("v")
    assert [where for where, _ in problems(project)] == [f"{place}:1", f"{place}:2"]
