"""Terraform's functions against the values of their documentation, and what unknown and sensitive arguments mean."""

from __future__ import annotations

import re
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.misconfig.languages.terraform.functions import LAZY, FunctionError, _function, call, known
from vigie.misconfig.languages.terraform.functions.matcher import Matcher
from vigie.misconfig.languages.terraform.functions.pattern import translate
from vigie.misconfig.languages.terraform.functions.table import TABLE
from vigie.misconfig.languages.terraform.unit import TerraformUnit
from vigie.misconfig.languages.terraform.values import reveal, survey
from vigie.misconfig.value import Sensitive, Unknown
from vigie.settings.groups import MisconfigOptions

DATA = Path(__file__).parents[2] / "data" / "misconfig" / "terraform"
ERROR, UNKNOWN = object(), object()


class Loader(yaml.SafeLoader):
    pass


Loader.add_constructor("!error", lambda loader, node: ERROR)
Loader.add_constructor("!unknown", lambda loader, node: UNKNOWN)
CASES = yaml.load((DATA / "functions.yaml").read_text(), Loader)


class Files:
    """A tree in memory."""

    def __init__(self, **contents: bytes) -> None:
        self.contents = contents

    def paths(self, language: str) -> list[str]:
        return []

    def read(self, path: str) -> bytes | None:
        return self.contents.get(path)

    def glob(self, pattern: str) -> list[str]:
        parts = re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
        return sorted(path for path in self.contents if re.fullmatch(parts, path))


class Context:
    """For functions that are called without an expression around them."""

    def __init__(self, files: Files | None = None, folder: str = "", root: str = "") -> None:
        self.files, self.folder, self.root = files or Files(), folder, root
        self.warnings: list[str] = []

    def template(self, text: str, name: str, variables: Any) -> Any:
        return (text, name, variables)

    def definitions(self, text: str) -> Any:
        raise FunctionError(text)

    def warn(self, what: str) -> None:
        self.warnings.append(what)


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[case[0] for case in CASES])
def test_documented_value(text: str, expected: Any) -> None:
    unit = TerraformUnit(Files(), "", MisconfigOptions())
    if expected is ERROR:
        with pytest.raises(FunctionError):
            unit.literal(text)
        return
    value = reveal(unit.literal(text))
    if expected is UNKNOWN:
        assert isinstance(value, Unknown)
        return
    assert same(value, expected), value


def same(value: Any, expected: Any) -> bool:
    if isinstance(value, bool) or isinstance(expected, bool):
        return value is expected
    if isinstance(value, list) and isinstance(expected, list):
        return len(value) == len(expected) and all(map(same, value, expected))
    if isinstance(value, dict) and isinstance(expected, dict):
        return value.keys() == expected.keys() and all(same(value[key], expected[key]) for key in value)
    return value == expected


def unknown(type: str = "any", like: str | None = None) -> Unknown:
    return Unknown(type, like)


def test_every_function_is_there() -> None:
    for name in TABLE:
        assert known(name)
        function = _function(name)
        assert function is not None and callable(function.run)


def test_every_function_is_tried() -> None:
    tried = " ".join(case[0] for case in CASES) + Path(__file__).read_text().replace('call("', "")
    assert not [name for name in TABLE if not re.search(rf'(?<![\w:]){re.escape(name)}["(]', tried)]


def test_unknown_functions() -> None:
    with pytest.raises(FunctionError, match="there is no function nothing"):
        call("nothing", [], Context())
    assert isinstance(call("provider::aws::arn_parse", ["x"], Context()), Unknown)
    assert not known("provider::aws::arn_parse")


