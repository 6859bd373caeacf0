"""Alerts that repeat: one goes out, the others are counted, the window's end tells how many."""

from __future__ import annotations

from typing import Any

import pytest

from fake_engine import alert
from vigie.model.alert import Alert
from vigie.runtime.daemon.fold import CHANGING, Fold, key


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def told(alerts: list[Alert]) -> list[tuple[str, Any]]:
    return [(one.rule, one.fields.get("vigie.repeated")) for one in alerts]


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_the_first_goes_out_and_the_rest_is_counted(clock: Clock) -> None:
    fold = Fold(60, 10, clock)
    assert told(fold([alert("a", 1, x=1), alert("a", 2, x=1), alert("b", 3, x=1)])) == [("a", None), ("b", None)]
    clock.now += 30
    assert told(fold([alert("a", 4, x=1), alert("a", 5, x=2)])) == [("a", None)]
    clock.now += 30
    (end,) = fold([])
    assert (end.rule, end.time) == ("a", 4)
    assert end.fields == {"x": 1, "vigie.repeated": 2, "vigie.repeated_seconds": 60.0}
    assert end.message == "a (repeated 2 times in 60 s)"
    assert fold.folded == 2


def test_what_goes_on_is_not_told_as_new(clock: Clock) -> None:
    fold = Fold(10, 10, clock)
    counts = []
    for _ in range(40):
        counts += told(fold([alert("a")]))
        clock.now += 1
    assert counts == [("a", None), ("a", 9), ("a", 10), ("a", 10)]
    clock.now += 10
    assert told(fold([])) == [("a", 10)]
    clock.now += 10
    assert told(fold([])) == []
    assert len(fold) == 0
    assert told(fold([alert("a")])) == [("a", None)]


def test_every_alert_is_in_some_count(clock: Clock) -> None:
    fold = Fold(7, 3, clock)
    out: list[Alert] = []
    for number in range(500):
        out += fold([alert(f"r{number * number % 5}", x=number % 2)])
        clock.now += 0.5
    out += fold.all()
    assert sum(int(str(one.fields.get("vigie.repeated", 1))) for one in out) == 500


def test_memory_is_bounded(clock: Clock) -> None:
    fold = Fold(60, 5, clock)
    fold([alert("first"), alert("first")])
    told_now = told(fold([alert(f"r{number}") for number in range(100)]))
    assert len(fold) == 5
    assert told_now.count(("first", 1)) == 1
    assert len(told_now) == 101


def test_the_end_of_the_watch_tells_what_is_left(clock: Clock) -> None:
    fold = Fold(60, 5, clock)
    fold([alert("a"), alert("a"), alert("b")])
    clock.now += 1.5
    (end,) = fold.all()
    assert end.message.endswith("(repeated 1 times in 1.5 s)")
    assert fold.all() == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"proc.pid": 1, "evt.time": 5, "fd.num": 3}, {"proc.pid": 2, "evt.time": 6, "fd.num": 9}, True),
        ({"proc.apid[2]": 1}, {"proc.apid[2]": 2}, True),
        ({"proc.name": "a"}, {"proc.name": "b"}, False),
        ({"proc.name": "a"}, {"proc.name": None}, False),
        ({"user.uid": 1}, {"user.uid": 2}, False),
        ({"evt.res": "SUCCESS"}, {"evt.res": "EPERM"}, False),
        ({"fd.name": "10.0.0.1:4242->10.0.0.2:443"}, {"fd.name": "10.0.0.1:4243->10.0.0.2:443"}, True),
        ({"fd.name": "10.0.0.1:4242->10.0.0.2:443"}, {"fd.name": "10.0.0.1:4242->10.0.0.2:80"}, False),
        ({"fd.name": "/etc/a"}, {"fd.name": "/etc/b"}, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": "1"}, {"a": 1}, False),
    ],
)
def test_what_says_the_same(one: dict[str, Any], other: dict[str, Any], same: bool) -> None:
    assert (key(alert("r", 1, **one)) == key(alert("r", 2, **other))) is same
    assert key(alert("r", **one)) != key(alert("s", **one))


def test_changing_fields_are_fields() -> None:
    from vigie import _core

    assert {row[1] for row in _core.fields()} >= CHANGING
