"""What `vigie watch` opens to see what happens now: the kernel, Kubernetes audit events, container runtimes."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from vigie import log
from vigie.cli import watch as command
from vigie.errors import UsageError
from vigie.settings.watch import values

if TYPE_CHECKING:
    from vigie.runtime.containers.enricher import Enricher
    from vigie.runtime.daemon.loop import Daemon
    from vigie.runtime.daemon.source import Source
    from vigie.runtime.rules.load import Ruleset
    from vigie.runtime.sources.k8s_audit import AuditSettings, Opened
    from vigie.runtime.watch import Compiled, Watch
    from vigie.settings.watch.kernel import Plugin
    from vigie.settings.watch.keys import WatchKeys
    from vigie.settings.watch.options import WatchSettings

logger = logging.getLogger(__name__)

BUILT_IN = ("container", "json", "k8saudit")


class Sources(Struct):
    """What is open. kernel: the watch over system calls. None for what is not watched."""

    kernel: Watch | None = None
    audit: Opened | None = None
    containers: Enricher | None = None

    def look(self) -> None:
        """Says what is wrong, if anything is new."""
        if self.audit is not None:
            self.audit.look()

    def close(self) -> None:
        """Takes no more events."""
        if self.audit is not None:
            self.audit.close()
        if self.containers is not None:
            self.containers.stop()


def plugins(keys: WatchKeys) -> list[Plugin]:
    """The entries that are to be loaded; those that nobody knows here are told."""
    wanted = [one for one in keys.plugins if keys.load_plugins is None or one.name in keys.load_plugins]
    log.warn(f"plugins: {one.name} is not built in and is not loaded" for one in wanted if one.name not in BUILT_IN)
    return [one for one in wanted if one.name in BUILT_IN]


def audit_settings(keys: WatchKeys) -> AuditSettings | None:
    """Where Kubernetes audit events come from. Raises UsageError."""
    entry = next((one for one in plugins(keys) if one.name == "k8saudit" and one.open_params), None)
    if entry is None:
        return None
    from vigie.runtime.sources import k8s_audit

    return k8s_audit.settings(entry.open_params, entry.init_config)


def asks_runtimes(keys: WatchKeys) -> bool:
    """Whether container runtimes are asked: unless `load_plugins` names others alone."""
    return not keys.load_plugins or "container" in keys.load_plugins


def compiled(settings: WatchSettings, ruleset: Ruleset, source: str) -> list[Compiled]:
    """The rules of one source of events, told which of them ask for captures."""
    found: list[Compiled] = [one for one in ruleset.sets if one[1][0].source == source]
    if settings.keys.capture.enabled:
        for core, rules in found:
            for index, rule in enumerate(rules):
                if rule.capture:
                    core.capture(index, rule.capture_duration)
    return found


def open_all(daemon: Daemon, names: Sequence[str], settings: WatchSettings, ruleset: Ruleset) -> Sources:
    """Opens the sources of events that are wanted, by name. Raises SourceError, and UsageError when nothing is left."""
    keys = settings.keys
    audit = audit_settings(keys) if "k8s_audit" in names else None
    kernel = "syscall" in names and keys.engine.kind != "nodriver"
    if not kernel and audit is None:
        raise UsageError(
            "there is nothing to watch: no source of events is left",
            "Kubernetes audit events need an entry k8saudit in plugins, with open_params",
        )
    opened = Sources()
    try:
        if kernel:
            _open_kernel(daemon, settings, ruleset, opened)
        give_up_privileges(keys)  # before threads are started, which keep what they begin with
        if audit is not None:
            from vigie.runtime.sources import k8s_audit

            watch = command.engine(settings, compiled(settings, ruleset, "k8s_audit"))
            opened.audit = k8s_audit.open_source(watch.engine, audit)
            # What a receiver has said yes to is judged, also at the end.
            receives = audit.where.startswith(("http://", "https://"))
            daemon.add("k8s_audit", watch, drain=opened.audit.close if receives else None)
        if opened.containers is not None:
            opened.containers.start()
    except BaseException:
        opened.close()
        raise
    return opened


def give_up_privileges(keys: WatchKeys) -> None:
    """What is not needed once the kernel is open."""
    from vigie.runtime.daemon import privileges

    names = privileges.given_up(privileges.held())
    if keys.drop_privileges and names and privileges.drop():
        logger.debug("%d capabilities that are not needed were given up", len(names))


def _open_kernel(daemon: Daemon, settings: WatchSettings, ruleset: Ruleset, opened: Sources) -> None:
    from vigie.runtime.daemon import privileges
    from vigie.runtime.daemon.kernel import KernelOptions, open_kernel

    for line in privileges.missing(privileges.held()):
        logger.info("%s", line)
    keys = settings.keys
    host_root = os.environ.get("HOST_ROOT", "")
    asks = asks_runtimes(keys)
    wait = values.container_wait(keys) if asks else 0
    watch = command.engine(settings, compiled(settings, ruleset, "syscall"), wait=wait)
    captures(watch, keys)
    open_kernel(
        watch,
        KernelOptions(
            buffer_bytes=keys.engine.buffer_bytes,
            host_root=host_root,
            snaplen=keys.falco_libs.snaplen,
            everything=keys.base_syscalls.all,
            custom_syscalls=tuple(keys.base_syscalls.custom_set),
            repair=keys.base_syscalls.repair,
            iterators=not keys.engine.modern_ebpf.disable_iterators,
        ),
    )
    opened.kernel = watch
    between = []
    if asks:
        opened.containers = enricher(watch, keys, host_root)
        between.append(Meetings(watch, opened.containers))
    daemon.add("syscall", watch, kernel_counters=watch.engine.kernel_counters, between=between)


def replace(sources: Sequence[Source], settings: WatchSettings, ruleset: Ruleset) -> None:
    """Puts other rules and settings in the place of those that run."""
    for source in sources:
        wait = values.container_wait(settings.keys) if source.name == "syscall" and asks_runtimes(settings.keys) else 0
        source.watch.replace(compiled(settings, ruleset, source.name), **command.engine_settings(settings), wait=wait)
        if source.name == "syscall":
            captures(source.watch, settings.keys)


def captures(watch: Watch, keys: WatchKeys) -> None:
    """Switches captures around alerts on or off."""
    how = keys.capture
    watch.engine.capture(
        how.path_prefix if how.enabled else None,
        all_rules=how.mode == "all_rules",
        duration_ms=how.default_duration,
        max_bytes=how.max_file_size_mb * 1_000_000,
    )


def enricher(watch: Watch, keys: WatchKeys, host_root: str) -> Enricher:
    """What asks container runtimes and tells the engine. Raises UsageError."""
    from vigie.runtime.containers.enricher import Enricher
    from vigie.runtime.containers.settings import from_init_config

    entry = next((one for one in plugins(keys) if one.name == "container"), None)
    settings = from_init_config(entry.init_config if entry else None)
    if keys.kubernetes.labels:
        settings.kubernetes.enabled = True
    return Enricher(watch.engine, settings, host_root=host_root)


class Meetings:
    """Asks for the containers that the state of the host met since the last call."""

    def __init__(self, watch: Watch, enricher: Enricher) -> None:
        self._engine = watch.engine
        self._enricher = enricher

    def __call__(self) -> None:
        for id, cgroup, tid in self._engine.new_containers():
            self._enricher.ask(id, cgroup, tid)
