"""The syntax of Dockerfiles: lines with continuations and heredocs become instructions.

Source: the Dockerfile reference of BuildKit (parser directives, escape, heredocs, exec and shell forms).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

MOST_INSTRUCTIONS = 20_000
LONGEST = 1 << 20
"""Characters of one instruction."""

# Shape of the arguments: words, name-value pairs, one text, or a JSON list or text.
SHAPES = {
    "add": "list words", "arg": "words", "cmd": "list text", "copy": "list words", "entrypoint": "list text",
    "env": "pairs", "expose": "words", "from": "words", "healthcheck": "health", "label": "pairs",
    "maintainer": "text", "onbuild": "inner", "run": "list text", "shell": "list text", "stopsignal": "text",
    "user": "text", "volume": "list words", "workdir": "text",
}  # fmt: skip
WITH_FLAGS = {"add", "copy", "from", "healthcheck", "run"}
WITH_HEREDOCS = {"add", "copy", "run"}
_DIRECTIVE = re.compile(r"#\s*([A-Za-z][\w]*)\s*=\s*(\S.*?)\s*")
_SHELL = re.compile(r"#!\s*(?:/usr/bin/env\s+(?:-\S+\s+)?|\S*/)?(?:ba|da|a|z|k)?sh(?=\s|$)[^\n]*\n?")
"""The first line of a script that a shell runs."""
_HEREDOC = re.compile(r"(?:^|\s)(\d*)<<(-?)\s*(['\"]?)([A-Za-z_][\w.]*)\3(?=\s|$|[;&|>)])")
_PAIR = re.compile(r"""((?:[^\s=\\"']|\\.)+)(=((?:[^\s\\"']|\\.|"(?:[^"\\]|\\.)*"|'[^']*')*))?""", re.DOTALL)


class Logical(NamedTuple):
    """An instruction as written: continuations joined, heredocs apart. original: what reports show."""

    text: str
    original: str
    start: int
    end: int
    heredocs: tuple[tuple[str, str], ...] = ()
    """(name, text) of each."""


class Parsed(NamedTuple):
    """An instruction taken apart. name: in lower case; of `ONBUILD` the inner one's, with onbuild set. values as in the
    peer's input for custom checks; script: what a RUN in shell form runs, as a shell reads it."""

    name: str
    values: tuple[str, ...]
    flags: tuple[str, ...]
    is_json: bool
    original: str
    start: int
    end: int
    onbuild: bool = False
    script: str = ""


class SyntaxProblem(ValueError):
    """A line that is no instruction."""

    def __init__(self, what: str, line: int) -> None:
        super().__init__(what)
        self.what, self.line = what, line


def instructions(text: str) -> Iterator[Parsed | SyntaxProblem]:
    """All instructions in order; a line that is none is a problem, and the next ones are read."""
    for count, logical in enumerate(_logical(text.splitlines()), 1):
        if isinstance(logical, SyntaxProblem):
            yield logical
            continue
        if count > MOST_INSTRUCTIONS:
            yield SyntaxProblem(
                f"holds more than {MOST_INSTRUCTIONS} instructions; the rest is not judged", logical.start
            )
            return
        try:
            yield _instruction(logical)
        except SyntaxProblem as problem:
            yield problem


def _logical(lines: Sequence[str]) -> Iterator[Logical | SyntaxProblem]:
    escape, at = _directives(lines)
    continued = re.compile(rf"{re.escape(escape)}[ \t]*$")
    while at < len(lines):
        line = lines[at]
        if not line.strip() or line.lstrip().startswith("#"):
            at += 1
            continue
        pieces: list[str] = []
        start, size = at, 0
        while True:
            is_comment = bool(pieces) and line.lstrip().startswith("#")
            blank = bool(pieces) and not line.strip()
            match = None if is_comment else continued.search(line)
            if not is_comment and not blank:
                pieces.append(line[: match.start()] if match else line)
                size += len(line)
            at += 1
            ended = match is None and not is_comment and not blank
            if ended or at >= len(lines) or size > LONGEST:
                break
            line = lines[at]
        if size > LONGEST:
            while match is not None and at < len(lines):
                match = continued.search(lines[at])
                at += 1
            yield SyntaxProblem(f"is longer than {LONGEST} characters and not judged", start + 1)
            continue
        joined = "".join(pieces).strip()
        heredocs: list[tuple[str, str]] = []
        tail: list[str] = []
        end = at
        if joined.split(None, 1)[0].lower() in WITH_HEREDOCS:
            for match in _HEREDOC.finditer(joined):
                body: list[str] = []
                while at < len(lines):
                    line = lines[at].lstrip("\t") if match[2] else lines[at]
                    tail.append(lines[at])
                    at += 1
                    if line == match[4]:
                        break
                    body.append(line)
                heredocs.append((match[4], "\n".join(body)))
                end = at
        yield Logical(joined, "\n".join([joined, *tail]), start + 1, end, tuple(heredocs))


def _directives(lines: Sequence[str]) -> tuple[str, int]:
    """The escape character, and the first line behind the directives."""
    escape, at = "\\", 0
    for at, line in enumerate(lines):
        match = _DIRECTIVE.fullmatch(line.strip())
        if match is None or match[1].lower() not in ("syntax", "escape", "check"):
            return escape, at
        if match[1].lower() == "escape" and match[2] in ("\\", "`"):
            escape = match[2]
    return escape, len(lines) if lines else at


def _first(text: str) -> tuple[str, str]:
    """The first word, and what follows it."""
    words = text.split(None, 1)
    return (words[0], words[1].strip() if len(words) > 1 else "") if words else ("", "")


def _instruction(logical: Logical) -> Parsed:
    name, rest = _first(logical.text)
    name = name.lower()
    onbuild = name == "onbuild"
    if onbuild:
        name, rest = _first(rest)
        name = name.lower()
    if name not in SHAPES or (onbuild and name in ("onbuild", "from", "maintainer")):
        raise SyntaxProblem(f"{name[:40].upper() or 'ONBUILD'} is no instruction that may stand here", logical.start)
    flags: list[str] = []
    while name in WITH_FLAGS and rest.startswith("--"):
        word, rest = _first(rest)
        flags.append(word)
    if not rest:
        raise SyntaxProblem(f"{name.upper()} has no argument", logical.start)
    values, is_json = _values(name, rest)
    script = rest
    if logical.heredocs and name == "run":
        script = _script(rest, logical)
        alone = script is logical.heredocs[0][1] and not script.startswith("#!")
        values = (" ; ".join(line for line in script.split("\n") if line.strip()) if alone else _whole(rest, logical),)
    start, end = logical.start, logical.end
    return Parsed(name, values, tuple(flags), is_json, logical.original, start, end, onbuild, script)


def _script(rest: str, logical: Logical) -> str:
    """The text of a heredoc that is the whole command; else the command with its texts behind it."""
    alone = len(logical.heredocs) == 1 and _HEREDOC.fullmatch(rest) is not None
    return logical.heredocs[0][1] if alone else _whole(rest, logical)


def _whole(rest: str, logical: Logical) -> str:
    return "\n".join([rest, *logical.original.split("\n")[1:]])


def _values(name: str, rest: str) -> tuple[tuple[str, ...], bool]:
    shape = SHAPES[name]
    if shape.startswith("list") and rest.startswith("["):
        try:
            items = json.loads(rest)
        except (ValueError, RecursionError):
            items = None
        if isinstance(items, list) and all(isinstance(item, str) for item in items):
            return tuple(items), True
    if shape.endswith("words"):
        return tuple(rest.split()), False
    if shape == "pairs":
        return _pairs(rest), False
    if shape == "health":
        kind, command = _first(rest)
        return ((kind.upper(), command) if command else (kind.upper(),)), False
    return (rest,), False


def _pairs(rest: str) -> tuple[str, ...]:
    """`A=1 B="2 3"` or the old form `A 1 2`: name, value and separator of each."""
    name, value = _first(rest)
    if "=" not in name:
        return name, value, ""
    return tuple(part for match in _PAIR.finditer(rest) for part in (match[1], match[3] or "", "=" if match[2] else ""))