@pytest.mark.parametrize(
    ("name", "arguments", "type"),
    [
        ("upper", [unknown()], "string"),
        ("max", [1, unknown()], "number"),
        ("sort", [["b", unknown()]], "list"),
        ("contains", [["b", unknown()], "a"], "bool"),
        ("alltrue", [[True, unknown()]], "bool"),
        ("length", [unknown()], "number"),
        ("lookup", [unknown(), "a", 1], "any"),
        ("merge", [{"a": 1}, unknown()], "map"),
        ("flatten", [[["a"], unknown("list")]], "list"),
        ("tolist", [unknown()], "list"),
        ("jsonencode", [unknown()], "string"),
        ("setunion", [["a"], unknown("set")], "set"),
        ("coalesce", [unknown(), "a"], "any"),
        ("compact", [["a", unknown()]], "list"),
        ("formatlist", ["%s", unknown("list")], "list"),
    ],
)
def test_unknown_in_unknown_out(name: str, arguments: list[Any], type: str) -> None:
    value = call(name, arguments, Context())
    assert isinstance(value, Unknown)
    assert value.type == type


def test_what_is_certain_in_spite_of_unknown_parts() -> None:
    part = unknown()
    assert call("contains", [[part, "a"], "a"], Context()) is True
    assert call("alltrue", [[part, False]], Context()) is False
    assert call("anytrue", [[part, True]], Context()) is True
    assert call("length", [[part, part]], Context()) == 2
    assert call("keys", [{"b": part, "a": 1}], Context()) == ["a", "b"]
    assert call("values", [{"b": part, "a": 1}], Context()) == [1, part]
    assert call("merge", [{"a": part}, {"b": 1}], Context()) == {"a": part, "b": 1}
    assert call("concat", [["a"], [part]], Context()) == ["a", part]
    assert call("flatten", [[["a"], [part]]], Context()) == ["a", part]
    assert call("lookup", [{"a": part, "b": 1}, "b"], Context()) == 1
    assert call("element", [["a", part], 3], Context()) is part
    assert call("coalesce", ["a", part], Context()) == "a"
    assert call("coalescelist", [["a"], part], Context()) == ["a"]
    assert call("coalesce", [None, part], Context()) is part
    assert call("setunion", [["b", part], ["a"]], Context()) == ["a", "b", part]
    assert call("zipmap", [["a"], [part]], Context()) == {"a": part}
    assert call("one", [[part]], Context()) is part
    arn = Unknown(source=object(), attribute="arn")
    assert call("coalesce", [arn, "a"], Context()) is arn
    assert call("compact", [["", arn]], Context()) == [arn]


@pytest.mark.parametrize(
    ("name", "arguments", "like"),
    [
        (
            "jsonencode",
            [{"a": [Unknown(), 1], "b": Unknown("string", "x-__UNRESOLVED__")}],
            '{"a":["__UNRESOLVED__",1],"b":"x-__UNRESOLVED__"}',
        ),
        ("join", ["-", ["a", Unknown()]], "a-__UNRESOLVED__"),
        ("format", ["%s/%d/%v", "a", Unknown(), Unknown()], "a/__UNRESOLVED__/__UNRESOLVED__"),
        ("replace", [Unknown("string", "a/__UNRESOLVED__"), "/", "-"], "a-__UNRESOLVED__"),
        ("trimsuffix", [Unknown("string", "__UNRESOLVED__/*"), "/*"], "__UNRESOLVED__"),
        ("yamlencode", [{"a": Unknown()}], '"a": "__UNRESOLVED__"\n'),
        ("lower", [Unknown("string", "Ab__UNRESOLVED__Cd")], "ab__UNRESOLVED__cd"),
        ("upper", [Unknown("string", "Ab-__UNRESOLVED__")], "AB-__UNRESOLVED__"),
        ("title", [Unknown("string", "ab __UNRESOLVED__ cd")], "Ab __UNRESOLVED__ Cd"),
    ],
)
def test_partly_known_text(name: str, arguments: list[Any], like: str) -> None:
    value = call(name, arguments, Context())
    assert isinstance(value, Unknown)
    assert (value.type, value.like) == ("string", like)


def test_links_survive_conversion() -> None:
    block = object()
    for value in (
        call("tostring", [Unknown(source=block, attribute="arn")], Context()),
        call("join", ["", [Unknown(source=block, attribute="arn")]], Context()),
        call("format", ["%s/*", Unknown(source=block, attribute="arn")], Context()),
        call("one", [[Unknown(source=block, attribute="arn")]], Context()),
    ):
        assert isinstance(value, Unknown)
        assert value.source is block and value.attribute == "arn"


