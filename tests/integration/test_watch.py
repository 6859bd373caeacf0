"""`vigie watch` and `vigie rules` on the recorded activity, by their command lines: what Falco said of it, alert by
alert."""

from __future__ import annotations

import gzip
import json
import struct
from pathlib import Path
from typing import Any

import pytest

from program import Ended, Program

DATA = Path(__file__).parent.parent / "data"
CAPTURE = DATA / "captures" / "activity_small.scap"
CUSTOM = DATA / "rules_tests" / "custom-rules.yaml"
CASES = DATA / "rules_tests" / "activity.yaml"

EXPECTED: list[dict[str, Any]] = [
    json.loads(line) for line in (CAPTURE.parent / "activity_small.falco_stable.jsonl").read_text().splitlines()
]


@pytest.fixture
def vigie(tmp_path: Path) -> Program:
    program = Program(tmp_path / "vigie")
    program.environment |= {"TZ": "UTC0", "FALCO_HOSTNAME": "host-7"}
    return program


def alerts(ended: Ended) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ended.out.splitlines()]


def typed(value: Any) -> str:
    """Equal only for values of the same type: 1 is not 1.0, and not true."""
    return json.dumps(value, sort_keys=True)


def times(found: list[dict[str, Any]]) -> list[str]:
    return [alert["time"] for alert in found]


