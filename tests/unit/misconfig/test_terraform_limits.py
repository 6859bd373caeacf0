"""Hostile Terraform: everything ends, in time, with a problem that names file and line; the rest is judged."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.misconfig.terraform_project import block, load, names, problems

from vigie.misconfig.value import Sensitive, Unknown

REST = '\nresource good g {\n v = "fine"\n}\n'


def judged(source: str, *, where: str = "", seconds: float = 15.0, **files: str) -> Any:
    """Loads, reads everything, and expects the rest to be there and one problem at this place."""
    start = time.process_time()
    project = load(
        {"main.tf": source + REST, **{path.replace("__", "/") + ".tf": text for path, text in files.items()}}
    )
    assert project.graph is not None
    for type_ in project.graph.types():
        for one in project.graph.resources(type_)[:3000]:
            for name in one.names():
                one.find(name)
                one.children(name)
    assert time.process_time() - start < seconds
    assert block(project, "good.g").find("v").value == "fine"
    places = [place for place, _ in problems(project)]
    assert (where in places) if where else not places, problems(project)[:3]
    return project


def local_chain(first: str, step: str, count: int) -> str:
    links = "".join(f"  l{i} = {step.replace('@', f'local.l{i - 1}')}\n" for i in range(1, count))
    return f"locals {{\n  l0 = {first}\n{links}}}\n"


def test_a_long_chain_of_locals() -> None:
    project = judged(local_chain("0", "@ + 1", 5000) + "resource a b { v = local.l4999 }\n")
    assert block(project, "a.b").find("v").value == 4999


def test_circles() -> None:
    project = judged("locals {\n  a = local.b\n  b = local.a\n}\nresource x y { v = local.a }\n", where="main.tf:2")
    assert isinstance(block(project, "x.y").find("v").value, Unknown)
    judged("resource x y {\n count = length(x.y)\n}\n", where="main.tf:1")
    judged(
        'module "m" {\n source = "./m"\n v = module.m.v\n}\nresource x y { v = module.m.v }\n',
        where="m/m.tf:2",
        m__m='variable "v" {}\noutput "v" { value = var.v }\n',
    )
    judged("resource x y { v = x.z.v }\nresource x z { v = x.y.v }\n", where="main.tf:1")


def test_long_chains_of_resources_end() -> None:
    chain = "".join(f"resource x y{i} {{ v = x.y{i + 1}.v }}\n" for i in range(5000))
    project = load(f"{chain}resource x y5000 {{ v = 1 }}\n{REST}")
    assert isinstance(block(project, "x.y0").find("v").value, Unknown)
    assert [what for _, what in problems(project)] == ["v hangs on too many other values"]
    assert block(project, "good.g").find("v").value == "fine"


def test_text_that_doubles() -> None:
    chain = local_chain('"aaaaaaaaaa"', '"${@}${@}"', 200)
    judged(chain + "resource x y { v = local.l199 }\n", where="main.tf:26")


def test_lists_that_double() -> None:
    chain = local_chain('["a"]', "[@, @]", 3000)
    judged(
        chain + "resource x y {\n v = jsonencode(local.l40)\n w = local.l40 == local.l41\n u = local.l2999\n}\n",
        where="main.tf:3004",
    )


def test_loops_within_loops() -> None:
    inner = "[for c in range(1000) : c]"
    judged(f"resource x y {{\n v = [for a in range(1000) : [for b in range(1000) : {inner}]]\n}}\n", where="main.tf:2")
    judged(
        f"resource x y {{\n v = [for a in range(1000) : length([for b in range(1000) : length({inner})])]\n}}\n",
        where="main.tf:2",
    )


def test_huge_ranges_and_counts() -> None:
    judged("resource x y { v = range(1000000000) }\n", where="main.tf:1")
    project = judged("resource x y {\n count = 100000000\n}\n", where="main.tf:1")
    assert len(names(project)) == 20_001
    judged("resource x y { v = 9 * 1e300 * 1e300 }\n")


def test_functions_that_make_much_in_loops() -> None:
    for body in ("range(60000)", 'format("%s%d", local.big, i)', "sha512(local.big)", "jsondecode(local.json)"):
        source = (
            'locals {\n big = join("", [for i in range(60000) : "0123456789abcdef0123456789abcdef"])\n'
            ' json = "[${join(",", range(60000))}]"\n}\n'
            f"resource x y {{\n v = [for i in range(60000) : {body}]\n}}\n"
        )
        judged(source, where="main.tf:6", seconds=20)


def test_locals_that_one_names_from_the_wrong_end() -> None:
    chain = "".join(f"  l{i} = local.l{i + 1}\n" for i in range(3000))
    every = ", ".join(f"local.l{i}" for i in range(3000))
    project = judged(f"locals {{\n{chain}  l3000 = 1\n  all = [{every}]\n}}\nresource x y {{ v = local.all[0] }}\n")
    assert block(project, "x.y").find("v").value == 1


def test_dynamic_blocks_that_multiply() -> None:
    source = 'content { dynamic "b" {\n for_each = range(300)\n content {}\n } }'
    project = load(
        f'resource x y {{\n count = 1000\n dynamic "a" {{\n for_each = range(300)\n {source}\n }}\n}}\n{REST}'
    )
    graph = project.graph
    assert graph is not None
    start = time.process_time()
    for one in graph.resources("x"):
        for inner in one.children("a"):
            inner.children("b")
    assert time.process_time() - start < 15
    assert problems(project)


def test_modules_that_call_themselves_or_multiply() -> None:
    judged('module "m" {\n source = "./m"\n}\n', where="m/m.tf:1", m__m='module "again" {\n source = "../m"\n}\n')
    files = {
        f"m{i}__m": "".join(f'module "c{j}" {{\n source = "../m{i + 1}"\n}}\n' for j in range(10)) for i in range(1, 12)
    }
    start = time.process_time()
    project = load(
        {
            "main.tf": 'module "m" {\n source = "./m1"\n}\n' + REST,
            **{k.replace("__", "/") + ".tf": v for k, v in files.items()},
        }
    )
    assert time.process_time() - start < 15
    assert any("more than 10000 modules" in what for _, what in problems(project))


def test_deep_nesting() -> None:
    for opening, closing in (("[", "]"), ("(", ")"), ("{ a = ", "}"), ("upper(", ")"), ("!", ""), ('"${', '}"')):
        project = load(f"resource x y {{\n v = {opening * 5000}1{closing * 5000}\n}}\n{REST}")
        assert names(project) == ["good.g"]
        assert problems(project) == [("main.tf:2", "nested too deep")]
    deep = "[" * 140 + "1" + "]" * 140
    judged(f"resource x y {{ v = {deep} }}\n")


def test_what_is_no_text() -> None:
    project = load(
        {"main.tf": b"\xef\xbb\xbf" + REST.encode(), "bad.tf": b'resource a b {\n v = "\xff"\n}\n', "null.tf": b"\0\0"}
    )
    assert set(names(project)) == {"good.g", "a.b"}
    assert [where for where, _ in problems(project)] == ["bad.tf:2", "null.tf:1"]


def test_json_that_is_none() -> None:
    for text in (
        "[[[",
        '{"resource": 5}',
        '{"resource": {"a": 5}}',
        '{"x": {}}',
        '{"locals": {"a": "${"}}',
        "{" * 5000,
    ):
        project = load({"main.tf": REST, "x.tf.json": text})
        assert names(project) == ["good.g"]
        assert [where for where, _ in problems(project)] == ["x.tf.json:1"]


AROUND = """
variable "u" {}
variable "s" { sensitive = true }
locals {
  n = 3
  t = "text"
  l = ["a", "b"]
  m = { a = 1, b = [1, 2] }
}
resource r one { name = "x" }
"""
ATOMS = [
    "local.n",
    "local.t",
    "local.l",
    "local.m",
    "var.u",
    "var.s",
    "r.one",
    "r.one.id",
    "null",
    "true",
    "1",
    '"a"',
    "[]",
    "{}",
]


def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Larger expressions of smaller ones."""
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "%", "==", "!=", "<", "&&", "||"]), inner).map(
            lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
        ),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]} ? {parts[1]} : {parts[2]})"),
        inner.map(lambda part: f"!{part}"),
        inner.map(lambda part: f'"x${{{part}}}y"'),
        st.tuples(inner, inner).map(lambda parts: f"{parts[0]}[{parts[1]}]"),
        st.tuples(inner, st.sampled_from(["a", "id", "0"])).map(lambda parts: f"{parts[0]}.{parts[1]}"),
        inner.map(lambda part: f"{part}[*].a"),
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]"),
        st.tuples(inner, inner).map(lambda parts: f"{{ a = {parts[0]}, (local.t) = {parts[1]} }}"),
        st.tuples(inner, inner).map(lambda parts: f"[for k, v in {parts[0]} : {parts[1]} if v != k]"),
        st.tuples(inner, inner).map(lambda parts: f"{{ for k, v in {parts[0]} : k => {parts[1]}... }}"),
        st.tuples(st.sampled_from(["upper", "length", "jsonencode", "keys", "flatten", "tostring", "try"]), inner).map(
            lambda parts: f"{parts[0]}({parts[1]})"
        ),
        st.tuples(inner, inner).map(lambda parts: f"merge({parts[0]}, {parts[1]})"),
    )


