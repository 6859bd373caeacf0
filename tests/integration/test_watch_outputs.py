"""Outputs of `vigie watch` by its command line: each gets every alert of the recorded activity, in order."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from alert_outputs import Server
from program import Program, wait

CAPTURE = Path(__file__).parent.parent / "data" / "captures" / "activity_small.scap"
EXPECTED = [
    json.loads(line) for line in (CAPTURE.parent / "activity_small.falco_stable.jsonl").read_text().splitlines()
]
RULES = [alert["rule"] for alert in EXPECTED]


@pytest.fixture
def vigie(tmp_path: Path) -> Program:
    return Program(tmp_path / "vigie")


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def rules(lines: list[str] | list[bytes]) -> list[str]:
    return [json.loads(line)["rule"] for line in lines]


def test_every_output_gets_every_alert(vigie: Program, server: Server) -> None:
    (vigie.work / "falco.yaml").write_text(
        f"""
json_output: true
file_output: {{enabled: true, keep_alive: true, filename: file.txt}}
program_output: {{enabled: true, keep_alive: true, program: "cat > program.txt"}}
http_output: {{enabled: true, url: "http://127.0.0.1:{server.port}/", keep_alive: true, compress_uploads: false}}
"""
    )
    ended = vigie.run("watch", "-c", "falco.yaml", "--replay", CAPTURE)
    assert (ended.status, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert rules(lines) == RULES
    for name in ("file.txt", "program.txt"):
        assert (vigie.work / name).read_text().splitlines() == lines
    assert [body.decode() for body in server.bodies] == lines
    assert server.connections == 1


def test_what_an_output_lost_is_told_at_the_end(vigie: Program, server: Server) -> None:
    server.answers = [b"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n"]
    url = f"http://127.0.0.1:{server.port}"
    ended = vigie.run(
        *("watch", "--replay", CAPTURE, "-o", "json_output=true", "-o", "http_output.enabled=true"),
        *("-o", f"http_output.url={url}/secret"),
    )
    assert ended.status == 0
    assert rules(ended.out.splitlines()) == RULES
    assert ended.err.splitlines() == [
        f"warning: the output http fails: {url} answered 503",
        "warning: the output http did not take 47 alerts",
    ]


def test_without_a_reader_it_ends_in_silence(vigie: Program) -> None:
    read, write = os.pipe()
    os.close(read)
    process = vigie.start("watch", "--replay", CAPTURE, stdout=write)
    os.close(write)
    ended = wait(process)
    assert ended.status == 128 + signal.SIGPIPE
    assert ended.err == ""


def test_a_slow_reader_gets_everything(vigie: Program) -> None:
    (vigie.work / "all.yaml").write_text(
        "- rule: all\n  desc: d\n  condition: evt.num > 0\n"
        "  output: '%evt.num %proc.cmdline %fd.name'\n  priority: NOTICE\n"
    )
    process = vigie.start("watch", "--replay", CAPTURE, "-o", "json_output=true", "-r", "all.yaml")
    assert process.stdout is not None
    assert process.stderr is not None
    time.sleep(1.5)
    assert process.poll() is None, "it waits for its reader"
    out = process.stdout.read().splitlines()
    assert process.wait(30) == 0, process.stderr.read()
    numbers = [int(json.loads(line)["output_fields"]["evt.num"]) for line in out]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == len(numbers) > 50_000
    process.stdout.close()
    process.stderr.close()


def test_who_interrupts_does_not_wait_for_a_program(vigie: Program) -> None:
    process = vigie.start(
        *("watch", "--replay", CAPTURE, "-o", "program_output.enabled=true"),
        *("-o", "program_output.program=echo $$ > pid; exec sleep 50 >&- 2>&-"),
    )
    until = time.monotonic() + 20
    while not (vigie.work / "pid").exists():
        assert time.monotonic() < until
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    ended = wait(process, 20)
    assert ended.status == 128 + signal.SIGINT
    assert "the output program was given up; 47 alerts still waited for it" in ended.err
    pid = int((vigie.work / "pid").read_text())
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < until, "the program is asked to end"
        time.sleep(0.05)
