"""Transcripts: `$ command` lines, what they print (standard error in lines that begin with `! `), and `? status`.

A transcript runs in an empty folder. Shell words are understood, no more: `$ NAME=value vigie …` sets a variable,
`$ cat FILE` prints a file, `$ write FILE TEXT` makes one, `$ head -N vigie …` keeps N lines. `[…]` stands for any text.
Scans are answered with the sample report, filtered as a real one is, so the command line itself is what is tested.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import date
from pathlib import Path

import msgspec
import pytest

import vigie.cli.output
import vigie.compose
from vigie.cli.main import main
from vigie.model.inventory import Problem
from vigie.model.report import Report
from vigie.scanner.filter import apply_filters
from vigie.settings.groups import Options

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "data" / "formats_report" / "report.json"
TODAY = date(2026, 2, 3)
REWRITE = bool(os.environ.get("VIGIE_GOLDEN"))


def sample_scan(target: str, kind: str, options: Options, progress: object) -> Report:
    """The sample report as if it had been asked for. Some targets go wrong in known ways."""
    if target == "bug":
        raise ZeroDivisionError("division by zero")
    if target == "interrupt":
        raise KeyboardInterrupt
    if target == "full":
        raise OSError(28, "No space left on device", "/cache/scan")
    if target == "memory":
        raise MemoryError
    if target == "absent":
        raise vigie.TargetError("no such image: absent", "is the name right?")
    report: Report = msgspec.json.decode(SAMPLE.read_bytes(), type=Report)
    artifact = msgspec.structs.replace(report.artifact, name=target or options.image.input)
    if target == "clean":
        report = msgspec.structs.replace(report, results=report.results[3:4], problems=(), end_of_life=False)
    if target == "old":
        old = Problem("the database", "is old", caution=True)
        report = msgspec.structs.replace(report, results=report.results[3:4], problems=(old,), end_of_life=False)
    if target == "problem":
        report = msgspec.structs.replace(
            report, results=report.results[3:4], problems=report.problems[1:], end_of_life=False
        )
    if target == "missing":
        report = msgspec.structs.replace(
            report, results=report.results[4:], problems=report.problems[:1], end_of_life=False
        )
    return apply_filters(msgspec.structs.replace(report, artifact=artifact), options, TODAY)


def run(command: str, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str, int]:
    words = shlex.split(command)
    with monkeypatch.context() as patch:
        while re.match(r"[A-Z_]+=", words[0]):
            name, _, value = words.pop(0).partition("=")
            patch.setenv(name, value)
        if words[0] == "write":
            Path(words[1]).write_text(" ".join(words[2:]).replace("\\n", "\n") + "\n")
            return "", "", 0
        if words[0] == "cat":
            return Path(words[1]).read_text(), "", 0
        limit = None
        if words[0] == "head":
            limit = int(words[1].removeprefix("-"))
            words = words[2:]
        assert words[0] == "vigie"
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            status = main(words[1:])
    text = out.getvalue()
    return "".join(text.splitlines(keepends=True)[:limit]), err.getvalue(), status


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """(command, expected text) of a transcript."""
    for part in re.split(r"(?m)^\$ ", text)[1:]:
        command, _, expected = part.partition("\n")
        yield command, expected.rstrip("\n")


def played(command: str, monkeypatch: pytest.MonkeyPatch) -> str:
    out, err, status = run(command, monkeypatch)
    lines = [*out.rstrip("\n").splitlines(), *(f"! {line}" for line in err.splitlines())]
    return "\n".join([*lines, *([f"? {status}"] if status else [])])


def matches(expected: str, actual: str) -> bool:
    pattern = ".*".join(re.escape(piece) for piece in expected.split("[…]"))
    return re.fullmatch(pattern, actual, re.DOTALL) is not None


@pytest.mark.parametrize("name", sorted(path.stem for path in HERE.glob("*.txt")))
def test_transcript(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in list(os.environ):
        if variable.startswith(("VIGIE_", "TRIVY_", "COLUMNS", "NO_COLOR", "DOCKER_CONFIG")):
            monkeypatch.delenv(variable)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(vigie.compose, "scan", sample_scan)
    monkeypatch.setattr(vigie.cli.output, "today", lambda: TODAY)
    monkeypatch.setattr(sys, "stdin", io.StringIO("secret-from-stdin\n"))
    path = HERE / f"{name}.txt"
    transcript = path.read_text()
    new = transcript.partition("$ ")[0]
    for command, expected in blocks(transcript):
        actual = played(command, monkeypatch).replace(str(tmp_path), "~")
        new += f"$ {command}\n" + (f"{expected if matches(expected, actual) else actual}\n" if actual else "") + "\n"
        if not REWRITE and not matches(expected, actual):
            assert actual == expected, command
    if REWRITE:
        path.write_text(new.rstrip("\n") + "\n")
