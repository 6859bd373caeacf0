"""Dropped events: the threshold, the bucket, the actions, the alert's fields; which rules are affected; shedding."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from vigie.errors import SourceError
from vigie.model.alert import InternalAlert, Priority
from vigie.runtime.daemon import affected, shedding
from vigie.runtime.daemon.drops import Bucket, Drops, Policy
from vigie.runtime.rules.items import CompiledRule


def rule(name: str, *events: str, priority: Priority = Priority.Warning, runs: bool = True) -> CompiledRule:
    return CompiledRule(name=name, priority=priority, source="syscall", output="", events=events, runs=runs)


RULES = [
    rule("opens", "open", "openat"),
    rule("shells", "execve", "execveat"),
    rule("links", "symlink", "linkat"),
    rule("talks", "connect", "sendto"),
    rule("off", "open", runs=False),
]


class Told:
    def __init__(self, policy: Policy | None = None, rules: list[CompiledRule] | None = None) -> None:
        self.alerts: list[InternalAlert] = []
        self.failures: list[Exception] = []
        self.drops = Drops(
            policy or Policy(),
            rules=lambda: RULES if rules is None else rules,
            tell=self.alerts.append,
            stop=self.failures.append,
        )


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Any:
    """Our log's lines: level and text."""
    caplog.set_level(logging.DEBUG, "vigie")
    logging.getLogger("vigie").propagate = True
    return lambda: [(record.levelname, record.getMessage()) for record in caplog.records]


# The alert


def test_the_alert_is_the_peers() -> None:
    told = Told()
    told.drops.check({"events": 1000, "drops": 0}, 1)
    told.drops.check(
        {"events": 2000, "drops": 300, "drops_buffer_open": 250, "drops_page_faults": 20, "drops_scratch": 30}, 2
    )
    (alert,) = told.alerts
    assert (alert.rule, alert.priority) == ("Falco internal: syscall event drop", Priority.Debug)
    assert alert.text == "Falco internal: syscall event drop. 300 system calls dropped in last second."
    assert alert.fields == {
        "ebpf_enabled": "1",
        "n_drops": "300",
        "n_drops_buffer_total": "250",
        "n_drops_buffer_clone_fork_exit": "0",
        "n_drops_buffer_close_exit": "0",
        "n_drops_buffer_connect_exit": "0",
        "n_drops_buffer_dir_file_exit": "0",
        "n_drops_buffer_execve_exit": "0",
        "n_drops_buffer_open_exit": "250",
        "n_drops_buffer_other_interest_exit": "0",
        "n_drops_buffer_proc_exit": "0",
        "n_drops_bug": "0",
        "n_drops_page_faults": "20",
        "n_drops_scratch_map": "30",
        "n_evts": "1000",
        "rules_affected": "opens, shells, links, talks",
        "state_affected": "processes, descriptors",
    }


@pytest.mark.parametrize(
    ("events", "drops", "threshold", "expected"),
    [(100, 10, 0.1, 0), (100, 11, 0.1, 1), (100, 1, 0.0, 1), (100, 100, 1.0, 0), (100, 0, 0.0, 0)],
)
def test_more_than_the_threshold(events: int, drops: int, threshold: float, expected: int) -> None:
    told = Told(Policy(threshold=threshold))
    told.drops.check({"events": events, "drops": drops}, 1)
    assert len(told.alerts) == expected


def test_each_second_is_looked_at_alone() -> None:
    told = Told(Policy(rate=1, burst=10))
    told.drops.check({"events": 100, "drops": 50}, 1)
    told.drops.check({"events": 10_000, "drops": 50}, 2)
    told.drops.check({"events": 10_100, "drops": 90}, 3)
    assert [alert.fields["n_drops"] for alert in told.alerts] == ["50", "40"]


def test_simulated_drops_have_no_threshold_and_are_one_a_check() -> None:
    told = Told(Policy(simulate=True, threshold=1.0, rate=1, burst=10))
    told.drops.check({"events": 100, "drops": 0}, 1)
    told.drops.check({"events": 200, "drops": 0}, 2)
    assert [(alert.fields["n_drops"], alert.fields["n_evts"]) for alert in told.alerts] == [("1", "101")] * 2


def test_the_bucket_begins_full_and_fills_slowly() -> None:
    bucket = Bucket(0.03333, 1)
    assert bucket.claim(0)
    assert not bucket.claim(1)
    assert not bucket.claim(29)
    assert bucket.claim(31)
    assert not bucket.claim(32)
    bucket = Bucket(1, 3)
    assert [bucket.claim(100) for _ in range(4)] == [True, True, True, False]
    assert [bucket.claim(1000) for _ in range(4)] == [True, True, True, False]


def test_actions_are_taken_as_often_as_the_bucket_allows() -> None:
    told = Told(Policy(rate=0.03333, burst=1))
    for second in range(1, 62):
        told.drops.check({"events": 100 * second, "drops": 50 * second}, second)
    assert len(told.alerts) == 2
    assert (told.drops.occasions, told.drops.actions_taken) == (61, 2)


@pytest.mark.parametrize(
    ("actions", "alerts", "logged", "failed"),
    [
        ((), 0, [], 0),
        (("ignore",), 0, [], 0),
        (("log",), 0, ["WARNING"], 0),
        (("alert",), 1, [], 0),
        (("log", "alert"), 1, ["WARNING"], 0),
        (("exit",), 0, ["CRITICAL", "CRITICAL"], 1),
    ],
)
def test_actions(lines: Any, actions: tuple[str, ...], alerts: int, logged: list[str], failed: int) -> None:
    told = Told(Policy(actions=frozenset(actions)))
    told.drops.check({"events": 10, "drops": 5, "drops_buffer_open": 5}, 1)
    assert len(told.alerts) == alerts
    assert [level for level, _ in lines()] == logged
    assert all("opens" in text for level, text in lines() if level == "WARNING")
    assert len(told.failures) == failed
    assert all(isinstance(one, SourceError) for one in told.failures)


