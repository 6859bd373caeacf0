"""Queues of outputs: nobody waits for another, order is kept, what is lost is counted and told once."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from alert_outputs import Gated, Kept, alert, line, lines, told, until
from vigie.alerts import router as routers
from vigie.alerts.episodes import QUIET, Episode
from vigie.alerts.line import LineFormat
from vigie.alerts.output import Batch, Output
from vigie.alerts.router import Router
from vigie.alerts.worker import MEMORY, Counts

ISO = LineFormat(iso=True)


@pytest.fixture
def warnings(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> pytest.LogCaptureFixture:
    monkeypatch.setattr(logging.getLogger("vigie"), "propagate", True)
    return caplog


def test_a_blocked_output_delays_neither_events_nor_other_outputs(warnings: pytest.LogCaptureFixture) -> None:
    blocked, free = Gated("blocked"), Kept("free")
    router = Router([blocked, free], ISO, capacity=10, timeout=1000)
    begin = time.monotonic()
    for number in range(10):
        router.send([alert(number)])
    until(lambda: router.counts()["free"].waiting == 0)
    for number in range(10, 500):
        router.send([alert(number)])
        until(lambda: router.counts()["free"].waiting == 0)
    assert time.monotonic() - begin < 5
    assert free.lines == lines(range(500))
    assert router.counts()["blocked"] == Counts(taken=500, dropped=490, waiting=10)
    assert router.dropped == 490
    assert told(warnings) == ["the queue of the output blocked is full, 10 alerts wait: others are dropped"]
    blocked.gate.set()
    router.close()
    assert blocked.lines == lines(range(10)), "the oldest are kept, in order"
    assert router.counts()["blocked"] == Counts(taken=500, sent=10, dropped=490)
    assert told(warnings)[1:] == ["the output blocked did not take 490 alerts"]


def test_of_a_batch_goes_in_what_has_room() -> None:
    blocked = Gated()
    router = Router([blocked], ISO, capacity=4)
    router.send([alert(0)])
    router.send([alert(number) for number in range(1, 9)])
    assert router.counts()["gated"] == Counts(taken=9, dropped=5, waiting=4)
    blocked.gate.set()
    router.close()
    assert blocked.lines == lines(range(4))


def test_without_a_capacity_memory_is_the_bound() -> None:
    blocked = Gated()
    router = Router([blocked], ISO)
    large = MEMORY // 8
    for number in range(20):
        router.send([alert(number, "x" * large)])
    router.send([alert(number, "x" * large) for number in range(20)])
    counts = router.counts()["gated"]
    assert counts.waiting == 7, "seven and a little, with the parts of the line around the message"
    assert counts.dropped == 33
    router.send([alert(1)])
    assert router.counts()["gated"].waiting == 8, "a short one has room still"
    blocked.gate.set()
    until(lambda: router.counts()["gated"].waiting == 0)
    router.send([alert(number, "x" * large) for number in range(7)])
    until(lambda: router.counts()["gated"].waiting == 0)
    assert router.counts()["gated"].dropped == 33, "room comes back"
    router.close()


def test_recorded_events_wait_instead() -> None:
    class Slow(Kept):
        def send(self, batch: Batch) -> None:
            time.sleep(0.001)
            super().send(batch)

    slow = Slow()
    with Router([slow], ISO, capacity=2, wait=True) as router:
        for number in range(0, 100, 4):
            router.send([alert(number + index) for index in range(4)])
            assert router.counts()["kept"].waiting <= 4
    assert slow.lines == lines(range(100))
    assert slow.closed


def test_a_blocked_output_is_told_once(warnings: pytest.LogCaptureFixture) -> None:
    blocked = Gated()
    router = Router([blocked], ISO, timeout=0.05)
    router.look()
    router.send([alert(1), alert(2)])
    assert told(warnings) == []
    time.sleep(0.1)
    router.look()
    router.look()
    assert told(warnings) == ["the output gated is blocked for more than 0.05 s, 2 alerts wait for it"]
    assert router.counts()["gated"] == Counts(taken=2, timeouts=1, waiting=2)
    blocked.gate.set()
    until(lambda: router.counts()["gated"].waiting == 0)
    time.sleep(0.1)
    router.look()
    assert router.counts()["gated"] == Counts(taken=2, sent=2, timeouts=1), "nothing to do is not being blocked"
    router.close()


def test_the_end_has_a_deadline(warnings: pytest.LogCaptureFixture) -> None:
    blocked, free = Gated("blocked", one_by_one=True), Kept("free")
    router = Router([blocked, free], ISO)
    router.send([alert(1), alert(2), alert(3)])
    blocked.begun.wait(10)
    begin = time.monotonic()
    router.close(0.1)
    assert 0.1 <= time.monotonic() - begin < 2
    assert free.lines == lines([1, 2, 3])
    assert blocked.abandoned
    assert told(warnings) == ["the output blocked was given up; 3 alerts still waited for it"]
    blocked.gate.set()


def test_who_interrupts_a_replay_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routers, "SECONDS_TO_CLOSE", 0.1)
    blocked = Gated()
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt), Router([blocked], ISO, wait=True) as router:
        router.send([alert(1)])
        raise KeyboardInterrupt
    assert time.monotonic() - begin < 2
    blocked.gate.set()


def test_damage_of_a_capture_does_not_cost_alerts_before_it() -> None:
    slow = Gated()
    threading.Timer(0.2, slow.gate.set).start()
    with pytest.raises(ValueError, match="damage"), Router([slow], ISO, wait=True) as router:
        router.send([alert(1)])
        raise ValueError("damage")
    assert slow.lines == [line(1)]


def test_one_by_one() -> None:
    sizes: list[int] = []

    class Counted(Kept):
        one_by_one = True

        def send(self, batch: Batch) -> None:
            sizes.append(len(batch.lines))
            if batch.lines[0] == line(2):
                raise OSError("not this one")
            super().send(batch)

    output = Counted()
    router = Router([output], ISO)
    router.send([alert(1), alert(2), alert(3)])
    router.close()
    assert sizes == [1, 1, 1]
    assert output.lines == lines([1, 3])
    assert router.counts()["kept"] == Counts(taken=3, sent=2, failed=1)


def test_a_defect_of_an_output_does_not_end_its_thread(warnings: pytest.LogCaptureFixture) -> None:
    class Defective(Kept):
        def send(self, batch: Batch) -> None:
            if batch.lines[0] == line(1):
                raise KeyError("oops")
            super().send(batch)

    output = Defective()
    router = Router([output], ISO)
    router.send([alert(1)])
    router.send([alert(2)])
    router.close()
    assert output.lines == [line(2)]
    assert told(warnings)[0] == "the output kept fails: KeyError: 'oops'"


def test_time_outs_are_counted_and_told_after_the_patience(warnings: pytest.LogCaptureFixture) -> None:
    class Slow(Output):
        name, one_by_one, patience = "slow", True, 2

        def send(self, batch: Batch) -> None:
            if "good" not in batch.lines[0]:
                raise TimeoutError("no answer")

    router = Router([Slow()], ISO)
    router.send([alert(1), alert(2), alert(3, "good"), alert(4), alert(5)])
    until(lambda: router.counts()["slow"].waiting == 0)
    assert told(warnings) == []
    router.send([alert(6)])
    until(lambda: router.counts()["slow"].waiting == 0)
    assert told(warnings) == ["the output slow fails: no answer"]
    assert router.counts()["slow"] == Counts(taken=6, sent=1, failed=5, timeouts=5)
    router.close()


def test_reopening_comes_before_the_next_alert() -> None:
    class Reopened(Kept):
        def reopen(self) -> None:
            self.lines.append(f"reopened by {threading.current_thread().name}")

    output = Reopened()
    router = Router([output], ISO)
    router.send([alert(1)])
    until(lambda: router.counts()["kept"].waiting == 0)
    router.reopen()
    router.send([alert(2)])
    router.close()
    assert output.lines == [line(1), "reopened by output kept", line(2)]


def test_many_threads_may_send() -> None:
    output = Kept()
    router = Router([output], ISO)

    def send(first: int) -> None:
        for number in range(first, first + 1000, 2):
            router.send([alert(number), alert(number + 1)])

    threads = [threading.Thread(target=send, args=(first,)) for first in (0, 1000, 2000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    router.close()
    assert sorted(output.lines) == sorted(lines(range(3000)))
    for first in (0, 1000, 2000):
        own = set(lines(range(first, first + 1000)))
        assert [one for one in output.lines if one in own] == lines(range(first, first + 1000))


def test_alerts_after_the_end_count_as_dropped() -> None:
    output = Kept()
    router = Router([output], ISO)
    router.close()
    router.send([alert(1)])
    assert router.counts()["kept"] == Counts(taken=1, dropped=1)


def test_a_written_alert_survives_a_kill(tmp_path: Path) -> None:
    script = f"""
