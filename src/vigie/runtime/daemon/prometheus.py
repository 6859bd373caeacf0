"""Metrics for scrapers, in the text format of Prometheus. Names are the peer's; ours begin with `vigie_`."""

from __future__ import annotations

import os
from collections.abc import Mapping

from vigie.runtime.daemon import facts
from vigie.runtime.daemon.figures import DROPS, STATE, Figures, engine_name, resources
from vigie.settings.watch.reports import Metrics

TYPE = "text/plain; version=0.0.4; charset=utf-8"

FALCO, SCAP, OWN = "falcosecurity_falco_", "falcosecurity_scap_", "vigie_"


class _Text:
    """Metrics by name: all values of one stand together, after its type."""

    def __init__(self) -> None:
        self._metrics: dict[str, list[str]] = {}

    def add(self, name: str, value: float, labels: Mapping[str, str] | None = None, *, counter: bool = False) -> None:
        """One value. counter: it only grows."""
        lines = self._metrics.setdefault(
            name, [f"# HELP {name} {name.replace('_', ' ')}", f"# TYPE {name} {_kind(counter)}"]
        )
        inside = ",".join(f'{label}="{_escaped(text)}"' for label, text in (labels or {}).items())
        lines.append(f"{name}{f'{{{inside}}}' if inside else ''} {value}")

    def bytes(self) -> bytes:
        lines = (line for one in self._metrics.values() for line in one)
        return "".join(f"{line}\n" for line in lines).encode(errors="replace")


def _kind(counter: bool) -> str:
    return "counter" if counter else "gauge"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def text(figures: Figures, keys: Metrics) -> bytes:
    """All metrics that the settings switch on."""
    out = _Text()
    _falco(out, figures)
    for source in figures.sources:
        sample, labels = source.sample, {"evt_source": source.name}
        out.add("falcosecurity_evt_source_info", 1, {"evt_source": source.name})
        out.add(f"{SCAP}engine_name_info", 1, {"engine_name": engine_name(source), **labels})
        out.add(f"{FALCO}num_evts_total", sample.engine.get("events", 0), labels, counter=True)
        if keys.state_counters_enabled:
            for name, counter in STATE.items():
                if counter in sample.engine:
                    grows = not name.startswith(("n_threads", "n_containers"))
                    out.add(f"{FALCO}{name}{'_total' if grows else ''}", sample.engine[counter], labels, counter=grows)
        if keys.kernel_event_counters_enabled and sample.kernel:
            _kernel(out, sample.kernel)
        for name, label in (("matches_waiting", False), ("matches_waited", True), ("matches_waited_in_vain", True)):
            if name in sample.engine:
                out.add(f"{OWN}{name}{'_total' if label else ''}", sample.engine[name], labels, counter=label)
    if keys.rules_counters_enabled:
        _rules(out, figures)
    if keys.resource_utilization_enabled:
        _resources(out, figures)
    _own(out, figures)
    return out.bytes()


def _falco(out: _Text, figures: Figures) -> None:
    out.add(f"{FALCO}version_info", 1, {"version": figures.version})
    out.add(f"{FALCO}kernel_release_info", 1, {"kernel_release": figures.kernel})
    out.add("falcosecurity_evt_hostname_info", 1, {"hostname": figures.hostname})
    for kind, files in (("rules", figures.rule_files), ("config", figures.config_files)):
        for path, digest in files.items():
            labels = {"file_name": os.path.basename(path), "sha256": digest}  # noqa: PTH119
            out.add(f"{FALCO}sha256_{kind}_files_info", 1, labels)
    out.add(f"{FALCO}outputs_queue_num_drops_total", figures.dropped_by_outputs, counter=True)
    for name, moment in (
        ("start_timestamp", figures.start),
        ("reload_timestamp", figures.reload),
        ("host_boot_timestamp", figures.boot),
    ):
        out.add(f"{FALCO}{name}_nanoseconds", moment)
    out.add(f"{FALCO}duration_seconds_total", int(figures.seconds), counter=True)
    out.add(f"{FALCO}host_num_cpus_total", os.cpu_count() or 1)
    for interface, family, addresses in facts.addresses():
        labels = {"interface": interface, "addresses": ",".join(addresses)}
        out.add(f"{FALCO}host_netinfo_interfaces_protocols_{family}_info", 1, labels)


def _kernel(out: _Text, kernel: Mapping[str, int]) -> None:
    out.add(f"{SCAP}n_evts_total", kernel.get("events", 0), counter=True)
    out.add(f"{SCAP}n_drops_total", kernel.get("drops", 0), counter=True)
    for name in DROPS:
        labels = {"drop": name, "dir": "exit"}
        out.add(f"{SCAP}n_drops_buffer_total", kernel.get(f"drops_buffer_{name}", 0), labels, counter=True)
    out.add(f"{SCAP}n_drops_page_faults_total", kernel.get("drops_page_faults", 0), counter=True)
    out.add(f"{SCAP}n_drops_scratch_map_total", kernel.get("drops_scratch", 0), counter=True)
    for level in ("1", "2", "3"):
        out.add(f"{OWN}events_shed_total", kernel.get(f"shed_{level}", 0), {"level": level}, counter=True)


def _rules(out: _Text, figures: Figures) -> None:
    for rule in list(figures.rules.values()):
        labels = {"rule_name": rule.name, "priority": str(rule.priority.value), "source": rule.source}
        labels |= {f"tag_{facts.plain(tag)}": "true" for tag in rule.tags}
        out.add(f"{FALCO}rules_matches_total", rule.count, labels, counter=True)


def _resources(out: _Text, figures: Figures) -> None:
    for name, value in resources(figures).items():
        if name.endswith("_perc"):
            out.add(f"{FALCO}{name.removesuffix('perc')}ratio", round(value / 100, 4))
        elif name.endswith("_kb"):
            out.add(f"{FALCO}{name.removesuffix('kb')}bytes", int(value) << 10)
        else:
            out.add(f"{FALCO}{name}", value)


def _own(out: _Text, figures: Figures) -> None:
    for output, counts in figures.outputs().items():
        for name, count in counts.items():
            grows = name != "waiting"
            out.add(f"{OWN}output_alerts_{name}{'_total' if grows else ''}", count, {"output": output}, counter=grows)
    for name, count in figures.containers().items():
        out.add(f"{OWN}container_lookups_{name}_total", count, counter=True)
    out.add(f"{OWN}alerts_folded_total", figures.folded(), counter=True)
