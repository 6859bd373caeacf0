"""Terraform's functions against the values of their documentation, and what unknown and sensitive arguments mean."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from vigie.misconfig.languages.terraform import functions, values
from vigie.misconfig.languages.terraform.functions import FunctionError, call
from vigie.misconfig.languages.terraform.values import reveal
from vigie.misconfig.value import Unknown

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
        import fnmatch

        parts = re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
        assert fnmatch
        return sorted(path for path in self.contents if re.fullmatch(parts, path))


class Context:
    def __init__(self, files: Files | None = None, folder: str = "", root: str = "") -> None:
        self.files, self.folder, self.root = files or Files(), folder, root
        self.warnings: list[str] = []

    def template(self, text: str, name: str, variables: Any) -> Any:
        return re.sub(r"\$\{(\w+)\}", lambda found: str(variables[found[1]]), text)

    def warn(self, what: str) -> None:
        self.warnings.append(what)


class Expression:
    """Just enough of the language: literals, calls, `...`, `-`, `>`, and calls within texts."""

    TOKENS = re.compile(
        r'\s*("(?:[^"\\$]|\\.|\$(?!\{)|\$\{[^}]*\})*"|[\w:]*::[\w:]+|[A-Za-z_]\w*|\d+(?:\.\d+)?|\.\.\.|.)'
    )

    def __init__(self, text: str, context: Context) -> None:
        self.tokens, self.at, self.context = self.TOKENS.findall(text), 0, context

    def next(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def whole(self) -> Any:
        value = self.expression()
        assert not self.peek()
        return value

    def expression(self) -> Any:
        value = self.term()
        while self.peek() in ("-", ">"):
            value = value - self.term() if self.next() == "-" else value > self.term()
        return value

    def term(self) -> Any:
        token = self.next()
        if token == "-":
            return -self.term()
        if token[0] == '"':
            return self.text(token[1:-1])
        if token[0].isdigit():
            return values.parse_number(token)
        if token == "[":
            items = []
            while self.peek() != "]":
                items.append(self.expression())
                if self.peek() == ",":
                    self.next()
            self.next()
            return items
        if token == "{":
            mapping = {}
            while self.peek() != "}":
                key = self.next().strip('"')
                assert self.next() in ("=", ":")
                mapping[key] = self.expression()
                if self.peek() == ",":
                    self.next()
            self.next()
            return mapping
        if self.peek() != "(":
            return {"true": True, "false": False, "null": None}[token]
        return self.call(token)

    def call(self, name: str) -> Any:
        self.next()
        starts, arguments = [], []
        while self.peek() != ")":
            starts.append(self.at)
            if name in functions.LAZY:
                arguments.append(self.lazily())
            else:
                arguments.append(self.expression())
            if self.peek() == "...":
                self.next()
                arguments += arguments.pop()
            if self.peek() == ",":
                self.next()
        self.next()
        return call(name, arguments, self.context)

    def lazily(self) -> Any:
        start, depth = self.at, 0
        while depth or self.peek() not in (",", ")"):
            token = self.next()
            depth += (token in "([{") - (token in ")]}")
        part = Expression("", self.context)
        part.tokens = self.tokens[start : self.at]
        return part.whole

    def text(self, body: str) -> str:
        body = re.sub(
            r"(?<!\$)\$\{([^}]*)\}", lambda found: values.to_string(Expression(found[1], self.context).whole()), body
        )
        body = body.replace("$${", "${")
        escapes = {"n": "\n", "r": "\r", "t": "\t"}
        return re.sub(r"\\(.)", lambda found: escapes.get(found[1], found[1]), body)


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[case[0] for case in CASES])
def test_documented_value(text: str, expected: Any) -> None:
    expression = Expression(text, Context())
    if expected is ERROR:
        with pytest.raises(FunctionError):
            expression.whole()
        return
    value = reveal(expression.whole())
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