def test_few_drops_are_said_once_and_counted(lines: Any) -> None:
    told = Told()
    for second in (1, 2, 3):
        told.drops.check({"events": 1000 * second, "drops": second, "drops_buffer_execve": second}, second)
    assert told.alerts == []
    ((level, text),) = lines()
    assert level == "WARNING"
    assert "1 of 1000 events" in text
    report = told.drops.report()
    assert report[0] == "Events dropped: 3 of 3000"
    assert "   buffer full, execve: 3" in report
    assert report[-2:] == ["Rules that may have missed something:", "   shells"]


def test_nothing_is_said_when_nothing_was_lost(lines: Any) -> None:
    told = Told()
    told.drops.check({"events": 5, "drops": 0, "shed": 0}, 1)
    assert told.drops.report() == []
    assert lines() == []


# Rules affected


@pytest.mark.parametrize(
    ("lost", "names"),
    [
        ({"open": 1}, ["opens"]),
        ({"execve": 1}, ["shells"]),
        ({"dir_file": 2}, ["links"]),
        ({"connect": 1}, ["talks"]),
        ({"other_interest": 1}, ["talks"]),
        ({"close": 1}, []),
        ({"open": 0, "execve": 3, "dir_file": 1}, ["shells", "links"]),
        ({"page_faults": 1}, ["opens", "shells", "links", "talks"]),
        ({"scratch": 1}, ["opens", "shells", "links", "talks"]),
        ({}, []),
    ],
)
def test_rules_that_look_at_what_was_lost(lost: dict[str, int], names: list[str]) -> None:
    assert affected.of_classes(RULES, lost) == names


@pytest.mark.parametrize(
    ("lost", "what"),
    [
        ({"execve": 1}, "processes"),
        ({"close": 1}, "descriptors"),
        ({"clone_fork": 1, "open": 2}, "processes, descriptors"),
        ({"page_faults": 1}, "processes, descriptors"),
        ({"open": 0}, ""),
    ],
)
def test_what_is_known_may_be_wrong(lost: dict[str, int], what: str) -> None:
    assert affected.state(lost) == what


def test_a_rule_that_looks_at_everything_is_always_affected() -> None:
    everything = [rule("all")]
    for name in ("open", "close", "other_interest", "scratch"):
        assert affected.of_classes(everything, {name: 1}) == ["all"]
    assert affected.of_types(everything, {"read"}) == ["all"]


def test_drops_without_a_class_are_those_of_other_types() -> None:
    told = Told(Policy(threshold=0))
    told.drops.check({"events": 10, "drops": 5, "drops_buffer_open": 4}, 1)
    assert told.alerts[0].fields["rules_affected"] == "opens, talks"


def test_long_lists_of_rules_are_cut() -> None:
    text = affected.named([f"r{number}" for number in range(60)])
    assert text.endswith("r49 and 10 more")


# Shedding


def test_types_go_by_the_most_important_rule_that_looks_at_them() -> None:
    rules = [
        rule("n", "read", "write", "mmap", "kill", priority=Priority.Notice),
        rule("i", "read", priority=Priority.Informational),
        rule("w", "write", priority=Priority.Warning),
        rule("e", "mmap", priority=Priority.Error),
        rule("c", "kill", priority=Priority.Critical),
        rule("d", "execve", "open", "close", "clone", "procexit", "dup2", priority=Priority.Debug),
        rule("off", "read", priority=Priority.Emergency, runs=False),
    ]
    assert shedding.levels(rules) == [("mmap", 3), ("read", 1), ("write", 2)]


def test_a_rule_about_everything_keeps_everything() -> None:
    rules = [rule("d", "read", priority=Priority.Debug), rule("all", priority=Priority.Critical)]
    assert shedding.levels(rules) == []
    rules = [rule("d", "read", priority=Priority.Debug), rule("all", priority=Priority.Warning)]
    assert shedding.levels(rules) == [("read", 2)]


def test_what_the_state_needs_has_the_names_of_the_schema() -> None:
    from vigie import _core

    names = {row[1] for row in _core.event_types()}
    assert names >= shedding.STATE
    assert names >= frozenset().union(*affected.CLASSES.values())


def test_shedding_is_announced_and_told_with_the_drops(lines: Any) -> None:
    rules = [rule("reads", "read", priority=Priority.Notice), rule("opens", "open")]
    told = Told(rules=rules)
    told.drops.check({"events": 100, "drops": 0, "shed": 0, "shed_1": 0}, 1)
    told.drops.check({"events": 200, "drops": 0, "shed": 50, "shed_1": 50}, 2)
    for second in range(3, 12):
        told.drops.check({"events": 100 * second, "drops": 0, "shed": 50, "shed_1": 50}, second)
        assert len(lines()) == 2, "waves are not told one by one"
    told.drops.check({"events": 1200, "drops": 0, "shed": 50, "shed_1": 50}, 12)
    begin, drop, end = (text for _, text in lines())
    assert "level 1 of 3" in begin
    assert "read; " in begin
    assert begin.endswith("reads")
    assert drop.startswith("50 of 150 events")
    assert "all event types are watched again; 50 events" in end
    assert end.endswith("reads")
    (alert,) = told.alerts
    assert alert.fields["rules_affected"] == "reads"
    assert (alert.fields["n_shed"], alert.fields["shed_level"], alert.fields["n_drops"]) == ("50", "1", "50")
    assert "Events given up while the buffer was full: 50" in told.drops.report()
