"""Why a rule matches an event or not: the parts of its condition in the recorded activity."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vigie.errors import CaptureError, UsageError
from vigie.runtime.reasons import Explanation, Part, decisive, document, explain, text
from vigie.runtime.rules.document import Source
from vigie.runtime.rules.load import Loaded, load
from vigie.runtime.rules.settings import AppendOutput, RuleSettings, Selection
from vigie.runtime.rules.sources import library
from vigie.runtime.watch import Watch

CAPTURE = Path(__file__).parent.parent / "data" / "captures" / "activity_small.scap"
TRAVERSAL = 1795291820542514414  # openat of /etc/../etc/../etc/shadow by cat, child of python3
EXPECTED = [
    json.loads(line) for line in (CAPTURE.parent / "activity_small.falco_stable.jsonl").read_text().splitlines()
]


def rules(*conditions: str, macros: str = "") -> Loaded:
    """Rules named A, B, … with these conditions."""
    items = [
        f"- rule: {chr(65 + index)}\n  desc: d\n  condition: {json.dumps(condition)}\n  output: x\n  priority: INFO\n"
        for index, condition in enumerate(conditions)
    ]
    return load([Source("rules.yaml", (macros + "".join(items)).encode())])


def of_event(loaded: Loaded, rule: str = "") -> Explanation:
    return explain(loaded, CAPTURE, TRAVERSAL, by_time=True, rule=rule)


def parts(condition: str, macros: str = "") -> list[tuple[int, str, bool | None, str]]:
    (reason,) = of_event(rules(condition, macros=macros), "A").reasons
    return [(part.depth, part.text, part.result, part.value) for part in reason.parts]


@pytest.mark.parametrize("number", [0, 5, 14, 30, 33, 40, 46])
def test_rules_that_alerted_match(number: int) -> None:
    alert = EXPECTED[number]
    time = alert["output_fields"]["evt.time"]
    explained = explain(load(list(library())), CAPTURE, time, by_time=True)
    matching = [reason.rule for reason in explained.reasons if reason.matches]
    assert matching[0] == alert["rule"]
    assert (explained.time, explained.judged) == (time, True)
    assert explained.type == alert["output_fields"]["evt.type"]
    assert explained.process == alert["output_fields"]["proc.name"]


def test_reasons_agree_with_what_alerts() -> None:
    """On events that alert, and on those around them, each rule matches when the engine says so."""
    settings = RuleSettings(first=False, append=(AppendOutput(fields=(("evt.num", "evt.num"),)),))
    alerts: dict[int, set[str]] = {}
    for batch in Watch(load(list(library()), settings=settings).ruleset.sets, first=False).replay(CAPTURE):
        for alert in batch:
            number = alert.fields["evt.num"]
            assert isinstance(number, int)
            alerts.setdefault(number, set()).add(alert.rule)
    chosen = [number + step for number in list(alerts)[::6] for step in (-1, 0, 1)]
    assert len(chosen) > 20
    for number in chosen:
        explained = explain(load(list(library())), CAPTURE, number)
        assert {reason.rule for reason in explained.reasons if reason.matches} == alerts.get(number, set()), number


def test_the_number_finds_what_the_time_finds() -> None:
    loaded = rules("evt.type = openat")
    by_time = of_event(loaded)
    assert explain(rules("evt.type = openat"), CAPTURE, by_time.number) == by_time
    assert by_time.arguments.startswith("fd=3(<f>/etc/shadow) ")


@pytest.mark.parametrize(
    ("condition", "result", "value"),
    [
        ("fd.name = /etc/shadow", True, "/etc/shadow"),
        ("fd.name = /etc/passwd", False, "/etc/shadow"),
        ("fd.num > 2", True, "3"),
        ("container.image.repository = x", False, '""'),
        ("k8s.ns.name exists", False, "<NA>"),
        ("proc.aname in (python3)", True, "(python3,pfdrv)"),
        ("tolower(fd.name) = /etc/shadow", True, "fd.name = /etc/shadow"),
        ("fd.name = val(fd.nameraw)", False, "fd.name = /etc/shadow, fd.nameraw = /etc/../etc/../etc/shadow"),
        ("evt.type in (open, openat)", True, "openat"),
        ("evt.type = close", False, "openat"),
    ],
)
def test_a_comparison_is_told_with_what_it_compares(condition: str, result: bool, value: str) -> None:
    ((depth, _, found, compared),) = parts(condition)
    assert (depth, found, compared) == (0, result, value)


def test_parts_follow_the_text() -> None:
    assert parts(
        "evt.type = openat and not (fd.num = 3 and m) or proc.name = x", "- macro: m\n  condition: fd.num = 4\n"
    ) == [
        (0, "or", True, ""),
        (1, "and", True, ""),
        (2, "evt.type = openat", True, "openat"),
        (2, "not", True, ""),
        (3, "and", False, ""),
        (4, "fd.num = 3", True, "3"),
        (4, "m", False, ""),
        (5, "fd.num = 4", False, "3"),
        (1, "proc.name = x", False, "cat"),
    ]


def test_a_macro_is_told_once() -> None:
    told = parts(
        "evt.type = openat and m and n", "- macro: m\n  condition: fd.num = 3\n- macro: n\n  condition: m or m\n"
    )
    assert [(depth, text) for depth, text, *_ in told] == [
        (0, "and"),
        (1, "evt.type = openat"),
        (1, "m"),
        (2, "fd.num = 3"),
        (1, "n"),
        (2, "or"),
        (3, "m"),
        (3, "m"),
    ]
    assert all(result for _, _, result, _ in told)


def test_macros_that_double_take_no_time() -> None:
    macros = "- macro: m0\n  condition: fd.num = 3\n" + "".join(
        f"- macro: m{level}\n  condition: m{level - 1} and m{level - 1}\n" for level in range(1, 100)
    )
    told = parts("evt.type = openat and m99", macros)
    assert len(told) < 400
    assert told[0][2] is True


def test_exceptions_are_parts() -> None:
    loaded = load(
        [
            Source(
                "rules.yaml",
                b"- rule: A\n  desc: d\n  condition: evt.type = openat\n  output: x\n  priority: INFO\n"
                b"  exceptions: [{name: e, fields: proc.name, comps: in, values: [cat, ls]}]\n",
            )
        ]
    )
    (reason,) = of_event(loaded).reasons
    assert not reason.matches
    decided = [(part.text, part.result) for part in decisive(reason.parts)]
    assert decided[0] == ("and", False)
    assert decided[1] == ("not", False)
    assert decided[-1][1] is True
    assert "proc.name" in decided[-1][0]


def test_all_rules_that_look_at_the_event() -> None:
    loaded = rules("evt.type = openat and fd.num = 3", "evt.type = close", "evt.type in (open, openat)", "fd.num = 9")
    assert [(one.rule, one.matches) for one in of_event(loaded).reasons] == [("A", True), ("C", True), ("D", False)]


def test_one_rule_even_when_it_does_not_look() -> None:
    explained = of_event(rules("evt.type = openat", "evt.type = close"), "B")
    (reason,) = explained.reasons
    assert (reason.rule, reason.tried, reason.matches) == ("B", False, False)
    assert "B: does not look at openat events" in text(explained)


def test_a_disabled_rule() -> None:
    loaded = load(
        [Source("r.yaml", b"- {rule: A, desc: d, condition: evt.type = openat, output: x, priority: INFO}\n")],
        settings=RuleSettings(selections=(Selection(enable=False, rule="*"),)),
    )
    explained = of_event(loaded, "A")
    assert not explained.reasons[0].matches
    assert "A: is disabled" in text(explained)


def test_of_rules_that_match_the_first_alerts() -> None:
    explained = of_event(rules("evt.type = openat", "fd.num = 3"))
    assert "B: matches, but 'A' comes first and is the one that alerts" in text(explained)
    assert "B: matches\n" in text(explained, first=False)


def test_text_is_harmless_and_short() -> None:
    explained = of_event(rules(f"evt.type = openat and proc.name in ({', '.join(f'name{n}' for n in range(500))})"))
    assert max(map(len, text(explained).splitlines())) < 250
    assert len(document(explained)["rules"][0]["parts"][2]["text"]) > 3000, "whole for programs"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        # An `and` that fails: what fails. One that holds: everything.
        ([(0, "and", False), (1, "a", True), (1, "b", False)], ["and", "b"]),
        ([(0, "and", True), (1, "a", True), (1, "b", True)], ["and", "a", "b"]),
        # An `or` that holds: what holds. One that fails: everything.
        ([(0, "or", True), (1, "a", True), (1, "b", False)], ["or", "a"]),
        ([(0, "or", False), (1, "a", False), (1, "b", False)], ["or", "a", "b"]),
        # What is left out is left out with all its parts; what follows is not.
        (
            [(0, "and", False), (1, "m", True), (2, "or", True), (3, "a", False), (1, "not", False), (2, "b", True)],
            ["and", "not", "b"],
        ),
    ],
)
def test_the_parts_that_decide(given: list[tuple[int, str, bool]], shown: list[str]) -> None:
    assert [part.text for part in decisive([Part(*one, "") for one in given])] == shown


def test_what_is_not_there() -> None:
    with pytest.raises(UsageError, match="no rule"):
        of_event(rules("evt.type = openat"), "Z")
    with pytest.raises(UsageError, match="no event 99999999"):
        explain(rules("evt.type = openat"), CAPTURE, 99_999_999)
    with pytest.raises(UsageError, match="no event of the time 5"):
        explain(rules("evt.type = openat"), CAPTURE, 5, by_time=True)
    with pytest.raises(CaptureError, match="No such file"):
        explain(rules("evt.type = openat"), Path("absent.scap"), 5)


def test_a_damaged_capture(tmp_path: Path) -> None:
    cut = tmp_path / "cut.scap"
    cut.write_bytes(CAPTURE.read_bytes()[:100_000])
    with pytest.raises(CaptureError) as caught:
        explain(rules("evt.type = openat"), cut, 58_000)
    assert "the event is not among the " in caught.value.hint