def test_sensitive_in_sensitive_out() -> None:
    value = call("upper", [Sensitive("a")], Context())
    assert isinstance(value, Sensitive) and value.value == "A"
    value = call("jsonencode", [{"a": Sensitive(1)}], Context())
    assert isinstance(value, Sensitive) and value.value == '{"a":1}'
    value = call("merge", [{"a": Sensitive(1)}, {"b": 2}], Context())
    assert isinstance(value, dict) and isinstance(value["a"], Sensitive) and value["b"] == 2
    value = call("join", ["-", [Sensitive("a"), Unknown()]], Context())
    assert isinstance(value, Sensitive) and isinstance(value.value, Unknown) and value.value.like == "a-__UNRESOLVED__"
    assert not isinstance(call("nonsensitive", [Sensitive("a")], Context()), Sensitive)
    value = call("sensitive", [[Sensitive("a")]], Context())
    assert isinstance(value, Sensitive) and value.value == ["a"]


def test_files_beneath_the_root_only() -> None:
    files = Files(
        **{
            "app/a.txt": b"root",
            "modules/m/b.txt": b"module",
            "top.txt": b"top",
            "app/x/c.json": b"{}",
            "app/bad": b"\xff",
        }
    )
    context = Context(files, folder="modules/m", root="app")
    assert call("file", ["a.txt"], context) == "root"
    assert call("file", ["./x/../a.txt"], context) == "root"
    assert call("file", ["../modules/m/b.txt"], context) == "module"
    assert call("file", ["modules/m/b.txt"], context) == "module"
    assert call("file", ["b.txt"], context) == "module"
    assert call("file", ["/top.txt"], context) == "top"
    assert call("file", [call("abspath", ["a.txt"], context)], context) == "root"
    assert call("filebase64", ["bad"], context) == "/w=="
    assert call("filesha256", ["a.txt"], context) == call("sha256", ["root"], context)
    assert call("filebase64sha512", ["a.txt"], context) == call("base64sha512", ["root"], context)
    assert call("filesha1", ["a.txt"], context) == call("sha1", ["root"], context)
    assert call("filesha512", ["a.txt"], context) == call("sha512", ["root"], context)
    assert call("filebase64sha256", ["a.txt"], context) == call("base64sha256", ["root"], context)
    assert call("filemd5", ["a.txt"], context) == call("md5", ["root"], context)
    assert call("fileexists", ["a.txt"], context) is True
    assert call("fileexists", ["gone.txt"], context) is False
    assert call("templatefile", ["a.txt", {"x": 1}], context) == ("root", "a.txt", {"x": 1})
    for path in ("bad", "gone.txt", "a\0b"):
        with pytest.raises(FunctionError):
            call("file", [path], context)
    assert not context.warnings


@pytest.mark.parametrize("path", ["../../../etc/passwd", "../../../../../../../../../../../../etc/passwd"])
def test_files_outside_are_told(path: str) -> None:
    context = Context(folder="a", root="b")
    with pytest.raises(FunctionError):
        call("file", [path], context)
    assert context.warnings == [f"{path} lies outside of what is scanned and is not read"]
    with pytest.raises(FunctionError):
        call("fileset", ["..", "../../*"], context)
    assert len(context.warnings) == 2


def test_half_a_surrogate_pair_becomes_a_character() -> None:
    assert call("jsondecode", [r'["\ud800", {"\udc00": "\ud83d\ude00"}]'], Context()) == ["\ufffd", {"\ufffd": "😀"}]


