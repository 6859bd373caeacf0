"""Every analyzer of text ends soon, whatever a file holds: time that grows with the square would be hours at the bound.

Input: each line of a case repeated, each made long, and runs of the signs that grammars are made of.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from vigie import _core
from vigie.registry import collect
from vigie.scanner.analyzer import Analyzer, File, Reader

ANALYZERS = collect(Analyzer, ("vigie.distros", "vigie.ecosystems"))
DATA = Path(__file__).parent.parent / "data" / "analyzers"
SIZE = 100_000
SECONDS = 20.0
"""CPU time. A square of 100 000 steps takes far longer on any machine; a linear reader a hundredth of it."""
RUNS = (
    *(b" ", b"\n", b'"', b"[", b"{", b"(\n", b"#", b"a", b"a\n", b"a:\n", b"- a\n", b"a b\n", b"a=b\n", b"\0", b"//"),
    *(b"/*", b"<", b"\\\n", b"a (1)\n", b"a;", b"\xff", b"${a-", b"<a>", b"a-1,", b"\r", b"\t ", b"'", b"a >= 1, "),
)
TEXTS = sorted(name for name, analyzer in ANALYZERS.items() if analyzer.reader is Reader.BYTES)


class Nothing:
    """No file stands beside."""

    def read(self, path: str) -> None:
        del path

    def glob(self, pattern: str) -> Iterable[str]:
        del pattern
        return ()


def filled(piece: bytes) -> bytes:
    return (piece * (SIZE // len(piece) + 1))[:SIZE]


def nasty(sample: bytes) -> Iterator[tuple[str, bytes]]:
    yield "the whole", filled(sample)
    for run in RUNS:
        yield f"{run!r} alone", filled(run)
        yield f"{run!r} behind", sample + b"\n" + filled(run)
    lines = sample.split(b"\n")
    for number, line in enumerate(lines[:12]):
        if line.strip():
            before = b"\n".join([*lines[:number], b""])
            yield f"line {number + 1} again", before + filled(line + b"\n")
            yield f"line {number + 1} longer", before + line + filled(line[-3:])


def wanted(analyzer: Analyzer) -> tuple[str, bytes]:
    """The first file of its cases that an analyzer wants."""
    selection = _core.Selection([(analyzer.globs, (), "bytes")])
    for root in sorted((DATA / analyzer.name).glob("*/root")):
        for file in sorted(path for path in root.rglob("*") if path.is_file()):
            if selection.matches(path := file.relative_to(root).as_posix(), 0o644):
                return path, file.read_bytes()
    raise AssertionError(f"{analyzer.name} has no case")


@pytest.mark.parametrize("name", TEXTS)
def test_an_analyzer_ends_soon(name: str) -> None:
    analyzer = ANALYZERS[name]
    path, sample = wanted(analyzer)
    for what, data in nasty(sample[:SIZE]):
        start = time.process_time()
        try:
            for _ in analyzer.run(File(path, data, Nothing(), size=len(data))):
                pass
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            pass  # becomes a problem of the file; here only the time counts
        assert time.process_time() - start < SECONDS, what
