"""What came of loading rule files: for people, for programs (the form of the peer's `falco_load_results`), and as the
one error that ends a run."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from vigie.runtime.rules.problems import Problem, Where, lines, snippet

if TYPE_CHECKING:
    from vigie.runtime.rules.document import Source
    from vigie.runtime.rules.load import Loaded, Result

RULE = "------"
LONGEST_NAME = 300
LONGEST_MESSAGE = 2000
"""Characters that are shown of names and messages."""


class Texts:
    """Lines of files, and of conditions, for showing places in them."""

    def __init__(self, files: tuple[Source, ...]) -> None:
        self._files = {source.name: source for source in files}
        self._lines: dict[str, list[str]] = {}
        self._starts: dict[str, list[int]] = {}

    def lines_of(self, problem: Problem) -> list[str]:
        """The lines of the text that the problem's innermost place is in."""
        if problem.text is not None:
            return lines(problem.text)
        return self.file(problem.where.file)

    def file(self, name: str) -> list[str]:
        """The lines of a file."""
        if name not in self._lines:
            source = self._files.get(name)
            data = source.data.removeprefix(b"\xef\xbb\xbf") if source else b""
            self._lines[name] = lines(data.decode(errors="replace")) if data else []
        return self._lines[name]

    def offset(self, where: Where, text: str | None) -> int:
        """The place in bytes, from 0."""
        content = self.file(where.file) if text is None else lines(text)
        if text is not None:
            starts = _starts(content[: where.line])
        elif (found := self._starts.get(where.file)) is not None:
            starts = found
        else:
            starts = self._starts[where.file] = _starts(content)
        if where.line > len(content):
            return starts[-1]
        return starts[where.line - 1] + len(content[where.line - 1][: where.column - 1].encode())


def _starts(content: list[str]) -> list[int]:
    """Where each line begins, in bytes, and where one behind the last would."""
    return list(accumulate((len(line.encode()) + 1 for line in content), initial=0))


def shown_as(text: str, longest: int = LONGEST_NAME) -> str:
    """A text of a rule file on a terminal: without control characters, and not endless."""
    text = text if len(text) <= longest else text[:longest] + "..."
    return "".join(char if char.isprintable() else " " for char in text)


def texts(loaded: Loaded) -> Texts:
    """The texts of all files."""
    return Texts(tuple(loaded.files))


def summary(result: Result) -> str:
    """`FILE: Ok`, `Ok, with warnings`, or `Invalid`."""
    verdict = "Invalid" if not result.successful else "Ok, with warnings" if result.warnings else "Ok"
    return f"{shown_as(result.name)}: {verdict}"


def text(loaded: Loaded, *, warnings: bool = True) -> str:
    """All files, one after the other, with what is wrong in each."""
    shown = texts(loaded)
    return "".join(f"{block}\n" for result in loaded.results for block in _blocks(result, shown, warnings))


def _blocks(result: Result, shown: Texts, warnings: bool) -> Iterator[str]:
    yield summary(result)
    if result.schema_warnings:
        yield f"{len(result.schema_warnings)} Schema warnings:"
        yield from (f"{RULE}\n{warning}\n{RULE}" for warning in result.schema_warnings)
    if result.errors:
        yield f"{len(result.errors)} Errors:"
        yield from (_block(problem, shown) for problem in result.errors)
    if result.warnings and warnings:
        yield f"{len(result.warnings)} Warnings:"
        yield from (_block(problem, shown) for problem in result.warnings)


def _block(problem: Problem, shown: Texts) -> str:
    place = "".join(
        f"{'    ' if index else 'In '}{_called(where)}: ({shown_as(where.file)}:{where.line}:{where.column})\n"
        for index, where in enumerate(problem.where.chain())
    )
    line = snippet(shown.lines_of(problem), problem.where.line, problem.where.column) or "(nothing to show)\n"
    message = shown_as(problem.message, LONGEST_MESSAGE)
    return f"{place}{RULE}\n{line}{RULE}\n{problem.code} ({problem.description}): {message}"


def _called(where: Where) -> str:
    return f"{where.kind} '{shown_as(where.name)}'" if where.name else where.kind


def document(loaded: Loaded) -> dict[str, Any]:
    """The results as the peer gives them with `json_output`: lines and columns count from 0 there."""
    shown = texts(loaded)
    return {"falco_load_results": [_result(result, shown) for result in loaded.results]}


def _result(result: Result, shown: Texts) -> dict[str, Any]:
    return {
        "name": result.name,
        "successful": result.successful,
        "schema_valid": result.schema,
        "schema_warnings": list(result.schema_warnings),
        "errors": [_problem(problem, shown) for problem in result.errors],
        "warnings": [_problem(problem, shown) for problem in result.warnings],
    }


def _problem(problem: Problem, shown: Texts) -> dict[str, Any]:
    chain = problem.where.chain()
    return {
        "context": {
            "locations": [
                {
                    "item_type": where.kind,
                    "item_name": where.name[:LONGEST_NAME],
                    "position": {
                        "name": where.file,
                        "line": where.line - 1,
                        "column": where.column - 1,
                        "offset": shown.offset(where, problem.text if where is problem.where else None),
                    },
                }
                for where in chain
            ],
            "snippet": snippet(shown.lines_of(problem), problem.where.line, problem.where.column),
        },
        "code": problem.code,
        "codedesc": problem.description,
        "message": problem.message[:LONGEST_MESSAGE],
    }


def refusal(loaded: Loaded) -> tuple[str, str]:
    """Message and hint for a run that cannot start: the first error with its line, and how many others there are."""
    errors = [problem for result in loaded.results for problem in result.errors]
    first = errors[0]
    shown = texts(loaded)
    # An expression has no file of its own: what it stands in has.
    inner = first.where
    where = inner.parent if first.text is not None and inner.parent is not None else inner
    line = snippet(shown.lines_of(first), inner.line, inner.column).rstrip("\n")
    place = f"{shown_as(where.file)}:{where.line}:{where.column}"
    message = f"{place}: {shown_as(first.message, LONGEST_MESSAGE)}" + (f"\n{line}" if line else "")
    more = f"; there are {len(errors) - 1} more errors" if len(errors) > 1 else ""
    return message, f"vigie watch --validate FILE shows all that is wrong in a rule file{more}"
