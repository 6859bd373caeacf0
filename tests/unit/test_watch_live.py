"""`vigie watch` over a kernel that a test plays: what it is opened with, what is told of drops, what errors become."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from fake_engine import FakeEngine
from vigie.cli import watch
from vigie.errors import SourceError, UsageError
from vigie.runtime import watch as runtime
from vigie.settings.watch import options

RULES = """
- rule: reads
  desc: d
  condition: evt.type = read
  output: x
  priority: NOTICE
- rule: shells
  desc: d
  condition: evt.type = execve
  output: x
  priority: WARNING
"""


class Match:
    """A match of the first rule."""

    source = rule = generation = num = 0
    time = 1_790_000_000_000_000_000
    message = "seen"

    def __init__(self, missing: str = "") -> None:
        self.missing = missing
        self.fields = {"a": 1}


class Kernel(FakeEngine):
    """An engine over a kernel. `script` is run with each look at the counters."""

    made: ClassVar[list[Kernel]] = []
    refusal: Exception | None = None
    script: Callable[[Kernel], None] | None = None

    def __init__(self, rules: list[Any], **settings: Any) -> None:
        super().__init__()
        self.settings = settings
        self.captured: list[tuple[Any, dict[str, Any]]] = []
        self.recorded: list[str] = []
        self.news: list[Any] = [
            ("started", "a.scap", 0, 0, 0, 1, 1, 0, 0, 0, ""),
            ("limited", "a.scap", 0, 0, 0, 1, 1, 70, 3_000_123, 0, ""),
            ("failed", "b.scap", 0, 0, 0, 1, 1, 5, 100, 0, "No space left on device"),
            ("finished", "c.scap", 0, 0, 0, 1, 1, 5, 100, 2, ""),
        ]
        Kernel.made.append(self)

    def kernel(self, **options: Any) -> str:
        if Kernel.refusal is not None:
            raise Kernel.refusal
        return super().kernel(**options)

    def kernel_counters(self) -> dict[str, int]:
        if Kernel.script is not None:
            Kernel.script(self)
        return super().kernel_counters()

    def capture(self, prefix: str | None, **how: Any) -> None:
        self.captured.append((prefix, how))

    def capture_news(self) -> list[Any]:
        news, self.news = self.news, []
        return news

    def new_containers(self) -> list[Any]:
        return []

    def record(self, path: str) -> None:
        self.recorded.append(path)

    def stop_recording(self) -> None:
        self.recorded.append("stopped")


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with a rules file, and a kernel that is played."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(options, "PEER_FILE", str(tmp_path / "etc-falco.yaml"))
    monkeypatch.setattr(runtime, "Engine", Kernel)
    monkeypatch.setattr(Kernel, "made", [])
    monkeypatch.setattr(Kernel, "refusal", None)
    monkeypatch.setattr(Kernel, "script", None)
    monkeypatch.delenv("HOST_ROOT", raising=False)
    Path("rules.yaml").write_text(RULES)
    return tmp_path


def run(*arguments: str, seconds: float = 0.3) -> Kernel:
    """A run of so many seconds, without what would go beyond this test."""
    quiet = ("webserver.enabled=false", "syslog_output.enabled=false", "log_syslog=false", "drop_privileges=false")
    switches = [f"-o{one}" for one in (*quiet, "load_plugins=[none]")]
    assert watch.run(["-r", "rules.yaml", "-M", str(seconds), *switches, *arguments]) == 0
    (kernel,) = Kernel.made
    return kernel


def test_the_kernel_is_opened_as_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run().opened == {
        "buffer_bytes": 8 << 20,
        "host_root": "",
        "snaplen": 80,
        "everything": False,
        "custom_syscalls": (),
        "repair": False,
        "iterators": True,
    }
    Kernel.made.clear()
    monkeypatch.setenv("HOST_ROOT", "/host")
    changed = {
        "engine.modern_ebpf.buf_size_preset": "2",
        "engine.modern_ebpf.disable_iterators": "true",
        "falco_libs.snaplen": "200",
        "base_syscalls.all": "true",
        "base_syscalls.repair": "true",
        "base_syscalls.custom_set": "[clone, '!read']",
    }
    assert run(*(f"-o{key}={value}" for key, value in changed.items())).opened == {
        "buffer_bytes": 2 << 20,
        "host_root": "/host",
        "snaplen": 200,
        "everything": True,
        "custom_syscalls": ("clone", "!read"),
        "repair": True,
        "iterators": False,
    }


def test_event_types_of_unimportant_rules_may_be_given_up() -> None:
    assert run().levels == [[("read", 1)]]
    Kernel.made.clear()
    assert run("-oshedding.enabled=false").levels == [[]]


def test_an_alert_waits_for_its_container_and_says_why_in_vain(capsys: pytest.CaptureFixture[str]) -> None:
    def emit(kernel: Kernel) -> None:
        if not kernel.events:
            kernel.emit(Match(), Match("docker did not answer within 2 s"))

    Kernel.script = emit
    kernel = run("-ocontainer_wait=250ms", "-ojson_output=true", "-oload_plugins=[container]")
    assert kernel.settings["wait_ms"] == 250
    one, other = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert one["output"].endswith("Notice seen")
    assert other["output"].endswith("Notice seen (container: docker did not answer within 2 s)")
    assert "vigie.container_missing" not in one["output_fields"]
    assert other["output_fields"]["vigie.container_missing"] == "docker did not answer within 2 s"


def test_drops_are_told_with_the_rules_that_may_have_missed_something(capsys: pytest.CaptureFixture[str]) -> None:
    Kernel.script = lambda kernel: kernel.dropped.update(events=100, drops=40, drops_buffer_execve=40)
    run(seconds=2.5)
    printed = capsys.readouterr()
    (line,) = printed.out.splitlines()
    assert "Debug Falco internal: syscall event drop. 40 system calls dropped in last second. (" in line
    assert 'ebpf_enabled="1"' in line
    assert 'n_drops_buffer_execve_exit="40"' in line
    assert 'rules_affected="shells"' in line
    assert "warning: 40 of 100 events were dropped in the last second; rules that may have missed" in printed.err
    end = printed.err.splitlines()
    assert end[end.index("Events dropped: 40 of 100") :] == [
        "Events dropped: 40 of 100",
        "   buffer full, execve: 40",
        "Seconds with more drops than allowed: 1; actions taken: 1",
        "Rules that may have missed something:",
        "   shells",
    ]


def test_drops_may_end_the_watch() -> None:
    Kernel.script = lambda kernel: kernel.dropped.update(events=100, drops=40, drops_buffer_open=40)
    with pytest.raises(SourceError, match="events were dropped") as caught:
        run("-osyscall_event_drops.actions=[exit]", seconds=20)
    assert caught.value.exit_status == 3


def test_silence_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    run("-osyscall_event_timeouts.max_consecutives=10", seconds=2.3)
    lines = capsys.readouterr().out.splitlines()
    assert lines
    assert "Debug Falco internal: timeouts notification. " in lines[0]
    assert ' consecutive timeouts without event. (last_event_time="none")' in lines[0]


def test_metrics_of_the_kernel(capsys: pytest.CaptureFixture[str]) -> None:
    Kernel.script = lambda kernel: kernel.dropped.update(events=200, drops=10, drops_buffer_open=10)
    run("-ojson_output=true", "-ometrics.enabled=true", "-ometrics.interval=500ms", seconds=1.8)
    snapshots = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    fields = snapshots[0]["output_fields"]
    assert (fields["evt.source"], fields["scap.engine_name"]) == ("syscall", "modern_bpf")
    assert (fields["scap.n_evts"], fields["scap.n_drops"], fields["scap.n_drops_perc"]) == (200, 10, 5.0)
    assert fields["scap.n_drops_buffer_open_exit"] == 10
    assert "scap.n_drops_buffer_proc_exit" not in fields, "empty values are left out"
    assert snapshots[1]["output_fields"]["scap.n_drops_perc"] == 0.0


def test_captures_and_recording(place: Path) -> None:
    kernel = run("--record", "out.scap", "-ocapture.enabled=true", "-ocapture.max_file_size_mb=3")
    assert kernel.recorded == ["out.scap", "stopped"]
    assert kernel.captured == [
        ("/tmp/falco", {"all_rules": False, "duration_ms": 5000, "max_bytes": 3_000_000}),
    ]
    Kernel.made.clear()
    assert run().captured[0][0] is None


def test_news_of_captures_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    run("-ocapture.enabled=true", "-ocapture.max_file_size_mb=3", "-ojson_output=true", seconds=1.5)
    printed = capsys.readouterr()
    (alert,) = (json.loads(line) for line in printed.out.splitlines())
    assert (alert["rule"], alert["priority"]) == ("Falco internal: capture size limit reached", "Informational")
    assert alert["output"] == "Falco internal: capture size limit reached. Configured limit: 3 MB."
    assert alert["output_fields"] == {"max_file_size_mb": 3, "written_bytes": 3_000_123}
    assert "warning: the capture b.scap could not be written: No space left on device" in printed.err
    assert "warning: the capture c.scap lacks 2 events that are too long for it" in printed.err


@pytest.mark.parametrize(
    ("error", "message", "hint"),
    [
        (
            OSError(errno.EPERM, "the kernel does not let this process watch it; run it as root"),
            "the kernel cannot be watched: the kernel does not let this process watch it",
            "run it as root",
        ),
        (OSError(errno.EIO, "the probe could not be loaded"), "the kernel cannot be watched: the probe", "--replay"),
    ],
)
def test_a_kernel_that_cannot_be_watched(error: OSError, message: str, hint: str) -> None:
    Kernel.refusal = error
    with pytest.raises(SourceError) as caught:
        run()
    assert caught.value.message.startswith(message)
    assert hint in caught.value.hint
    assert caught.value.exit_status == 3


def test_names_that_are_no_system_calls() -> None:
    Kernel.refusal = ValueError("opne is no system call")
    with pytest.raises(UsageError, match=r"base_syscalls\.custom_set: opne is no system call"):
        run()


def test_keys_without_meaning_are_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    run("-oengine.modern_ebpf.cpus_for_each_buffer=1")
    assert capsys.readouterr().err.count("cpus_for_each_buffer has no effect") == 1


def test_unknown_plugins_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    run("-oplugins=[{name: cloudtrail}]", "-oload_plugins=[cloudtrail]")
    assert "warning: plugins: cloudtrail is not built in and is not loaded" in capsys.readouterr().err


def test_rules_about_calls_that_move_data_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    run()
    assert (
        "warning: read: calls that move data are captured with base_syscalls.all alone; until then these rules find "
        "nothing: reads\n"
    ) in capsys.readouterr().err
    for switch in ("-obase_syscalls.all=true", "-obase_syscalls.custom_set=[read]"):
        Kernel.made.clear()
        run(switch)
        assert "calls that move data" not in capsys.readouterr().err
