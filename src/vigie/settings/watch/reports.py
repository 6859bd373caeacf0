"""Keys about what a watch tells of itself: drops, silence, metrics, captures around alerts."""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

Action = Literal["ignore", "log", "alert", "exit"]


class Timeouts(Struct, forbid_unknown_fields=True):
    """How often in a row nothing may have come before that is told."""

    max_consecutives: Annotated[int, Meta(ge=1)] = 1000


class Drops(Struct, forbid_unknown_fields=True):
    """What happens when more than `threshold` of the events of a second were dropped. rate, max_burst: of alerts, per
    second. simulate_drops: to see what would happen."""

    threshold: Annotated[float, Meta(ge=0, le=1)] = 0.1
    actions: list[Action] = field(default_factory=lambda: ["log", "alert"])
    rate: Annotated[float, Meta(ge=0)] = 0.03333
    max_burst: Annotated[float, Meta(ge=0)] = 1.0
    simulate_drops: bool = False


class Metrics(Struct, forbid_unknown_fields=True):
    """Which counters are told, how often, and where: as an alert, in a file of JSON lines, to scrapers."""

    enabled: bool = False
    interval: str = "1h"
    output_rule: bool = True
    output_file: str = ""
    rules_counters_enabled: bool = True
    resource_utilization_enabled: bool = True
    state_counters_enabled: bool = True
    kernel_event_counters_enabled: bool = True
    kernel_event_counters_per_cpu_enabled: bool = False
    kernel_iter_event_counters_enabled: bool = True
    libbpf_stats_enabled: bool = True
    plugins_metrics_enabled: bool = True
    jemalloc_stats_enabled: bool = False
    convert_memory_to_mb: bool = True
    include_empty_values: bool = False


class Capture(Struct, forbid_unknown_fields=True):
    """Recordings around alerts: of rules that ask for it, or of all. default_duration: milliseconds."""

    enabled: bool = False
    path_prefix: str = "/tmp/falco"  # noqa: S108 - the peer's default
    mode: Literal["rules", "all_rules"] = "rules"
    default_duration: Annotated[int, Meta(ge=0)] = 5000
    max_file_size_mb: Annotated[int, Meta(ge=0)] = 0


class LibsLogger(Struct, forbid_unknown_fields=True):
    """The log of the peer's libraries."""

    enabled: bool = True
    severity: str = "info"
