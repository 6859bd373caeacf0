"""Comments that accept findings, in the files that are judged.

    #trivy:ignore:AWS-0089:exp:2027-01-31          on the line of what is wrong, of anything it stands in, or just above
    #trivy:ignore:AWS-*[bucket=logs]:ws:dev-*      (tfsec: the same)
    # vigie:ignore=AWS-0089 rotated by the vendor  there, or anywhere inside of the block; the rest is the reason
    # checkov:skip=AWS-0089:rotated by the vendor  the same
    # vigie:ignore-file=AWS-0089 generated         anywhere in the file: for all findings in it

Ids of checkov (`CKV_AWS_18`) mean the checks of ours that ask the same (`checkov.json`).
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from vigie.misconfig.check import Check
from vigie.misconfig.graph import Block, plain
from vigie.misconfig.language import Language, Project
from vigie.misconfig.value import Cause, Unknown

_MARKS = (b"trivy:ignore", b"tfsec:ignore", b"vigie:ignore", b"checkov:skip=")
_OURS = re.compile(r"(?:vigie:(ignore|ignore-file)|checkov:(skip))=([\w.*-]+(?:,[\w.*-]+)*)(?:[:\s]\s*(.*))?")
_END = re.compile(r"\s*(?:\*/(?:\s*-?\}\})?|-->)\s*$")
CHECKOV = Path(__file__).with_name("checkov.json")
_ID = re.compile(r"([^\[\]]*)(?:\[(.*)\])?", re.DOTALL)

YAML = (".yaml", ".yml", ".template")
DEEPEST_KEYS = 5
"""Lines from a comment to the value it is about, when only keys stand between."""


class Rule(Struct, frozen=True):
    """One comment. line: where it counts (shifted to the last of a stack); written: where it stands. block: counts
    inside of a block too; file: for the whole file."""

    ids: tuple[str, ...]
    line: int
    written: int
    reason: str = ""
    values: tuple[tuple[str, str], ...] = ()
    workspace: str = "*"
    block: bool = False
    file: bool = False

    def names(self, check: Check) -> bool:
        """Whether it means this check: by any of its names, in any case, with `*` for any text."""
        names = [name.lower() for name in check.names]
        return any(name == id_ or ("*" in id_ and _glob(id_, name)) for id_ in self.ids for name in names)


def _glob(pattern: str, text: str) -> bool:
    """`*` alone is special."""
    pieces = (re.escape(piece) for piece in re.sub(r"\*+", "*", pattern).split("*"))
    return re.fullmatch(".*".join(pieces), text, re.DOTALL) is not None


def parse(data: bytes, today: date) -> tuple[Rule, ...]:
    """The rules in a file. Expired ones, and those whose date is none, are left out."""
    if not any(mark in data for mark in _MARKS):
        return ()
    rules: list[Rule] = []
    stack: list[Rule] = []
    for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), 1):
        found = list(_line(line.rstrip("\r"), number, today))
        alone = len(found) == 1 and line.lstrip(" \t#/*").startswith(("trivy:", "tfsec:"))
        if not alone:
            rules += _shifted(stack)
            stack = []
            rules += found
        else:
            stack += found
    return (*rules, *_shifted(stack))


def _shifted(stack: Sequence[Rule]) -> list[Rule]:
    """Comments stacked above a block all count where the last one does."""
    if not stack:
        return []
    last = stack[-1].line
    return [
        Rule(rule.ids, last, rule.written, rule.reason, rule.values, rule.workspace, rule.block, rule.file)
        for rule in stack
    ]


def _line(line: str, number: int, today: date) -> Iterator[Rule]:
    for match in _OURS.finditer(line):
        kind, skip, ids, reason = match.groups()
        yield Rule(
            tuple(own for id_ in ids.split(",") for own in _own(id_)),
            number,
            number,
            _END.sub("", reason or "").strip(),
            block=bool(skip) or kind == "ignore",
            file=kind == "ignore-file",
        )
    for word in line.split(" "):
        stripped = word.strip("\t").lstrip("#/*")
        tool, _, rest = stripped.partition(":")
        if tool in ("trivy", "tfsec") and rest.startswith("ignore:"):
            rule = _peer(rest, number, today)
            if rule is not None:
                yield rule


def _own(id_: str) -> list[str]:
    """What an id means here, in lower case."""
    meant = _checkov().get(id_.upper(), [id_]) if id_[:3].upper() == "CKV" else [id_]
    return [one.lower() for one in meant]


@cache
def _checkov() -> dict[str, list[str]]:
    """From ids of checkov to ours. Found by judging one set of examples with both programs."""
    found: dict[str, list[str]] = msgspec.json.decode(CHECKOV.read_bytes())
    return found


def _peer(text: str, number: int, today: date) -> Rule | None:
    """`ignore:ID[a=b,c.d=e]:exp:DATE:ws:GLOB`."""
    # colons inside of the brackets belong to values
    pieces = re.findall(r"(?:[^:\[]|\[[^\]]*\])+", text)
    pairs = dict(zip(pieces[::2], pieces[1::2], strict=False))
    match = _ID.fullmatch(pairs.get("ignore", ""))
    if match is None or not match[1]:
        return None
    if "exp" in pairs:
        try:
            if date.fromisoformat(pairs["exp"]) <= today:
                return None
        except ValueError:
            return None
    values = tuple(
        (name.strip(), value.strip().strip('"'))
        for name, equals, value in (pair.partition("=") for pair in (match[2] or "").split(","))
        if equals
    )
    return Rule((match[1].lower(),), number, number, values=values, workspace=pairs.get("ws", "*"))


class Ignores:
    """The rules of all files of a project, read when a finding points there."""

    def __init__(self, language: Language, project: Project, texts: Callable[[str], bytes | None]) -> None:
        self._comments, self._project, self._read = language.comments, project, texts
        self._files: dict[str, tuple[bytes, tuple[Rule, ...]]] = {}
        self._lines: dict[str, Sequence[str]] = {}
        self._today = datetime.now(UTC).date()

    def lines(self, file: str) -> Sequence[str]:
        """The lines of a file, none when it is not there."""
        found = self._lines.get(file)
        if found is None:
            found = self._lines[file] = self._text(file)[0].decode("utf-8", "replace").split("\n")
        return found

    def _text(self, file: str) -> tuple[bytes, tuple[Rule, ...]]:
        found = self._files.get(file)
        if found is None:
            data = self._project.texts.get(file)
            if data is None:
                data = self._read(file) or b""
            rules = parse(data, self._today) if self._comments and not file.endswith(".json") else ()
            found = self._files[file] = data, rules
        return found

    def match(self, check: Check, cause: Cause) -> tuple[str, str] | None:
        """The reason and the `file:line` of the comment that accepts this finding, if one does."""
        record: Cause | None = cause
        seen = 0
        while record is not None and seen < 100:
            for rule in self._text(record.path)[1] if record.file else ():
                if self._counts(rule, check, record, cause):
                    return rule.reason, f"{record.path}:{rule.written}"
            record, seen = record.parent, seen + 1
        return self.match(check, cause.within) if cause.within is not None else None

    def _counts(self, rule: Rule, check: Check, record: Cause, cause: Cause) -> bool:
        if not rule.names(check) or not fnmatch.fnmatchcase(self._project.workspace, rule.workspace):
            return False
        if rule.file:
            return record is cause
        if not record.start:
            return False
        near = record.start in (rule.line, rule.line + 1) or self._opened(record, rule.line)
        inside = rule.block and record.start <= rule.line <= record.end
        return (near or inside) and self._values_hold(rule, record)

    def _opened(self, record: Cause, line: int) -> bool:
        """Whether a comment stands above the YAML keys whose value the record is: values start below their keys."""
        if not 1 < record.start - line <= DEEPEST_KEYS or not record.path.endswith(YAML):
            return False
        between = self.lines(record.path)[line : record.start - 1]
        return all(re.fullmatch(r"[ -]*[^#]*:(?:\s+![\w:]+)?\s*(?:\s#.*)?", text) for text in between)

    def _values_hold(self, rule: Rule, record: Cause) -> bool:
        """Whether the attributes in brackets have these values in the block the comment stands at; true at an
        attribute, as the peer has it."""
        if not rule.values:
            return True
        block = self._block(record)
        return block is None or all(_holds(block, name, value) for name, value in rule.values)

    def _block(self, record: Cause) -> Block | None:
        graph = self._project.graph
        if graph is None:
            return None
        return next((block for block in graph.resources(*graph.types()) if block.cause is record), None)


def _holds(block: Block, name: str, wanted: str) -> bool:
    key = re.search(r"\[(?:\"(.*)\"|(\d+))\]$", block.cause.name)
    if name in ("each.key", "count.index"):
        return key is not None and wanted in key.groups()
    found = block.raw(name)[0]
    value: Any = plain(found.value) if found is not None else None
    if value is None or isinstance(value, Unknown):
        return False
    if isinstance(value, bool):
        return wanted.lower() == str(value).lower()
    if isinstance(value, (int, float)):
        return wanted in (str(value), f"{value:f}")
    return isinstance(value, str) and value == wanted
