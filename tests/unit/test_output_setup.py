"""Which outputs the settings of a run mean. Keys and defaults are the peer's."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from alert_outputs import Server, alert, until
from vigie.alerts import setup
from vigie.alerts.outputs import syslog
from vigie.alerts.outputs.syslog import SyslogOutput
from vigie.errors import UsageError
from vigie.settings.watch import options
from vigie.settings.watch.keys import WatchKeys
from vigie.settings.watch.outputs import HttpKeys, ProgramKeys, SyslogKeys


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, no settings of a real Falco, and no system log of the machine."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(options, "PEER_FILE", str(tmp_path / "etc-falco.yaml"))
    monkeypatch.setattr(syslog, "SOCKET", str(tmp_path / "log"))
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    return tmp_path


def keys(text: str = "", *assignments: str) -> WatchKeys:
    Path("falco.yaml").write_text(text)
    return options.load("falco.yaml", assignments, {}).keys


def names(text: str = "", *, live: bool = False) -> list[str]:
    found = list(setup.outputs(keys(text), live=live, buffered=False, echo=lambda _: None))
    for one in found:
        one.close()
    return [one.name for one in found]


def test_defaults_are_the_peers() -> None:
    made = keys()
    assert made.syslog_output == SyslogKeys(enabled=None)
    assert made.program_output == ProgramKeys(enabled=False, keep_alive=False, program="")
    assert made.http_output == HttpKeys(
        enabled=False,
        url="",
        user_agent="falcosecurity/falco",
        insecure=False,
        ca_cert="",
        ca_bundle="",
        ca_path="/etc/ssl/certs",
        mtls=False,
        echo=False,
        compress_uploads=False,
        keep_alive=False,
        max_consecutive_timeouts=5,
    )
    assert (made.outputs_queue.capacity, made.output_timeout) == (0, 2000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["stdout"]),
        ("stdout_output: {enabled: false}", []),
        ("file_output: {enabled: true, filename: a.txt}", ["stdout", "file"]),
        ("syslog_output: {enabled: true}", ["stdout", "syslog"]),
        ("program_output: {enabled: true, program: cat}", ["stdout", "program"]),
        ("http_output: {enabled: true, url: 'http://127.0.0.1:1/'}", ["stdout", "http"]),
    ],
)
def test_outputs_that_are_switched_on(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    ("live", "there", "said", "on"),
    [
        (False, True, "", False),
        (True, True, "", True),
        (True, False, "", False),
        (False, False, "syslog_output: {enabled: true}", True),
        (True, True, "syslog_output: {enabled: false}", False),
    ],
)
def test_the_systems_log_is_on_for_what_happens_now(live: bool, there: bool, said: str, on: bool) -> None:
    if there:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
            log.bind(syslog.SOCKET)
    assert ("syslog" in names(said, live=live)) is on


def test_the_socket_is_where_programs_find_it() -> None:
    assert SyslogOutput.__init__.__kwdefaults__["path"] == "/dev/log"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("file_output: {enabled: true, filename: absent/a.txt}", "file_output.filename"),
        ("program_output: {enabled: true}", "program_output.program"),
        ("program_output: {enabled: true, program: ' '}", "program_output.program"),
        ("http_output: {enabled: true}", "http_output.url"),
        ("http_output: {enabled: true, url: 'https://a/', ca_cert: absent}", "http_output.ca_cert"),
    ],
)
def test_outputs_that_cannot_be_are_told_at_the_start(text: str, key: str) -> None:
    with pytest.raises(UsageError, match=key):
        names(text)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("outputs_queue: {capacity: -1}", "outputs_queue.capacity"),
        ("outputs_queue: x", "outputs_queue"),
        ("output_timeout: 0", "output_timeout"),
        ("output_timeout: soon", "output_timeout"),
        ("http_output: {max_consecutive_timeouts: -1}", "http_output.max_consecutive_timeouts"),
        ("syslog_output: {enabled: maybe}", "syslog_output.enabled"),
    ],
)
def test_values_that_cannot_be(text: str, key: str) -> None:
    with pytest.raises(UsageError, match=key):
        keys(text)


@pytest.mark.parametrize("name", ["syslog_output", "program_output", "http_output", "outputs_queue"])
def test_unknown_keys_are_named(name: str) -> None:
    Path("falco.yaml").write_text(f"{name}: {{colour: red}}")
    (warning,) = options.load("falco.yaml", (), {}).warnings
    assert f"{name}.colour" in warning


def test_the_section_of_vigie_yaml() -> None:
    Path("vigie.yaml").write_text("watch:\n  syslog: true\n  program: cat\n  http: https://a/\n")
    made = options.load("", (), {}).keys
    assert made.syslog_output.enabled
    assert (made.program_output.enabled, made.program_output.program) == (True, "cat")
    assert (made.http_output.enabled, made.http_output.url) == (True, "https://a/")


def test_the_settings_reach_the_outputs(tmp_path: Path) -> None:
    def hang_up(connection: socket.socket) -> None:
        connection.close()

    server = Server(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes", hang_up)
    try:
        made = keys(
            "json_output: true\nstdout_output: {enabled: false}\nprogram_output: {enabled: true, program: cat > got}",
            "http_output.enabled=true",
            f"http_output.url=http://127.0.0.1:{server.port}/",
        )
        with setup.router(made, live=False) as router:
            router.send([alert(1)])
        assert (tmp_path / "got").read_bytes() == server.bodies[0] + b"\n"
        assert server.bodies[0].startswith(b'{"hostname":')
        assert b"Content-Type: application/json\r\n" in server.requests[0]
    finally:
        server.close()


def test_the_time_out_and_the_capacity_reach_the_outputs() -> None:
    def hang(connection: socket.socket) -> None:
        connection.recv(1)

    server = Server(hang)
    try:
        made = keys(
            f"stdout_output: {{enabled: false}}\nhttp_output: {{enabled: true, url: 'http://127.0.0.1:{server.port}/'}}\n"
            "output_timeout: 100\noutputs_queue: {capacity: 2}"
        )
        router = setup.router(made, live=True)
        router.send([alert(number) for number in range(5)])
        assert router.dropped == 3
        until(lambda: router.counts()["http"].timeouts == 2)
        router.close()
    finally:
        server.close()


def test_answers_are_echoed_beside_the_alerts(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    server = Server(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes")
    try:
        http = f"{{enabled: true, url: 'http://127.0.0.1:{server.port}/', echo: true}}"
        with setup.router(keys(f"stdout_output: {{enabled: false}}\nhttp_output: {http}"), live=False) as router:
            router.send([alert(1), alert(2)])
        assert "stdout" not in router.counts()
    finally:
        server.close()
    assert capfdbinary.readouterr().out == b"yes\nyes\n"
