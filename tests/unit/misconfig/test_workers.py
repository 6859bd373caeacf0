"""Work on many units: outcomes come whole through the pipes, processes that make room or die are replaced."""

from __future__ import annotations

import os

import pytest

from vigie.misconfig import workers
from vigie.misconfig.language import Unit
from vigie.misconfig.outcome import Outcome, Placed
from vigie.model.inventory import Problem
from vigie.model.misconfiguration import CodeLine, Misconfiguration, Occurrence, Origin

UNITS = [Unit("terraform", f"m{number}", weight=1 << 20) for number in range(8)]


def finding(unit: str, id_: str, line: int, message: str = "wrong") -> Misconfiguration:
    return Misconfiguration(
        type="Terraform Security Check",
        id=id_,
        names=(id_, f"AVD-{id_}"),
        title="A title",
        description="What it is",
        message=message,
        resolution="Mend it",
        severity="HIGH",
        provider="AWS",
        service="s3",
        namespace="n",
        query="q",
        resource=f"r.{unit}",
        start=line,
        end=line + 1,
        code=(CodeLine(line, f"line of {unit}", is_cause=True),),
        occurrences=(Occurrence(f"module.{unit}", f"{unit}/main.tf", 1, 9),),
        origins=(Origin("var.x", f"{unit}/variables.tf", 3, 3),),
        rendered="" if line % 2 else "x = 1",
    )


def work(unit: Unit) -> Outcome:
    found = [finding(unit.path, "AWS-0001", 1), finding(unit.path, "AWS-0001", 2), finding(unit.path, "AWS-0002", 1)]
    found.append(finding(unit.path, "AWS-0002", 1, "wrong in another way"))
    placed = [Placed(f"{unit.path}/main.tf", one, "accepted" * (one.start == 2), "x:1") for one in found]
    problems = [Problem(unit.path, "a problem")]
    return Outcome(unit.path, "terraform", unit.path, "terraform", placed, ["AWS-0003"], ["AWS-0003"], [], problems)


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


def test_outcomes_are_the_same_behind_the_pipe() -> None:
    assert workers.run_all(work, UNITS, 0) == [work(unit) for unit in UNITS]


def test_what_findings_share_is_one_object_again() -> None:
    found = [placed.finding for outcome in workers.run_all(work, UNITS, 0) for placed in outcome.findings]
    assert len({id(one.names) for one in found if one.id == "AWS-0001"}) <= 2  # one of each process
    first = found[:4]
    assert first[0].code is first[2].code


def test_processes_that_leave_much_behind_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "MOST_LEFT", -1)
    started: list[int] = []
    fork = os.fork
    monkeypatch.setattr(os, "fork", lambda: started.append(1) or fork())
    assert workers.run_all(work, UNITS, 0) == [work(unit) for unit in UNITS]
    assert len(started) >= len(UNITS)


def test_units_that_end_their_process_cost_no_other_unit() -> None:
    def deadly(unit: Unit) -> Outcome:
        if unit.path in ("m0", "m1", "m2", "m5"):
            os._exit(9)
        return work(unit)

    outcomes = workers.run_all(deadly, UNITS, 0)
    assert [one.path for one in outcomes if one.findings] == ["m3", "m4", "m6", "m7"]
    assert [one.path for one in outcomes if "was not judged" in one.problems[0].what] == ["m0", "m1", "m2", "m5"]
