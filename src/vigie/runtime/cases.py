"""Tests of rules as files: recorded events, rules, and the alerts that must come of them.

A file is YAML: a list of cases, or a mapping with the list under `cases`. Of each case:

    name      what it shows
    capture   the recorded events; like all paths, seen from the test file
    rules     a rule file or folder, or a list of them
    library   maturities of the rules that come with Vigie, a list; `stable` when there are no `rules`
    matching  first or all, as rule_matching of the settings
    expect    by rule: a number of alerts, or a mapping of
              count, at least  how many
              first, any       field values of the first alert, of some alert; also its time, priority and message
    silent    rules that must not alert; `others` for all that `expect` does not name
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

from vigie._core import parse_yaml_marked
from vigie.errors import UsageError
from vigie.settings.resolve import nearest, shown

Texts: TypeAlias = str | tuple["Texts", ...] | None
"""What a test file says of a value: its text, None for no value, or the items of a list."""

Node: TypeAlias = tuple[object, int, int]
"""Content, line, column of a part of the file."""

LARGEST = 8 << 20
"""Bytes of a test file."""

OTHERS = "others"
_COUNT = re.compile(r"\d{1,12}")


class Values(Struct, frozen=True):
    """Values an alert must have: by field, or `time`, `priority`, `message`."""

    fields: dict[str, Texts]
    line: int


class Expected(Struct, frozen=True, kw_only=True):
    """What must come of one rule. line: where the file says so."""

    rule: str
    line: int
    count: int | None = None
    at_least: int | None = None
    first: Values | None = None
    some: tuple[Values, ...] = ()


class Case(Struct, frozen=True, kw_only=True):
    """One case. silent: names and lines; None for all rules that are not expected."""

    name: str
    file: str
    line: int
    capture: Path
    rules: tuple[str, ...]
    library: tuple[str, ...]
    first: bool
    expected: tuple[Expected, ...]
    silent: tuple[tuple[str, int], ...] | None


def read(path: str) -> list[Case]:
    """The cases of a file. Raises UsageError, with the line, for a file that is no such thing."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"the test file {shown(path)} could not be read: {why}") from error
    if len(data) > LARGEST:
        raise UsageError(f"{path}: larger than {LARGEST >> 20} MB")
    try:
        documents = parse_yaml_marked(data)
    except ValueError as error:
        what, line, *_ = error.args
        raise UsageError(f"{path}:{line}: {what}") from error
    reader = _Reader(path)
    cases = [case for document in documents for case in reader.cases(document)]
    if not cases:
        raise UsageError(f"{path}: there are no cases in it")
    return cases