import os, signal, sys
sys.path[:0] = {sys.path!r}
from pathlib import Path
from alert_outputs import alert, until
from vigie.alerts.line import LineFormat
from vigie.alerts.outputs.file import FileOutput
from vigie.alerts.outputs.stdout import StandardOutput
from vigie.alerts.router import Router
file = FileOutput(Path({str(tmp_path / "alerts")!r}), keep_alive=True)
router = Router([StandardOutput(), file], LineFormat(iso=True))
router.send([alert(1)])
until(lambda: not any(one.waiting for one in router.counts().values()))
os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=30, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert ended.stdout.decode() == (tmp_path / "alerts").read_text() == f"{line(1)}\n"


def test_trouble_that_comes_and_goes_is_one_episode(warnings: pytest.LogCaptureFixture) -> None:
    now = 100.0
    episode = Episode(lambda count, seconds: f"over: {count} in {seconds:.0f} s", lambda: now)
    episode.passes()
    for moment in (100.0, 101.0, 102.0):
        now = moment
        episode.happens(2, "trouble")
        episode.passes()
    now = 102.0 + QUIET - 0.1
    episode.passes()
    assert told(warnings) == ["trouble"]
    now = 102.0 + QUIET
    episode.passes()
    episode.passes()
    assert told(warnings) == ["trouble", "over: 6 in 2 s"]
    episode.happens(1, "trouble")
    assert told(warnings)[2:] == ["trouble"]


