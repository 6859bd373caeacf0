"""Alerts go to every output, whatever another output does."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import pytest

from alert_outputs import Kept, alert, batch, line, told, until
from vigie.alerts.line import LineFormat
from vigie.alerts.output import Batch
from vigie.alerts.outputs.file import FileOutput
from vigie.alerts.outputs.stdout import StandardOutput
from vigie.alerts.router import Router
from vigie.alerts.worker import Counts

ISO = LineFormat(iso=True)


class Failing(Kept):
    def __init__(self, name: str, error: OSError) -> None:
        super().__init__(name)
        self.error: OSError | None = error

    def send(self, batch: Batch) -> None:
        if self.error:
            raise self.error
        super().send(batch)

    def close(self) -> None:
        super().close()
        if self.error:
            raise self.error


@pytest.fixture
def warnings(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> pytest.LogCaptureFixture:
    monkeypatch.setattr(logging.getLogger("vigie"), "propagate", True)
    return caplog


def test_every_output_gets_every_alert_in_order() -> None:
    one, two = Kept(), Kept()
    router = Router([one, two], ISO)
    router.send([alert(1), alert(2)])
    router.send([alert(3)])
    router.close()
    assert one.lines == two.lines == [line(1), line(2), line(3)]
    assert one.closed
    assert two.closed


def test_a_failing_output_loses_its_own_alerts_only(warnings: pytest.LogCaptureFixture) -> None:
    bad, good = Failing("bad", OSError(28, "No space left on device")), Kept()
    router = Router([bad, good], ISO)
    router.send([alert(1), alert(2)])
    router.send([alert(3)])
    until(lambda: router.counts()["bad"].failed == 3)
    bad.error = None
    router.send([alert(4)])
    router.close()
    assert good.lines == [line(1), line(2), line(3), line(4)]
    assert bad.lines == [line(4)]
    assert router.counts() == {"bad": Counts(taken=4, sent=1, failed=3), "kept": Counts(taken=4, sent=4)}
    assert told(warnings) == [
        "the output bad fails: No space left on device",
        "the output bad did not take 3 alerts",
    ]


def test_a_failing_close_does_not_keep_others_open(warnings: pytest.LogCaptureFixture) -> None:
    bad, good = Failing("bad", OSError(5, "Input/output error")), Kept()
    Router([bad, good], ISO).close()
    assert good.closed
    assert told(warnings) == ["the output bad could not be closed: Input/output error"]


def test_only_standard_output_without_reader_ends_the_watch() -> None:
    gone = BrokenPipeError(32, "Broken pipe")
    kept = Kept()
    router = Router([Failing("file", gone), kept], ISO)
    router.send([alert(1)])
    router.close()
    assert kept.lines == [line(1)]
    kept = Kept()
    router = Router([Failing("stdout", gone), kept], ISO)
    with pytest.raises(BrokenPipeError):
        while True:
            router.send([alert(1)])
    with pytest.raises(BrokenPipeError):
        router.close()
    assert kept.closed
    counts = router.counts()["stdout"]
    assert counts.sent == counts.waiting == 0
    assert counts.taken == counts.failed + counts.dropped


def test_file_is_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "events.txt"
    path.write_text("before\n")
    output = FileOutput(path)
    output.send(batch("é", "\udcff"))
    output.send(batch("c"))
    output.close()
    assert path.read_bytes() == "before\né\n?\nc\n".encode()


@pytest.mark.parametrize("keep_alive", [False, True])
def test_file_is_there_before_the_first_alert(tmp_path: Path, keep_alive: bool) -> None:
    output = FileOutput(tmp_path / "events.txt", keep_alive=keep_alive)
    assert (tmp_path / "events.txt").read_bytes() == b""
    output.close()
    with pytest.raises(FileNotFoundError):
        FileOutput(tmp_path / "absent" / "events.txt", keep_alive=keep_alive)


def test_file_that_is_not_kept_open_may_be_moved_away(tmp_path: Path) -> None:
    path, old = tmp_path / "events.txt", tmp_path / "events.old"
    output = FileOutput(path)
    output.send(batch("a"))
    path.rename(old)
    output.send(batch("b"))
    output.close()
    assert old.read_text() == "a\n"
    assert path.read_text() == "b\n"


def test_file_that_is_kept_open_is_the_same_file(tmp_path: Path) -> None:
    path, old = tmp_path / "events.txt", tmp_path / "events.old"
    output = FileOutput(path, keep_alive=True)
    output.send(batch("a"))
    assert path.read_text() == "a\n", "flushed after each batch"
    path.rename(old)
    output.send(batch("b"))
    output.close()
    assert old.read_text() == "a\nb\n"
    assert not path.exists()


def test_buffered_file_is_whole_when_closed(tmp_path: Path) -> None:
    output = FileOutput(tmp_path / "events.txt", keep_alive=True, buffered=True)
    output.send(batch("a"))
    assert (tmp_path / "events.txt").read_text() == ""
    output.close()
    assert (tmp_path / "events.txt").read_text() == "a\n"


def test_a_full_device_counts_as_lost() -> None:
    if not os.path.exists("/dev/full"):  # noqa: PTH110
        pytest.skip("there is no /dev/full")
    kept = Kept()
    router = Router([FileOutput(Path("/dev/full")), kept], ISO)
    router.send([alert(1)])
    router.close()
    assert router.counts()["file"] == Counts(taken=1, failed=1)
    assert kept.lines == [line(1)]


def test_standard_output_is_utf_8_whatever_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    stream = os.fdopen(os.dup(1), "w", encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    output = StandardOutput()
    output.send(batch("é", "b"))
    output.close()
    stream.close()
    assert capfdbinary.readouterr().out == "é\nb\n".encode()
