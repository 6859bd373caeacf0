"""`vigie watch` without a capture: the kernel and Kubernetes audit events, until somebody stops it."""

from __future__ import annotations

import gc
import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from vigie.cli import watch as command
from vigie.errors import UsageError

if TYPE_CHECKING:
    from vigie.alerts.router import Router
    from vigie.cli.watch_flags import WatchFlags
    from vigie.model.alert import Alert
    from vigie.runtime.daemon.loop import Daemon
    from vigie.runtime.rules.load import Loaded
    from vigie.settings.watch.options import WatchSettings


def live(flags: WatchFlags, settings: WatchSettings, loaded: Loaded) -> int:
    """Runs sources of events until stopped. Raises SourceError when one cannot be opened or fails."""
    from vigie.alerts import setup
    from vigie.runtime.daemon.loop import Daemon

    keys = settings.keys
    sources = [name for name in command.watched(flags) if name == "syscall" and keys.engine.kind != "nodriver"]
    if not sources:
        raise UsageError("there is nothing to watch: no source of events is left")
    counted: Counter[tuple[str, str]] = Counter()
    router = setup.router(keys, live=True, unbuffered=flags.on("unbuffered"))
    with router, command.pid_file(flags.last("pidfile")):
        daemon = Daemon(counting(router, counted), router.send_internal)
        add_kernel(daemon, settings, loaded)
        gc.freeze()  # rules stay
        daemon.run(seconds=flags.seconds("duration"))
    if keys.log_stderr and not keys.json_output:
        sys.stderr.write("\n".join(command.statistics(counted)) + "\n")
    return 0


def counting(router: Router, counted: Counter[tuple[str, str]]) -> Callable[[Sequence[Alert]], None]:
    """Sends alerts to the router and counts those of rules."""

    def send(alerts: Sequence[Alert]) -> None:
        router.send(alerts)
        counted.update((alert.priority.name, alert.rule) for alert in alerts)

    return send


def add_kernel(daemon: Daemon, settings: WatchSettings, loaded: Loaded) -> None:
    """Opens the kernel. Raises SourceError."""
    from vigie.runtime.daemon.kernel import KernelOptions, open_kernel

    sets = [one for one in loaded.ruleset.sets if one[1][0].source == "syscall"]
    watch = command.engine(settings, sets)
    engine = open_kernel(watch, KernelOptions(host_root=os.environ.get("HOST_ROOT", "")))
    daemon.add("syscall", watch, kernel_counters=engine.kernel_counters)
