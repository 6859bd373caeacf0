"""A watch over the kernel of this machine: what it needs, the program with settings of its own, the alerts it told."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar

from program import Ended, Program, wait

MARK = "VIGIE_TEST"
"""The variable that tells alerts of a test's own processes from those of everything else on the machine."""
MARK_FIELD = f"proc.env[{MARK}]"

_SYS_ADMIN, _PERFMON, _BPF = 21, 38, 39


def why_not() -> str:
    """Why the kernel cannot be watched here; empty when it can, as far as one sees from outside."""
    if os.geteuid() != 0:
        return "watching the kernel needs the superuser"
    if not Path("/sys/kernel/btf/vmlinux").exists():
        return "the kernel has no type information (BTF)"
    found = re.search(r"^CapEff:\s*([0-9a-f]+)$", Path("/proc/self/status").read_text(), re.MULTILINE)
    held = int(found[1], 16) if found else 0
    if not (held >> _SYS_ADMIN & 1 or (held >> _BPF & 1 and held >> _PERFMON & 1)):
        return "the capabilities to watch the kernel are not held"
    return ""


class Live:
    """`vigie watch` under way in a folder of its own, its alerts as JSON in a file. Others on the machine may keep it
    busy: its buffer is large, and counts of drops say whether a test could succeed. begun: all of this session."""

    begun: ClassVar[list[Live]] = []

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.program = Program(folder)
        self.program.environment |= {"TZ": "UTC0", "FALCO_HOSTNAME": "host-7"}
        self.work = self.program.work
        self.config, self.out, self.err = (self.work / name for name in ("falco.yaml", "alerts.jsonl", "err"))
        self.port = _free_port()
        self.settings: dict[str, Any] = {
            "json_output": True,
            "syslog_output": {"enabled": False},
            "log_syslog": False,
            "log_level": "info",
            "engine": {"kind": "modern_ebpf", "modern_ebpf": {"buf_size_preset": 7}},
            "shedding": {"enabled": False},
            "webserver": {
                "listen_port": self.port,
                "listen_address": "127.0.0.1",
                "prometheus_metrics_enabled": True,
            },
            "metrics": {"enabled": True, "interval": "1h"},
            "append_output": [{"suggested_output": True}, {"extra_fields": [MARK_FIELD, "proc.pid"]}],
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None
        Live.begun.append(self)
        self._lost = 0.0
        self._read, self._alerts = 0, list[dict[str, Any]]()

    def start(self, *arguments: str | Path) -> None:
        """Starts it and waits until it watches."""
        self.config.write_text(json.dumps(self.settings))
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = self.program.start("watch", "-U", "-c", self.config, *arguments, stdout=out, stderr=err)
        self.until(lambda: self._page("/healthz"))

    def _page(self, path: str) -> str | None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            text = answer.read().decode()
            return text if answer.status == 200 else None
        except OSError:
            return None
        finally:
            connection.close()

    def metrics(self) -> dict[str, float]:
        """Counters of now, by their names without prefix; values of several sources are added."""
        found: dict[str, float] = {}
        for line in (self._page("/metrics") or "").splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.partition("{")[0].partition(" ")
                name = name.removeprefix("falcosecurity_")
                found[name] = found.get(name, 0) + float(value or line.rpartition(" ")[2])
        return found

    def until(self, condition: Callable[[], Any], seconds: float = 20) -> Any:
        """Waits until a condition holds; what it gave."""
        end = time.monotonic() + seconds
        while not (given := condition()):
            assert self.process is not None
            assert self.process.poll() is None, self.err.read_text()
            assert time.monotonic() < end, (self.own(), self.err.read_text()[-2000:])
            time.sleep(0.02)
        return given

    def alerts(self) -> list[dict[str, Any]]:
        """Whole lines that were written so far, in order."""
        with self.out.open("rb") as file:
            file.seek(self._read)
            whole, end, _ = file.read().rpartition(b"\n")
        self._read += len(whole) + len(end)
        self._alerts += [json.loads(line) for line in whole.splitlines()]
        return self._alerts

    def own(self, mark: str = "") -> list[dict[str, Any]]:
        """Alerts of processes of a test, of one mark or of all."""
        found = [(alert, alert["output_fields"].get(MARK_FIELD)) for alert in self.alerts()]
        return [alert for alert, marked in found if marked and (not mark or marked == mark)]

    def settle(self) -> None:
        """Waits until everything that happened before was told: a last alert is asked for and comes. Asked for again
        when it may have been dropped."""
        for _ in range(10):
            name = f"settle-{time.monotonic_ns()}"
            link = self.work / name
            with marked(name) as environment:
                subprocess.run(["ln", "-s", "/etc/shadow", str(link)], env=environment, check=True)
            link.unlink()
            end = time.monotonic() + 3
            while time.monotonic() < end:
                if self.own(name):
                    return
                time.sleep(0.01)
        raise AssertionError(f"no alert comes any more: {self.err.read_text()[-2000:]}")

    def lost(self) -> float:
        """Events that were dropped so far, as of about a second ago; to its end when it is over."""
        self._lost = max(self._lost, self.metrics().get("scap_n_drops_total", 0.0))
        return self._lost

    def end(self, number: int = signal.SIGTERM) -> Ended:
        """Stops it; what it printed is in the files."""
        assert self.process is not None
        self.process.send_signal(number)
        ended = wait(self.process, 20)
        return Ended(ended.status, self.out.read_text(), self.err.read_text(), ended.peak)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@contextmanager
def watching(folder: Path, *arguments: str | Path, **settings: Any) -> Iterator[Live]:
    """A watch that is killed at the end unless it was ended."""
    live = Live(folder, **settings)
    try:
        live.start(*arguments)
        yield live
    except AssertionError:
        time.sleep(1.5)  # counters are read once a second
        live.lost()
        raise
    finally:
        live.close()


@contextmanager
def marked(mark: str, **more: str) -> Iterator[dict[str, str]]:
    """An environment whose processes are told apart by this mark."""
    yield {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        MARK: mark,
        **more,
    }


class Places:
    """Cgroups of a host process and of a container, made below our own and taken away at the end. The machine's own
    limits stay in force there."""

    def __init__(self) -> None:
        self.id = os.urandom(32).hex()
        own = _own_cgroup()
        self.host, self.container = own / "vigie-test.scope", own / "docker" / self.id
        self._made: list[Path] = []

    def __enter__(self) -> Places:
        for path in (self.host, self.container.parent, self.container):
            if not path.exists():
                path.mkdir()
                self._made.append(path)
        return self

    def __exit__(self, *_: object) -> None:
        for path in self._made:
            for pid in (path / "cgroup.procs").read_text().split():
                with suppress(OSError):
                    os.kill(int(pid), signal.SIGKILL)
        for path in reversed(self._made):
            end = time.monotonic() + 5
            while path.exists() and time.monotonic() < end:
                with suppress(OSError):
                    path.rmdir()
                time.sleep(0.02)

    def start(self, command: Sequence[str], place: Path, environment: Mapping[str, str], **more: Any) -> Any:
        """A process in such a place, from its first program on."""
        processes = place / "cgroup.procs"

        def move() -> None:
            processes.write_text("0")

        quiet: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, env=environment, preexec_fn=move, **(quiet | more))  # noqa: PLW1509


def _own_cgroup() -> Path:
    """The folder of our own cgroup: of the unified tree, else of the first one that events tell of."""
    listed = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
    for wanted in ("memory", "cpu", ""):
        for _, names, path in listed:
            if wanted in names.split(","):
                root = next((root for root in _mounted(wanted)), None)
                if root is not None and (wanted or (root / "cgroup.controllers").read_text().strip()):
                    return root / path.lstrip("/")
    raise FileNotFoundError("no cgroup of our own is seen")


def _mounted(name: str) -> Iterator[Path]:
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, folder, kind, options, *_ = line.split(" ")
        if (kind == "cgroup" and name in options.split(",")) if name else kind == "cgroup2":
            yield Path(folder)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
