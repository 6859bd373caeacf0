"""The rules that come with Vigie: names, priorities and tags are the peer's, and so is what they find in the recorded
activity."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from vigie.model.alert import Alert
from vigie.runtime.rules.load import Loaded, load
from vigie.runtime.rules.sources import FIRST_LOOK, LIBRARY, MATURITIES, library
from vigie.runtime.watch import Watch

DATA = Path(__file__).parent.parent / "data"
CAPTURES = DATA / "captures"
ALL = ("stable", "incubating", "sandbox")
OUTSIDE = "# outside any action"
NEVER_TRIED = {"Network Connection outside Local Subnet"}
"""Rules that cannot match as long as a list of theirs is empty."""

LEVELS = [ALL[:count] for count in (1, 2, 3)]


def peer() -> list[dict[str, str]]:
    """The peer's rules, in its order."""
    with (DATA / "rules_library" / "rules.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@cache
def documents() -> dict[Path, list[dict[str, Any]]]:
    """All files in the order of loading, without the help of the loader."""
    return {path: yaml.safe_load(path.read_bytes()) for path in sorted(LIBRARY.glob("*.yaml"))}


def items(kind: str) -> Iterator[dict[str, Any]]:
    """Items of one kind in all files."""
    for document in documents().values():
        yield from (item for item in document if kind in item)


def loaded(maturities: tuple[str, ...]) -> Loaded:
    return load(list(library(maturities)))


def alerts(maturities: tuple[str, ...]) -> list[Alert]:
    """What the rules say of the recorded activity."""
    watch = Watch(loaded(maturities).ruleset.sets)
    return [alert for batch in watch.replay(CAPTURES / "activity_small.scap") for alert in batch]


def table(name: str) -> list[list[str]]:
    text = (CAPTURES / f"activity_small.{name}.tsv").read_text()
    return [line.split("\t") for line in text.splitlines()]


def test_names_and_order_are_the_peers() -> None:
    assert [rule["rule"] for rule in items("rule")] == [rule["name"] for rule in peer()]


@pytest.mark.parametrize("expected", peer(), ids=lambda rule: rule["name"])
def test_rule_is_described_as_the_peers(expected: dict[str, str]) -> None:
    (rule,) = [rule for rule in items("rule") if rule["rule"] == expected["name"]]
    assert rule["priority"] == expected["priority"]
    assert rule["tags"] == expected["tags"].split()
    assert rule["tags"][0] == f"maturity_{expected['maturity']}"
    assert rule.get("enabled", True) is (expected["enabled"] == "true")
    assert rule.get("source", "syscall") == "syscall"


@pytest.mark.parametrize("rule", list(items("rule")), ids=lambda rule: rule["rule"])
def test_rule_explains_itself(rule: dict[str, Any]) -> None:
    sentence, _, fields = rule["output"].partition(" | ")
    assert "%" not in sentence
    assert len(sentence) > 12
    assert re.fullmatch(r"(?:\w+=%\S+(?:,%\S+)*(?: |$))+", fields), "fields follow as key=%field"
    for field in ("%evt.type", "%user.name", "%proc.name", "%proc.cmdline"):
        assert field in fields
    assert len(rule["desc"]) > 60


@pytest.mark.parametrize("kind", ["macro", "list", "rule"])
def test_each_name_is_given_once(kind: str) -> None:
    names = Counter(item[kind] for item in items(kind))
    assert [name for name, count in names.items() if count > 1] == []


def test_files_are_short_and_name_their_maturity() -> None:
    for path, document in documents().items():
        assert len(path.read_text().splitlines()) < 600
        maturities = {rule["tags"][0] for rule in document if "rule" in rule}
        assert maturities <= {f"maturity_{word}" for word in path.stem.split("-") if word in MATURITIES}


@pytest.mark.parametrize("maturities", LEVELS, ids=lambda maturities: maturities[-1])
def test_rules_compile_without_a_warning(maturities: tuple[str, ...]) -> None:
    result = loaded(maturities)
    assert [(problem.code, problem.message) for problem in result.problems] == []
    assert set(result.known) == {rule["name"] for rule in peer() if rule["maturity"] in maturities}
    without_events = {name for name, known in result.known.items() if not known.events}
    assert without_events <= NEVER_TRIED, "each rule names its event types"


def test_stable_rules_give_the_peers_alerts() -> None:
    expected = [json.loads(line) for line in (CAPTURES / "activity_small.falco_stable.jsonl").read_text().splitlines()]
    got = alerts(("stable",))
    assert [(alert.rule, alert.time) for alert in got] == [
        (alert["rule"], alert["output_fields"]["evt.time"]) for alert in expected
    ]
    for alert, same in zip(got, expected, strict=True):
        assert alert.priority.name == same["priority"]
        assert alert.source == same["source"]
        assert {**alert.fields, "evt.time": alert.time} == same["output_fields"]


@pytest.mark.parametrize(("maturities", "column"), [(("stable",), 1), (ALL, 2)], ids=["stable", "all"])
def test_actions_trigger_the_peers_rules(maturities: tuple[str, ...], column: int) -> None:
    actions = [(int(row[0]), int(row[1]), row[2]) for row in table("actions") if not row[0].startswith("#")]
    got: dict[str, Counter[str]] = {}
    for alert in alerts(maturities):
        label = next((label for start, end, label in actions if start <= alert.time <= end), OUTSIDE)
        got.setdefault(label, Counter())[alert.rule] += 1
    expected: dict[str, Counter[str]] = {}
    for row in table("label_to_rules"):
        if row[0] != "# label" and row[column] != "-":
            counts = (one.split("x ", 1) for one in row[column].split("; "))
            expected[row[0]] = Counter({rule: int(count) for count, rule in counts})
    assert got == expected


def test_a_watch_that_was_told_nothing_takes_one_rule_more() -> None:
    def names(words: Sequence[str]) -> list[str]:
        return [rule.name for _, rules in load(list(library(words))).ruleset.sets for rule in rules]

    assert names(FIRST_LOOK) == [*names(["stable"]), "Write below etc"]
