"""The keys of falco.yaml, typed, with the peer's defaults.

Keys that only concern a live kernel or outputs that are not there yet are accepted and named once when they ask for
something (`LATER`), so that a file in use loads as it is.
"""

from typing import Any, Literal

from msgspec import Struct, field


class Replay(Struct, forbid_unknown_fields=True):
    """Where recorded events come from."""

    capture_file: str = ""


class EngineKeys(Struct, forbid_unknown_fields=True):
    """What delivers events. kmod and modern_ebpf are settings of the live kernel."""

    kind: Literal["kmod", "modern_ebpf", "replay", "nodriver"] = "modern_ebpf"
    replay: Replay = field(default_factory=Replay)
    kmod: Any = None
    modern_ebpf: Any = None


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


class Switch(Struct, forbid_unknown_fields=True):
    """An output that is on or off."""

    enabled: bool = True


class FileOutputKeys(Struct, forbid_unknown_fields=True):
    """Alerts appended to a file; kept open with keep_alive."""

    enabled: bool = False
    keep_alive: bool = False
    filename: str = "./events.txt"


class WatchKeys(Struct, kw_only=True, forbid_unknown_fields=True):
    """All keys of falco.yaml that concern rules, replay and output."""

    config_files: list[Any] = []
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
    log_stderr: bool = True
    log_level: str = "info"


LATER: dict[str, str] = {
    "syslog_output": "enabled",
    "program_output": "enabled",
    "http_output": "enabled",
    "metrics": "enabled",
    "capture": "enabled",
    "webserver": "",
    "watch_config_files": "",
    "load_plugins": "",
    "plugins": "",
    "plugins_hostinfo": "",
    "outputs_queue": "",
    "output_timeout": "",
    "log_syslog": "",
    "libs_logger": "",
    "syscall_event_timeouts": "",
    "syscall_event_drops": "",
    "base_syscalls": "",
    "falco_libs": "",
}
"""Keys of the peer that have no effect on a replay. The value names the switch below the key that asks for something a
replay would need; such a key is named in a warning when its switch is on."""

GONE: dict[str, str] = {
    "grpc": "the gRPC server was removed from Falco",
    "grpc_output": "the gRPC output was removed from Falco",
    "outputs": "the rate limit of outputs was removed from Falco",
}
"""Keys of older files, and what became of them."""
