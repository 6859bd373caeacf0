"""The settings of one run of `vigie watch`: documents made into typed values, with warnings for what has no effect."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from vigie.errors import UsageError
from vigie.model.alert import Priority
from vigie.settings import files
from vigie.settings.resolve import nearest, shown
from vigie.settings.watch import document as documents
from vigie.settings.watch import kernel, own, reports, values, web
from vigie.settings.watch.keys import GONE, WatchKeys
from vigie.settings.watch.outputs import NESTED as OUTPUTS

PEER_FILE = "/etc/falco/falco.yaml"
"""Read when nothing else is there, so that a host set up for Falco needs no flags."""

OWN_NAMES = {
    "rules": "rules_files",
    "select": "rules",
    "replay": "engine.replay.capture_file",
    "priority": "priority",
    "matching": "rule_matching",
    "append": "append_output",
    "static": "static_fields",
    "json": "json_output",
    "iso-time": "time_format_iso_8601",
    "base64": "buffer_format_base64",
    "stdout": "stdout_output.enabled",
    "file": "file_output.filename",
    "syslog": "syslog_output.enabled",
    "program": "program_output.program",
    "http": "http_output.url",
    "engine": "engine",
    "plugins": "plugins",
    "web": "webserver",
    "metrics": "metrics",
    "drops": "syscall_event_drops",
    "capture": "capture",
    "repeated-alerts": "repeated_alerts",
    "container-wait": "container_wait",
    "shedding": "shedding",
    "kubernetes": "kubernetes",
    "drop-privileges": "drop_privileges",
}
"""Keys of the section `watch` of vigie.yaml, and the peer's keys they stand for."""


NESTED: dict[str, type[msgspec.Struct]] = {
    "engine": kernel.EngineKeys,
    "engine.replay": kernel.Replay,
    "engine.kmod": kernel.Kmod,
    "engine.modern_ebpf": kernel.ModernEbpf,
    "base_syscalls": kernel.BaseSyscalls,
    "falco_libs": kernel.Libs,
    "libs_logger": reports.LibsLogger,
    "syscall_event_timeouts": reports.Timeouts,
    "syscall_event_drops": reports.Drops,
    "metrics": reports.Metrics,
    "capture": reports.Capture,
    "webserver": web.Webserver,
    "repeated_alerts": own.RepeatedAlerts,
    "shedding": own.Shedding,
    "kubernetes": own.Kubernetes,
    **OUTPUTS,
}
"""Mappings in which unknown keys are passed over, like those at the top: other versions of the peer know others."""


class WatchSettings(NamedTuple):
    """keys: as resolved. path: the file read, "" for none. priority: rules below it do not run."""

    keys: WatchKeys
    path: str
    priority: Priority
    warnings: list[str]


def load(given: str, assignments: Sequence[str], environment: Mapping[str, str]) -> WatchSettings:
    """Reads the settings: the file given (falco.yaml, or a vigie.yaml with a section `watch`), else ./vigie.yaml if it
    has that section, else the peer's file if there is one; then `-o`. Raises UsageError."""
    path, document = _document(given, environment)
    documents.override(document, assignments)
    warnings = _set_aside(document, path)
    _without_nothing(document)
    for key in ("rules_files", "rules_file"):
        if isinstance(document.get(key), str):
            document[key] = [document[key]]
    try:
        # As the peer's reader: a quoted "true" is a truth value where one is expected.
        keys = msgspec.convert(document, WatchKeys, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError(f"{path or '-o'}: {_plain(str(error))}") from error
    if keys.rules_file:
        warnings.append("rules_file is deprecated, use rules_files")
        keys.rules_files = [*keys.rules_file, *keys.rules_files]
    try:
        least = priority(keys.priority)
        values.check(keys)
    except UsageError as error:
        raise UsageError(f"{path or '-o'}: {error.message}", error.hint) from error
    return WatchSettings(keys, path, least, warnings)


def _document(given: str, environment: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    if given:
        if not Path(given).is_file():
            raise UsageError(f"the settings file {shown(given)} does not exist", "see -c")
        own = files.read(given)
        if isinstance(own.get("watch"), dict):
            return given, _from_own(own["watch"], given, environment)
        return given, documents.read(given, environment)
    path = files.find("")
    if path == "vigie.yaml":
        section = files.look_up(files.read(path), "watch")
        if section is not None:
            return path, _from_own(section, path, environment)
    if os.access(PEER_FILE, os.R_OK):
        return PEER_FILE, documents.read(PEER_FILE, environment)
    return "", {}


def _from_own(section: Any, path: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """The section `watch` of vigie.yaml in the peer's names."""
    if not isinstance(section, dict):
        raise UsageError(f"{path}: watch must be a mapping of names to values")
    document: dict[str, Any] = {}
    for given, value in documents.expanded(section, environment).items():
        name = given.replace("_", "-") if isinstance(given, str) else given
        if name not in OWN_NAMES:
            raise UsageError(f"{path}: watch has no key {shown(str(name))}", nearest(str(name), OWN_NAMES))
        *above, last = OWN_NAMES[name].split(".")
        place = document
        for step in above:
            place = place.setdefault(step, {})
        before = place.get(last)
        if isinstance(before, dict) and isinstance(value, dict):
            before.update(value)
        else:
            place[last] = [value] if name == "rules" and isinstance(value, str) else value
    if "replay" in section:
        document["engine"]["kind"] = "replay"
    for name in ("file", "program", "http"):
        if name in section:
            document[f"{name}_output"]["enabled"] = True
    return document


def _set_aside(document: dict[str, Any], path: str) -> list[str]:
    """Takes out the keys without effect, and those nobody knows, and says which they are."""
    warnings = []
    where = f"{path}: " if path else ""
    for key in [key for key in document if key not in WatchKeys.__struct_fields__]:
        document.pop(key)
        if key in GONE:
            warnings.append(f"{where}{key} is ignored: {GONE[key]}")
        else:
            warnings.append(f"{where}{_unknown(str(key), WatchKeys)}")
    for above, struct in NESTED.items():
        inner = files.look_up(document, above)
        for key in (
            [key for key in inner or () if key not in struct.__struct_fields__] if isinstance(inner, dict) else ()
        ):
            inner.pop(key)
            warnings.append(f"{where}{_unknown(str(key), struct, above)}")
    return warnings


def _unknown(key: str, struct: type[msgspec.Struct], above: str = "") -> str:
    near = nearest(key, struct.__struct_fields__)
    name = shown(f"{above}.{key}" if above else key)
    return f"the key {name} is unknown and ignored{f' ({near})' if near else ''}"


def _without_nothing(document: dict[str, Any]) -> None:
    """Takes out keys without a value: they stand for their defaults."""
    for key, value in list(document.items()):
        if value is None:
            del document[key]
        elif isinstance(value, dict):
            _without_nothing(value)


def _plain(message: str) -> str:
    """msgspec's message with the place first: `json_output: expected bool, got str`."""
    what, at, place = message.partition(" - at `$")
    return f"{place.rstrip('`').lstrip('.')}: {what[0].lower()}{what[1:]}" if at else message


def priority(text: str) -> Priority:
    """The priority of a name, in any case; `info` is short for informational. Raises UsageError."""
    name = {"info": "Informational"}.get(text.lower(), text.capitalize())
    if name not in Priority.__members__:
        known = ", ".join(Priority.__members__).lower()
        raise UsageError(f"priority: {shown(text)} is not one of {known}")
    return Priority[name]
