"""Alerts to a program: one process each, or one for all."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from alert_outputs import batch, until
from vigie.alerts.outputs.program import ProgramOutput


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def text(path: str) -> str:
    return Path(path).read_text()


def running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_each_alert_has_its_process() -> None:
    output = ProgramOutput("echo $$ >> pids; cat >> got; echo end >> got")
    assert output.one_by_one
    output.send(batch("first é\udcff"))
    output.send(batch("second"))
    output.close()
    assert text("got") == "first é?\nend\nsecond\nend\n"
    assert len(set(text("pids").split())) == 2


def test_the_shell_reads_the_command() -> None:
    output = ProgramOutput("sed 's/a/b/' | tr b c > got")
    output.send(batch("abc"))
    output.close()
    assert text("got") == "ccc\n"


def test_kept_alive_it_is_one_process() -> None:
    output = ProgramOutput("echo $$ >> pids; cat >> got", keep_alive=True)
    output.send(batch("a", "b"))
    until(lambda: Path("got").exists() and text("got") == "a\nb\n")
    output.send(batch("c"))
    output.close()
    assert text("got") == "a\nb\nc\n"
    assert len(text("pids").split()) == 1


def test_kept_alive_it_is_started_again_when_it_ended() -> None:
    output = ProgramOutput("head -n 1 >> got; echo $$ >> ended", keep_alive=True)
    for number in range(3):
        output.send(batch(str(number)))
        until(lambda wanted=number + 1: Path("ended").exists() and len(text("ended").split()) == wanted)  # type: ignore[misc]
        pid = int(text("ended").split()[-1])
        until(lambda pid=pid: "Z" in text(f"/proc/{pid}/stat").rpartition(")")[2])  # type: ignore[misc]
    output.close()
    assert text("got") == "0\n1\n2\n"


def test_reopening_ends_it_and_the_next_alert_starts_it() -> None:
    output = ProgramOutput("cat >> got; echo end >> got", keep_alive=True)
    output.send(batch("a"))
    output.reopen()
    assert text("got") == "a\nend\n"
    output.send(batch("b"))
    output.close()
    assert text("got") == "a\nend\nb\nend\n"


def test_buffered_lines_go_at_the_end() -> None:
    output = ProgramOutput("cat >> got", keep_alive=True, buffered=True)
    output.send(batch("a"))
    assert not Path("got").exists()
    output.close()
    assert text("got") == "a\n"


@pytest.mark.parametrize("keep_alive", [False, True])
def test_a_program_that_does_not_read_is_killed_with_its_children(keep_alive: bool) -> None:
    output = ProgramOutput("sleep 60 & echo $! > child; echo $$ > pid; wait", keep_alive=keep_alive, seconds=0.3)
    begin = time.monotonic()
    with pytest.raises(TimeoutError, match=r"read nothing for 0\.3 s"):
        output.send(batch("x" * 300_000))  # more than a pipe holds
    assert time.monotonic() - begin < 3
    for name in ("pid", "child"):
        until(lambda name=name: not running(int(text(name))))  # type: ignore[misc]


def test_a_program_that_does_not_end_is_killed_with_its_children() -> None:
    output = ProgramOutput("cat > got; sleep 60 & echo $! > child; echo $$ > pid; wait", seconds=0.3)
    with pytest.raises(TimeoutError, match=r"did not end in 0\.3 s"):
        output.send(batch("a"))
    assert text("got") == "a\n"
    for name in ("pid", "child"):
        until(lambda name=name: not running(int(text(name))))  # type: ignore[misc]


@pytest.mark.parametrize("command", ["cat > /dev/null; exit 3", "cat >/dev/null; sh -c 'exit 3'"])
def test_a_failing_program_is_told(command: str) -> None:
    with pytest.raises(OSError, match="status 3"):
        ProgramOutput(command).send(batch("a"))


def test_a_program_that_is_not_there() -> None:
    # POSIX, 2.8.2: the shell's status of a command that is not found.
    with pytest.raises(OSError, match=r"status 127|Broken pipe"):
        ProgramOutput("/absent/program 2>/dev/null").send(batch("a"))


def test_abandoned_it_is_asked_to_end() -> None:
    output = ProgramOutput("echo $$ > pid; exec sleep 60", keep_alive=True)
    output.send(batch("a"))
    until(lambda: Path("pid").exists() and text("pid") != "")
    output.abandon()
    with pytest.raises(OSError, match="status -15"):
        output.close()
    assert not running(int(text("pid")))
