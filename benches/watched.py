"""A watch of the live kernel that is measured: started, asked for its counters, stopped; and the work it watches.

Counters are those that Vigie and Falco both show at /metrics, by the same names. CPU time is that of all threads of the
watching process, from its CPU clock.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from run import VIGIE

ROOT = Path(__file__).resolve().parent.parent
SOURCE = Path(__file__).parent / "live_work.c"
LIBRARY = ROOT / "src" / "vigie" / "runtime" / "library"
FRESH = 1.3
"""Seconds until counters, which are sampled once a second, tell of what has happened."""
START = 30.0
"""Seconds that a watch has for its start."""

NEVER = """
- rule: A file of the bench is opened
  desc: Wants every open of the bench's files and finds nothing, by its last comparison.
  condition: evt.type in (open, openat, openat2) and fd.name startswith /tmp/vigie-bench and proc.name = nobody
  output: "%fd.name"
  priority: NOTICE
"""
MARKER = """
- rule: The marker is opened
  desc: Tells of every open of one file.
  condition: evt.type in (open, openat, openat2) and fd.name endswith /the-marker
  output: "at=%evt.rawtime"
  priority: NOTICE
"""


class Counts(NamedTuple):
    """events: captured in the kernel, drops included. judged: that reached the rules. cpu: seconds of the watching
    process so far."""

    events: int
    judged: int
    drops: int
    shed: int
    threads: int
    cpu: float

    def since(self, before: Counts) -> Counts:
        """What has happened in between."""
        pairs = zip(self, before, strict=True)
        return Counts(*(now - then for now, then in pairs))._replace(threads=self.threads)  # type: ignore[arg-type]


class Done(NamedTuple):
    """What a piece of work took: loops, CPU and wall seconds."""

    loops: int
    cpu: float
    wall: float


Launcher = Callable[[Sequence[str], Sequence[str]], list[str]]
"""A command, of rule files and settings."""


def vigie(rules: Sequence[str], settings: Sequence[str]) -> list[str]:
    """Our command. rules: files, or names of our own rules' maturities."""
    named = [rule for rule in rules if "/" not in rule]
    library = ["--library", ",".join(named)] if named else []
    files = [part for rule in rules if "/" in rule for part in ("-r", rule)]
    return [VIGIE, "watch", *library, *files, *_options(settings)]


def falco(program: str) -> Launcher:
    """Falco's command with the same rules."""
    levels = {"stable": "1", "incubating": "2", "sandbox": "3"}

    def command(rules: Sequence[str], settings: Sequence[str]) -> list[str]:
        files: list[Path] = []
        for rule in rules:
            if rule in levels:
                files += [LIBRARY / "00-terms.yaml", *sorted(LIBRARY.glob(f"{levels[rule]}*.yaml"))]
            else:
                files.append(Path(rule))
        parts = [part for file in dict.fromkeys(files) for part in ("-r", str(file))]
        return [program, *parts, *_options(["engine.kind=modern_ebpf", *settings])]

    return command


def _options(settings: Sequence[str]) -> list[str]:
    usual = ("json_output=true", "syslog_output.enabled=false", "watch_config_files=false")
    return [part for setting in (*usual, *settings) for part in ("-o", setting)]