def test_a_file_kept_open_is_reopened(tmp_path: Path) -> None:
    from vigie.alerts.outputs.file import FileOutput

    path, old = tmp_path / "alerts", tmp_path / "alerts.1"
    router = Router([FileOutput(path, keep_alive=True, buffered=True)], ISO)
    router.send([alert(1)])
    until(lambda: router.counts()["file"].waiting == 0)
    assert path.read_text() == "", "buffered"
    path.rename(old)
    router.reopen()
    router.send([alert(2)])
    router.close()
    assert (old.read_text(), path.read_text()) == (f"{line(1)}\n", f"{line(2)}\n")


def test_a_line_that_was_cut_does_not_spoil_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from alert_outputs import batch
    from vigie.alerts.outputs.file import FileOutput

    path = tmp_path / "alerts"
    output = FileOutput(path, keep_alive=True)
    real = os.write
    room = iter([3])

    def full(number: int, data: bytes) -> int:
        left = next(room, 0)
        if not left:
            raise OSError(28, "No space left on device")
        return real(number, data[:left])

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space"):
            output.send(batch("abcdef"))
        with pytest.raises(OSError, match="No space"):
            output.send(batch("ghi"))
    output.send(batch("second"))
    output.send(batch("third"))
    output.close()
    assert path.read_text() == "abc\nsecond\nthird\n"


def test_a_named_pipe_waits_for_its_reader(tmp_path: Path) -> None:
    from alert_outputs import batch
    from vigie.alerts.outputs.file import FileOutput

    path = tmp_path / "pipe"
    os.mkfifo(path)
    output = FileOutput(path)
    with pytest.raises(OSError, match="No such device"):
        output.send(batch("nobody reads"))
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    large = "x" * 300_000  # more than a pipe holds
    got = bytearray()

    def read() -> None:
        while len(got) < len(large) + 1:
            try:
                got.extend(os.read(reader, 65536))
            except BlockingIOError:
                time.sleep(0.01)

    thread = threading.Thread(target=read)
    thread.start()
    output.send(batch(large))
    thread.join(10)
    os.close(reader)
    assert got.decode() == large + "\n"
