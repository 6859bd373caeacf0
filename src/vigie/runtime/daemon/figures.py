"""All numbers of a running watch in one place: what metrics are made of."""

from __future__ import annotations

import platform
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from vigie import __version__
from vigie.model.alert import Alert, Priority
from vigie.runtime.daemon import facts
from vigie.runtime.daemon.source import Sample, Source
from vigie.runtime.rules.items import CompiledRule
from vigie.runtime.watch import hostname


class RuleCount(Struct):
    """Alerts of one rule."""

    name: str
    priority: Priority
    source: str
    tags: tuple[str, ...]
    count: int = 0


class Figures:
    """Counted and read. outputs: counters of each output by its name. containers: of what asks container runtimes."""

    def __init__(self) -> None:
        self.start = time.time_ns()
        self.reload = self.start
        self.begun = time.monotonic()
        self.version = __version__
        self.hostname = hostname()
        self.kernel = platform.release()
        self.boot = facts.boot_time()
        self.load = facts.Load()
        self.sources: Sequence[Source] = ()
        self.outputs: Callable[[], Mapping[str, Mapping[str, int]]] = dict
        self.containers: Callable[[], Mapping[str, int]] = dict
        self.folded: Callable[[], int] = lambda: 0
        self.rules: dict[str, RuleCount] = {}
        self.rule_files: dict[str, str] = {}
        self.config_files: dict[str, str] = {}

    def run(self, rules: Sequence[CompiledRule]) -> None:
        """These rules run now; counts of rules that stay go on."""
        before = self.rules
        self.rules = {
            rule.name: RuleCount(
                rule.name, rule.priority, rule.source, rule.tags, before[rule.name].count if rule.name in before else 0
            )
            for rule in rules
            if rule.runs
        }

    def count(self, alerts: Sequence[Alert]) -> None:
        """Counts alerts of rules. By one thread at a time."""
        for name, number in Counter(alert.rule for alert in alerts).items():
            known = self.rules.get(name)
            if known is not None:
                known.count += number

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self.begun

    @property
    def dropped_by_outputs(self) -> int:
        """Alerts that found a queue full."""
        return sum(counts.get("dropped", 0) for counts in self.outputs().values())

    def sample(self, source: str) -> Sample | None:
        """The last counters of a source."""
        return next((one.sample for one in self.sources if one.name == source), None)


def engine_name(source: Source) -> str:
    """What delivers events, in the peer's words."""
    return "modern_bpf" if source.from_kernel else "nodriver" if source.name == "syscall" else "source_plugin"


STATE = {
    "n_threads": "threads",
    "n_added_threads": "threads_added",
    "n_removed_threads": "threads_removed",
    "n_added_fds": "fds_added",
    "n_removed_fds": "fds_removed",
    "n_failed_thread_lookups": "threads_unknown",
    "n_failed_fd_lookups": "fds_unknown",
    "n_drops_full_threadtable": "threads_refused",
    "n_containers": "containers",
}
"""Counters of the state: names of the peer's, and of the engine's."""

DROPS = ("clone_fork", "close", "connect", "dir_file", "execve", "open", "other_interest", "proc")


def resources(figures: Figures) -> dict[str, float]:
    """Of this process and of the host; names as the peer's, memory in KiB or bytes as the name says."""
    memory = facts.memory()
    return {
        "cpu_usage_perc": figures.load.process(),
        "memory_rss_kb": memory["rss"],
        "memory_vsz_kb": memory["vsz"],
        "memory_pss_kb": memory["pss"],
        "container_memory_used_bytes": facts.container_memory(),
        "host_cpu_usage_perc": figures.load.host(),
        "host_memory_used_kb": facts.host_memory(),
        "host_procs_running": facts.processes_running(),
        "host_open_fds": facts.open_files(),
    }
