"""The loop of the daemon: sources in threads, signals, tasks, an orderly end."""

from __future__ import annotations

import os
import signal
import threading
import time
from itertools import pairwise
from typing import Any, cast

import pytest

from fake_engine import FakeEngine, FakeWatch, Sent, alert
from vigie.errors import SourceError
from vigie.runtime.daemon.loop import Daemon
from vigie.runtime.watch import Watch


class Running:
    """A daemon over one fake engine."""

    def __init__(self) -> None:
        self.sent = Sent()
        self.daemon = Daemon(self.sent, self.sent.tell)
        self.watch = FakeWatch()
        self.source = self.add(self.watch)

    @property
    def engine(self) -> FakeEngine:
        return self.watch.engine

    def add(self, watch: FakeWatch, name: str = "syscall") -> Any:
        return self.daemon.add(name, cast(Watch, watch), kernel_counters=watch.engine.kernel_counters)


@pytest.fixture
def running() -> Running:
    return Running()


def after(seconds: float, *calls: Any) -> None:
    """Does things in another thread while the daemon runs in this one."""

    def later() -> None:
        time.sleep(seconds)
        for call in calls:
            call()

    threading.Thread(target=later, daemon=True).start()


def test_alerts_arrive_while_it_runs(running: Running) -> None:
    running.engine.emit("one", "two")

    def finish() -> None:
        running.sent.wait(lambda alerts: len(alerts) == 2)
        running.daemon.stop()

    after(0, finish)
    running.daemon.run()
    assert running.sent.rules == ["one", "two"]
    assert running.engine.threads == {"vigie-syscall"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_it_and_handlers_are_put_back(running: Running, number: int) -> None:
    before = signal.getsignal(number)
    after(0.05, lambda: os.kill(os.getpid(), number))
    begun = time.monotonic()
    running.daemon.run(seconds=30)
    assert time.monotonic() - begun < 5
    assert signal.getsignal(number) is before
    assert running.source.wait(1)


def test_other_signals_have_things_done_on_the_main_thread(running: Running) -> None:
    done: list[str] = []

    def reload() -> None:
        done.append(threading.current_thread().name)
        running.daemon.stop()

    running.daemon.on_signal(signal.SIGHUP, reload)
    after(0.05, lambda: os.kill(os.getpid(), signal.SIGHUP))
    running.daemon.run(seconds=30)
    assert done == [threading.main_thread().name]


def test_it_ends_after_so_many_seconds(running: Running) -> None:
    begun = time.monotonic()
    running.daemon.run(seconds=0.2)
    assert 0.2 <= time.monotonic() - begun < 5


def test_it_ends_when_all_sources_came_to_their_end(running: Running) -> None:
    other = FakeWatch()
    running.add(other, "k8s_audit")
    running.engine.end()
    other.engine.emit("last")
    other.engine.end()
    running.daemon.run(seconds=30)
    assert running.sent.rules == ["last"]


def test_one_source_goes_on_after_the_end_of_another(running: Running) -> None:
    other = FakeWatch()
    running.add(other, "k8s_audit")
    running.engine.end()
    after(0.2, lambda: other.engine.emit("late"), other.engine.end)
    running.daemon.run(seconds=30)
    assert running.sent.rules == ["late"]


def test_a_damaged_source_is_an_error_after_its_alerts(running: Running) -> None:
    running.engine.emit("before")
    running.engine.damaged = ("the ring is gone", None)
    running.engine.end()
    with pytest.raises(SourceError, match="syscall failed: the ring is gone"):
        running.daemon.run(seconds=30)
    assert running.sent.rules == ["before"]


def test_what_breaks_in_a_source_ends_the_run(running: Running) -> None:
    running.engine.fail(RuntimeError("the engine failed before and cannot go on"))
    with pytest.raises(RuntimeError, match="failed before"):
        running.daemon.run(seconds=30)


def test_a_reader_that_is_gone_ends_the_run() -> None:
    def send(_: object) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    daemon, watch = Daemon(send, Sent().tell), FakeWatch()
    daemon.add("syscall", cast(Watch, watch))
    watch.engine.emit("one")
    with pytest.raises(BrokenPipeError):
        daemon.run(seconds=30)


def test_tasks_are_done_every_so_often(running: Running) -> None:
    times: list[float] = []
    running.daemon.every(0.05, lambda: times.append(time.monotonic()))
    running.daemon.run(seconds=0.5)
    assert 4 <= len(times) <= 11
    assert all(later - earlier > 0.02 for earlier, later in pairwise(times))


def test_alerts_of_two_sources_never_meet(running: Running) -> None:
    other = FakeWatch()
    running.add(other, "k8s_audit")
    busy = threading.Lock()
    met: list[bool] = []

    def one_at_a_time(alerts: Any) -> Any:
        met.append(not busy.acquire(blocking=False))
        time.sleep(0.001)
        busy.release()
        return alerts

    running.daemon.filters.append(one_at_a_time)
    for _ in range(30):
        running.engine.emit("a")
        other.engine.emit("b")
    running.engine.end()
    other.engine.end()
    running.daemon.run(seconds=30)
    assert len(running.sent.alerts) == 60
    assert not any(met)


def test_filters_change_what_is_sent(running: Running) -> None:
    running.daemon.filters.append(lambda alerts: [one for one in alerts if one.rule != "no"])
    running.daemon.deliver([alert("yes"), alert("no")])
    running.daemon.deliver([alert("no")])
    assert running.sent.rules == ["yes"]


@pytest.mark.parametrize("ends", [True, False])
def test_what_a_receiver_took_is_judged_at_the_end(ends: bool) -> None:
    sent, watch = Sent(), FakeWatch()
    daemon = Daemon(sent, sent.tell)

    def drain() -> None:
        watch.engine.emit("one")
        watch.engine.emit("two")
        if ends:
            watch.engine.end()

    daemon.add("k8s_audit", cast(Watch, watch), drain=drain)
    begun = time.monotonic()
    daemon.run(seconds=0.1)
    assert sent.rules == ["one", "two"]
    assert (time.monotonic() - begun < 0.9) is ends, "one that does not end has a second"


def test_samples_tell_counters_and_idleness(running: Running) -> None:
    running.engine.dropped = {"drops": 7}
    running.engine.emit()
    running.daemon.run(seconds=0.3)
    sample = running.source.sample
    assert sample.engine["events"] == 1
    assert sample.kernel["drops"] == 7
    assert sample.idle > 3