def test_fileset() -> None:
    context = Context(
        Files(**{"app/x/a.json": b"", "app/x/b.yaml": b"", "app/x/y/c.json": b"", "x/a.txt": b""}), root="app"
    )
    assert call("fileset", ["x", "*.json"], context) == ["a.json"]
    assert call("fileset", ["./x", "**/*.json"], context) == ["a.json", "y/c.json"]
    assert call("fileset", ["x", "*.{json,yaml}"], context) == ["a.json", "b.yaml"]
    assert call("fileset", [".", "x/*.yaml"], context) == ["x/b.yaml"]
    assert call("fileset", ["nowhere", "*"], context) == []


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{here}: &{here} [{','.join([f'*{before}'] * 9)}]\n" for before, here in pairwise("abcdefghi")
)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("range", [10**9]),
        ("setproduct", [[str(i) for i in range(2000)]] * 3),
        ("pow", [10, 10**9]),
        ("pow", [0.5, -5000]),
        ("indent", [10**6, "\n" * 10**6]),
        ("replace", ["a" * 10**6, "", "b" * 10**6]),
        ("replace", ["a" * 10**5, "/a/", "b" * 10**5]),
        ("join", ["x" * 10**6, ["a"] * 10**4]),
        ("format", ["%9999s" * 2000, *["a"] * 2000]),
        ("regex", ["((a{1,500}){1,500}){1,500}", "a"]),
        ("regex", ["(x+x+)+y", "x" * 5000]),
        ("regex", [".*.*.*.*=.*", "x" * 100_000]),
        ("regex", ["(" * 2000 + ")" * 2000, "x"]),
        ("jsondecode", ["[" * 100_000]),
        ("jsondecode", ["9" * 100_000]),
        ("yamldecode", ["[" * 5_000]),
        ("yamldecode", [BOMB]),
        ("yamldecode", ["a: &a {x: 1}\n" + "b: {<<: [" + ",".join(["*a"] * 70_000) + "]}\n"]),
        ("fileset", [".", "{a,b}" * 20]),
        ("timeadd", ["2017-11-22T00:00:00Z", "999999999999999999h"]),
        ("timeadd", ["9999-12-31T00:00:00Z", "48h"]),
        ("chunklist", [[], -1]),
        ("csvdecode", ["a,a\n1,2"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_hostile_arguments_are_refused_soon(name: str, arguments: list[Any]) -> None:
    start = time.process_time()
    with pytest.raises(FunctionError):
        call(name, arguments, Context())
    assert time.process_time() - start < 8


def test_a_value_that_holds_itself_often_is_refused_soon() -> None:
    value: Any = ["x"]
    for _ in range(60):
        value = [value, value]
    for name in ("jsonencode", "flatten", "distinct", "tolist", "sensitive", "length"):
        with pytest.raises(FunctionError):
            call(name, [value], Context())


SMALL = st.recursive(
    st.none() | st.booleans() | st.integers(-50, 300) | st.floats(-10, 10) | st.text("ab,-/{}$%1 é\n", max_size=8)
    | st.builds(Unknown) | st.builds(Sensitive, st.text("ab", max_size=3)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(set(TABLE) - LAZY)), st.lists(SMALL, max_size=4))
def test_no_arguments_break_a_function(name: str, arguments: list[Any]) -> None:
    """A value, or FunctionError; and what is sensitive stays so."""
    try:
        value = call(name, arguments, Context())
    except FunctionError:
        return
    survey(value)
    if name not in ("nonsensitive", "issensitive", "length", "keys", "contains", "alltrue", "anytrue") and any(
        isinstance(argument, Sensitive) for argument in arguments
    ):
        assert isinstance(value, Sensitive) or name in ("lookup", "coalesce", "coalescelist", "type")


PATTERN = st.recursive(
    st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\d", "^", "$", r"\b", ""]),
    lambda inner: (
        st.builds("({})".format, inner)
        | st.builds("(?:{}|{})".format, inner, inner)
        | st.builds("(?:{}){}".format, inner, st.sampled_from(["?", "{2}", "{1,2}", "??"]))
        | st.builds("(?:a{}){}".format, inner, st.sampled_from(["*", "+", "*?", "+?"]))
        | st.builds("{}{}".format, inner, inner)
    ),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None)
@given(PATTERN, st.text("ab1\n", max_size=7))
def test_the_careful_matcher_agrees_with_re(pattern: str, text: str) -> None:
    translated = translate(pattern)
    expected = re.compile(translated, re.ASCII).search(text)
    found = Matcher(translated).searcher()(text, 0)
    assert (found is None) == (expected is None)
    if expected is not None and found is not None:
        assert found[0] == expected.span()
