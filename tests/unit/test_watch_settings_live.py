"""Keys of falco.yaml about the live kernel and the daemon, and ours beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from vigie.errors import UsageError
from vigie.settings.watch import meaning, options, values
from vigie.settings.watch.keys import WatchKeys
from vigie.settings.watch.options import WatchSettings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(options, "PEER_FILE", str(tmp_path / "etc-falco.yaml"))
    return tmp_path


def load(text: str = "", *assignments: str) -> WatchSettings:
    Path("falco.yaml").write_text(text)
    return options.load("falco.yaml", assignments, {})


def message(text: str, *assignments: str) -> str:
    with pytest.raises(UsageError) as caught:
        load(text, *assignments)
    return caught.value.message


def test_defaults_are_those_of_the_peers_file() -> None:
    keys = WatchKeys()
    assert keys.watch_config_files
    assert (keys.engine.kind, keys.engine.modern_ebpf.buf_size_preset, keys.engine.kmod.buf_size_preset) == (
        "modern_ebpf",
        4,
        4,
    )
    drops = keys.syscall_event_drops
    assert (drops.threshold, drops.actions, drops.rate, drops.max_burst, drops.simulate_drops) == (
        0.1,
        ["log", "alert"],
        0.03333,
        1,
        False,
    )
    assert keys.syscall_event_timeouts.max_consecutives == 1000
    assert (keys.metrics.enabled, keys.metrics.interval) == (False, "1h")
    assert (keys.webserver.enabled, keys.webserver.k8s_healthz_endpoint) == (True, "/healthz")
    assert not keys.webserver.prometheus_metrics_enabled
    assert not keys.webserver.ssl_enabled
    assert (keys.capture.enabled, keys.capture.path_prefix, keys.capture.mode, keys.capture.default_duration) == (
        False,
        "/tmp/falco",
        "rules",
        5000,
    )
    assert (keys.log_stderr, keys.log_syslog, keys.log_level) == (True, True, "info")
    assert (keys.falco_libs.snaplen, keys.falco_libs.thread_table_size) == (80, 262_144)
    assert (keys.base_syscalls.custom_set, keys.base_syscalls.repair, keys.base_syscalls.all) == ([], False, False)


@pytest.mark.parametrize(("preset", "megabytes"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (8, 128), (10, 512)])
def test_presets_of_the_buffer(preset: int, megabytes: int) -> None:
    keys = load(f"engine: {{kind: modern_ebpf, modern_ebpf: {{buf_size_preset: {preset}}}}}").keys
    assert keys.engine.buffer_bytes == megabytes << 20
    keys = load(f"engine: {{kind: kmod, kmod: {{buf_size_preset: {preset}}}}}").keys
    assert keys.engine.buffer_bytes == megabytes << 20


def test_the_web_server_listens_on_this_machine_alone_unless_told() -> None:
    keys = load("").keys
    assert (keys.webserver.address, keys.webserver.port, keys.webserver.given) == ("127.0.0.1", 8765, False)
    keys = load("webserver: {listen_address: 0.0.0.0, listen_port: 9000}").keys
    assert (keys.webserver.address, keys.webserver.port, keys.webserver.given) == ("0.0.0.0", 9000, True)
    assert load("webserver: {listen_port: 8765}").keys.webserver.given


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1h30m", 5400),
        ("1y", 31_536_000),
        ("2w", 1_209_600),
        ("1d", 86_400),
        ("5s", 5),
        ("100ms", 0.1),
        ("1m1ms", 60.001),
    ],
)
def test_intervals_of_metrics(text: str, seconds: float) -> None:
    assert values.interval(text) == pytest.approx(seconds)
    assert load(f"metrics: {{interval: {text}}}").keys.metrics.interval == text


@pytest.mark.parametrize("text", ["99ms", "1", "h", "30m1h", "1h 30m", "-1h", "", "11y", "1" * 80 + "s"])
def test_intervals_that_cannot_be(text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        values.interval(text)
    assert "falco.yaml: metrics.interval: " in message(f"metrics: {{interval: '{text}'}}")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("syscall_event_drops: {actions: [ignore, log]}", "syscall_event_drops.actions: ignore excludes"),
        ("syscall_event_drops: {actions: [shout]}", "syscall_event_drops.actions"),
        ("syscall_event_drops: {threshold: 2}", "syscall_event_drops.threshold"),
        ("syscall_event_drops: {rate: -1}", "syscall_event_drops.rate"),
        ("syscall_event_timeouts: {max_consecutives: 0}", "syscall_event_timeouts.max_consecutives"),
        ("engine: {modern_ebpf: {buf_size_preset: 11}}", "engine.modern_ebpf.buf_size_preset"),
        ("engine: {kmod: {buf_size_preset: 0}}", "engine.kmod.buf_size_preset"),
        ("webserver: {listen_port: 70000}", "webserver.listen_port"),
        ("webserver: {k8s_healthz_endpoint: healthz}", "webserver.k8s_healthz_endpoint"),
        ("capture: {mode: some}", "capture.mode"),
        ("capture: {path_prefix: ''}", "capture.path_prefix"),
        ("repeated_alerts: {window: soon}", 'repeated_alerts.window: "soon" must be a time'),
        ("repeated_alerts: {window: 2d}", 'repeated_alerts.window: "2d" must be at most'),
        ("repeated_alerts: {most: 0}", "repeated_alerts.most"),
        ("container_wait: 5m", 'container_wait: "5m" must be at most'),
        ("log_level: loud", 'log_level: "loud" is not one of'),
        ("falco_libs: {snaplen: 70000}", "falco_libs.snaplen"),
        ("plugins: [{library_path: a.so}]", "plugins"),
    ],
)
def test_values_that_cannot_be_are_refused_with_their_place(text: str, told: str) -> None:
    assert message(text).startswith("falco.yaml: ")
    assert told in message(text)


def test_ignore_may_stand_twice() -> None:
    assert load("syscall_event_drops: {actions: [ignore, ignore]}").keys.syscall_event_drops.actions == ["ignore"] * 2


def test_our_own_keys_stand_in_both_files() -> None:
    own = {"repeated_alerts": "{window: 60s}", "container_wait": "250ms", "shedding": "{enabled: false}"}
    keys = load("\n".join(f"{key}: {value}" for key, value in own.items())).keys
    assert (values.window(keys), values.container_wait(keys), keys.shedding.enabled) == (60, 0.25, False)
    for dash in ("_", "-"):
        lines = "\n".join(f"  {key.replace('_', dash)}: {value}" for key, value in own.items())
        Path("vigie.yaml").write_text(f"watch:\n{lines}\n  web: {{listen_port: 9}}\n")
        keys = options.load("vigie.yaml", (), {}).keys
        assert (values.window(keys), values.container_wait(keys), keys.shedding.enabled) == (60, 0.25, False)
        assert keys.webserver.port == 9


def test_folding_is_off_and_waiting_is_short() -> None:
    keys = load("").keys
    assert (values.window(keys), values.container_wait(keys)) == (0, 0.5)


def test_replay_and_engine_stand_together_in_our_own_file() -> None:
    Path("vigie.yaml").write_text("watch:\n  replay: a.scap\n  engine: {modern_ebpf: {buf_size_preset: 1}}\n")
    engine = options.load("vigie.yaml", (), {}).keys.engine
    assert (engine.kind, engine.replay.capture_file, engine.modern_ebpf.buf_size_preset) == ("replay", "a.scap", 1)


def test_keys_without_meaning_are_named_when_they_ask_for_something() -> None:
    assert meaning.unheeded(load("engine: {modern_ebpf: {cpus_for_each_buffer: 2}}").keys) == []
    (told,) = meaning.unheeded(load("engine: {modern_ebpf: {cpus_for_each_buffer: 1}}").keys)
    assert told == "engine.modern_ebpf.cpus_for_each_buffer has no effect: all processors share one buffer"
    (told,) = meaning.unheeded(load("falco_libs: {thread_table_size: 5}").keys)
    assert told.startswith("falco_libs.thread_table_size has no effect: ")


def test_plugins_are_those_that_are_to_be_loaded() -> None:
    keys = load("plugins: [{name: k8saudit, library_path: a.so, open_params: 'http://:9765/k8s-audit'}]").keys
    assert keys.load_plugins is None
    assert (keys.plugins[0].name, keys.plugins[0].open_params) == ("k8saudit", "http://:9765/k8s-audit")
    assert load("load_plugins: []").keys.load_plugins == []


@pytest.mark.parametrize(
    "section", ["metrics", "webserver", "syscall_event_drops", "engine.modern_ebpf", "falco_libs", "repeated_alerts"]
)
def test_unknown_keys_inside_are_named(section: str) -> None:
    settings = load("", f"{section}.colour=red")
    (warning,) = settings.warnings
    assert f'the key "{section}.colour" is unknown and ignored' in warning
