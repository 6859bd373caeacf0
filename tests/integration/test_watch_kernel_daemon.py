"""The daemon over the live kernel: rules change under load, drops are forced and told, privileges are given up."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from program import Program, wait
from servers import container_runtimes

pytestmark = pytest.mark.integration

RULES = """
- rule: opens marked
  desc: d
  condition: evt.type in (open, openat, openat2) and fd.name startswith {folder}/marked-
  output: "{text} %fd.name"
  priority: WARNING
- rule: reads never
  desc: d
  condition: evt.type = read and fd.name = /dev/never
  output: x
  priority: NOTICE
- rule: makes folders
  desc: d
  condition: evt.type in (mkdir, mkdirat) and evt.arg.path = /never
  output: x
  priority: NOTICE
"""

SHADOW = """
- rule: shadow read
  desc: d
  condition: evt.type in (open, openat, openat2) and fd.name = /etc/shadow and proc.name = cat
  output: shadow read in %container.name
  priority: WARNING
"""

STORM = """
import os, sys, time
end = time.monotonic() + float(sys.argv[1])
zero = os.open("/dev/zero", os.O_RDONLY)
os.chdir("/etc")
while time.monotonic() < end:
    for _ in range(1000):
        os.read(zero, 1)
        os.close(os.open("hostname", os.O_RDONLY))  # which file that is the kernel cannot tell: it is delivered
