"""Runs the program as a person does: another process, a home of its own, and nothing left behind."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

SOURCE = Path(__file__).parent.parent / "src"


class Ended(msgspec.Struct, frozen=True):
    """A run that is over. peak: resident memory at its highest, in MiB."""

    status: int
    out: str
    err: str
    peak: int

    @property
    def report(self) -> dict[str, Any]:
        """Standard output as a JSON report."""
        assert self.out, self.err
        document: dict[str, Any] = json.loads(self.out)
        return document


class Program:
    """`vigie` in a folder of its own: home, cache, temporary folder and work folder lie below `folder`."""

    def __init__(self, folder: Path, database: Path | None = None) -> None:
        self.folder = folder
        self.cache, self.temporary, self.work = folder / "home/.cache/vigie", folder / "tmp", folder / "work"
        for path in (folder / "home", self.temporary, self.work):
            path.mkdir(parents=True)
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder / "home"),
            "TMPDIR": str(self.temporary),
            "PYTHONPATH": str(SOURCE),
            "PYTHONWARNINGS": "error",
            "LANG": "C.UTF-8",
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        if database is not None:
            self.environment["VIGIE_DATABASE"] = str(database)

    def start(
        self,
        *arguments: str | Path,
        environment: dict[str, str | None] | None = None,
        prefix: Sequence[str] = (),
        **more: Any,
    ) -> subprocess.Popen[bytes]:
        """A run under way. environment: None takes a variable away. prefix: a program that starts it."""
        changed = self.environment | (environment or {})
        settings: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": self.work}
        return subprocess.Popen(
            [*prefix, sys.executable, "-m", "vigie", *map(str, arguments)],
            env={key: value for key, value in changed.items() if value is not None},
            **({"stdin": subprocess.DEVNULL} | settings | more),
        )

    def run(self, *arguments: str | Path, timeout: float = 60, clean: bool = True, **more: Any) -> Ended:
        """A whole run. clean: the temporary folder must be empty afterwards. Past the time-out it is killed: -9."""
        process = self.start(*arguments, **more)
        ended = wait(process, timeout)
        if clean:
            assert self.left_behind() == []
        return ended

    def json(self, *arguments: str | Path, **more: Any) -> dict[str, Any]:
        """The JSON report of a run that succeeds."""
        ended = self.run(*arguments, "-f", "json", **more)
        assert ended.status == 0, ended.err
        return ended.report

    def left_behind(self) -> list[str]:
        """What lies in the temporary folder."""
        return sorted(path.name for path in self.temporary.iterdir())


def wait(process: subprocess.Popen[bytes], timeout: float = 60) -> Ended:
    """Waits for a run's end and reads what it printed."""
    printed: dict[str, bytes] = {"out": b"", "err": b""}

    def read(name: str, stream: Any) -> None:
        printed[name] = stream.read()
        stream.close()

    streams = {"out": process.stdout, "err": process.stderr}
    readers = [threading.Thread(target=read, args=pair) for pair in streams.items() if pair[1] and not pair[1].closed]
    for reader in readers:
        reader.start()
    peak, end = 0, time.monotonic() + timeout
    while process.poll() is None:
        peak = max(peak, _peak(process.pid))
        if time.monotonic() > end:
            process.kill()
        time.sleep(0.01)
    for reader in readers:
        reader.join()
    out, err = (printed[name].decode("utf-8", "replace") for name in ("out", "err"))
    return Ended(process.returncode, out, err, peak)


def _peak(pid: int) -> int:
    """Resident memory of a process at its highest so far, in MiB. What `wait4` tells counts its parent's, too."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", text)
    return int(found[1]) >> 10 if found else 0


def findings(report: dict[str, Any]) -> set[tuple[str, str, str]]:
    """(id, package, installed version) of everything found."""
    return {
        (found["VulnerabilityID"], found["PkgName"], found["InstalledVersion"])
        for result in report.get("Results", [])
        for found in result.get("Vulnerabilities", [])
    }
