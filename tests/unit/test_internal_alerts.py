"""What the watch says of itself, as the peer writes it: other than alerts of rules."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from alert_outputs import Kept
from vigie.alerts.internal import write
from vigie.alerts.line import LineFormat
from vigie.alerts.router import Router
from vigie.model.alert import FieldValue, InternalAlert, Priority

TIME = 1_795_291_820_371_916_589  # 2026-11-21T20:10:20.371916589Z


@pytest.fixture(autouse=True)
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "TST-2:30")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def alert(text: str = "Falco metrics snapshot", **fields: FieldValue) -> InternalAlert:
    return InternalAlert(
        time=TIME,
        rule="Falco internal: metrics snapshot",
        priority=Priority.Informational,
        text=text,
        fields={name.replace("__", "."): value for name, value in fields.items()},
        hostname="host-1",
    )


@pytest.mark.parametrize("iso", [False, True])
def test_text_has_local_time_and_all_fields_by_name(iso: bool) -> None:
    fields: dict[str, FieldValue] = {"scap__n_evts": 12, "a__text": 'b "c"', "rate": 0.5, "none": None, "Z": True}
    assert write(alert(**fields), LineFormat(iso=iso)) == (
        "22:40:20.371916589: Informational Falco metrics snapshot "
        r'(Z=true a.text="b \"c\"" none=null rate=0.5 scap.n_evts=12)'
    )


def test_text_without_fields_ends_in_empty_brackets() -> None:
    assert write(alert('failed: "a"'), LineFormat()) == '22:40:20.371916589: Informational failed: "a" ()'


def test_text_is_one_line_all_the_same() -> None:
    assert write(alert("failed:\n12:00: Warning forged\x00\x7f"), LineFormat()) == (
        r"22:40:20.371916589: Informational failed:\n12:00: Warning forged\u0000\u007f ()"
    )


@pytest.mark.parametrize(
    "form",
    [
        LineFormat(json=True),
        LineFormat(json=True, iso=True, include_message=True),
        LineFormat(json=True, include_output=False, include_fields=False, include_tags=False),
    ],
)
def test_json_has_the_same_parts_whatever_is_switched(form: LineFormat) -> None:
    assert write(alert('é "x"', n_evts="3", scap__rate=1.0), form) == (
        r'{"hostname":"host-1","output":"é \"x\"","output_fields":{"n_evts":"3","scap.rate":1.0},'
        r'"priority":"Informational","rule":"Falco internal: metrics snapshot","source":"internal",'
        r'"time":"2026-11-21T20:10:20.371916589Z"}'
    )


def test_they_go_the_way_of_all_alerts() -> None:
    kept = Kept()
    router = Router([kept], LineFormat())
    router.send_internal(alert(n_evts="1"))
    router.close()
    assert kept.lines == ['22:40:20.371916589: Informational Falco metrics snapshot (n_evts="1")']
    assert router.counts()["kept"].sent == 1
