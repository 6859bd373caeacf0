"""Lines of alerts, text and JSON, rule by rule as the peer's formats are documented."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from vigie.alerts.line import LineFormat, write
from vigie.model.alert import Alert, Priority

TIME = 1_795_291_820_371_916_589  # 2026-11-21T20:10:20.371916589Z

ALERT = Alert(
    time=TIME,
    rule="Read sensitive file",
    priority=Priority.Warning,
    source="syscall",
    message="file=/etc/shadow user=root",
    fields={"fd.name": "/etc/shadow", "user.uid": 0},
    tags=("T1555", "container"),
    hostname="host-1",
)
TEXT, ISO, JSON = LineFormat(), LineFormat(iso=True), LineFormat(json=True)


def changed(**changes: Any) -> Alert:
    return msgspec.structs.replace(ALERT, **changes)


def document(alert: Alert = ALERT, form: LineFormat = JSON) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(write(alert, form))
    return loaded


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two hours and a half east, no summer time."""
    monkeypatch.setenv("TZ", "TST-2:30")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("zone")
def test_text_is_local_time_priority_and_message() -> None:
    assert write(ALERT, TEXT) == "22:40:20.371916589: Warning file=/etc/shadow user=root"


def test_iso_text_is_utc_with_zone() -> None:
    assert write(ALERT, ISO) == "2026-11-21T20:10:20.371916589+0000: Warning file=/etc/shadow user=root"


def test_local_time_is_by_the_offset_in_force_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by that of the event's date: half a year apart, the same hour is shown."""
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    try:
        half_a_year = 26 * 7 * 86_400 * 1_000_000_000
        assert write(changed(time=TIME + half_a_year), TEXT) == write(ALERT, TEXT)
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("digits", ["000000000", "000000001", "100000000", "999999999"])
def test_nanoseconds_have_nine_digits(digits: str) -> None:
    alert = changed(time=TIME // 1_000_000_000 * 1_000_000_000 + int(digits))
    assert f":20.{digits}: Warning" in write(alert, TEXT)
    assert document(alert)["time"] == f"2026-11-21T20:10:20.{digits}Z"


@pytest.mark.parametrize("priority", list(Priority))
def test_priorities_are_printed_by_their_long_names(priority: Priority) -> None:
    names = ["Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug"]
    assert f": {names[priority]} file=" in write(changed(priority=priority), ISO)
    assert document(changed(priority=priority))["priority"] == names[priority]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ('say "no"', r"say \"no\""),
        ("a\\b", r"a\\b"),
        ("\b\f\n\r\t", r"\b\f\n\r\t"),
        ("\x00\x01\x1b[31m\x1f", r"\u0000\u0001\u001b[31m\u001f"),
        ("\x7f", "\x7f"),
        ("/etc/passwd", "/etc/passwd"),
        ("é 日本 \U0001f600", "é 日本 \U0001f600"),
        ("broken \ufffd", "broken \ufffd"),
        ("\u2028\x85", "\u2028\x85"),
    ],
)
def test_text_is_escaped_as_inside_a_json_string(raw: str, shown: str) -> None:
    assert write(changed(message=raw), ISO) == f"2026-11-21T20:10:20.371916589+0000: Warning {shown}"


def test_a_line_is_one_line() -> None:
    hostile = "".join(map(chr, range(0x20))) + '"\\'
    for form in (TEXT, JSON):
        assert len(write(changed(message=hostile, fields={hostile: hostile}), form).encode().split(b"\n")) == 1


def test_json_keys_stand_in_the_order_of_their_bytes() -> None:
    form = LineFormat(json=True, include_message=True)
    line = write(changed(fields={"proc.name": "a", "Z": 1, "évt": 2, "evt.arg[10]": 3, "evt.arg.x": 4}), form)
    keys = ["hostname", "message", "output", "output_fields", "priority", "rule", "source", "tags", "time"]
    pairs = json.loads(line, object_pairs_hook=list)
    assert [key for key, _ in pairs] == keys
    fields = [key for key, _ in dict(pairs)["output_fields"]]
    assert fields == sorted(fields, key=str.encode)
    assert set(fields) == {"proc.name", "Z", "évt", "evt.arg[10]", "evt.arg.x", "evt.time"}


