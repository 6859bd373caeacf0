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

BUILT_IN = {
    "container": "container and k8s fields of system calls; containers are known by their cgroup",
    "k8saudit": "Kubernetes audit events, source k8s_audit, and the ka fields",
    "json": "any part of Kubernetes audit events: the json and jevt fields",
}
"""What the peer has as plugins and Vigie has inside (`collect.PLUGINS`), and what it does."""


def _json(document: Any) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")


def fields(form: str, source: str, *, names: bool) -> None:
    """The table of fields. Raises UsageError for a source nobody knows."""
    from vigie.runtime import listing
    from vigie.runtime.rules.settings import SOURCES

    if source and source not in SOURCES:
        raise UsageError(f"--list={source}: there is no such source of events", f"known are {', '.join(SOURCES)}")
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
    from vigie.runtime.rules.collect import PLUGINS

    sys.stdout.write(f"Name: {name}\nDescription: {BUILT_IN[name]}\nVersion: {PLUGINS[name]}\n\n")


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
    from vigie.runtime.rules.collect import ENGINE

    if as_json:
        _json({"vigie_version": __version__, "engine_version_semver": str(ENGINE)})
        return
    sys.stdout.write(f"Vigie version: {__version__}\nEngine version: {ENGINE}\n")


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
