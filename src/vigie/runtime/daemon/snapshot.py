"""Metrics as an alert and as lines of a file, every so often. Names are the peer's, dotted."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable

from vigie.model.alert import FieldValue, InternalAlert
from vigie.runtime.daemon import facts, internal
from vigie.runtime.daemon.figures import DROPS, STATE, Figures, engine_name, resources
from vigie.runtime.daemon.source import Sample, Source
from vigie.settings.watch.reports import Metrics

log = logging.getLogger(__name__)


class Snapshots:
    """Takes snapshots of all sources. tell: sends an alert."""

    def __init__(self, figures: Figures, keys: Metrics, tell: Callable[[InternalAlert], None]) -> None:
        self._figures, self._tell = figures, tell
        self.keys = keys
        self._before: dict[str, Sample] = {}
        self._samples = 0
        self._failed = ""

    def take(self) -> None:
        """One snapshot a source, as the settings say."""
        if not self.keys.enabled:
            return
        self._samples += 1
        for source in self._figures.sources:
            fields = self.fields(source)
            if self.keys.output_rule:
                self._tell(internal.metrics(fields))
            if self.keys.output_file:
                self._write(fields)

    def fields(self, source: Source) -> dict[str, FieldValue]:
        """Of one source; what comes between this call and the last one is told as a rate."""
        sample, before = source.sample, self._before.get(source.name)
        self._before[source.name] = sample
        return {
            **self._always(source, sample, before),
            **self._files(),
            **(self._filled(self._rules()) if self.keys.rules_counters_enabled else {}),
            **(self._filled(self._resources()) if self.keys.resource_utilization_enabled else {}),
            **(self._filled(_state(sample)) if self.keys.state_counters_enabled else {}),
            **(self._kernel(sample, before) if self.keys.kernel_event_counters_enabled and sample.kernel else {}),
        }

    def _filled(self, fields: dict[str, FieldValue]) -> dict[str, FieldValue]:
        if self.keys.include_empty_values:
            return fields
        return {name: value for name, value in fields.items() if value}

    def _always(self, source: Source, sample: Sample, before: Sample | None) -> dict[str, FieldValue]:
        figures = self._figures
        events, earlier = sample.engine.get("events", 0), before.engine.get("events", 0) if before else 0
        fields: dict[str, FieldValue] = {
            "evt.time": time.time_ns(),
            "evt.source": source.name,
            "evt.hostname": figures.hostname,
            "falco.version": figures.version,
            "falco.start_ts": figures.start,
            "falco.duration_sec": int(figures.seconds),
            "falco.reload_ts": figures.reload,
            "falco.kernel_release": figures.kernel,
            "falco.host_boot_ts": figures.boot,
            "falco.host_num_cpus": os.cpu_count() or 1,
            "falco.outputs_queue_num_drops": figures.dropped_by_outputs,
            "falco.num_evts": events,
            "falco.num_evts_prev": earlier,
            "scap.engine_name": engine_name(source),
        }
        if before is not None and sample.time > before.time:
            fields["falco.evts_rate_sec"] = round((events - earlier) / (sample.time - before.time), 1)
        for interface, family, addresses in facts.addresses():
            key = f"falco.host_netinfo.interfaces.{facts.plain(interface)}.protocols.{family}.addresses"
            fields[key] = ",".join(addresses)
        return fields

    def _files(self) -> dict[str, FieldValue]:
        found: dict[str, FieldValue] = {}
        for kind, files in (("rules", self._figures.rule_files), ("config", self._figures.config_files)):
            for path, digest in files.items():
                found[f"falco.sha256_{kind}_file.{facts.plain(os.path.basename(path))}"] = digest  # noqa: PTH119
        return found

    def _rules(self) -> dict[str, FieldValue]:
        rules = self._figures.rules.values()
        fields: dict[str, FieldValue] = {"falco.rules.matches_total": sum(rule.count for rule in rules)}
        return fields | {f"falco.rules.{facts.plain(rule.name)}": rule.count for rule in rules}

    def _resources(self) -> dict[str, FieldValue]:
        fields: dict[str, FieldValue] = {}
        for name, value in resources(self._figures).items():
            unit = next((unit for unit in ("kb", "bytes") if name.endswith(f"_{unit}")), "")
            if unit and self.keys.convert_memory_to_mb:
                megabytes = float(value) / (1024 if unit == "kb" else 1 << 20)
                fields[f"falco.{name.removesuffix(unit)}mb"] = round(megabytes, 1)
            else:
                fields[f"falco.{name}"] = value
        return fields

    def _kernel(self, sample: Sample, before: Sample | None) -> dict[str, FieldValue]:
        now, then = sample.kernel, before.kernel if before else {}
        events, drops = now.get("events", 0), now.get("drops", 0)
        events_before, drops_before = then.get("events", 0), then.get("drops", 0)
        fields: dict[str, FieldValue] = {
            "scap.n_evts": events,
            "scap.n_evts_prev": events_before,
            "scap.n_drops": drops,
            "scap.n_drops_prev": drops_before,
            "scap.n_drops_perc": _part(drops - drops_before, events - events_before),
        }
        if before is not None and sample.time > before.time:
            seconds = sample.time - before.time
            fields["scap.evts_rate_sec"] = round((events - events_before) / seconds, 1)
            fields["scap.evts_drop_rate_sec"] = round((drops - drops_before) / seconds, 1)
        counters: dict[str, FieldValue] = {
            "scap.n_drops_buffer_total": sum(now.get(f"drops_buffer_{name}", 0) for name in DROPS),
            **{f"scap.n_drops_buffer_{name}_exit": now.get(f"drops_buffer_{name}", 0) for name in DROPS},
            "scap.n_drops_page_faults": now.get("drops_page_faults", 0),
            "scap.n_drops_scratch_map": now.get("drops_scratch", 0),
            "vigie.n_shed": now.get("shed", 0),
        }
        return fields | self._filled(counters)

    def _write(self, fields: dict[str, FieldValue]) -> None:
        line = json.dumps({"output_fields": fields, "sample": self._samples}, ensure_ascii=False, sort_keys=True)
        try:
            with open(self.keys.output_file, "a", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
                file.write(f"{line}\n")
            self._failed = ""
        except OSError as error:
            why = error.strerror or str(error)
            if why != self._failed:
                log.warning("metrics.output_file: %s cannot be written: %s", self.keys.output_file, why)
            self._failed = why


def _state(sample: Sample) -> dict[str, FieldValue]:
    known = {name: counter for name, counter in STATE.items() if counter in sample.engine}
    return {f"falco.{name}": sample.engine[counter] for name, counter in known.items()}


def _part(some: int, all_: int) -> float:
    return round(some / all_ * 100, 2) if all_ > 0 else 0.0
