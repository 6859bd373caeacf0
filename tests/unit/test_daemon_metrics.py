"""Metrics: names, units, what is left out; the text for scrapers; health."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any, cast

import pytest

from fake_engine import FakeWatch, alert
from vigie.model.alert import InternalAlert, Priority
from vigie.runtime.daemon import facts, pages, prometheus
from vigie.runtime.daemon.figures import Figures
from vigie.runtime.daemon.silence import Silence
from vigie.runtime.daemon.snapshot import Snapshots
from vigie.runtime.daemon.source import Sample, Source
from vigie.runtime.rules.items import CompiledRule
from vigie.settings.watch.keys import WatchKeys
from vigie.settings.watch.reports import Metrics

KERNEL = {"events": 1000, "drops": 100, "drops_buffer_open": 60, "drops_page_faults": 40, "shed": 5, "shed_1": 5}


class Watched:
    """A kernel that counted so much."""

    def __init__(self, **keys: Any) -> None:
        self.figures = Figures()
        self.source = Source("syscall", cast(Any, FakeWatch()), lambda _: None, lambda *_: None, kernel_counters=dict)
        self.figures.sources = [self.source]
        self.sample(100.0, 900, KERNEL)
        self.figures.run(
            [
                CompiledRule(
                    name='Read "it" (x)', priority=Priority.Warning, source="syscall", output="", tags=("a-b", "c")
                ),
                CompiledRule(name="off", priority=Priority.Debug, source="syscall", output="", runs=False),
            ]
        )
        self.told: list[InternalAlert] = []
        self.snapshots = Snapshots(self.figures, Metrics(enabled=True, **keys), self.told.append)

    def sample(self, seconds: float, events: int, kernel: dict[str, int]) -> None:
        self.source.sample = Sample(seconds, {"events": events, "threads": 7, "threads_refused": 0}, kernel)

    def fields(self) -> dict[str, Any]:
        self.snapshots.take()
        return dict(self.told[-1].fields)


def test_what_is_always_there() -> None:
    fields = Watched().fields()
    always = """evt.time evt.source evt.hostname falco.version falco.start_ts falco.duration_sec falco.reload_ts
    falco.kernel_release falco.host_boot_ts falco.host_num_cpus falco.outputs_queue_num_drops falco.num_evts
    falco.num_evts_prev scap.engine_name scap.n_evts scap.n_evts_prev scap.n_drops scap.n_drops_prev scap.n_drops_perc
    """
    assert set(always.split()) <= set(fields)
    assert (fields["evt.source"], fields["scap.engine_name"]) == ("syscall", "modern_bpf")
    assert (fields["falco.num_evts"], fields["falco.num_evts_prev"]) == (900, 0)
    assert (fields["scap.n_evts"], fields["scap.n_drops"], fields["scap.n_drops_perc"]) == (1000, 100, 10.0)
    assert abs(fields["evt.time"] - time.time_ns()) < 10_000_000_000
    assert fields["falco.host_boot_ts"] == int(re.findall(r"btime (\d+)", Path("/proc/stat").read_text())[0]) * 10**9


def test_rates_from_the_second_sample_on() -> None:
    watched = Watched()
    rates = {"falco.evts_rate_sec", "scap.evts_rate_sec", "scap.evts_drop_rate_sec"}
    assert not rates & set(watched.fields())
    watched.sample(104.0, 1001, {"events": 1200, "drops": 150})
    fields = watched.fields()
    assert (fields["falco.evts_rate_sec"], fields["falco.num_evts_prev"]) == (25.2, 900)
    assert (fields["scap.evts_rate_sec"], fields["scap.evts_drop_rate_sec"]) == (50.0, 12.5)
    assert (fields["scap.n_drops_prev"], fields["scap.n_drops_perc"]) == (100, 25.0)


def test_counters_of_rules() -> None:
    watched = Watched()
    assert not [name for name in watched.fields() if name.startswith("falco.rules")], "nothing was counted"
    watched.figures.count([alert('Read "it" (x)'), alert('Read "it" (x)'), alert("unknown")])
    fields = watched.fields()
    assert (fields["falco.rules.matches_total"], fields["falco.rules.Read_it_x"]) == (2, 2)
    watched.figures.run([CompiledRule(name='Read "it" (x)', priority=Priority.Error, source="syscall", output="")])
    assert watched.fields()["falco.rules.Read_it_x"] == 2, "a rule that stays goes on counting"


def test_values_that_are_nothing_may_be_told() -> None:
    assert "falco.n_drops_full_threadtable" not in Watched().fields()
    fields = Watched(include_empty_values=True).fields()
    assert fields["falco.n_drops_full_threadtable"] == 0
    assert fields["scap.n_drops_buffer_proc_exit"] == 0
    assert fields["falco.rules.matches_total"] == 0


def test_memory_in_megabytes_or_not() -> None:
    fields = Watched().fields()
    assert isinstance(fields["falco.memory_rss_mb"], float)
    assert 5 < fields["falco.memory_rss_mb"] < 2000
    assert not [name for name in fields if name.endswith("_kb")]
    plain = Watched(convert_memory_to_mb=False).fields()
    assert isinstance(plain["falco.memory_rss_kb"], int)
    assert plain["falco.memory_rss_kb"] == pytest.approx(fields["falco.memory_rss_mb"] * 1024, rel=0.2)


@pytest.mark.parametrize(
    ("switch", "gone"),
    [
        ("rules_counters_enabled", "falco.rules.matches_total"),
        ("resource_utilization_enabled", "falco.memory_rss_mb"),
        ("state_counters_enabled", "falco.n_threads"),
        ("kernel_event_counters_enabled", "scap.n_evts"),
    ],
)
def test_groups_can_be_switched_off(switch: str, gone: str) -> None:
    assert gone in Watched(include_empty_values=True).fields()
    assert gone not in Watched(include_empty_values=True, **{switch: False}).fields()


def test_a_file_of_lines(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "m.jsonl"
    watched = Watched(output_rule=False, output_file=str(path))
    watched.snapshots.take()
    watched.snapshots.take()
    assert watched.told == []
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["sample"] for line in lines] == [1, 2]
    assert lines[0]["output_fields"]["scap.n_evts"] == 1000
    broken = Watched(output_rule=False, output_file=str(tmp_path / "absent" / "m"))
    broken.snapshots.take()
    broken.snapshots.take()
    assert [record.getMessage() for record in caplog.records] == [
        f"metrics.output_file: {tmp_path}/absent/m cannot be written: No such file or directory"
    ]


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Read sensitive file untrusted", "Read_sensitive_file_untrusted"),
        ("a - b", "a_b"),
        ("ends (so)", "ends_so"),
        ("__x__", "_x"),
        ("a:b", "a:b"),
        ("é", ""),
        ("falco_rules.yaml", "falco_rules_yaml"),
    ],
)
def test_names_in_metrics(name: str, plain: str) -> None:
    assert facts.plain(name) == plain


def test_addresses_as_the_peer_prints_them() -> None:
    assert facts.groups("fe80000000000000000000fffe000001") == "fe80:0:0:0:0:ff:fe00:1"
    for name, family, found in facts.addresses():
        assert name != "lo"
        assert family in ("ipv4", "ipv6")
        assert found


# For scrapers

VALUE = re.compile(r'[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_]\w*="(\\.|[^"\\\n])*",?)*\})? -?[0-9.e+]+')
"""A line of a value in Prometheus' text format 0.0.4."""


