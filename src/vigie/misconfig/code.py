"""The lines shown with a finding: the cause, and the block it stands in.

Source: the peer's report (at most ten lines, a marker where lines are left out).
"""

from __future__ import annotations

from collections.abc import Sequence

from vigie.misconfig.value import Cause
from vigie.model.misconfiguration import CodeLine

MOST = 10
WHOLE = 10
"""A block that is at most this much longer than its cause is shown whole."""
LONGEST = 4000
"""Characters of one line."""


def excerpt(lines: Sequence[str], cause: Cause) -> tuple[CodeLine, ...]:
    """The excerpt of a cause from the lines of its file; empty without a place, or one outside of the file."""
    if not 0 < cause.start <= cause.end or cause.end > len(lines):
        return ()
    outer = cause
    while (parent := outer.parent) is not None and parent.path == cause.path and parent.start > 0:
        outer = parent
    first, last = min(outer.start, cause.start), min(max(outer.end, cause.end), len(lines))
    causes = range(cause.start, cause.end + 1)
    shown: list[CodeLine] = []
    if (last - first) - (cause.end - cause.start) > WHOLE:
        if first < cause.start:
            shown.append(_line(lines, first, causes))
            if first + 1 < cause.start:
                shown.append(CodeLine(first + 1, truncated=True))
        shown += (_line(lines, number, causes) for number in range(cause.start, min(cause.end, cause.start + MOST) + 1))
        if last > cause.end:
            if last - 1 > cause.end:
                shown.append(CodeLine(last - 1, truncated=True))
            shown.append(_line(lines, last, causes))
    else:
        shown = [_line(lines, number, causes) for number in range(first, last + 1)]
    return _bounded(shown)


def _line(lines: Sequence[str], number: int, causes: range) -> CodeLine:
    return CodeLine(number, lines[number - 1].rstrip("\r")[:LONGEST], is_cause=number in causes)


def _bounded(shown: list[CodeLine]) -> tuple[CodeLine, ...]:
    """At most ten entries, the tenth a marker, with the ends of the first run of causes marked."""
    if len(shown) > MOST:
        cut = shown[MOST - 1]
        shown = shown[: MOST - 1]
        if not shown[-1].truncated:
            shown.append(CodeLine(cut.number, truncated=True))
    first = next((i for i, line in enumerate(shown) if line.is_cause), None)
    if first is None:
        return tuple(shown)
    last = first
    while last + 1 < len(shown) and shown[last + 1].is_cause:
        last += 1
    return tuple(
        CodeLine(line.number, line.content, line.is_cause, line.truncated, i == first, i == last)
        for i, line in enumerate(shown)
    )
