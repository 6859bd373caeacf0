"""The daemon over the kernel: how soon alerts come, new rules amid a workload, and starts that cannot be."""

from __future__ import annotations

import datetime
import os
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from live import Live, marked, watching, why_not
from program import Program

pytestmark = [pytest.mark.integration, pytest.mark.skipif(bool(why_not()), reason=why_not())]

RULE = """
- rule: {name}
  desc: d
  condition: evt.type in (open, openat, openat2) and evt.arg.flags contains O_CREAT and fd.name startswith {folder}/
  output: file=%fd.name
  priority: NOTICE
"""
MAKE = """
- rule: folder
  desc: d
  condition: evt.type in (mkdir, mkdirat) and evt.arg.path startswith {folder}/
  output: path=%evt.arg.path
  priority: NOTICE
"""


def test_alerts_come_at_once(tmp_path: Path) -> None:
    count = 50
    with watching(tmp_path / "live") as live, marked("soon") as environment:
        live.settle()
        arrived: dict[str, float] = {}
        done = threading.Event()

        def look() -> None:
            while not done.is_set():
                now = time.time()
                for alert in live.own("soon")[len(arrived) :]:
                    arrived[alert["time"]] = now
                time.sleep(0.001)

        looking = threading.Thread(target=look)
        looking.start()
        try:
            for number in range(count):
                link = tmp_path / f"link{number}"
                subprocess.run(["ln", "-s", "/etc/shadow", link], env=environment, check=True)
            live.until(lambda: len(arrived) == count)
        finally:
            done.set()
            looking.join()
    waited = sorted(now - _seconds(when) for when, now in arrived.items())
    print(f"median {waited[count // 2] * 1000:.1f} ms, longest {waited[-1] * 1000:.1f} ms")
    assert waited[0] > 0
    assert waited[-1] < 1


def _seconds(text: str) -> float:
    """A time of nanoseconds in ISO 8601."""
    whole, _, rest = text.rstrip("Z").partition(".")
    return datetime.datetime.fromisoformat(f"{whole}+00:00").timestamp() + float(f"0.{rest}")


def signalled(live: Live) -> None:
    assert live.process is not None
    live.process.send_signal(signal.SIGHUP)


@pytest.mark.parametrize("tell", [signalled, lambda live: None], ids=["signal", "file change"])
def test_no_alert_is_lost_or_told_twice_while_rules_change(tmp_path: Path, tell: Callable[[Live], None]) -> None:
    rules, folder = tmp_path / "rules.yaml", tmp_path / "made"
    folder.mkdir()
    rules.write_text(RULE.format(name="rule 0", folder=folder))
    with watching(tmp_path / "live", "-r", rules, watch_config_files=tell is not signalled) as live:
        made, done = 0, threading.Event()

        def work() -> None:
            nonlocal made
            while not done.is_set():
                os.close(os.open(f"{folder}/{made}", os.O_CREAT | os.O_WRONLY))
                made += 1
                time.sleep(0.0005)

        working = threading.Thread(target=work)
        working.start()
        try:
            for number in range(1, 4):
                more = MAKE.format(folder=folder) if number == 3 else ""
                rules.write_text(RULE.format(name=f"rule {number}", folder=folder) + more)
                tell(live)
                live.until(lambda count=number: live.err.read_text().count("loaded anew") == count)  # type: ignore[misc]
                begun = made
                live.until(lambda begun=begun: made > begun + 20)  # type: ignore[misc]
        finally:
            done.set()
            working.join()
        (folder / "last").mkdir()
        live.until(lambda: any(alert["rule"] == "folder" for alert in live.alerts()))
        alerts = live.alerts()
        files = Counter(alert["output_fields"]["fd.name"] for alert in alerts if alert["rule"] != "folder")
        assert files == Counter(f"{folder}/{number}" for number in range(made))
        assert {alert["rule"] for alert in alerts} == {"rule 0", "rule 1", "rule 2", "rule 3", "folder"}
        assert live.end().status == 0


def test_without_capabilities_it_cannot_start(tmp_path: Path) -> None:
    if shutil.which("setpriv") is None:
        pytest.skip("not installed: setpriv")
    ended = Program(tmp_path / "vigie").run("watch", prefix=("setpriv", "--bounding-set=-all", "--inh-caps=-all"))
    assert ended.status == 3
    assert ended.out == ""
    (error,) = [line for line in ended.err.splitlines() if line.startswith("error: ")]
    assert error.startswith("error: the kernel cannot be watched: the kernel does not let this process watch it")
    assert "Traceback" not in ended.err