"""


class Kernel:
    """A watch of the kernel under way."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.out, self.err = program.work / "out", program.work / "err"
        self.rules = program.work / "rules.yaml"
        self.write_rules("opened")

    def write_rules(self, text: str) -> None:
        self.rules.write_text(RULES.format(folder=self.program.work, text=text))

    def start(self, *settings: str) -> None:
        """Starts it, without containers unless settings load the plugin, and waits until it takes events."""
        if not any(one.startswith("load_plugins") for one in settings):
            settings = ("load_plugins=[none]", "append_output=[]", *settings)
        quiet = ("json_output=true", "syslog_output.enabled=false", "log_syslog=false", "webserver.enabled=false")
        switches = [f"-o{one}" for one in (*quiet, *settings)]
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = self.program.start("watch", "-r", "rules.yaml", *switches, stdout=out, stderr=err)
        end = time.monotonic() + 20
        number = 0
        while not self.paths():  # it takes events when it sees one
            if self.process.poll() is not None:
                pytest.skip(f"the kernel cannot be watched here: {self.err.read_text().strip()}")
            assert time.monotonic() < end, self.err.read_text()
            number += 1
            self.touch(f"begin{number}")
            time.sleep(0.1)
        time.sleep(0.2)

    def touch(self, name: str) -> None:
        os.close(os.open(self.program.work / f"marked-{name}", os.O_RDWR | os.O_CREAT, 0o600))

    def alerts(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.read_text().splitlines()]

    def paths(self) -> list[str]:
        found = (alert["output_fields"].get("fd.name") for alert in self.alerts() if alert["source"] == "syscall")
        return [Path(path).name.removeprefix("marked-") for path in found if path]

    def until(self, condition: Callable[[], bool], seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert self.process.poll() is None, self.err.read_text()
            assert time.monotonic() < end, (self.out.read_text()[-2000:], self.err.read_text())
            time.sleep(0.05)

    def stop(self) -> str:
        self.process.send_signal(signal.SIGTERM)
        ended = wait(self.process, 20)
        assert ended.status == 0, self.err.read_text()
        return self.err.read_text()


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    if os.geteuid() != 0:
        pytest.skip("only root may watch the kernel")
    watching = Kernel(Program(tmp_path / "vigie"))
    yield watching
    process = getattr(watching, "process", None)
    if process is not None and process.poll() is None:
        process.kill()
        process.wait()


def storm(seconds: float) -> None:
    subprocess.run([sys.executable, "-c", STORM, str(seconds)], check=True, timeout=60)


def test_no_event_is_lost_while_rules_change(kernel: Kernel) -> None:
    kernel.start("watch_config_files=false")
    for number in range(200):
        kernel.touch(f"n{number}")
        if number % 40 == 20:
            kernel.write_rules(f"opened{number}")
            kernel.process.send_signal(signal.SIGHUP)
        time.sleep(0.01)
    kernel.until(lambda: "n199" in kernel.paths())
    seen = [name for name in kernel.paths() if name.startswith("n")]
    assert seen == [f"n{number}" for number in range(200)]
    assert len({alert["output"].split(" ")[2] for alert in kernel.alerts()}) > 3, "rules really changed"
    kernel.stop()


def test_drops_are_told_and_the_rules_that_may_have_missed_something(kernel: Kernel) -> None:
    kernel.start("engine.modern_ebpf.buf_size_preset=1", "syscall_event_drops.threshold=0.01")
    kernel.process.send_signal(signal.SIGSTOP)  # nobody empties the buffer
    storm(1.5)
    kernel.process.send_signal(signal.SIGCONT)
    kernel.until(lambda: any(alert["source"] == "internal" for alert in kernel.alerts()))
    alert = next(alert for alert in kernel.alerts() if alert["source"] == "internal")
    assert alert["rule"] == "Falco internal: syscall event drop"
    fields = alert["output_fields"]
    drops = int(fields["n_drops"])
    assert drops > 1000
    assert alert["output"] == f"Falco internal: syscall event drop. {drops} system calls dropped in last second."
    assert int(fields["n_evts"]) >= drops
    assert sum(int(fields[name]) for name in fields if name.startswith("n_drops_buffer_") and name.endswith("_exit"))
    assert int(fields["n_drops_buffer_open_exit"]) > 100
    assert "opens marked" in fields["rules_affected"].split(", ")
    assert "descriptors" in fields["state_affected"]
    kernel.touch("after")
    kernel.until(lambda: "after" in kernel.paths())
    said = kernel.stop()
    assert "rules that may have missed something: " in said
    assert "Events dropped: " in said
    assert "opens marked" in said[said.index("Rules that may have missed something:") :]
    report = said[said.index("Rules that may have missed something:") :].splitlines()[1:]
    assert report
    assert {line.strip() for line in report} <= {"opens marked", "reads never", "makes folders"}


def test_it_keeps_the_privileges_it_needs_and_no_more(kernel: Kernel) -> None:
    kernel.start()
    needed = 1 << 39 | 1 << 38 | 1 << 24 | 1 << 19 | 1 << 10 | 1 << 2 | 1 << 1
    for status in Path(f"/proc/{kernel.process.pid}/task").glob("*/status"):
        mask = int(status.read_text().split("CapEff:")[1].split()[0], 16)
        assert mask & ~needed == 0, status
    # New rules change the probe, which still works.
    kernel.write_rules("again")
    kernel.until(lambda: "loaded anew" in kernel.err.read_text())
    kernel.touch("later")
    kernel.until(lambda: "later" in kernel.paths())
    kernel.stop()


@pytest.mark.parametrize("name", ["podman", "docker"])
def test_an_alert_inside_a_container_knows_its_name_and_image(
    kernel: Kernel, name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if why := container_runtimes.why_not(name):
        pytest.skip(why)
    make = container_runtimes.podman if name == "podman" else container_runtimes.dockerd
    kernel.rules.write_text(kernel.rules.read_text() + SHADOW)
    with make(tmp_path_factory.mktemp(name[0])) as runtime:
        others = {one: {"enabled": one == name} for one in ("docker", "podman", "cri", "containerd")}
        others[name] = {"enabled": True, "sockets": [str(runtime.socket)]}  # type: ignore[dict-item]
        plugins = json.dumps([{"name": "container", "init_config": {"engines": others}}])
        kernel.start("load_plugins=[container]", f"plugins={plugins}", "container_wait=5s")
        runtime.run(
            "run", "--rm", "--network=none", "--name=brief", container_runtimes.IMAGE, "/bin/cat", "/etc/shadow"
        )
        kernel.until(lambda: any(alert["rule"] == "shadow read" for alert in kernel.alerts()))
        fields = next(alert for alert in kernel.alerts() if alert["rule"] == "shadow read")["output_fields"]
    assert fields["container.name"] == "brief", fields
    assert fields["container.image.repository"] == "localhost:5000/team/box"
    assert fields["container.image.tag"] == "1"
    assert len(fields["container.id"]) == 12
    assert "vigie.container_missing" not in fields
    kernel.stop()
