"""Tables drawn with box characters, and text fitted into columns. Everything printed here is made harmless first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vigie.log import printable

RESET = "\x1b[0m"
STYLES = {
    "bold": "\x1b[1m",
    "dim": "\x1b[2m",
    "red": "\x1b[31m",
    "alarm": "\x1b[1;31m",
    "yellow": "\x1b[33m",
    "blue": "\x1b[34m",
}

LONGEST = 1000
"""Characters of one paragraph that are shown; only hostile names and versions are longer. JSON has them whole."""


SEVERITY_STYLES = {"CRITICAL": "alarm", "HIGH": "red", "MEDIUM": "yellow", "LOW": "blue", "UNKNOWN": "dim"}
"""How severities look."""


class Line(NamedTuple):
    """One line or paragraph of a cell, in one style of `STYLES` ("" for none)."""

    text: str
    style: str = ""


Cell = tuple[Line, ...]


class Column(NamedTuple):
    """least and most: bounds of the width in characters. right: align to the right."""

    title: str
    least: int = 1
    most: int = 1000
    right: bool = False


def cell(*texts: str, style: str = "") -> Cell:
    """A cell of one paragraph per text; empty texts are left out."""
    return tuple(Line(text, style) for text in texts if text)


def width_of(text: str) -> int:
    """Columns that a text takes: two for wide East Asian characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.combining(c) or c in "\u200b\u200d\ufe0f"
        else 2
        if unicodedata.east_asian_width(c) in "WF"
        else 1
        for c in text
    )


def shown(text: str) -> str:
    """The text as it is printed: harmless, and not longer than anybody reads."""
    text = printable(text)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns, broken between words, inside a word only when it is too long for a line."""
    lines: list[str] = []
    line = ""
    for whole in shown(text).split():
        word = whole
        if line and width_of(line) + 1 + width_of(word) <= width:
            line += " " + word
            continue
        if line:
            lines.append(line)
        while width_of(word) > width:
            head = _head(word, width)
            lines.append(head)
            word = word[len(head) :]
        line = word
    return [*lines, line] if line else lines


def _head(word: str, width: int) -> str:
    """The longest beginning that fits, at least one character; preferably ending behind a separator."""
    taken = used = 0
    for sign in word:
        used += width_of(sign)
        if used > width:
            break
        taken += 1
    taken = max(taken, 1)
    breaks = [match.end() for match in re.finditer(r"[/,:+~_-]", word[:taken]) if match.end() > taken // 2]
    return word[: breaks[-1] if breaks else taken]


def paint(text: str, style: str, colour: bool) -> str:
    """The text in a style, where escape sequences are understood."""
    return f"{STYLES[style]}{text}{RESET}" if colour and style and text else text


def draw(columns: Sequence[Column], groups: Iterable[Sequence[Sequence[Cell]]], width: int, colour: bool) -> list[str]:
    """Lines of a table at most `width` wide (unless the columns' least widths need more). A rule stands between groups
    of rows; the cells of a row wrap."""
    groups = [list(group) for group in groups]
    rows = [row for group in groups for row in group]
    widths = _fit(columns, rows, width)
    lines = [_rule("┌┬┐", widths)]
    lines += _row([cell(column.title, style="bold") for column in columns], columns, widths, colour)
    for group in groups:
        lines.append(_rule("├┼┤", widths))
        for row in group:
            lines += _row(row, columns, widths, colour)
    return [*lines, _rule("└┴┘", widths)]


def _fit(columns: Sequence[Column], rows: Iterable[Sequence[Cell]], width: int) -> list[int]:
    """Widths between least and most; what does not fit is taken from the widest column that can still give."""
    natural = [width_of(column.title) for column in columns]
    for row in rows:
        for index, each in enumerate(row):
            for line in each:
                natural[index] = max(natural[index], width_of(shown(line.text)))
    widths = [max(min(n, c.most), c.least, width_of(c.title)) for n, c in zip(natural, columns, strict=True)]
    excess = sum(widths) + 3 * len(widths) + 1 - width
    while excess > 0:
        spare = [w - max(c.least, width_of(c.title)) for w, c in zip(widths, columns, strict=True)]
        index = max((i for i in range(len(widths)) if spare[i] > 0), key=lambda i: widths[i], default=-1)
        if index < 0:
            break
        widths[index] -= 1
        excess -= 1
    return widths


def _rule(corners: str, widths: Sequence[int]) -> str:
    return corners[0] + corners[1].join("─" * (w + 2) for w in widths) + corners[2]


def _row(row: Sequence[Cell], columns: Sequence[Column], widths: Sequence[int], colour: bool) -> list[str]:
    wrapped = [
        [Line(text, line.style) for line in each for text in wrap(line.text, width)]
        for each, width in zip(row, widths, strict=True)
    ]
    height = max((len(lines) for lines in wrapped), default=0) or 1
    drawn = []
    for number in range(height):
        parts = []
        for lines, column, width in zip(wrapped, columns, widths, strict=True):
            line = lines[number] if number < len(lines) else Line("")
            blank = " " * (width - width_of(line.text))
            text = paint(line.text, line.style, colour)
            parts.append(f" {blank + text if column.right else text + blank} ")
        drawn.append("│" + "│".join(parts) + "│")
    return drawn
