"""Rule files load as the specification says: one folder for each rule of it, `tests/data/rules/NAME`.

`expected.json`: `files` (by file, each problem's code and the place, from 1, it points at; `*` for any), `messages` (of
the errors), `running` (rules in the order in which they are tried), `conditions` (with lists and exceptions put in),
`compiled` (as printed), `outputs`, `extra` (fields of `append_output`), `rules` and `descriptions`. What is not named
is not compared.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from vigie.runtime.rules import sources
from vigie.runtime.rules.compile import Known
from vigie.runtime.rules.load import Loaded, load
from vigie.runtime.rules.problems import Problem
from vigie.runtime.rules.settings import RuleSettings

DATA = Path(__file__).parent.parent / "data" / "rules"
CASES = sorted(folder.name for folder in DATA.iterdir())


def loaded(name: str) -> Loaded:
    """The case's files, in a folder's order, with the case's settings."""
    folder = DATA / name
    given = folder / "settings.json"
    settings = msgspec.convert(json.loads(given.read_text()), RuleSettings) if given.exists() else RuleSettings()
    return load(list(sources.find([str(folder)])), settings=settings)


def place(problem: Problem, wanted: str) -> str:
    """Code and place, the parts of the place that do not matter as in `wanted`."""
    line, _, column = wanted.rpartition(" ")[2].partition(":")
    shown = f"{problem.where.line}" if line != "*" else "*"
    if column:
        shown += f":{problem.where.column}" if column != "*" else ":*"
    return f"{problem.code} {shown}"


def rule_facts(run: Loaded) -> dict[str, Any]:
    """What alerts say of each rule."""
    compiled = [rule for _, rules in (run.compiler.sets if run.compiler else ()) for rule in rules]
    return {
        rule.name: {
            "priority": int(rule.priority),
            "tags": list(rule.tags),
            "capture": rule.capture,
            "capture_duration": rule.capture_duration,
        }
        for rule in compiled
    }


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    expected = json.loads((DATA / name / "expected.json").read_text())
    run = loaded(name)
    for result in run.results:
        problems = sorted((*result.errors, *result.warnings), key=run.problems.index)
        wanted = expected["files"][Path(result.name).name]
        shown = [place(problem, want) for problem, want in zip(problems, wanted, strict=False)]
        assert shown + [problem.message for problem in problems[len(wanted) :]] == wanted
        assert result.successful == (not result.errors)
    assert set(expected["files"]) == {Path(result.name).name for result in run.results}
    known = run.known
    if "messages" in expected:
        assert [problem.message for problem in run.problems if problem.fatal] == expected["messages"]
    if "running" in expected:
        assert [one.rule.name for one in known.values() if one.runs] == expected["running"]
        assert [rule.name for _, rules in run.ruleset.sets for rule in rules][: len(expected["running"])] == expected[
            "running"
        ]
    views: dict[str, Callable[[Known], Any]] = {
        "conditions": lambda one: one.resolved.text,
        "compiled": lambda one: one.condition.text(),
        "outputs": lambda one: one.output.template,
        "extra": lambda one: dict(one.output.fields),
        "descriptions": lambda one: one.rule.desc,
    }
    for key, view in views.items():
        if key in expected:
            assert {rule: view(known[rule]) for rule in expected[key]} == expected[key]
    if "rules" in expected:
        facts = rule_facts(run)
        assert {rule: facts[rule] for rule in expected["rules"]} == expected["rules"]