EXPRESSIONS = st.recursive(st.sampled_from(ATOMS), grow, max_leaves=8)


def evaluated(expression: str, around: str = AROUND) -> Any:
    project = load(f"{around}\nresource test r {{\n  value = {expression}\n}}\n")
    assert [what for _, what in problems(project)] == []
    found = block(project, "test.r").find("value")
    return None if found is None else found.value


def parts(value: Any) -> list[Any]:
    """A value and all within it."""
    inner = value.value if isinstance(value, Sensitive) else value
    if isinstance(inner, dict):
        return [value, *(part for item in inner.values() for part in parts(item))]
    if isinstance(inner, list):
        return [value, *(part for item in inner for part in parts(item))]
    return [value]


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EXPRESSIONS)
def test_any_expression_has_a_value(expression: str) -> None:
    for part in parts(evaluated(expression)):
        plain = part.value if isinstance(part, Sensitive) else part
        assert plain is None or isinstance(plain, (bool, int, float, str, list, dict, Unknown))
        assert not isinstance(plain, Sensitive)
        assert not (isinstance(plain, float) and plain.is_integer())


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EXPRESSIONS, st.sampled_from(["1", '"a"', "true", "null", '["a"]', "{ a = 1 }"]))
def test_what_is_said_without_knowing_is_right(expression: str, actual: str) -> None:
    """A value that is known although a variable is not is the one that every value of the variable gives, unless the
    expression fails with it."""
    without = evaluated(expression)
    known = AROUND.replace('variable "u" {}', f'variable "u" {{ default = {actual} }}')
    then = evaluated(expression, known)
    agree(without, then)


def agree(without: Any, then: Any) -> None:
    without = without.value if isinstance(without, Sensitive) else without
    then = then.value if isinstance(then, Sensitive) else then
    if isinstance(without, Unknown) or isinstance(then, Unknown):
        return
    if isinstance(without, dict):
        assert isinstance(then, dict)
        assert without.keys() == then.keys()
        for key, item in without.items():
            agree(item, then[key])
    elif isinstance(without, list):
        assert isinstance(then, list)
        assert len(without) == len(then)
        for mine, other in zip(without, then, strict=True):
            agree(mine, other)
    else:
        assert without == then


@pytest.mark.parametrize(
    "source", ["var.s", '"${var.s}"', "[var.s]", "{ a = var.s }", 'var.s == "p4ss" ? 1 : 2', "jsonencode([var.s])"]
)
def test_secrets_are_never_shown(source: str) -> None:
    project = load(
        {"main.tf": f"{AROUND}resource test r {{\n value = {source}\n}}\n", "terraform.tfvars": 's = "p4ss"\n'}
    )
    one = block(project, "test.r")
    assert "p4ss" not in repr(one.find("value"))
    assert project.render is not None
    assert project.render(one.find("value").cause) == ""
