"""Cases of rules: what a test file may say, and how what came is compared with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from vigie.errors import UsageError
from vigie.model.alert import Alert, Priority
from vigie.runtime.cases import Case, read
from vigie.runtime.verdicts import compare, nanoseconds, texts

TIME = 1_795_291_820_371_916_589


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.scap").write_bytes(b"")
    (tmp_path / "own.yaml").write_bytes(b"")
    return tmp_path


def case(expect: str, name: str = "cases.yaml") -> Case:
    """A case with these lines behind its name and capture."""
    Path(name).write_text(f"- name: one\n  capture: a.scap\n{expect}")
    (only,) = read(name)
    return only


def alert(rule: str = "A", number: int = 0, **fields: Any) -> Alert:
    return Alert(
        time=TIME + number,
        rule=rule,
        priority=Priority.Warning,
        source="syscall",
        message=f"{rule} {number}",
        fields=fields,
    )


def differences(expect: str, *alerts: Alert) -> list[str]:
    return list(compare(case(expect), alerts))


def test_paths_are_seen_from_the_test_file() -> None:
    Path("below").mkdir()
    Path("below/cases.yaml").write_text(
        "cases:\n- name: n\n  capture: ../a.scap\n  rules: [../own.yaml]\n  silent: [B]\n"
    )
    (one,) = read("below/cases.yaml")
    assert one.capture == Path("below/../a.scap")
    assert one.rules == ("below/../own.yaml",)
    assert one.library == (), "own rules alone"
    assert one.silent == (("B", 5),)


def test_without_rules_the_library_is_tested() -> None:
    assert case("  silent: others\n").library == ("stable",)
    assert case("  silent: others\n").first
    more = case("  library: [stable, sandbox]\n  rules: own.yaml\n  matching: all\n  silent: [A]\n")
    assert (more.library, more.rules, more.first) == (("stable", "sandbox"), ("own.yaml",), False)


def test_several_documents_and_cases() -> None:
    Path("many.yaml").write_text(
        "- {name: one, capture: a.scap, silent: [A]}\n- {name: two, capture: a.scap, silent: [A]}\n---\n"
        "cases: [{name: three, capture: a.scap, silent: [A]}]\n"
    )
    assert [one.name for one in read("many.yaml")] == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("3\n", 1, "list of cases"),
        ("tests: []\n", 1, "tests"),
        ("- 3\n", 1, "a mapping"),
        ("- name: a\n", 1, "no capture"),
        ("- capture: a.scap\n", 1, "no name"),
        ("- name: a\n  capture: b.scap\n", 2, "no capture"),
        ("- name: a\n  capture: a.scap\n", 1, "expects nothing"),
        ("- name: a\n  capture: a.scap\n  rules:\n  - own.yaml\n  - b.yaml\n", 5, "b.yaml"),
        ("- name: a\n  capture: a.scap\n  library: [best]\n", 3, "best"),
        ("- name: a\n  capture: a.scap\n  matching: some\n", 3, "first or all"),
        ("- name: a\n  capture: a.scap\n  expect: 3\n", 3, "a mapping"),
        ("- name: a\n  capture: a.scap\n  expect:\n    A: -1\n", 4, "number"),
        ("- name: a\n  capture: a.scap\n  expect:\n    A: {}\n", 4, "nothing is said"),
        ("- name: a\n  capture: a.scap\n  expect:\n    A: {count: 1, at least: 1}\n", 4, "exclude"),
        ("- name: a\n  capture: a.scap\n  expect:\n    A: {last: {a: b}}\n", 4, "last"),
        ("- name: a\n  capture: a.scap\n  expect:\n    A: {first: {}}\n", 4, "no field"),
        ("- name: a\n  capture: a.scap\n  expect:\n    A: {first: {x: {y: z}}}\n", 4, "the value of a field"),
        ("- name: a\n  capture: a.scap\n  expect:\n    A: 1\n    A: 2\n", 5, "twice"),
        ("- name: a\n  capture: a.scap\n  silent: {A: 1}\n", 3, "a text"),
        ("- name: a\n  captur: a.scap\n", 1, "captur"),
        ("- name: a\n  capture: [\n", 3, ""),
    ],
)
def test_what_is_no_test_file_is_told_with_its_line(text: str, line: int, told: str) -> None:
    Path("cases.yaml").write_text(text)
    with pytest.raises(UsageError) as caught:
        read("cases.yaml")
    assert caught.value.message.startswith(f"cases.yaml:{line}: ")
    assert told in caught.value.message
    assert caught.value.exit_status == 2


@pytest.mark.parametrize("text", ["", "[]\n", "cases: []\n"])
def test_no_cases_are_a_mistake(text: str) -> None:
    Path("cases.yaml").write_text(text)
    with pytest.raises(UsageError, match=r"cases\.yaml"):
        read("cases.yaml")


@pytest.mark.parametrize(
    ("expected", "came", "told"),
    [
        ("2", 2, []),
        ("0", 0, []),
        ("2", 0, ["A: 2 alerts expected, none came"]),
        ("2", 1, ["A: 2 alerts expected, 1 came"]),
        ("1", 2, ["A: 1 alert expected, 2 came", "  2026-11-21T20:10:20.371916590Z A 1"]),
        ("{count: 1}", 1, []),
        ("{at least: 2}", 2, []),
        ("{at least: 2}", 3, []),
        ("{at least: 2}", 1, ["A: at least 2 alerts expected, 1 came"]),
        ("{first: {message: A 0}}", 1, []),
        ("{first: {message: A 0}}", 0, ["A: at least 1 alert expected, none came"]),
        ("{any: {message: A 1}}", 2, []),
        ("{any: {message: A 1}}", 0, ["A: at least 1 alert expected, none came"]),
    ],
)
def test_numbers_of_alerts(expected: str, came: int, told: list[str]) -> None:
    assert differences(f"  expect:\n    A: {expected}\n", *(alert(number=n) for n in range(came))) == told


def test_alerts_of_other_rules_do_not_matter_unless_they_must_be_silent() -> None:
    assert differences("  expect: {A: 1}\n", alert("A"), alert("B")) == []
    assert differences("  expect: {A: 1}\n  silent: [C]\n", alert("A"), alert("B")) == []
    told = ["B: must stay silent, 1 alert came", "  2026-11-21T20:10:20.371916589Z B 0"]
    assert differences("  expect: {A: 1}\n  silent: [B]\n", alert("A"), alert("B")) == told
    assert differences("  expect: {A: 1}\n  silent: others\n", alert("A"), alert("B")) == told
    assert differences("  silent: others\n", alert("B")) == told


def test_many_unwanted_alerts_are_not_all_shown() -> None:
    told = differences("  silent: others\n", *(alert("B", number) for number in range(10)))
    assert told[0] == "B: must stay silent, 10 alerts came"
    assert told[-1] == "  and 7 more"
    assert len(told) == 5


@pytest.mark.parametrize(
    ("wanted", "value"),
    [
        ("text", "text"),
        ("3", 3),
        ("'3'", 3),
        ("3", "3"),
        ("-1", -1),
        ("18446744073709551615", 2**64 - 1),
        ("true", True),
        ("false", False),
        ("0.5", 0.5),
        ("2.0", 2.0),
        ("null", None),
        ("~", None),
        ("''", ""),
        ("[a, 1]", ["a", 1]),
        ("[]", []),
        ('"a\\nb"', "a\nb"),
    ],
)
def test_values_of_fields(wanted: str, value: Any) -> None:
    assert differences(f"  expect: {{A: {{first: {{x: {wanted}}}}}}}\n", alert(x=value)) == []
    assert differences(f"  expect: {{A: {{any: {{x: {wanted}}}}}}}\n", alert(x="other"), alert(x=value)) == []
    for other in ("other", 4, [value], None if value is not None else "None"):
        assert len(differences(f"  expect: {{A: {{first: {{x: {wanted}}}}}}}\n", alert(x=other))) == 1


def test_first_is_the_first_and_any_is_one_of_all() -> None:
    two = alert(x="a"), alert(number=1, x="b")
    assert differences("  expect: {A: {first: {x: a}, any: {x: b}}}\n", *two) == []
    assert differences("  expect: {A: {first: {x: b}}}\n", *two) == ['A, first alert: x is "a", expected "b"']
    assert differences("  expect: {A: {any: [{x: a}, {x: b}]}}\n", *two) == []


def test_any_needs_all_values_in_one_alert() -> None:
    two = alert(x="a", y="1", z="1"), alert(number=1, x="b", y="2", z="1")
    assert differences("  expect: {A: {any: {x: a, y: 1}}}\n", *two) == []
    assert differences("  expect: {A: {any: {x: a, y: 2, z: 1}}}\n", *two) == [
        'A: no alert has x "a", y "2", z "1"; the nearest:',
        '  y is "1", expected "2"',
    ]


def test_fields_that_are_not_in_the_output_and_missing_ones() -> None:
    assert differences("  expect: {A: {first: {x: a, y: null, z: a}}}\n", alert(y=None, z=None)) == [
        'A, first alert: x is not in the rule\'s output, expected "a"',
        'A, first alert: z is missing, expected "a"',
    ]
    assert differences("  expect: {A: {first: {y: null}}}\n", alert(y="b")) == [
        'A, first alert: y is "b", expected missing'
    ]


@pytest.mark.parametrize("wanted", ["2026-11-21T20:10:20.371916589Z", str(TIME)])
def test_times(wanted: str) -> None:
    assert differences(f"  expect: {{A: {{first: {{time: '{wanted}'}}}}}}\n", alert()) == []
    assert len(differences(f"  expect: {{A: {{first: {{time: '{wanted}'}}}}}}\n", alert(number=1))) == 1


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:01.5Z", 1_500_000_000),
        ("2026-11-21T20:10:20.371916589Z", TIME),
        ("12", 12),
        ("1970-01-01", None),
        ("1970-13-01T00:00:00Z", None),
        ("1970-01-01T00:00:00.1234567890Z", None),
        ("", None),
        ("٣", None),
    ],
)
def test_times_as_text(text: str, time: int | None) -> None:
    assert nanoseconds(text) == time


@pytest.mark.parametrize("wanted", ["Warning", "WARNING", "warning"])
def test_priorities(wanted: str) -> None:
    assert differences(f"  expect: {{A: {{first: {{priority: {wanted}}}}}}}\n", alert()) == []
    assert differences("  expect: {A: {first: {priority: Notice}}}\n", alert()) == [
        'A, first alert: priority is "Warning", expected "Notice"'
    ]


def test_texts_of_values() -> None:
    assert texts([True, None, [1, 0.5]]) == ("true", None, ("1", "0.5"))
