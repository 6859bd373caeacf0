"""Every ordering against cases from its system's documentation: `tests/data/versions/<name>.json`.

Sections of a file: `order` (a, relation, b), `invalid` texts, `constraints` (version, constraint, whether it holds),
`unreadable` (version, constraint that cannot be judged), `shown` (text, text as printed).
"""

from __future__ import annotations

import importlib
import json
import operator
from pathlib import Path
from typing import Any

import pytest

from vigie.versions.ordering import InvalidVersion, Ordering

DATA = Path(__file__).parent.parent / "data" / "versions"
RELATIONS = {"<": operator.lt, "=": operator.eq, ">": operator.gt, "!=": operator.ne}


def ordering(name: str) -> Ordering:
    found = importlib.import_module(f"vigie.versions.{name}").ORDERING
    assert isinstance(found, Ordering)
    return found


def cases(section: str) -> list[Any]:
    return [
        pytest.param(file.stem, case, id=f"{file.stem}-{case}")
        for file in sorted(DATA.glob("*.json"))
        for case in json.loads(file.read_text()).get(section, ())
    ]


def test_each_ordering_has_cases() -> None:
    modules = {file.stem for file in (DATA.parents[2] / "src/vigie/versions").glob("*.py")}
    named = {name for name in modules if hasattr(importlib.import_module(f"vigie.versions.{name}"), "ORDERING")}
    assert named == {file.stem for file in DATA.glob("*.json")}
    assert all(ordering(name).name == name for name in named)


@pytest.mark.parametrize(("name", "case"), cases("order"))
def test_order(name: str, case: list[str]) -> None:
    left, relation, right = case
    key = ordering(name).key
    assert RELATIONS[relation](key(left), key(right))
    mirrored = {"<": ">", ">": "<"}.get(relation, relation)
    assert RELATIONS[mirrored](key(right), key(left))


@pytest.mark.parametrize(("name", "text"), cases("invalid"))
def test_invalid(name: str, text: str) -> None:
    with pytest.raises(InvalidVersion):
        ordering(name).key(text)


@pytest.mark.parametrize(("name", "case"), cases("constraints"))
def test_constraint(name: str, case: list[Any]) -> None:
    version, constraint, expected = case
    satisfies = ordering(name).satisfies
    assert satisfies is not None
    assert satisfies(version, constraint) is expected


@pytest.mark.parametrize(("name", "case"), cases("unreadable"))
def test_unreadable_constraint(name: str, case: list[str]) -> None:
    satisfies = ordering(name).satisfies
    assert satisfies is not None
    with pytest.raises(InvalidVersion):
        satisfies(*case)


@pytest.mark.parametrize(("name", "case"), cases("shown"))
def test_shown(name: str, case: list[str]) -> None:
    assert ordering(name).show(case[0]) == case[1]