def test_json_has_no_blanks_between_its_parts() -> None:
    assert write(changed(fields={}, tags=(), message="m"), JSON).startswith('{"hostname":"host-1","output":"')


@pytest.mark.usefixtures("zone")
def test_json_values() -> None:
    assert document(form=LineFormat(json=True, include_message=True)) == {
        "hostname": "host-1",
        "message": "file=/etc/shadow user=root",
        "output": "22:40:20.371916589: Warning file=/etc/shadow user=root",
        "output_fields": {"evt.time": TIME, "fd.name": "/etc/shadow", "user.uid": 0},
        "priority": "Warning",
        "rule": "Read sensitive file",
        "source": "syscall",
        "tags": ["T1555", "container"],
        "time": "2026-11-21T20:10:20.371916589Z",
    }


def test_json_output_is_encoded_once() -> None:
    alert = changed(message='a "quoted"\nline')
    assert document(alert)["output"].endswith(': Warning a "quoted"\nline')
    assert r"Warning a \"quoted\"\nline" in write(alert, JSON)


@pytest.mark.parametrize(
    ("switch", "key", "default"),
    [
        ("include_output", "output", True),
        ("include_message", "message", False),
        ("include_fields", "output_fields", True),
        ("include_tags", "tags", True),
    ],
)
def test_parts_of_json_are_switched(switch: str, key: str, default: bool) -> None:
    assert (key in document()) is default
    for on in (True, False):
        form = msgspec.structs.replace(JSON, **{switch: on})
        assert (key in document(form=form)) is on
        assert set(document(form=form)) - {key} == set(document()) - {key}


def test_iso_concerns_output_and_names_the_other_field() -> None:
    got = document(form=LineFormat(json=True, iso=True))
    assert got["output"].startswith("2026-11-21T20:10:20.371916589+0000: Warning ")
    assert got["output_fields"] == {"evt.time.iso8601": TIME, "fd.name": "/etc/shadow", "user.uid": 0}
    assert got["time"] == "2026-11-21T20:10:20.371916589Z"


def test_a_message_without_fields_still_has_the_time() -> None:
    assert document(changed(fields={}))["output_fields"] == {"evt.time": TIME}


def test_no_tags_are_an_empty_list() -> None:
    assert document(changed(tags=()))["tags"] == []


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-1, "-1"),
        (2**64 - 1, "18446744073709551615"),
        (-(2**63), "-9223372036854775808"),
        (2.0, "2.0"),
        (0.1, "0.1"),
        (12.345678901234567, "12.345678901234567"),
        (float("nan"), "null"),
        (float("inf"), "null"),
        ("0", '"0"'),
        ("", '""'),
        ("é\ufffd", '"é\ufffd"'),
        ("\x01\t", r'"\u0001\t"'),
        ([1, None, "a", 2.0, [float("-inf")]], '[1,null,"a",2.0,[null]]'),
        ([], "[]"),
    ],
)
def test_field_values_are_typed(value: Any, shown: str) -> None:
    line = write(changed(fields={"x": value}), LineFormat(json=True, include_output=False))
    assert f'"output_fields":{{"evt.time":{TIME},"x":{shown}}},"priority"' in line


def test_an_extra_field_wins_over_the_prefixs_time() -> None:
    assert document(changed(fields={"evt.time": "mine"}))["output_fields"] == {"evt.time": "mine"}


def test_the_hostname_may_be_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    from vigie.runtime.watch import hostname

    monkeypatch.setitem(os.environ, "FALCO_HOSTNAME", os.fsdecode(b"na\xffme"))
    assert hostname() == "na\ufffdme"
    write(changed(hostname=hostname()), JSON).encode()
