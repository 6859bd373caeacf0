"""Regular expressions, as Go understands them: the functions, and `re` where that cannot run away."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from vigie.misconfig.languages.terraform.functions.pattern import repeats, translate
from vigie.misconfig.languages.terraform.values import MAX_ITEMS, MAX_TEXT, FunctionError, LimitError

if TYPE_CHECKING:
    from vigie.misconfig.languages.terraform.functions.matcher import Matcher

_QUICK_STEPS = 20_000_000
_LONGEST_TEXT = 1 << 20

Spans = list[tuple[int, int]]
"""Start and end of the whole match and of each group; (-1, -1) for a group that takes no part."""


class Regex:
    """A compiled expression. names: of the groups, "" for those without."""

    def __init__(self, expression: str) -> None:
        try:
            self._compiled = re.compile(translate(expression), re.ASCII)
        except (re.error, OverflowError, RecursionError) as error:
            raise FunctionError(f"not a regular expression: {error}") from error
        self.names = [""] * self._compiled.groups
        for name, group in self._compiled.groupindex.items():
            self.names[group - 1] = name
        self._matcher: Matcher | None = None

    def matches(self, text: str) -> Iterator[Spans]:
        """All matches from left to right. Raises FunctionError for a text that takes too long."""
        if len(text) > _LONGEST_TEXT:
            raise LimitError("the text is too long for a regular expression")
        search = self._quick if self._is_quick(len(text)) else self._careful()
        at, last = 0, -1
        while at <= len(text):
            spans = search(text, at)
            if spans is None:
                return
            start, end = spans[0]
            if end > start or start != last:  # nothing may match right behind a match only when it has a length
                yield spans
            last = end
            at = end if end > start else start + 1

    def _is_quick(self, length: int) -> bool:
        """Whether `re` is done in time, whatever the text holds."""
        degree = repeats(self._compiled.pattern)
        return degree is not None and max(length, 2) ** (degree + 1) <= _QUICK_STEPS

    def _quick(self, text: str, at: int) -> Spans | None:
        found = self._compiled.search(text, at)
        return None if found is None else [found.span(group) for group in range(len(self.names) + 1)]

    def _careful(self) -> Callable[[str, int], Spans | None]:
        if self._matcher is None:
            from vigie.misconfig.languages.terraform.functions.matcher import Matcher

            self._matcher = Matcher(self._compiled.pattern)
        return self._matcher.searcher()


@lru_cache(256)
def _regex(expression: str) -> Regex:
    return Regex(expression)


def regex(expression: str, text: str) -> Any:
    """The first match: a text; a list of its groups; a map when they have names."""
    compiled = _regex(expression)
    for spans in compiled.matches(text):
        return _result(compiled, text, spans)
    raise FunctionError("the expression does not match")


def regexall(expression: str, text: str) -> list[Any]:
    compiled = _regex(expression)
    result = []
    for spans in compiled.matches(text):
        result.append(_result(compiled, text, spans))
        if len(result) > MAX_ITEMS:
            raise LimitError(f"more than {MAX_ITEMS} matches")
    return result


def _result(compiled: Regex, text: str, spans: Spans) -> Any:
    groups = [None if start < 0 else text[start:end] for start, end in spans]
    if not compiled.names:
        return groups[0]
    if not any(compiled.names):
        return groups[1:]
    if not all(compiled.names):
        raise FunctionError("either all groups have names, or none")
    return dict(zip(compiled.names, groups[1:], strict=True))


def replace(text: str, part: str, by: str) -> str:
    """Replaces a text, or a regular expression that is written as `/expression/`; `$1` and `${name}` are groups."""
    if len(part) > 1 and part.startswith("/") and part.endswith("/"):
        return _substitute(_regex(part[1:-1]), text, by)
    if (text.count(part) + 1) * max(len(by), 1) + len(text) > MAX_TEXT:
        raise LimitError(f"more than {MAX_TEXT} characters")
    return text.replace(part, by)


def _substitute(compiled: Regex, text: str, by: str) -> str:
    pieces = _template(compiled, by)
    parts: list[str] = []
    at = length = 0
    for spans in compiled.matches(text):
        new = [text[at : spans[0][0]]]
        for piece in pieces:
            if isinstance(piece, str):
                new.append(piece)
            elif 0 <= piece < len(spans) and spans[piece][0] >= 0:
                new.append(text[slice(*spans[piece])])
        at = spans[0][1]
        parts += new
        length += sum(map(len, new))
        if length > MAX_TEXT:
            raise LimitError(f"more than {MAX_TEXT} characters")
    return "".join(parts) + text[at:]


def _template(compiled: Regex, by: str) -> list[str | int]:
    """Texts, and numbers of groups; -1 for one that there is not."""
    pieces: list[str | int] = []
    at = 0
    for found in re.finditer(r"\$(?:\$|(\w+)|\{(\w+)\})", by):
        pieces.append(by[at : found.start()])
        at = found.end()
        name = found[1] or found[2]
        if not name:
            pieces.append("$")
        elif name.isdigit():
            pieces.append(int(name[:6]))
        else:
            pieces.append(compiled.names.index(name) + 1 if name in compiled.names else -1)
    return [*pieces, by[at:]]