def test_the_text_is_well_formed() -> None:
    watched = Watched()
    watched.figures.outputs = lambda: {"stdout": {"taken": 3, "dropped": 1, "waiting": 2}}
    watched.figures.containers = lambda: {"asked": 4}
    watched.figures.rule_files = {"/etc/a.yaml": "00ff"}
    lines = prometheus.text(watched.figures, Metrics(enabled=True)).decode().splitlines()
    families: list[str] = []
    for line in lines:
        if line.startswith("# TYPE "):
            families.append(line.split()[2])
        elif not line.startswith("# HELP "):
            assert VALUE.fullmatch(line), line
            assert re.split("[{ ]", line)[0] == families[-1], "values stand below their type"
    assert len(families) == len(set(families)), "each metric stands together"
    for expected in (
        'falcosecurity_falco_rules_matches_total{rule_name="Read \\"it\\" (x)",priority="4",source="syscall",'
        'tag_a_b="true",tag_c="true"} 0',
        'falcosecurity_scap_n_drops_buffer_total{drop="open",dir="exit"} 60',
        "falcosecurity_scap_n_evts_total 1000",
        "falcosecurity_scap_n_drops_total 100",
        "falcosecurity_falco_outputs_queue_num_drops_total 1",
        'falcosecurity_falco_sha256_rules_files_info{file_name="a.yaml",sha256="00ff"} 1',
        'falcosecurity_scap_engine_name_info{engine_name="modern_bpf",evt_source="syscall"} 1',
        'vigie_events_shed_total{level="1"} 5',
        'vigie_output_alerts_waiting{output="stdout"} 2',
        "vigie_container_lookups_asked_total 4",
    ):
        assert expected in lines


def test_labels_cannot_break_a_line() -> None:
    watched = Watched()
    watched.figures.run([CompiledRule(name='a\n"b\\', priority=Priority.Debug, source="syscall", output="")])
    text = prometheus.text(watched.figures, Metrics(enabled=True)).decode()
    assert 'rule_name="a\\n\\"b\\\\"' in text


# Health


def test_metrics_have_a_page_when_both_switches_are_on() -> None:
    keys = WatchKeys()
    assert set(pages.pages(keys, Figures())) == {"/healthz", "/versions"}
    keys.metrics.enabled = True
    assert set(pages.pages(keys, Figures())) == {"/healthz", "/versions"}
    keys.webserver.prometheus_metrics_enabled = True
    keys.webserver.k8s_healthz_endpoint = "/alive"
    assert set(pages.pages(keys, Figures())) == {"/alive", "/versions", "/metrics"}


def test_a_source_that_does_not_move_is_not_healthy() -> None:
    watched = Watched()
    watched.source.runs = True
    watched.sample(time.monotonic() - 5, 1, {})
    assert pages.health(watched.figures).body == b'{"status": "ok"}'
    watched.sample(time.monotonic() - 100, 1, {})
    page = pages.health(watched.figures)
    assert (page.status, json.loads(page.body)["status"]) == (503, "the source of events syscall does not move")
    watched.source.runs = False
    assert pages.health(watched.figures).status == 200


# Silence


def test_silence_is_told_each_time_it_lasts_too_long() -> None:
    told: list[InternalAlert] = []
    silence = Silence(1000, told.append)
    for idle in (500, 1000, 1001, 1500, 2002, 2003, 10, 900, 1020):
        silence.check(Sample(0.0, {}, {}, idle, 0 if idle < 2002 else 1_790_000_000_123_456_789))
    texts = [alert.text for alert in told]
    assert texts == [
        "Falco internal: timeouts notification. 1001 consecutive timeouts without event.",
        "Falco internal: timeouts notification. 1001 consecutive timeouts without event.",
        "Falco internal: timeouts notification. 1020 consecutive timeouts without event.",
    ]
    assert told[0].priority is Priority.Debug
    assert told[0].fields == {"last_event_time": "none"}
    assert re.fullmatch(r"\d\d:\d\d:\d\d\.123456789", str(told[1].fields["last_event_time"]))
