"""What is wrong, or doubtful, in rule files: codes as the peer documents them, and where in which file."""

from __future__ import annotations

from msgspec import Struct

ERRORS = {
    "LOAD_ERR_FILE_READ": "a rule file could not be read",
    "LOAD_ERR_YAML_PARSE": "the file is not YAML",
    "LOAD_ERR_YAML_VALIDATE": "the YAML has not the shape of a rule file",
    "LOAD_ERR_COMPILE_CONDITION": "a condition does not compile",
    "LOAD_ERR_COMPILE_OUTPUT": "an output does not compile",
    "LOAD_ERR_VALIDATE": "rules, macros, lists or versions do not fit together",
}
WARNINGS = {
    "LOAD_UNKNOWN_SOURCE": "a rule is for a source of events that is not there",
    "LOAD_UNSAFE_NA_CHECK": "a comparison with <NA>, which missing values are not equal to",
    "LOAD_NO_EVTTYPE": "a condition matches too many types of events",
    "LOAD_UNKNOWN_FILTER": "a condition or output names a field that is not there",
    "LOAD_UNUSED_MACRO": "nothing names this macro",
    "LOAD_UNUSED_LIST": "nothing names this list",
    "LOAD_UNKNOWN_ITEM": "an item of an unknown kind",
    "LOAD_UNKNOWN_KEY": "an item has a key that means nothing",
    "LOAD_DEPRECATED_ITEM": "something that is going to be removed",
    "LOAD_APPEND_NO_VALUES": "an exception is appended without values",
    "LOAD_EXCEPTION_NAME_NOT_UNIQUE": "several exceptions of one rule have the same name",
    "LOAD_INVALID_MACRO_NAME": "a macro's name cannot stand in a condition",
    "LOAD_INVALID_LIST_NAME": "a list's name cannot stand in a condition",
    "LOAD_COMPILE_CONDITION": "a condition may not mean what it says",
}
MOST = 10_000
"""A file in which everything is wrong is as wrong with that many problems."""
LONGEST_SNIPPET = 160
"""Characters of a line that are shown, half of them on either side of the place."""


class Where(Struct, frozen=True):
    """A place: of which kind of thing, its name, the file, line and column (from 1), and what it is part of."""

    kind: str
    name: str
    file: str
    line: int
    column: int
    parent: Where | None = None

    def inside(self, kind: str, name: str, at: tuple[int, int]) -> Where:
        """A part of this, at a line and column of the same file."""
        return Where(kind, name, self.file, at[0], at[1], self)

    def chain(self) -> list[Where]:
        """From the outermost to this."""
        chain, where = [self], self.parent
        while where is not None:
            chain.append(where)
            where = where.parent
        return chain[::-1]


class Problem(Struct, frozen=True):
    """One error or warning. text: what the innermost place's line and column are of, when that is not the file but a
    condition or an output."""

    code: str
    message: str
    where: Where
    text: str | None = None

    @property
    def fatal(self) -> bool:
        """Whether nothing can be loaded because of it."""
        return self.code in ERRORS

    @property
    def file(self) -> str:
        """The file it belongs to."""
        return self.where.chain()[0].file

    @property
    def description(self) -> str:
        """What the code means."""
        return ERRORS.get(self.code) or WARNINGS[self.code]


class Unfit(Exception):
    """An item that cannot be taken as it is; the reader and the collector go on with the next."""

    def __init__(self, code: str, message: str, where: Where) -> None:
        super().__init__(message)
        self.problem = Problem(code, message, where)


class Problems:
    """All problems of a load, in the order in which they were met."""

    def __init__(self) -> None:
        self.all: list[Problem] = []
        self.fatal = False
        """Whether there are errors."""

    def add(self, code: str, message: str, where: Where, text: str | None = None) -> None:
        """Notes one, unless there are too many."""
        self.note(Problem(code, message, where, text))

    def note(self, problem: Problem) -> None:
        """Notes one, unless there are too many; there is always room for the first error."""
        if len(self.all) < MOST or (problem.fatal and not self.fatal):
            self.all.append(problem)
            self.fatal = self.fatal or problem.fatal


def lines(text: str) -> list[str]:
    """The lines of a text as YAML counts them; never none."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def snippet(content: list[str], line: int, column: int) -> str:
    """The line of a place, cut where it is long, and a caret under the column."""
    if line < 1 or not content:
        return ""
    # A key without value may stand behind the last line.
    shown = content[min(line, len(content)) - 1]
    at = min(max(column - 1, 0), len(shown)) if line <= len(content) else len(shown)
    half = LONGEST_SNIPPET // 2
    start, end = max(at - half, 0), min(at + half, len(shown))
    before, after = "..." if start else "", "..." if end < len(shown) else ""
    visible = "".join(char if char.isprintable() else " " for char in shown[start:end])
    return f"{before}{visible}{after}\n{' ' * (len(before) + at - start)}^\n"
