"""The keys of falco.yaml, typed, with the peer's defaults, and ours beside them."""

from typing import Any, Literal

from msgspec import Struct, field

from vigie.settings.watch.kernel import BaseSyscalls, EngineKeys, Libs, Plugin
from vigie.settings.watch.outputs import (
    FileOutputKeys,
    HttpKeys,
    Milliseconds,
    ProgramKeys,
    QueueKeys,
    Switch,
    SyslogKeys,
)
from vigie.settings.watch.own import Kubernetes, RepeatedAlerts, Shedding
from vigie.settings.watch.reports import Capture, Drops, LibsLogger, Metrics, Timeouts
from vigie.settings.watch.web import Webserver


class Selected(Struct, forbid_unknown_fields=True):
    """Which rules an entry of `rules` concerns: by a name with wildcards, or by a tag."""

    rule: str | None = None
    tag: str | None = None


class Selection(Struct, forbid_unknown_fields=True):
    """One entry of `rules`; exactly one of the two is there."""

    enable: Selected | None = None
    disable: Selected | None = None


class AppendMatch(Struct, forbid_unknown_fields=True):
    """Which rules an entry of `append_output` concerns; what is not said does not matter."""

    source: str | None = None
    tags: list[str] = []
    rule: str | None = None


class AppendOutput(Struct, forbid_unknown_fields=True):
    """What is added to the output of rules. extra_fields: names, or single pairs of a name and a template."""

    match: AppendMatch = field(default_factory=AppendMatch)
    extra_output: str = ""
    extra_fields: list[str | dict[str, str]] = []
    suggested_output: bool = False


class WatchKeys(Struct, kw_only=True, forbid_unknown_fields=True):
    """All keys. load_plugins: None for all of `plugins`."""

    config_files: list[Any] = []
    watch_config_files: bool = True
    rules_files: list[str] = []
    rules_file: list[str] = []
    rules: list[Selection] = []
    engine: EngineKeys = field(default_factory=EngineKeys)
    priority: str = "debug"
    rule_matching: Literal["first", "all"] = "first"
    append_output: list[AppendOutput] = field(default_factory=lambda: [AppendOutput(suggested_output=True)])
    static_fields: dict[str, str | int | float | bool] = {}
    json_output: bool = False
    json_include_output_property: bool = True
    json_include_message_property: bool = False
    json_include_output_fields_property: bool = True
    json_include_tags_property: bool = True
    time_format_iso_8601: bool = False
    buffer_format_base64: bool = False
    buffered_outputs: bool = False
    stdout_output: Switch = field(default_factory=Switch)
    file_output: FileOutputKeys = field(default_factory=FileOutputKeys)
    syslog_output: SyslogKeys = field(default_factory=SyslogKeys)
    program_output: ProgramKeys = field(default_factory=ProgramKeys)
    http_output: HttpKeys = field(default_factory=HttpKeys)
    outputs_queue: QueueKeys = field(default_factory=QueueKeys)
    output_timeout: Milliseconds = 2000
    log_stderr: bool = True
    log_syslog: bool = True
    log_level: str = "info"
    libs_logger: LibsLogger = field(default_factory=LibsLogger)
    base_syscalls: BaseSyscalls = field(default_factory=BaseSyscalls)
    falco_libs: Libs = field(default_factory=Libs)
    load_plugins: list[str] | None = None
    plugins: list[Plugin] = []
    plugins_hostinfo: bool = True
    syscall_event_timeouts: Timeouts = field(default_factory=Timeouts)
    syscall_event_drops: Drops = field(default_factory=Drops)
    metrics: Metrics = field(default_factory=Metrics)
    capture: Capture = field(default_factory=Capture)
    webserver: Webserver = field(default_factory=Webserver)
    repeated_alerts: RepeatedAlerts = field(default_factory=RepeatedAlerts)
    container_wait: str = "500ms"
    shedding: Shedding = field(default_factory=Shedding)
    kubernetes: Kubernetes = field(default_factory=Kubernetes)
    drop_privileges: bool = True


GONE: dict[str, str] = {
    "grpc": "the gRPC server was removed from Falco",
    "grpc_output": "the gRPC output was removed from Falco",
    "outputs": "the rate limit of outputs was removed from Falco",
}
"""Keys of older files, and what became of them."""
