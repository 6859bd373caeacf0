"""Keys of the peer that have nothing to set here. They are named when they ask for something else than what the peer
does anyway."""

from __future__ import annotations

from typing import Any

import msgspec

ONE_RING = "all processors share one buffer"
FILTERED = "what no rule can match never leaves the kernel, failed or not"
BOUNDED = "the state has its own bounds"

WITHOUT_MEANING = {
    "engine.kmod.drop_failed_exit": FILTERED,
    "engine.modern_ebpf.cpus_for_each_buffer": ONE_RING,
    "engine.modern_ebpf.drop_failed_exit": FILTERED,
    "falco_libs.thread_table_size": BOUNDED,
    "falco_libs.thread_table_auto_purging_interval_s": BOUNDED,
    "falco_libs.thread_table_auto_purging_thread_timeout_s": BOUNDED,
    "libs_logger.enabled": "there is one log: log_level, log_stderr, log_syslog",
    "libs_logger.severity": "there is one log: log_level, log_stderr, log_syslog",
    "plugins_hostinfo": "sources of events inside Vigie need nothing of the host",
    "metrics.kernel_event_counters_per_cpu_enabled": "all processors share one buffer and its counters",
    "metrics.jemalloc_stats_enabled": "this allocator is not used",
}
"""By dotted key, why nothing is done with it."""


def unheeded(keys: msgspec.Struct) -> list[str]:
    """What is to be said of the keys that differ from the peer's defaults and change nothing."""
    default = type(keys)()
    return [
        f"{key} has no effect: {why}"
        for key, why in WITHOUT_MEANING.items()
        if _value(keys, key) != _value(default, key)
    ]


def _value(keys: Any, dotted: str) -> Any:
    for step in dotted.split("."):
        keys = getattr(keys, step)
    return keys
