"""The excerpt shown with a finding: at most ten lines, markers where lines are left out."""

from __future__ import annotations

from vigie.misconfig.code import excerpt
from vigie.misconfig.value import Cause

LINES = [f"line {number}" for number in range(1, 101)]


def shown(start: int, end: int, outer: tuple[int, int] | None = None, outer_file: str = "a") -> str:
    """Numbers of lines, causes with `*`, the ends of their first run with `<` and `>`, markers as `…`."""
    parent = Cause(outer_file, *outer) if outer else None
    found = excerpt(LINES, Cause("a", start, end, parent=parent))
    return " ".join(
        f"{'…' if line.truncated else ''}{'<' if line.first else ''}{line.number}{'*' if line.is_cause else ''}"
        f"{'>' if line.last else ''}"
        for line in found
    )


def test_whole_blocks_and_cut_ones() -> None:
    assert shown(3, 3) == "<3*>"
    assert shown(3, 3, (1, 5)) == "1 2 <3*> 4 5"
    assert shown(3, 3, (1, 5), "b") == "<3*>"
    assert shown(5, 6, (1, 30)) == "1 …2 <5* 6*> …29 30"
    assert shown(2, 2, (1, 30)) == "1 <2*> …29 30"
    assert shown(29, 29, (1, 30)) == "1 …2 <29*> 30"


def test_long_causes() -> None:
    assert shown(1, 10) == "<1* 2* 3* 4* 5* 6* 7* 8* 9* 10*>"
    assert shown(1, 12) == "<1* 2* 3* 4* 5* 6* 7* 8* 9*> …10"
    assert shown(1, 60) == "<1* 2* 3* 4* 5* 6* 7* 8* 9*> …10"


def test_no_place() -> None:
    assert excerpt(LINES, Cause("a", 0, 0)) == ()
    assert excerpt(LINES, Cause("a", 90, 200)) == ()
    assert excerpt([], Cause("a", 1, 1)) == ()
    assert excerpt(["x\r"], Cause("a", 1, 1))[0].content == "x"