def test_json_alerts_are_the_peers_field_by_field(vigie: Program) -> None:
    ended = vigie.run("watch", "--replay", CAPTURE, "-o", "json_output=true")
    assert (ended.status, ended.err) == (0, "")
    found = alerts(ended)
    assert len(found) == len(EXPECTED) == 47
    for line, got, expected in zip(ended.out.splitlines(), found, EXPECTED, strict=True):
        assert set(got) == {"hostname", "output", "output_fields", "priority", "rule", "source", "tags", "time"}
        for key in ("time", "rule", "priority", "source"):
            assert got[key] == expected[key]
        assert set(got["output_fields"]) == set(expected["output_fields"])
        for name, value in expected["output_fields"].items():
            assert typed(got["output_fields"][name]) == typed(value), name
        assert got["hostname"] == "host-7"
        assert got["tags"] == sorted(got["tags"])
        assert "maturity_stable" in got["tags"]
        assert got["output"].startswith(f"{got['time'][11:29]}: {got['priority']} ")
        assert line == json.dumps(got, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def test_text_alerts_are_one_line_each(vigie: Program) -> None:
    ended = vigie.run("watch", "--replay", CAPTURE)
    assert ended.status == 0
    lines = ended.out.splitlines()
    assert len(lines) == 47
    for line, expected in zip(lines, EXPECTED, strict=True):
        assert line.startswith(f"{expected['time'][11:29]}: {expected['priority']} ")
        assert line.isprintable()
        command = json.dumps(expected["output_fields"]["proc.cmdline"], ensure_ascii=False)[1:-1]
        assert command in line
    (ssh,) = [line for line in lines if "SSH" in line]
    assert r"command=ssh -c import socket\ns=socket.socket();s.bind((\"203.0.113.5\",443))" in ssh
    assert "Events detected: 47" in ended.err


def test_text_may_have_iso_times(vigie: Program) -> None:
    ended = vigie.run("watch", "--replay", CAPTURE, "-o", "time_format_iso_8601=true")
    assert [line.split(" ")[0] for line in ended.out.splitlines()] == [
        f"{alert['time'][:-1]}+0000:" for alert in EXPECTED
    ]


def test_local_time_is_that_of_the_machine(vigie: Program) -> None:
    ended = vigie.run("watch", "--replay", CAPTURE, "-p", "at %evt.time", environment={"TZ": "TST-2:30"})
    first = ended.out.splitlines()[0]
    assert first.startswith("22:40:20.371916589: Warning ")
    assert first.endswith(" at 22:40:20.371916589")


@pytest.fixture(scope="module")
def plain() -> bytes:
    """The capture, not compressed."""
    return gzip.decompress(CAPTURE.read_bytes())


@pytest.mark.parametrize("count", [0, 1, 20, 46])
def test_what_was_before_damage_is_kept(vigie: Program, plain: bytes, count: int) -> None:
    """The capture ends in the middle of the event of one alert: those before it are told, and that it ends early."""
    time = EXPECTED[count]["output_fields"]["evt.time"]
    place = plain.index(struct.pack("<Q", time))
    cut = vigie.work / "cut.scap"
    cut.write_bytes(plain[: place + 4])
    ended = vigie.run("watch", "--replay", "cut.scap", "-o", "json_output=true")
    assert times(alerts(ended)) == times(EXPECTED[:count])
    assert ended.status == 3
    error, hint = ended.err.splitlines()
    assert error.startswith("error: cut.scap: ")
    assert "(at byte " in error
    assert hint.startswith("hint: the ")
    assert "events before that were judged" in hint


@pytest.mark.parametrize("size", [100, 400_000, 837_000])
def test_a_compressed_capture_may_end_early_too(vigie: Program, size: int) -> None:
    (vigie.work / "cut.scap").write_bytes(CAPTURE.read_bytes()[:size])
    ended = vigie.run("watch", "--replay", "cut.scap", "-o", "json_output=true")
    found = times(alerts(ended))
    assert found == times(EXPECTED[: len(found)])
    assert (len(found) > 5) is (size > 100)
    assert ended.status == 3
    assert "error: cut.scap: " in ended.err


def test_a_capture_with_something_behind_it_is_judged_whole(vigie: Program, plain: bytes) -> None:
    (vigie.work / "more.scap").write_bytes(plain + b"\xff" * 64)
    ended = vigie.run("watch", "--replay", "more.scap", "-o", "json_output=true")
    assert times(alerts(ended)) == times(EXPECTED)
    assert ended.status == 3


def test_the_workshops_rule_finds_what_writes_below_etc(vigie: Program) -> None:
    """Step A8 of the workshops; the two commands that write below /etc are write_below_etc and cron."""
    actions = [line.split("\t") for line in (CAPTURE.parent / "activity_small.actions.tsv").read_text().splitlines()]
    spans = {row[2]: range(int(row[0]), int(row[1]) + 1) for row in actions if not row[0].startswith("#")}
    ended = vigie.run("watch", "--replay", CAPTURE, "-r", CUSTOM, "-o", "json_output=true")
    assert ended.status == 0
    first, second = alerts(ended)
    for alert, label, path in (
        (first, "write_below_etc", "/etc/pf-test.conf"),
        (second, "cron", "/etc/cron.d/pf-test"),
    ):
        assert alert["rule"] == "Write below etc"
        assert alert["priority"] == "Warning"
        assert alert["tags"] == ["filesystem", "mitre_persistence"]
        fields = alert["output_fields"]
        assert fields["evt.time"] in spans[label]
        assert fields["fd.name"] == path
        names = "evt.type user.name user.uid user.loginuid proc.name proc.exepath proc.pname proc.cmdline proc.tty"
        assert all(fields[name] is not None for name in names.split())
        assert "%" not in alert["output"]
    assert "LOAD_DEPRECATED_ITEM" in vigie.run("watch", "-V", CUSTOM).out, "%container.info stands for nothing"


def test_the_workshops_rule_beside_ours(vigie: Program) -> None:
    ended = vigie.run("watch", "--library", "stable", "-r", CUSTOM, "--replay", CAPTURE, "-o", "json_output=true")
    found = alerts(ended)
    assert len(found) == 49
    assert [alert["rule"] for alert in found].count("Write below etc") == 2
    assert [time for time in times(found) if time in times(EXPECTED)] == times(EXPECTED)


def test_rules_are_selected(vigie: Program) -> None:
    options = ["-o", "rules[].disable.rule=*", "-o", "rules[].enable.rule=PTRACE*", "-o", "json_output=true"]
    found = alerts(vigie.run("watch", "--replay", CAPTURE, *options))
    assert times(found) == times([alert for alert in EXPECTED if alert["rule"].startswith("PTRACE")])


def test_priorities_are_selected(vigie: Program) -> None:
    found = alerts(vigie.run("watch", "--replay", CAPTURE, "-o", "priority=critical", "-o", "json_output=true"))
    assert times(found) == times([alert for alert in EXPECTED if alert["priority"] == "Critical"])


def test_settings_of_falco(vigie: Program) -> None:
    (vigie.work / "falco.yaml").write_text(
        f"""
engine: {{kind: replay, replay: {{capture_file: '{CAPTURE}'}}}}
rules_files: ['{CUSTOM}', /etc/absent/rules.d]
json_output: true
json_include_output_property: false
json_include_message_property: true
json_include_tags_property: false
stdout_output: {{enabled: false}}
syslog_output: {{enabled: false}}
file_output:
  enabled: true
  keep_alive: ${{KEEP}}
  filename: ./events.txt
static_fields: {{site: lab}}
append_output:
  - match: {{tags: [filesystem]}}
    extra_output: in %static.site
    extra_fields: [evt.num, {{who: '%user.name/%user.uid'}}]
  - match: {{rule: another}}
    extra_output: never
"""
    )
    for keep in ("true", "false"):
        events = vigie.work / "events.txt"
        events.unlink(missing_ok=True)
        ended = vigie.run("watch", "-c", "falco.yaml", environment={"KEEP": keep})
        assert (ended.status, ended.out) == (0, "")
        first, second = map(json.loads, events.read_text().splitlines())
        assert set(first) == {"hostname", "message", "output_fields", "priority", "rule", "source", "time"}
        assert first["message"].endswith(" in lab")
        assert first["output_fields"]["static.site"] == "lab"
        assert first["output_fields"]["who"] == "root/0"
        assert isinstance(first["output_fields"]["evt.num"], int)
        assert 0 < first["output_fields"]["evt.num"] < second["output_fields"]["evt.num"] <= 58_911


def test_nobody_reads(vigie: Program) -> None:
    process = vigie.start("watch", "--replay", CAPTURE)
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(60) == 141
    assert process.stderr is not None
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()


def test_cases_of_our_library(vigie: Program) -> None:
    ended = vigie.run("rules", "test", CASES)
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines()[-1] == "3 cases, all as expected"


def test_a_case_that_fails_is_shown(vigie: Program) -> None:
    (vigie.work / "cases.yaml").write_text(
        f"""
- name: wrong in every way
  capture: {CAPTURE}
  expect:
    Terminal shell in container: 2
    Run shell untrusted: {{at least: 3}}
    PTRACE anti-debug attempt:
      first: {{proc.name: gdb, k8s.ns.name: null, fd.name: /etc}}
    Read sensitive file untrusted:
      any: {{proc.name: cat, fd.name: /etc/sudoers}}
    Netcat Remote Code Execution in Container:
      count: 1
      first: {{time: 2026-11-21T20:10:43.464116324Z}}
  silent: [Find AWS Credentials, Contact K8S API Server From Container]
"""
    )
    ended = vigie.run("rules", "test", "cases.yaml")
    assert ended.status == 1
    lines = [line.strip() for line in ended.out.splitlines()]
    assert "failed  wrong in every way (cases.yaml:2)" in lines
    for expected in (
        "Terminal shell in container: 2 alerts expected, 1 came",
        "Run shell untrusted: at least 3 alerts expected, 2 came",
        'PTRACE anti-debug attempt, first alert: proc.name is "strace", expected "gdb"',
        'PTRACE anti-debug attempt, first alert: fd.name is not in the rule\'s output, expected "/etc"',
        'Read sensitive file untrusted: no alert has proc.name "cat", fd.name "/etc/sudoers"; the nearest:',
        'fd.name is "/etc/shadow", expected "/etc/sudoers"',
        'Netcat Remote Code Execution in Container, first alert: time is "2026-11-21T20:10:43.464116325Z", '
        'expected "2026-11-21T20:10:43.464116324Z"',
        "Find AWS Credentials: must stay silent, 2 alerts came",
        "1 case, 1 failed",
    ):
        assert expected in lines
    assert not any("Contact K8S" in line or "k8s.ns.name is" in line for line in lines)


def test_costs_of_rules(vigie: Program) -> None:
    ended = vigie.run("rules", "profile", "--replay", CAPTURE, "--format", "json")
    assert ended.status == 0
    profile = json.loads(ended.out)
    hits = {rule["rule"]: rule["hits"] for rule in profile["rules"]}
    assert len(hits) == 25
    for name, count in hits.items():
        assert count == [alert["rule"] for alert in EXPECTED].count(name)
    assert profile["events"] >= 58_911
    seconds = [rule["seconds"] for rule in profile["rules"]]
    assert seconds == sorted(seconds, reverse=True)
    for rule in profile["rules"]:
        assert rule["evaluations"] >= rule["hits"]
        assert (rule["seconds"] > 0) is (rule["evaluations"] > 0)
    text = vigie.run("rules", "profile", "--replay", CAPTURE).out.splitlines()
    assert text[0].split() == ["rule", "evaluations", "hits", "time", "share", "each"]
    assert len(text) == 1 + 25 + 2


def test_costs_of_a_damaged_capture_are_shown_before_the_error(vigie: Program, plain: bytes) -> None:
    (vigie.work / "cut.scap").write_bytes(plain[: len(plain) // 2])
    ended = vigie.run("rules", "profile", "--replay", "cut.scap")
    assert ended.status == 3
    assert ended.out.startswith("rule ")
    assert ended.err.startswith("error: cut.scap: ")
