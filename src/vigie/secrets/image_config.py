"""Secrets in what an artifact says of itself: the environment, commands, labels and history of an image, the address
and message of a commit.

Each text is searched as it is, not as JSON, so that line breaks and quotes in it are what rules expect. Lines are those
of the configuration as JSON with an item a line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

import msgspec
from msgspec import Struct

from vigie.model.artifact import ArtifactFacts
from vigie.model.inventory import Problem
from vigie.model.misconfiguration import CodeLine
from vigie.model.secret import CommitSeen, SecretCandidate
from vigie.secrets.analyzer import SecretReading
from vigie.secrets.masking import SHORTEST, Masking, in_context

replace = msgspec.structs.replace

PATH = "config.json"
CONTEXT = 2
WIDTH = 100
DEEPEST = 20
MOST_TEXTS = 20_000
COMMANDS = {"Cmd": "CMD", "Entrypoint": "ENTRYPOINT", "Test": "HEALTHCHECK", "OnBuild": "ONBUILD", "Shell": "SHELL"}

_Place = tuple[str | int, ...]


class Piece(Struct, frozen=True):
    """A text of the configuration. place: of its first word in the document; name: what people call it; lead: what
    rules need to see in front of it (`password=`); words: the text, or the words of a command, which are texts of their
    own in the document."""

    place: _Place
    name: str
    words: tuple[str, ...]
    lead: str = ""

    @property
    def content(self) -> bytes:
        """What is searched."""
        return (self.lead + " ".join(self.words)).encode(errors="replace")

    def word(self, offset: int) -> tuple[int, int]:
        """Which word has an offset (in characters, behind the lead), and where it begins."""
        start = 0
        for index, word in enumerate(self.words):
            if offset <= start + len(word) or index == len(self.words) - 1:
                return index, start
            start += len(word) + 1
        return 0, 0


class Found(Struct, frozen=True):
    """What was found in the texts of an artifact. spelled: texts by what is shown in their place, for secrets that are
    too short to be hidden wherever they stand."""

    candidates: tuple[SecretCandidate, ...]
    spelled: Mapping[str, str]
    problems: tuple[Problem, ...]


def search(facts: ArtifactFacts, reading: SecretReading, commits: Iterable[CommitSeen] = ()) -> Found:
    """Looks for secrets in the configuration of an image, or in what is known of commits. `reading` remembers what
    they are. Those of commits are no candidates: they are hidden in what is shown of them."""
    document: dict[str, Any] = facts.image.config if facts.image else {}
    problems: dict[Problem, None] = {}
    spelled: dict[str, str] = {}
    found: list[tuple[Piece, SecretCandidate]] = []
    said = dict.fromkeys(text for one in commits for text in (one.subject, one.author, one.email) if text)
    told = (Piece((), "", (text,)) for text in islice(said, MOST_TEXTS))
    for piece in chain(_all(facts), told):
        candidates, troubles = reading.of_text(PATH, piece.content)
        problems.update(dict.fromkeys(troubles))
        found += [(piece, candidate) for candidate in candidates]
        spelled.update(_short(piece, candidates, reading))
    if not found:
        return Found((), spelled, tuple(problems))
    shown = _Shown(document, Masking((one.secret for one in reading.values.values()), spelled))
    return Found(tuple(shown.candidate(*one) for one in found if one[0].name), spelled, tuple(problems))


def texts(facts: ArtifactFacts) -> Iterator[str]:
    """All that is searched."""
    return (word for piece in _all(facts) for word in piece.words)


def _all(facts: ArtifactFacts) -> Iterator[Piece]:
    if facts.image:
        yield from islice(_pieces(facts.image.config, ()), MOST_TEXTS)
    if facts.repository:
        about = facts.repository
        yield from (Piece((), "", (text,)) for text in (about.url, about.message, about.author, about.committer))


def _pieces(value: Any, place: _Place) -> Iterator[Piece]:
    """All texts of a document."""
    if len(place) > DEEPEST:
        return
    last = place[-1] if place else ""
    if isinstance(value, str):
        yield _piece(place, value)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _pieces(item, (*place, str(key)))
    elif isinstance(value, list) and last in COMMANDS and all(isinstance(item, str) for item in value):
        if value:
            yield Piece((*place, 0), COMMANDS[str(last)], tuple(value))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _pieces(item, (*place, index))


def _piece(place: _Place, text: str) -> Piece:
    keys = [part for part in place if isinstance(part, str)]
    if keys[-1:] == ["Env"]:
        return Piece(place, f"ENV {text.partition('=')[0]}", (text,))
    if keys[-2:-1] == ["Labels"]:
        return Piece(place, f"LABEL {keys[-1]}", (text,), f"{keys[-1]}=")
    if keys[:1] == ["history"] and len(place) > 1 and isinstance(place[1], int):
        return Piece(place, f"history step {place[1] + 1}", (text,))
    return Piece(place, ".".join(map(str, place)), (text,), f"{keys[-1] if keys else ''}=")


def _offset(piece: Piece, candidate: SecretCandidate) -> int:
    """Where a secret begins, in characters behind the lead."""
    return len(piece.content[: candidate.offset].decode(errors="replace")) - len(piece.lead)


def _short(piece: Piece, candidates: Iterable[SecretCandidate], reading: SecretReading) -> Iterator[tuple[str, str]]:
    """What hides the secrets of a text that are too short to be hidden wherever they stand."""
    spans: dict[int, list[tuple[int, int]]] = {}
    for one in candidates:
        value = reading.values.get((one.rule, one.path, one.tag))
        if value is not None and len(value.secret) < SHORTEST:
            offset = _offset(piece, one)
            index, start = piece.word(offset)
            spans.setdefault(index, []).append((offset - start, offset - start + len(value.secret)))
    for index, found in spans.items():
        yield in_context(piece.words[index], sorted(found))


class _Shown:
    """The configuration as it is shown: as JSON, masked, an item a line."""

    def __init__(self, document: Mapping[str, Any], masking: Masking) -> None:
        self._masking = masking
        lines = list(self._lines(document, (), "", "", 0))
        self.lines = [line for line, _ in lines]
        self.numbers = {place: number for number, (_, place) in enumerate(lines, 1) if place}

    def _lines(self, value: Any, place: _Place, lead: str, tail: str, depth: int) -> Iterator[tuple[str, _Place]]:
        indent = "  " * depth
        if isinstance(value, dict | list) and value and depth <= DEEPEST:
            named = isinstance(value, dict)
            yield f"{indent}{lead}{'{' if named else '['}", ()
            for number, key in enumerate(value):
                comma = "," if number < len(value) - 1 else ""
                if named:
                    yield from self._lines(value[key], (*place, str(key)), f"{_json(str(key))}: ", comma, depth + 1)
                else:
                    yield from self._lines(key, (*place, number), "", comma, depth + 1)
            yield f"{indent}{'}' if named else ']'}{tail}", ()
        else:
            shown = self._masking.text(value) if isinstance(value, str) else value
            yield f"{indent}{lead}{_json(shown)}{tail}", place

    def candidate(self, piece: Piece, found: SecretCandidate) -> SecretCandidate:
        """A candidate as one of the whole configuration."""
        offset = _offset(piece, found)
        index, start = piece.word(offset)
        place = (*piece.place[:-1], index) if len(piece.words) > 1 else piece.place
        number = self.numbers.get(place, 1)
        before = sum(len(line) + 1 for line in self.lines[: number - 1])
        columns = offset + 1, offset + 1  # a text of several lines is one here
        if found.start == found.end == 1:
            columns = found.start_column - len(piece.lead), found.end_column - len(piece.lead)
        return replace(
            found,
            start=number,
            end=number,
            start_column=max(columns[0] - start, 1),
            end_column=max(columns[1] - start, 1),
            offset=before + offset - start,
            match=(match := self.lines[number - 1] if len(self.lines[number - 1]) <= WIDTH else found.match),
            code=tuple(self._code(number, match)),
            origin=piece.name,
        )

    def _code(self, number: int, match: str) -> Iterator[CodeLine]:
        for near in range(max(number - CONTEXT, 1), min(number + CONTEXT, len(self.lines)) + 1):
            if near == number:
                yield CodeLine(near, match, is_cause=True, first=True, last=True)
            else:
                yield CodeLine(near, self.lines[near - 1][:WIDTH])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
