"""What `vigie watch` tells of itself and of rule files, and then stops."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from vigie import __version__
from vigie.errors import UsageError

if TYPE_CHECKING:
    from vigie.runtime.rules.document import Source
    from vigie.runtime.rules.load import Loaded
    from vigie.settings.watch.options import WatchSettings

ENGINE_VERSION = "0.63.0"
"""Of the rule language: rule files ask for it."""

BUILT_IN = {
    "container": ("0.7.1", "container and k8s fields of system calls; containers are known by their cgroup"),
    "k8saudit": ("0.16.0", "Kubernetes audit events, source k8s_audit, and the ka fields"),
    "json": ("0.7.3", "any part of Kubernetes audit events: the json and jevt fields"),
}
"""What the peer has as plugins and Vigie has inside: the version whose fields it answers, and what it does."""


def _json(document: Any) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")


def fields(form: str, source: str, *, names: bool) -> None:
    """The table of fields. Raises UsageError for a source nobody knows."""
    from vigie.runtime import listing

    if source and source not in listing.SOURCES:
        raise UsageError(
            f"--list={source}: there is no such source of events", f"known are {', '.join(listing.SOURCES)}"
        )
    sys.stdout.write(listing.field_names(source) if names else listing.field_table(form, source))


def events(form: str) -> None:
    """The table of event types."""
    from vigie.runtime import listing

    sys.stdout.write(listing.event_table(form))


def ignored_events() -> None:
    """System calls that arrive as a name alone."""
    from vigie.runtime import listing

    sys.stdout.write(f"Ignored Event(s):{listing.generic_calls()}\n")


def plugins() -> None:
    """What is built in, in the form of the peer's list of plugins."""
    sys.stdout.write(f"{len(BUILT_IN)} plugins are built in:\n\n")
    for name in BUILT_IN:
        plugin(name)


def plugin(name: str) -> None:
    """One of them. Raises UsageError."""
    if name not in BUILT_IN:
        raise UsageError(f"nothing called {name} is built in", f"known are {', '.join(BUILT_IN)}")
    version_, what = BUILT_IN[name]
    sys.stdout.write(f"Name: {name}\nDescription: {what}\nVersion: {version_}\n\n")


def config_schema() -> None:
    """The JSON schema of the settings."""
    import msgspec

    from vigie.settings.watch.keys import WatchKeys

    _json(msgspec.json.schema(WatchKeys))


def rule_schema() -> None:
    """The JSON schema of rule files."""
    from vigie.runtime.rules.schema import schema

    _json(schema())


def version(*, as_json: bool) -> None:
    """The versions that matter to rules."""
    if as_json:
        _json({"vigie_version": __version__, "engine_version_semver": ENGINE_VERSION})
        return
    sys.stdout.write(f"Vigie version: {__version__}\nEngine version: {ENGINE_VERSION}\n")


def support(settings: WatchSettings, files: Sequence[Source]) -> None:
    """Everything that a question about a run needs, as JSON."""
    import msgspec

    system = platform.uname()
    _json(
        {
            "version": __version__,
            "system_info": {
                "sysname": system.system,
                "nodename": system.node,
                "release": system.release,
                "version": system.version,
                "machine": system.machine,
            },
            "cmdline": " ".join(["vigie", *sys.argv[1:]]),
            "config": msgspec.to_builtins(settings.keys),
            "rules_files": [{"name": file.name, "content": file.data.decode(errors="replace")} for file in files],
        }
    )


def results(loaded: Loaded, *, as_json: bool) -> None:
    """What is wrong with rule files."""
    from vigie.runtime.rules import report

    if as_json:
        _json(report.document(loaded))
    else:
        sys.stdout.write(report.text(loaded))


def description(loaded: Loaded, rule: str, *, as_json: bool) -> None:
    """What rules are made of. Raises RuleError when they cannot be used, UsageError when there is no such rule."""
    from vigie.runtime.rules import describe

    assert loaded.ruleset
    if as_json:
        _json(describe.document(loaded, rule))
    else:
        sys.stdout.write(describe.table(loaded, rule))
