"""RE2's syntax in that of `re`. What RE2 has not (look-around, back references) is refused; so is what `re` has not."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import import_module
from typing import Any

from vigie.misconfig.languages.terraform.values import FunctionError, LimitError

_LONGEST = 4096
_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7f",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_CATEGORIES = {"L": r"^\W\d_", "Letter": r"^\W\d_"}


def translate(expression: str) -> str:
    """The expression as `re` understands it. Raises FunctionError."""
    if len(expression) > _LONGEST:
        raise LimitError("the regular expression is too long")
    return _Translation(expression).run()


class _Translation:
    def __init__(self, text: str) -> None:
        self.text, self.at, self.out = text, 0, list[str]()
        self.lines = [False]  # whether ^ and $ mean lines, per open group

    def run(self) -> str:
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "\\":
                self._escape()
            elif char == "[":
                self._class()
            elif char == "(":
                self._group()
            elif char == "$":
                self._put("$" if self.lines[-1] else r"\Z")
            elif char == "{" and not re.match(r"\{\d+(,\d*)?\}", self.text[self.at :]):
                self._put(r"\{")
            elif char in "*+?" or char == "{":
                self._repeat()
            else:
                if char == ")" and len(self.lines) > 1:
                    self.lines.pop()
                self._put(char)
        return "".join(self.out)

    def _put(self, text: str, length: int = 1) -> None:
        self.out.append(text)
        self.at += length

    def _repeat(self) -> None:
        found = re.match(r"([*+?]|\{\d+(?:,\d*)?\})\??", self.text[self.at :])
        assert found
        if self.text[self.at + found.end() : self.at + found.end() + 1] in ("*", "+", "?"):
            raise FunctionError("a repetition of a repetition")
        if any(int(number) > 1000 for number in re.findall(r"\d{1,9}", found[0])):
            raise FunctionError("more than 1000 repetitions")
        self._put(found[0], found.end())

    def _escape(self) -> None:
        rest = self.text[self.at + 1 :]
        if not rest:
            raise FunctionError("a backslash at the end")
        char = rest[0]
        if char == "Q":
            literal = rest[1:].partition("\\E")[0]
            self._put(re.escape(literal), len(literal) + (4 if "\\E" in rest else 2))
        elif char == "z":
            self._put(r"\Z", 2)
        elif char in "AbBdDwWsSafnrtv" or not char.isalnum():
            self._put("\\" + char, 2)
        else:
            self._code(rest, False)

    def _code(self, rest: str, inside: bool) -> None:
        """Characters by number, and Unicode's categories."""
        if found := re.match(r"x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})", rest):
            number = int(found[1] or found[2], 16)
            if number > 0x10FFFF:
                raise FunctionError("no such character")
            self._put(re.escape(chr(number)), found.end() + 1)
        elif found := re.match(r"0[0-7]{0,2}|[1-7][0-7]{1,2}", rest):
            self._put(re.escape(chr(int(found[0], 8))), found.end() + 1)
        elif (found := re.match(r"p(?:\{(\w+)\}|(L))", rest)) and not inside and (found[1] or found[2]) in _CATEGORIES:
            # letters are what is a word character of Unicode, but neither a digit nor the underscore
            self._put(f"(?u:[{_CATEGORIES[found[1] or found[2]]}])", found.end() + 1)
        else:
            raise FunctionError(f"\\{rest[0]} in a regular expression")

    def _group(self) -> None:
        rest = self.text[self.at :]
        if found := re.match(r"\(\?P?<(\w+)>", rest):
            self.lines.append(self.lines[-1])
            self._put(f"(?P<{found[1]}>", found.end())
        elif found := re.match(r"\(\?([ims]*)(?:-([ims]+))?(:|\))", rest):
            lines = "m" in found[1] or (self.lines[-1] and "m" not in (found[2] or ""))
            flags = found[1] + (f"-{found[2]}" if found[2] else "")
            if found[3] == ")":
                if self.out or found[2]:
                    raise FunctionError("flags that begin in the middle")
                self.lines[-1] = lines
                self._put(f"(?{flags})" if flags else "", found.end())
            else:
                self.lines.append(lines)
                self._put(f"(?{flags}:", found.end())
        elif rest.startswith("(?"):
            raise FunctionError(f"{rest[:3]} in a regular expression")
        else:
            self.lines.append(self.lines[-1])
            self._put("(")

    def _class(self) -> None:
        head = "[^" if self.text.startswith("[^", self.at) else "["
        self._put(head, len(head))
        first = True
        while True:
            rest = self.text[self.at :]
            if not rest:
                raise FunctionError("a [ without its ]")
            if rest[0] == "]" and not first:
                self._put("]")
                return
            first = False
            if found := re.match(r"\[:(\^?)(\w+):\]", rest):
                if found[2] not in _CLASSES or found[1]:
                    raise FunctionError(f"{found[0]} in a regular expression")
                self._put(_CLASSES[found[2]], found.end())
            elif rest[0] == "\\":
                if len(rest) > 1 and (rest[1] in "dDwWsSafnrtv" or not rest[1].isalnum()):
                    self._put(rest[:2], 2)
                else:
                    self._code(rest[1:], True)
            else:
                self._put(rest[0] if rest[0].isalnum() or rest[0] in "-_" else re.escape(rest[0]))


def parse(pattern: str) -> Any:
    """The syntax tree that `re` makes of a pattern."""
    return import_module("re._parser").parse(pattern, re.ASCII)


@lru_cache(256)
def repeats(pattern: str) -> int | None:
    """How often a pattern repeats something, one behind another: the degree of the time it takes. None when it
    repeats within a repetition, where time may double with each character."""
    return _degree(parse(pattern), False)


def _degree(tree: Any, within: bool) -> int | None:
    total = 0
    for operation, argument in tree:
        name = str(operation)
        parts: list[Any] = []
        repeated = within
        if name in ("MAX_REPEAT", "MIN_REPEAT"):
            least, most, body = argument
            parts = [body]
            if most not in (1, least):
                if within:
                    return None
                repeated = True
                total += 1
            elif most != 1 and within:
                return None
        elif name == "SUBPATTERN":
            parts = [argument[3]]
        elif name == "BRANCH":
            if within:
                return None
            parts = list(argument[1])
            total += 1
        for part in parts:
            degree = _degree(part, repeated)
            if degree is None:
                return None
            total += degree
    return total