class Watched:
    """A watch that runs. As a context it is started, until it takes events unless `wait` is off, and stopped.

    lines: what it wrote, with the time of arrival in nanoseconds since the epoch. complaints: what it said at last.
    """

    def __init__(self, launcher: Launcher, rules: Sequence[str], *settings: str, wait: bool = True) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self._port = taken.getsockname()[1]
        web = (
            *("webserver.enabled=true", "webserver.listen_address=127.0.0.1", f"webserver.listen_port={self._port}"),
            *("webserver.prometheus_metrics_enabled=true", "metrics.enabled=true", "metrics.interval=1h"),
        )
        self._command = [*launcher(rules, (*web, *settings)), "-U"]
        self.lines: queue.SimpleQueue[tuple[int, bytes]] = queue.SimpleQueue()
        self.complaints = b""
        self._wait = wait

    def __enter__(self) -> Watched:
        self.started = time.monotonic()
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=self._errors)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if self._wait:
            try:
                self._until_ready()
            except BaseException as error:
                self.__exit__(type(error), error, error.__traceback__)
                raise
        return self

    def __exit__(self, *error: object) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(5)
        self._errors.seek(0)
        self.complaints = self._errors.read()
        self._errors.close()
        if error[0] is not None and self.complaints:
            print(self.complaints.decode(errors="replace")[-2000:])

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.put((time.time_ns(), line))

    def _until_ready(self) -> None:
        while time.monotonic() - self.started < START:
            if self._process.poll() is not None:
                raise RuntimeError(f"the watch ended with {self._process.returncode}")
            with suppress(OSError):
                if self._metrics().get("falcosecurity_scap_n_evts_total"):
                    time.sleep(0.3)
                    return
            time.sleep(0.05)
        raise RuntimeError("the watch does not start")

    def _metrics(self) -> dict[str, float]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        found: dict[str, float] = {}
        for line in lines:
            name, _, value = line.rpartition(" ")
            with suppress(ValueError):
                plain = name.partition("{")[0]
                found[plain] = found.get(plain, 0.0) + float(value)
        return found

    def counts(self) -> Counts:
        """Counters that tell of everything up to now: waits until they do."""
        time.sleep(FRESH)
        found = self._metrics()

        def of(name: str) -> int:
            return int(found.get(name, 0))

        return Counts(
            of("falcosecurity_scap_n_evts_total"),
            of("falcosecurity_falco_num_evts_total"),
            of("falcosecurity_scap_n_drops_total"),
            of("vigie_events_shed_total"),
            of("falcosecurity_falco_n_threads"),
            self.cpu(),
        )

    def cpu(self) -> float:
        """CPU seconds of all threads, those that have ended too."""
        return time.clock_gettime(~self._process.pid << 3 | 2)  # as clock_getcpuclockid makes it

    def memory(self) -> tuple[float, float]:
        """Resident memory now and at its peak, in MB."""
        fields = dict(line.split(":", 1) for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines())
        now, peak = (int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
        return now, peak

    def next_alert(self, seconds: float) -> tuple[int, dict[str, object]]:
        """The next alert and when it came. Raises queue.Empty when there is none in time."""
        arrived, line = self.lines.get(timeout=seconds)
        return arrived, json.loads(line)


class Work:
    """The program that makes system calls, and the files it opens. wanted: a file that the bench's rule asks for.
    other: one that it does not. absent: one that it does not, and that is not there."""

    def __init__(self, folder: Path, other: Path) -> None:
        self.folder = folder
        self.program = folder / "live_work"
        subprocess.run(["cc", "-O2", "-o", str(self.program), str(SOURCE)], check=True)
        self.wanted, self.other = folder / "file", other / "file"
        self.absent = other / "absent"
        self.marker = folder / "the-marker"
        for file in (self.wanted, self.other, self.marker):
            file.write_text("a file of the bench\n")

    def rules(self, text: str) -> str:
        """A rule file."""
        file = self.folder / f"rules-{abs(hash(text))}.yaml"
        file.write_text(text)
        return str(file)

    def start(self, kind: str, path: str | Path, *numbers: int, processor: int | None = None) -> subprocess.Popen[str]:
        """Begins some work in the bench's folder, on one processor if it is named."""
        pinned = ("taskset", "-c", str(processor)) if processor is not None and shutil.which("taskset") else ()
        command = (*pinned, str(self.program), kind, str(path), *(str(number) for number in numbers))
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=self.folder)

    def run(self, kind: str, path: str | Path, *numbers: int) -> Done:
        """Does some work."""
        return finished(self.start(kind, path, *numbers))


def finished(process: subprocess.Popen[str]) -> Done:
    """What work took, when it is done."""
    said, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"the work ended with {process.returncode}")
    loops, cpu, wall = (int(part) for part in said.split())
    return Done(loops, cpu / 1e9, wall / 1e9)


@contextmanager
def work() -> Iterator[Work]:
    """The work, with folders that are removed afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="vigie-bench-", dir="/tmp") as folder,
        tempfile.TemporaryDirectory(prefix="other-work-", dir="/tmp") as other,
    ):
        yield Work(Path(folder), Path(other))


def others() -> list[str]:
    """Programs that have their own programs attached to the kernel, and so cost everybody something."""
    found = []
    for folder in Path("/proc").glob("[1-9]*"):
        with suppress(OSError):
            links = [os.readlink(fd) for fd in (folder / "fd").iterdir()]  # noqa: PTH115
            if folder.name != "1" and "anon_inode:bpf_link" in links:
                found.append((folder / "comm").read_text().strip())
    return found


def watchers_are(watchers: int, seconds: float) -> bool:
    """Whether so many programs watch the kernel; waits for that."""
    until = time.monotonic() + seconds
    while len(others()) != watchers:
        if time.monotonic() >= until:
            return False
        time.sleep(0.1)
    return True


def may_watch() -> bool:
    """Whether the kernel lets this process watch it, as far as can be told before."""
    return os.geteuid() == 0 and Path("/sys/kernel/btf/vmlinux").exists() and bool(shutil.which("cc"))
