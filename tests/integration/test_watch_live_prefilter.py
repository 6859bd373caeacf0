"""What the kernel keeps back because no rule can match it: nothing that is told is missing."""

from __future__ import annotations

import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from live import MARK_FIELD, Places, marked, why_not
from live_actions import ACTIONS, SLOW, perform, prepared
from vigie.model.alert import Alert
from vigie.runtime.rules import sources
from vigie.runtime.rules.load import load
from vigie.runtime.rules.settings import AppendOutput, RuleSettings
from vigie.runtime.watch import Watch

pytestmark = [pytest.mark.integration, pytest.mark.skipif(bool(why_not()), reason=why_not())]

END = "settle"
VARIETY = Path(__file__).parent.parent / "data" / "live" / "variety.py"


class Taking:
    """An engine over the kernel, and a thread that takes its alerts until those of an end are among them."""

    def __init__(self, library: Sequence[str], *, prefilter: bool, first: bool) -> None:
        names = (MARK_FIELD, "proc.pid", "thread.tid", "evt.type", "evt.res", "fd.name", "fd.nameraw", "proc.cwd")
        more = AppendOutput(fields=tuple((name, name) for name in names))
        loaded = load(list(sources.library(library)), settings=RuleSettings(append=(more,), first=first))
        sets = [one for one in loaded.ruleset.sets if one[1][0].source == "syscall"]
        self.watch = Watch(sets, first=first)
        self.watch.engine.kernel(buffer_bytes=64 << 20, host_root="", snaplen=80, everything=False, prefilter=prefilter)
        self.alerts: list[Alert] = []
        self.ended = threading.Event()
        self.stop = False
        self._thread = threading.Thread(target=self._take)
        self._thread.start()

    def _take(self) -> None:
        while not self.stop:
            found = self.watch.alerts(self.watch.engine.next() or [])
            self.alerts += [alert for alert in found if alert.fields.get(MARK_FIELD)]
            if any(alert.fields[MARK_FIELD] == END for alert in self.alerts[-4:]):
                self.ended.set()

    def events(self) -> int:
        return self.watch.engine.kernel_counters()["events"]

    def close(self) -> None:
        self.stop = True
        self._thread.join()


@contextmanager
def taking(library: Sequence[str], *, first: bool) -> Iterator[tuple[Taking, Taking]]:
    """Two engines over the same host: with and without what the kernel keeps back."""
    with_it = Taking(library, prefilter=True, first=first)
    try:
        without = Taking(library, prefilter=False, first=first)
        try:
            yield with_it, without
        finally:
            without.close()
    finally:
        with_it.close()


def shown(alerts: Sequence[Alert]) -> Counter[str]:
    """All that is said, times aside: each program in the kernel has its own. Marks of other watches that begin on this
    host at the same time may be seen by one engine alone."""
    times = ("evt.time", "proc.duration")
    return Counter(
        str((alert.rule, sorted((name, value) for name, value in alert.fields.items() if name not in times)))
        for alert in alerts
        if not str(alert.fields.get("proc.env[VIGIE_TEST]", "")).startswith("settle-")
    )


@pytest.mark.parametrize(
    ("library", "first"),
    [(["stable"], True), (["stable", "incubating", "sandbox"], False)],
    ids=["stable", "all rules"],
)
def test_alerts_are_the_same_with_and_without_it(library: list[str], first: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="vp-", dir="/tmp") as work, Places() as places:
        values = prepared(Path(work))
        # Accounts of a container are read through one of its processes: one lives all the while.
        with marked("inside") as environment:
            inside = places.start(["sleep", "120"], places.container, environment)
        with taking(library, first=first) as (with_it, without):
            before = [one.events() for one in (with_it, without)]
            labels = [label for label in ACTIONS if label != SLOW]
            perform(places, values, labels)
            for place in (places.host, places.container):
                folder = Path(work, place.name)
                folder.mkdir()
                _run(places, place, "variety", values["python"], "-S", str(VARIETY), str(folder))
            _run(places, places.host, END, "ln", "-s", "/etc/shadow", f"{work}/end")
            ended = [one.ended.wait(20) for one in (with_it, without)]
            counters = [one.watch.engine.kernel_counters() for one in (with_it, without)]
        inside.kill()
        inside.communicate()
    if any(one["drops"] or one["shed"] for one in counters):
        pytest.skip("this machine was too busy: events were dropped")
    assert all(ended)
    got, wanted = shown(with_it.alerts), shown(without.alerts)
    assert got - wanted == Counter()
    assert wanted - got == Counter()
    assert len(with_it.alerts) > 100
    less, more = (now["events"] - then for now, then in zip(counters, before, strict=True))
    assert less < more


def _run(places: Places, place: Path, mark: str, *command: str) -> None:
    with marked(mark) as environment:
        started = places.start(command, place, environment)
        _, errors = started.communicate(timeout=30)
        assert started.returncode == 0, errors
