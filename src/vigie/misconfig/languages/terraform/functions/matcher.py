"""A matcher of regular expressions in time linear in the text: it backtracks, but never twice into the same place.

The pattern becomes a program of the pike kind (R. Cox, "Regular Expression Matching: the Virtual Machine Approach");
the first way that matches wins, as in Go and in `re`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from vigie.misconfig.languages.terraform.functions.pattern import parse
from vigie.misconfig.languages.terraform.values import FunctionError, LimitError

_MAX_PROGRAM = 4_000
_MAX_STEPS = 3_000_000

Instruction = tuple[str, Any]


class Matcher:
    """A program made of a pattern of `re`."""

    def __init__(self, pattern: str) -> None:
        tree = parse(pattern)
        self._steps = 0
        self._slots = 2 * tree.state.groups
        self._program: list[Instruction] = []
        self._tree(tree, tree.state.flags)
        self._emit("match", None)

    def searcher(self) -> Callable[[str, int], list[tuple[int, int]] | None]:
        """A function that finds the spans of the first match from a place on; all its calls together have a bound of
        steps, and raise FunctionError beyond it."""
        self._steps = 0
        return self._search

    def _search(self, text: str, at: int) -> list[tuple[int, int]] | None:
        seen: set[int] = set()  # states that led nowhere lead nowhere from another start, too
        for start in range(at, len(text) + 1):
            slots = self._run(text, start, seen)
            if slots is not None:
                return [(slots[i], slots[i + 1]) if slots[i + 1] >= 0 else (-1, -1) for i in range(0, len(slots), 2)]
        return None

    def _run(self, text: str, start: int, seen: set[int]) -> tuple[int, ...] | None:
        program, size, length = self._program, len(self._program), len(text)
        empty = (start, *([-1] * (self._slots - 1)))
        stack: list[tuple[int, int, tuple[int, ...]]] = [(0, start, empty)]
        while stack:
            counter, at, slots = stack.pop()
            while True:
                state = at * size + counter
                if state in seen:
                    break
                seen.add(state)
                self._steps += 1
                if self._steps > _MAX_STEPS:
                    raise LimitError("the regular expression takes too long on this text")
                kind, argument = program[counter]
                if kind == "char":
                    if at >= length or not argument(text[at]):
                        break
                    at += 1
                elif kind == "split":
                    stack.append((argument[1], at, slots))
                    counter = argument[0]
                    continue
                elif kind == "jump":
                    counter = argument
                    continue
                elif kind == "save":
                    slots = (*slots[:argument], at, *slots[argument + 1 :])
                elif kind == "assert":
                    if argument.match(text, at) is None:
                        break
                else:
                    return (slots[0], at, *slots[2:])
                counter += 1
        return None

    def _emit(self, kind: str, argument: Any) -> int:
        if len(self._program) >= _MAX_PROGRAM:
            raise LimitError("the regular expression is too large")
        self._program.append((kind, argument))
        return len(self._program) - 1

    def _tree(self, tree: Any, flags: int) -> None:
        for operation, argument in tree:
            name = str(operation)
            if name in ("MAX_REPEAT", "MIN_REPEAT"):
                least, most, body = argument
                self._repeat(least, most, body, flags, name == "MAX_REPEAT")
            elif name == "SUBPATTERN":
                group, add, remove, body = argument
                if group is not None:
                    self._emit("save", 2 * group)
                self._tree(body, (flags | add) & ~remove)
                if group is not None:
                    self._emit("save", 2 * group + 1)
            elif name == "BRANCH":
                self._branch(argument[1], flags)
            elif name == "AT":
                self._emit("assert", re.compile(_ASSERTIONS[str(argument)], re.ASCII | (flags & re.MULTILINE)))
            else:
                self._emit("char", _predicate(name, argument, flags))

    def _branch(self, branches: list[Any], flags: int) -> None:
        ends = []
        for index, branch in enumerate(branches):
            last = index == len(branches) - 1
            split = -1 if last else self._emit("split", None)
            self._tree(branch, flags)
            if not last:
                ends.append(self._emit("jump", None))
                self._program[split] = ("split", (split + 1, len(self._program)))
        for end in ends:
            self._program[end] = ("jump", len(self._program))

    def _repeat(self, least: int, most: Any, body: Any, flags: int, greedy: bool) -> None:
        for _ in range(least):
            self._tree(body, flags)
        if str(most) == "MAXREPEAT":
            split = self._emit("split", None)
            self._tree(body, flags)
            self._emit("jump", split)
            self._fork(split, greedy)
            return
        splits = []
        for _ in range(int(most) - least):
            splits.append(self._emit("split", None))
            self._tree(body, flags)
        for split in splits:
            self._fork(split, greedy)

    def _fork(self, split: int, greedy: bool) -> None:
        inner, outer = split + 1, len(self._program)
        self._program[split] = ("split", (inner, outer) if greedy else (outer, inner))


_ASSERTIONS = {
    "AT_BEGINNING": "^",
    "AT_BEGINNING_STRING": r"\A",
    "AT_END": "$",
    "AT_END_STRING": r"\Z",
    "AT_BOUNDARY": r"\b",
    "AT_NON_BOUNDARY": r"\B",
}


def _predicate(name: str, argument: Any, flags: int) -> Callable[[str], bool]:
    """Whether one character matches. Cases are folded within ASCII only."""
    fold = bool(flags & re.IGNORECASE)
    if name == "ANY":
        return _any if flags & re.DOTALL else _any_but_newline
    if name in ("LITERAL", "NOT_LITERAL"):
        wanted = {chr(argument)}
        if fold and argument < 128:
            wanted |= {chr(argument).lower(), chr(argument).upper()}
        return wanted.__contains__ if name == "LITERAL" else lambda char: char not in wanted
    if name != "IN":
        raise FunctionError("not a regular expression that can be used here")
    negated = bool(argument) and str(argument[0][0]) == "NEGATE"
    unicode = re.UNICODE if flags & re.UNICODE and not flags & re.ASCII else re.ASCII
    tests: list[Any] = []
    for operation, detail in argument[1:] if negated else argument:
        kind = str(operation)
        if kind == "LITERAL":
            tests.append(chr(detail).__eq__)
        elif kind == "RANGE":
            tests.append(range(detail[0], detail[1] + 1))
        else:
            tests.append(re.compile(_CATEGORIES[str(detail)], unicode).match)

    def test(char: str) -> bool:
        chars = (char, char.lower(), char.upper()) if fold and char.isascii() else (char,)
        return (
            any(ord(char) in test if isinstance(test, range) else test(char) for test in tests for char in chars)
            is not negated
        )

    known: dict[str, bool] = {}

    def remembered(char: str) -> bool:
        answer = known.get(char)
        if answer is None:
            answer = known[char] = test(char)
        return answer

    return remembered


def _any(char: str) -> bool:
    return True


def _any_but_newline(char: str) -> bool:
    return char != "\n"


_CATEGORIES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}
