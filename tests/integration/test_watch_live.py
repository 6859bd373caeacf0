"""`vigie watch` as a daemon, by its command line: it goes on, hears signals, takes over new rules and settings, tells
of itself, and ends in order. Events are Kubernetes audit events appended to a log, which need no privilege."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from program import Ended, Program, wait

RULE = """
- rule: {name}
  desc: d
  source: k8s_audit
  condition: ka.verb = create
  output: {output} %ka.user.name
  priority: {priority}
"""


class Daemon:
    """A watch under way in a folder of its own."""

    def __init__(self, program: Program) -> None:
        self.program, self.work = program, program.work
        self.log, self.rules, self.config = (self.work / name for name in ("audit.log", "rules.yaml", "falco.yaml"))
        self.log.write_text("")
        self.port = free_port()
        self.settings: dict[str, Any] = {
            "engine": {"kind": "nodriver"},
            "rules_files": ["rules.yaml"],
            "plugins": [{"name": "k8saudit", "open_params": f"file://{self.log}"}],
            "syslog_output": {"enabled": False},
            "log_syslog": False,
            "json_output": True,
            "webserver": {"listen_port": self.port, "listen_address": "127.0.0.1"},
        }
        self.write_rule("first")
        self.process: subprocess.Popen[bytes] | None = None

    def write_rule(self, name: str, output: str = "made by", priority: str = "NOTICE") -> None:
        self.rules.write_text(RULE.format(name=name, output=output, priority=priority))

    def start(self, *arguments: str, **settings: Any) -> subprocess.Popen[bytes]:
        """Starts it and waits until it takes events."""
        self.write_settings(**settings)
        self.out = self.work / "out"
        self.err = self.work / "err"
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = self.program.start("watch", "-c", "falco.yaml", *arguments, stdout=out, stderr=err)
        self.until(lambda: self.page("/healthz")[0] == 200)
        return self.process

    def write_settings(self, **settings: Any) -> None:
        self.settings |= settings
        self.config.write_text(json.dumps(self.settings))

    def event(self, user: str = "jane", verb: str = "create") -> None:
        """The API server writes a line."""
        event = {
            "kind": "Event",
            "auditID": "a",
            "verb": verb,
            "stageTimestamp": "2026-01-01T00:00:00.000000Z",
            "user": {"username": user},
        }
        with self.log.open("a") as file:
            file.write(json.dumps(event) + "\n")

    def alerts(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.read_text().splitlines()]

    def messages(self) -> list[str]:
        return [alert["output"].split(" ", 2)[2] for alert in self.alerts() if alert["source"] != "internal"]

    def page(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except OSError:
            return 0, b""
        finally:
            connection.close()

    def until(self, condition: Callable[[], bool], seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert self.process is not None
            assert self.process.poll() is None, self.err.read_text()
            assert time.monotonic() < end, (self.out.read_text(), self.err.read_text())
            time.sleep(0.05)

    def send(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def end(self, number: int = signal.SIGTERM) -> Ended:
        """Stops it; what it printed is in the files."""
        assert self.process is not None
        self.process.send_signal(number)
        ended = wait(self.process, 20)
        return Ended(ended.status, self.out.read_text(), self.err.read_text(), ended.peak)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    program = Program(tmp_path / "vigie")
    program.environment |= {"TZ": "UTC0", "FALCO_HOSTNAME": "host-7"}
    running = Daemon(program)
    yield running
    if running.process is not None and running.process.poll() is None:
        running.process.kill()
        running.process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_alerts_come_at_once_and_the_end_is_orderly(daemon: Daemon, number: int) -> None:
    daemon.start("-P", "pid", json_output=False)
    assert daemon.process is not None
    assert (daemon.work / "pid").read_text() == f"{daemon.process.pid}\n"
    daemon.event("jane")
    begun = time.monotonic()
    daemon.until(lambda: "made by jane" in daemon.out.read_text())
    assert time.monotonic() - begun < 1
    ended = daemon.end(number)
    assert ended.status == 0
    assert ended.out == "00:00:00.000000000: Notice made by jane\n"
    assert ended.err.splitlines()[-5:] == [
        "Events detected: 1",
        "Rule counts by severity:",
        "   NOTICE: 1",
        "Triggered rules by rule name:",
        "   first: 1",
    ]
    assert not (daemon.work / "pid").exists()
    assert daemon.program.left_behind() == []


def test_it_ends_by_itself_after_the_duration(daemon: Daemon) -> None:
    process = daemon.start("-M", "2")
    assert wait(process, 20).status == 0


def test_hangup_takes_over_new_rules_and_settings(daemon: Daemon) -> None:
    daemon.start(watch_config_files=False)
    daemon.event("one")
    daemon.until(lambda: len(daemon.messages()) == 1)
    daemon.write_rule("second", "created by")
    daemon.write_settings(static_fields={"cluster": "blue"}, json_include_tags_property=False)
    time.sleep(2.5)
    daemon.event("two")
    daemon.until(lambda: len(daemon.messages()) == 2)
    daemon.send(signal.SIGHUP)
    daemon.until(lambda: "loaded anew" in daemon.err.read_text())
    daemon.event("three")
    daemon.until(lambda: len(daemon.messages()) == 3)
    assert daemon.messages() == ["made by one", "made by two", "created by three static_cluster=blue"]
    assert [alert["rule"] for alert in daemon.alerts()] == ["first", "first", "second"]
    assert ["tags" in alert for alert in daemon.alerts()] == [True, True, False]
    ended = daemon.end()
    assert ended.status == 0


def test_changes_of_files_are_seen(daemon: Daemon) -> None:
    daemon.start()
    daemon.write_rule("second")
    daemon.until(lambda: "loaded anew" in daemon.err.read_text())
    daemon.event()
    daemon.until(lambda: [alert["rule"] for alert in daemon.alerts()] == ["second"])
    daemon.write_settings(priority="error")
    daemon.until(lambda: daemon.err.read_text().count("loaded anew") == 2)
    daemon.event()
    time.sleep(0.5)
    assert len(daemon.alerts()) == 1, "the rule is of too low a priority now"
    assert daemon.end().status == 0


def test_broken_rules_change_nothing_and_are_told(daemon: Daemon) -> None:
    daemon.start()
    daemon.rules.write_text("- rule: broken\n  condition: ka.verb = create and no.such = 1\n  desc: d\n")
    daemon.until(lambda: len(daemon.alerts()) == 1)
    (alert,) = daemon.alerts()
    assert (alert["rule"], alert["priority"], alert["source"]) == (
        "Falco internal: hot restart failure",
        "Critical",
        "internal",
    )
    assert alert["output"].startswith("Falco internal: hot restart failure: rules.yaml:1:3: ")
    assert (alert["output_fields"], alert["hostname"]) == ({}, "host-7")
    assert set(alert) == {"hostname", "output", "output_fields", "priority", "rule", "source", "time"}
    daemon.event()
    daemon.until(lambda: daemon.messages() == ["made by jane"])
    daemon.write_rule("mended")
    daemon.until(lambda: "loaded anew" in daemon.err.read_text())
    daemon.event()
    daemon.until(lambda: len(daemon.messages()) == 2)
    assert daemon.alerts()[-1]["rule"] == "mended"
    assert daemon.end().status == 0


def test_settings_that_need_a_restart_are_named(daemon: Daemon) -> None:
    daemon.start()
    daemon.write_settings(falco_libs={"snaplen": 200})
    daemon.until(lambda: "loaded anew" in daemon.err.read_text())
    assert "warning: falco_libs.snaplen has changed: it takes effect with the next start" in daemon.err.read_text()


def test_no_event_is_lost_while_rules_change(daemon: Daemon) -> None:
    daemon.start(watch_config_files=False)
    for number in range(300):
        daemon.event(f"u{number}")
        if number % 60 == 30:
            daemon.write_rule(f"rule{number}")
            daemon.send(signal.SIGHUP)
        time.sleep(0.005)
    daemon.until(lambda: len(daemon.alerts()) >= 300)
    assert daemon.messages() == [f"made by u{number}" for number in range(300)]
    assert len({alert["rule"] for alert in daemon.alerts()}) > 3
    assert daemon.end().status == 0


def test_files_are_opened_anew_after_a_signal(daemon: Daemon) -> None:
    daemon.start(file_output={"enabled": True, "keep_alive": True, "filename": "events.txt"})
    events, old = daemon.work / "events.txt", daemon.work / "events.old"
    daemon.event("before")
    daemon.until(lambda: "before" in events.read_text())
    events.rename(old)
    daemon.send(signal.SIGUSR1)
    daemon.until(events.exists)
    daemon.event("after")
    daemon.until(lambda: "after" in events.read_text())
    assert "after" not in old.read_text()
    assert daemon.end().status == 0


def test_metrics_versions_and_health(daemon: Daemon) -> None:
    daemon.start(
        metrics={"enabled": True, "interval": "1s", "output_rule": True, "output_file": "metrics.jsonl"},
        webserver=daemon.settings["webserver"] | {"prometheus_metrics_enabled": True},
    )
    daemon.event()
    daemon.until(lambda: len(daemon.alerts()) >= 3)
    assert daemon.page("/healthz") == (200, b'{"status": "ok"}')
    versions = json.loads(daemon.page("/versions")[1])
    assert versions["engine_version_semver"].startswith("0.")
    assert set(versions["plugin_versions"]) == {"container", "json", "k8saudit"}
    status, body = daemon.page("/metrics")
    text = body.decode()
    assert status == 200
    assert 'falcosecurity_falco_rules_matches_total{rule_name="first",priority="5",source="k8s_audit"} 1' in text
    assert 'falcosecurity_evt_source_info{evt_source="k8s_audit"} 1' in text
    assert 'falcosecurity_scap_engine_name_info{engine_name="source_plugin",evt_source="k8s_audit"} 1' in text
    assert "falcosecurity_falco_sha256_rules_files_info{" in text
    assert 'vigie_output_alerts_sent_total{output="stdout"}' in text
    snapshots = [alert for alert in daemon.alerts() if alert["rule"] == "Falco internal: metrics snapshot"]
    first, last = snapshots[0]["output_fields"], snapshots[-1]["output_fields"]
    assert (snapshots[0]["priority"], snapshots[0]["output"]) == ("Informational", "Falco metrics snapshot")
    assert first["evt.source"] == "k8s_audit"
    assert first["evt.hostname"] == "host-7"
    assert "falco.evts_rate_sec" not in first
    assert "falco.evts_rate_sec" in last
    daemon.until(lambda: (daemon.work / "metrics.jsonl").read_text().count("\n") >= 3)
    lines = [json.loads(line) for line in (daemon.work / "metrics.jsonl").read_text().splitlines()]
    assert [line["sample"] for line in lines] == list(range(1, len(lines) + 1))
    assert lines[-1]["output_fields"]["falco.rules.first"] == 1
    assert lines[-1]["output_fields"]["falco.rules.matches_total"] == 1
    assert daemon.end().status == 0


def test_metrics_are_not_there_unless_asked_for(daemon: Daemon) -> None:
    daemon.start(metrics={"enabled": True, "interval": "1h"})
    assert daemon.page("/metrics")[0] == 404


def test_repeated_alerts_are_folded_when_asked_for(daemon: Daemon) -> None:
    daemon.start(repeated_alerts={"window": "2s"})
    for _ in range(5):
        daemon.event("same")
    daemon.event("other")
    daemon.until(lambda: len(daemon.messages()) == 3)
    assert daemon.messages()[:2] == ["made by same", "made by other"]
    assert daemon.messages()[2].startswith("made by same (repeated 4 times in ")
    assert daemon.alerts()[2]["output_fields"]["vigie.repeated"] == 4
    for _ in range(3):
        daemon.event("last")
    daemon.until(lambda: len(daemon.messages()) == 4)
    ended = daemon.end()
    assert daemon.messages()[4].startswith("made by last (repeated 2 times in ")
    assert ended.status == 0


def test_an_address_that_was_chosen_and_is_taken_is_an_error(daemon: Daemon) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        daemon.write_settings(webserver={"listen_port": port})
        ended = daemon.program.run("watch", "-c", "falco.yaml")
    assert ended.status == 3
    assert ended.err.splitlines()[0] == (
        f"error: webserver: cannot listen on 127.0.0.1, port {port}: Address already in use"
    )


def test_the_usual_address_that_is_taken_is_told(daemon: Daemon) -> None:
    try:
        taken = socket.create_server(("127.0.0.1", 8765))
    except OSError:
        pytest.skip("port 8765 is in use on this machine")
    with taken:
        daemon.write_settings(webserver={})
        ended = daemon.program.run("watch", "-c", "falco.yaml", "-M", "0.5")
    assert ended.status == 0
    assert (
        "warning: webserver: cannot listen on 127.0.0.1, port 8765: Address already in use; there are no" in ended.err
    )


def test_without_privileges_it_says_what_is_missing() -> None:
    if os.geteuid() != 0:
        prefix: tuple[str, ...] = ()
    else:
        prefix = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all")
        reads = subprocess.run([*prefix, sys.executable, "-c", "import vigie"], capture_output=True, check=False)
        if reads.returncode:
            pytest.skip("setpriv is absent, or others may not read this Python")
    with tempfile.TemporaryDirectory() as folder:
        program = Program(Path(folder) / "vigie")
        for path in (Path(folder), program.folder, program.work, program.temporary, program.folder / "home"):
            path.chmod(0o755)
        ended = program.run("watch", "-M", "1", prefix=prefix)
    assert ended.status == 3
    error, hint = [line for line in ended.err.splitlines() if line.startswith(("error: ", "hint: "))]
    assert error.startswith("error: the kernel cannot be watched: the kernel does not let this process watch it (")
    assert "CAP_BPF" in hint


def test_what_the_webhook_took_is_judged_though_the_watch_ends(daemon: Daemon) -> None:
    port = free_port()
    daemon.start(plugins=[{"name": "k8saudit", "open_params": f"http://127.0.0.1:{port}/k8s-audit"}])
    event = {"kind": "Event", "auditID": "a", "verb": "create", "stageTimestamp": "2026-01-01T00:00:00Z"}
    events = [event | {"user": {"username": f"u{number}"}} for number in range(2000)]
    body = json.dumps({"kind": "EventList", "items": events})
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/k8s-audit", body, {"Content-Type": "application/json"})
    assert connection.getresponse().status == 200
    connection.close()
    assert daemon.end().status == 0
    assert daemon.messages() == [f"made by u{number}" for number in range(2000)]