class _Reader:
    def __init__(self, path: str) -> None:
        self._path, self._folder = path, Path(path).parent

    def _wrong(self, line: int, message: str, hint: str = "") -> UsageError:
        return UsageError(f"{self._path}:{line}: {message}", hint)

    def cases(self, document: Node) -> Iterator[Case]:
        content, line, _ = document
        if isinstance(content, tuple):
            known = self._keys(document, ("cases",), "a test file")
            if "cases" not in known:
                raise self._wrong(line, "a test file holds a list of cases")
            content, line, _ = known["cases"]
        if not isinstance(content, list):
            raise self._wrong(line, "a test file holds a list of cases")
        yield from (self._case(node) for node in content)

    def _case(self, node: Node) -> Case:
        line = node[1]
        known = self._keys(node, tuple(_CASE_KEYS), "a case")
        for key in ("name", "capture"):
            if key not in known:
                raise self._wrong(line, f"the case has no {key}")
        capture = self._folder / self._text(known["capture"])
        if not capture.is_file():
            raise self._wrong(known["capture"][1], f"there is no capture {shown(str(capture))}")
        rules = tuple(self._rule_file(text, at) for text, at in self._list(known.get("rules")))
        library = tuple(self._maturity(text, at) for text, at in self._list(known.get("library")))
        matching = self._text(known["matching"]) if "matching" in known else "first"
        if matching not in ("first", "all"):
            raise self._wrong(known["matching"][1], f"matching is first or all, not {shown(matching)}")
        expected = tuple(self._expectations(known.get("expect")))
        silent: tuple[tuple[str, int], ...] | None = tuple(self._list(known.get("silent")))
        if [name for name, _ in silent or ()] == [OTHERS]:
            silent = None
        if not expected and silent == ():
            raise self._wrong(line, "the case expects nothing", "see expect and silent")
        return Case(
            name=self._text(known["name"]),
            file=self._path,
            line=line,
            capture=capture,
            rules=rules,
            library=library or (() if rules else ("stable",)),
            first=matching == "first",
            expected=expected,
            silent=silent,
        )

    def _rule_file(self, text: str, line: int) -> str:
        path = self._folder / text
        if not path.exists():
            raise self._wrong(line, f"there are no rules at {shown(str(path))}")
        return str(path)

    def _maturity(self, text: str, line: int) -> str:
        from vigie.runtime.rules.sources import WORDS

        if text not in WORDS:
            raise self._wrong(line, f"library: {shown(text)} is not one of {', '.join(WORDS)}")
        return text

    def _expectations(self, node: Node | None) -> Iterator[Expected]:
        if node is None:
            return
        for rule, value in self._entries(node, "expect"):
            content, line, _ = value
            if isinstance(content, str):
                yield Expected(rule=rule, line=line, count=self._count(value))
                continue
            known = self._keys(value, ("count", "at least", "first", "any"), f"what is expected of {rule}")
            if not known:
                raise self._wrong(line, f"nothing is said of the rule {shown(rule)}")
            if "count" in known and "at least" in known:
                raise self._wrong(line, "count and at least exclude each other")
            some = known.get("any")
            alternatives = some[0] if some and isinstance(some[0], list) else [some] if some else []
            yield Expected(
                rule=rule,
                line=line,
                count=self._count(known["count"]) if "count" in known else None,
                at_least=self._count(known["at least"]) if "at least" in known else None,
                first=self._values(known["first"]) if "first" in known else None,
                some=tuple(self._values(one) for one in alternatives),
            )

    def _values(self, node: Node) -> Values:
        fields = {name: self._texts(value) for name, value in self._entries(node, "the fields of an alert")}
        if not fields:
            raise self._wrong(node[1], "no field is named")
        return Values(fields, node[1])

    def _texts(self, node: Node) -> Texts:
        content, line, _ = node
        if isinstance(content, list):
            return tuple(self._texts(one) for one in content)
        if content is None or isinstance(content, str):
            return content
        raise self._wrong(line, "the value of a field is a text, a number or a list")

    def _count(self, node: Node) -> int:
        content, line, _ = node
        if not isinstance(content, str) or not _COUNT.fullmatch(content):
            raise self._wrong(line, "a number of alerts is expected here")
        return int(content)

    def _text(self, node: Node) -> str:
        content, line, _ = node
        if not isinstance(content, str) or not content:
            raise self._wrong(line, "a text is expected here")
        return content

    def _list(self, node: Node | None) -> list[tuple[str, int]]:
        """Texts and lines of a list, or of a single text."""
        if node is None or node[0] is None:
            return []
        nodes = node[0] if isinstance(node[0], list) else [node]
        return [(self._text(one), one[1]) for one in nodes]

    def _entries(self, node: Node, what: str) -> Iterator[tuple[str, Node]]:
        content, line, _ = node
        if not isinstance(content, tuple):
            raise self._wrong(line, f"{what}: a mapping is expected here")
        seen: set[str] = set()
        for key, value in content:
            name = self._text(key)
            if name in seen:
                raise self._wrong(key[1], f"{shown(name)} is there twice")
            seen.add(name)
            yield name, value

    def _keys(self, node: Node, names: tuple[str, ...], what: str) -> dict[str, Node]:
        known = dict(self._entries(node, what))
        for name in known:
            if name not in names:
                raise self._wrong(node[1], f"{what} has no {shown(name)}", nearest(name, names) or _listed(names))
        return known


def _listed(names: tuple[str, ...]) -> str:
    return f"one of: {', '.join(names)}"


_CASE_KEYS = ("name", "capture", "rules", "library", "matching", "expect", "silent")
