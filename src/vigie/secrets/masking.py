"""Masking: a secret that was found stands in clear nowhere else in the report either.

Files mask their own excerpts while they are searched. This is for what is shown of other origin: the configuration of
an image, the commands of layers, the code of a mistake in configuration, messages about problems.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from vigie.model.misconfiguration import CodeLine, Misconfiguration
from vigie.model.report import Result
from vigie.model.secret import SecretCandidate

replace = msgspec.structs.replace

SHORTEST = 8
"""Characters of a value, or of a part of it, that is hidden wherever it stands; shorter ones are words."""
SHORTEST_ELSEWHERE = 12
"""The same for lists of packages and their vulnerabilities, and only with letters and digits in it: names of packages
may be somebody's password."""

MANY = 64
"""More texts are not each looked for alone."""

_Value = TypeVar("_Value")


class Masking:
    """Hides texts wherever they stand in a value made of structs, lists and dicts.

    values: secrets; their lines are hidden each for itself. spelled: longer texts by what is shown in their place.
    """

    def __init__(self, values: Iterable[str], spelled: Mapping[str, str] = {}) -> None:
        found = {piece: stars(piece) for value in values for piece in pieces(value)}
        # The longest first: one may be a part of another.
        everything = {**found, **spelled}
        self._all = {text: everything[text] for text in sorted(everything, key=len, reverse=True)}
        self._spelled = spelled
        self._starts: dict[str, list[str]] = {}
        for piece in found if len(found) > MANY else ():
            self._starts.setdefault(_escaped(piece)[:SHORTEST], []).append(piece)

    def __bool__(self) -> bool:
        return bool(self._all)

    def text(self, text: str) -> str:
        """A text without what is to be hidden."""
        return _replaced(text, self._in(text))

    def of(self, value: _Value, *, packages: bool = False) -> _Value:
        """The value without what is to be hidden; the same object when nothing was. packages: it names packages."""
        if not self._all:
            return value
        try:
            whole = msgspec.json.encode(value).decode()
        except UnicodeEncodeError:  # names from file systems may hold bytes that are no UTF-8
            whole = ""
        wanted = self._all if not whole else self._in(whole, escaped=True)
        if packages:
            wanted = {text: shown for text, shown in wanted.items() if _unlike_a_name(text)}
        return _Walk(wanted).of(value) if wanted else value

    def _in(self, text: str, *, escaped: bool = False) -> dict[str, str]:
        """What of it a text holds, escaped as in JSON or not."""
        likely: Iterable[str] = self._all
        if self._starts:
            whole = text if escaped else _escaped(text)
            starts = {whole[at : at + SHORTEST] for at in range(len(whole) - SHORTEST + 1)} & self._starts.keys()
            held = {one for start in starts for one in self._starts[start]} | self._spelled.keys()
            likely = sorted(held, key=len, reverse=True)
        return {one: self._all[one] for one in likely if (_escaped(one) if escaped else one) in text}


class _Walk:
    def __init__(self, wanted: Mapping[str, str]) -> None:
        self._wanted = wanted
        self._done: dict[int, Any] = {}

    def of(self, value: Any) -> Any:
        if isinstance(value, str):
            return _replaced(value, self._wanted)
        if isinstance(value, Struct):
            known = self._done.get(id(value))
            if known is None:
                before = {name: getattr(value, name) for name in value.__struct_fields__}
                changed = {name: new for name, old in before.items() if (new := self.of(old)) is not old}
                known = self._done[id(value)] = replace(value, **changed) if changed else value
            return known
        if isinstance(value, dict):
            return _kept(value, {self.of(key): self.of(item) for key, item in value.items()})
        if isinstance(value, list | tuple):
            return _kept(value, type(value)(self.of(item) for item in value))
        return value


def _kept(old: _Value, new: _Value) -> _Value:
    return old if old == new else new


def _replaced(text: str, wanted: Mapping[str, str]) -> str:
    for one, shown in wanted.items():
        if one in text:
            text = text.replace(one, shown)
    return text


def stars(text: str) -> str:
    """As many stars as there are characters."""
    return "*" * len(text)


def pieces(value: str) -> list[str]:
    """The parts of a secret that must not be seen: its lines, written as such or as `\\n`; of a key in PEM what stands
    between its marks."""
    lines = re.split(r"\r?\n|(?:\\r)?\\n|-----(?:BEGIN|END) [A-Z0-9 ]{1,40}-----", value)
    if len(lines) > 1:
        lines = [line.strip(" \t\"'\\,+") for line in lines]
    return [line for line in lines if len(line) >= SHORTEST]


def in_context(text: str, spans: Sequence[tuple[int, int]]) -> tuple[str, str]:
    """Parts of a text with all between them and some words around, and the same with the parts as stars: for values too
    short to be hidden wherever they stand."""
    shown = text
    for start, end in spans:
        shown = shown[:start] + stars(shown[start:end]) + shown[end:]
    first = min(start for start, _ in spans)
    for _ in range(2):  # the word it stands in and the one before
        first = len(text[:first].rstrip().rpartition(" ")[0])
    last = max(end for _, end in spans)
    last += len(re.split(r"\s", text[last:], maxsplit=1)[0])
    return text[first:last], shown[first:last]


def _escaped(text: str) -> str:
    return msgspec.json.encode(text).decode()[1:-1]


def _unlike_a_name(text: str) -> bool:
    return len(text) >= SHORTEST_ELSEWHERE and any(map(str.isdigit, text)) and any(map(str.isalpha, text))


def without_secrets(
    results: Sequence[Result], masking: Masking, candidates: Iterable[SecretCandidate]
) -> tuple[Result, ...]:
    """Results about configuration, whose code shows lines of files in which secrets were found as those do."""
    lines: dict[str, dict[int, str]] = {}
    for one in candidates:
        if one.noise or one.origin:
            continue
        shown = {line.number: line.content for line in one.code if not line.truncated}
        of_file = lines.setdefault(one.path, {})
        of_file.update({number: shown.get(number, "*" * 8) for number in range(one.start, one.end + 1)})
    return tuple(_without_secrets(masking.of(result), lines) for result in results)


def _without_secrets(result: Result, lines: Mapping[str, Mapping[int, str]]) -> Result:
    of_file = lines.get(result.target.lstrip("/")) or lines.get(result.target)
    if not of_file:
        return result

    def line(one: CodeLine) -> CodeLine:
        return replace(one, content=of_file[one.number]) if one.content and one.number in of_file else one

    def hidden(finding: Any) -> Any:
        if not isinstance(finding, Misconfiguration) or not any(one.number in of_file for one in finding.code):
            return finding
        return replace(finding, code=tuple(map(line, finding.code)), rendered="")

    return replace(
        result,
        findings=tuple(map(hidden, result.findings)),
        suppressed=tuple(replace(one, finding=hidden(one.finding)) for one in result.suppressed),
    )
