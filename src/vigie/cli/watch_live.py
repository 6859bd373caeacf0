"""`vigie watch` without a capture: what happens now, until somebody stops it."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import asdict

from vigie import log
from vigie.cli import watch as command
from vigie.cli import watch_sources
from vigie.errors import SourceError
from vigie.runtime.daemon import memory
from vigie.runtime.daemon.reload import unchangeable
from vigie.settings.watch import meaning, values

if TYPE_CHECKING:
    from vigie.alerts.router import Router
    from vigie.cli.watch_flags import WatchFlags
    from vigie.model.alert import Alert, InternalAlert
    from vigie.runtime.daemon.drops import Policy
    from vigie.runtime.daemon.fold import Fold
    from vigie.runtime.daemon.source import Source
    from vigie.runtime.daemon.web import Web
    from vigie.runtime.rules.items import CompiledRule
    from vigie.runtime.rules.load import Loaded, Ruleset
    from vigie.settings.watch.keys import WatchKeys
    from vigie.settings.watch.options import WatchSettings

BETWEEN_LOOKS = 1.0
"""Seconds between two looks at counters, files and outputs."""


BETWEEN_CLEANINGS = 60.0
"""Seconds after which memory that is free is given back to the system."""

SECONDS_TO_CLOSE = 5.0
"""For outputs to take what still waits for them."""

OUTPUT_KEYS = (
    *("stdout_output", "file_output", "syslog_output", "program_output", "http_output", "outputs_queue"),
    *("output_timeout", "buffered_outputs", "json_output", "time_format_iso_8601", "json_include_output_property"),
    *("json_include_message_property", "json_include_output_fields_property", "json_include_tags_property"),
)
"""Outputs are opened anew when one of these changes."""


class Prepared(NamedTuple):
    """Settings and rules that can be used. files: names of the rule files. Nothing else of them is kept: what rules are
    made of takes more memory than the watch."""

    settings: WatchSettings
    ruleset: Ruleset
    files: tuple[str, ...]
    warnings: list[str]


def prepared(settings: WatchSettings, loaded: Loaded) -> Prepared:
    """Raises RuleError when a rule file has errors."""
    warnings = [*settings.warnings, *command.warned(loaded)]
    return Prepared(settings, loaded.ruleset, tuple(file.name for file in loaded.files), warnings)


def live(flags: WatchFlags, begin: Prepared) -> int:
    """Watches until stopped. Raises SourceError when a source of events cannot be opened or fails."""
    early: set[int] = set()
    for number in (signal.SIGHUP, signal.SIGUSR1):
        # Whoever sends one before the watch hears it must not end it, and has it done then.
        signal.signal(number, lambda number, _: early.add(number))
    running = Live(flags, begin)
    running.daemon.soon(lambda: running.heard(early))
    with command.pid_file(flags.last("pidfile")), running:
        running.run(seconds=flags.seconds("duration"))
    if running.keys.log_stderr:
        lines = [] if running.keys.json_output else [*command.statistics(running.counted)]
        sys.stderr.writelines(f"{line}\n" for line in (*lines, *running.drops.report()))
    return 0


class Live:
    """A watch and all that goes on around it. As a context it is open."""

    def __init__(self, flags: WatchFlags, begin: Prepared) -> None:
        from vigie.runtime.daemon.changes import Changes
        from vigie.runtime.daemon.drops import Drops
        from vigie.runtime.daemon.figures import Figures
        from vigie.runtime.daemon.loop import Daemon
        from vigie.runtime.daemon.reload import Reload
        from vigie.runtime.daemon.silence import Silence
        from vigie.runtime.daemon.snapshot import Snapshots

        self.flags, self.prepared = flags, begin
        keys = begin.settings.keys
        self.counted: Counter[tuple[str, str]] = Counter()
        self.router: Router
        self.fold = fold(keys)
        self.figures = Figures()
        self.daemon = Daemon(self._send, self._tell)
        self.daemon.filters.append(self._counted_and_folded)
        self.sources = watch_sources.Sources()
        self.web: Web | None = None
        self.drops = Drops(policy(keys), rules=self._kernel_rules, tell=self._tell, stop=self.daemon.stop)
        self.silence = Silence(keys.syscall_event_timeouts.max_consecutives, self._tell)
        self.snapshots = Snapshots(self.figures, keys.metrics, self._tell)
        self.reload = Reload(self._prepare, self._apply, self._tell)
        self.changes = Changes(self._paths())
        self._checked = 0.0
        """The time of the last sample of the kernel's counters that was looked at."""
        self._open = ExitStack()

    @property
    def keys(self) -> WatchKeys:
        """Of the settings in force."""
        return self.prepared.settings.keys

    def __enter__(self) -> Live:
        with ExitStack() as opened:
            opened.enter_context(logged(self.keys, verbose=self.flags.on("verbose")))
            log.warn(meaning.unheeded(self.keys))
            names = command.watched(self.flags)
            self.sources = watch_sources.open_all(self.daemon, names, self.prepared.settings, self.prepared.ruleset)
            self.router = self._router(self.keys)  # after privileges were given up: it has threads
            opened.callback(lambda: self.router.close(SECONDS_TO_CLOSE))
            opened.callback(self.sources.close)
            kernel = self._kernel()
            if kernel is not None:
                opened.enter_context(command.recorded(kernel.watch, self.flags.last("record"), None))
            self._serve()
            opened.callback(self._stop_serving)
            self._in_force()
            self._open = opened.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        left = self.fold.all() if self.fold is not None else []
        if left:
            self.router.send(left)
        self._open.close()

    def run(self, *, seconds: float) -> None:
        """Watches until stopped, at most so many seconds unless 0."""
        daemon = self.daemon
        daemon.every(BETWEEN_LOOKS, self._look)
        daemon.every(BETWEEN_CLEANINGS, memory.give_back)
        self._snapshot = daemon.every(values.interval(self.keys.metrics.interval), self.snapshots.take)
        daemon.on_signal(signal.SIGHUP, self._load_anew)
        daemon.on_signal(signal.SIGUSR1, self._reopen)
        memory.settle()
        daemon.run(seconds=seconds)
        self._look_at_kernel()  # what came at the very end

    def heard(self, signals: Collection[int]) -> None:
        """Does what these signals ask for."""
        if signal.SIGUSR1 in signals:
            self._reopen()
        if signal.SIGHUP in signals:
            self._load_anew()

    def _reopen(self) -> None:
        self.router.reopen()  # of that time

    # Alerts, from the threads of sources

    def _send(self, alerts: Sequence[Alert]) -> None:
        self.router.send(alerts)

    def _tell(self, alert: InternalAlert) -> None:
        self.router.send_internal(alert)

    def _counted_and_folded(self, alerts: Sequence[Alert]) -> Sequence[Alert]:
        self.counted.update((alert.priority.name, alert.rule) for alert in alerts)
        self.figures.count(alerts)
        return self.fold(alerts) if self.fold is not None else alerts

    # What is done about once a second

    def _look(self) -> None:
        self.router.look()
        self.sources.look()
        self._look_at_kernel()
        if self.fold is not None:
            self.daemon.deliver([])  # windows that are over
        if self.keys.watch_config_files and self.changes.happened():
            self._load_anew()

    def _look_at_kernel(self) -> None:
        kernel = self._kernel()
        if kernel is None:
            return
        sample = kernel.sample
        if sample.kernel and sample.time != self._checked:
            self._checked = sample.time
            self.drops.check(sample.kernel, sample.time)
        self.silence.check(sample)
        if self.keys.capture.enabled:
            self._tell_of_captures(kernel)

    def _tell_of_captures(self, kernel: Source) -> None:
        from vigie.runtime.daemon import internal

        for what, path, *_, written, left_out, why in kernel.watch.engine.capture_news():
            if what == "limited":
                self._tell(internal.capture(self.keys.capture.max_file_size_mb, written))
            if what == "failed":
                log.warn([f"the capture {path} could not be written: {why}"])
            elif left_out:
                log.warn([f"the capture {path} lacks {left_out} events that are too long for it"])

    def _kernel(self) -> Source | None:
        return next((one for one in self.daemon.sources if one.name == "syscall"), None)

    def _kernel_rules(self) -> list[CompiledRule]:
        kernel = self._kernel()
        return [rule for rules in kernel.watch.rules for rule in rules] if kernel is not None else []

    # Settings and rules

    def _paths(self) -> list[str]:
        """Files and folders that settings and rules come from, our own rules aside."""
        settings = self.prepared.settings
        further = [entry.get("path") if isinstance(entry, dict) else entry for entry in settings.keys.config_files]
        rules = self.flags.all("rules") or settings.keys.rules_files
        return [path for path in [settings.path, *further, *rules] if isinstance(path, str) and path]

    def _load_anew(self) -> None:
        self.changes.watch(self._paths())  # what changes while it is read is seen next time
        self.reload()

    def _prepare(self) -> Prepared:
        from vigie.runtime import setup
        from vigie.runtime.rules import load, sources

        settings = command.read_settings(self.flags)
        rules = setup.rule_settings(settings, command.watched(self.flags))
        words, given = self.flags.words("library"), self.flags.all("rules")
        files = setup.rule_files(given, words, settings.keys, otherwise=sources.FIRST_LOOK)
        return prepared(settings, load.load(files, settings=rules))

    def _apply(self, new: Prepared) -> None:
        before, keys = self.keys, new.settings.keys
        router = self._router(keys) if any(getattr(before, key) != getattr(keys, key) for key in OUTPUT_KEYS) else None
        watch_sources.replace(self.daemon.sources, new.settings, new.ruleset)
        self.prepared = new
        log.warn(new.warnings)
        log.warn(f"{key} has changed: it takes effect with the next start" for key in unchangeable(before, keys))
        if router is not None:
            old, self.router = self.router, router
            threading.Thread(target=old.close, args=(SECONDS_TO_CLOSE,), name="vigie-outputs").start()
        if before.repeated_alerts != keys.repeated_alerts:
            self.daemon.exclusively(self._fold_anew)
        self.drops.change(policy(keys))
        self.silence.most = keys.syscall_event_timeouts.max_consecutives
        self.snapshots.keys = keys.metrics
        self._snapshot.change(values.interval(keys.metrics.interval))
        self.figures.reload = time.time_ns()
        self.changes.watch(self._paths())
        self._in_force()
        memory.settle()

    def _fold_anew(self) -> None:
        if self.fold is not None:
            self.router.send(self.fold.all())
        self.fold = fold(self.keys)

    def _in_force(self) -> None:
        """Notes which rules and files are in force now, and which event types may be given up."""
        from vigie.runtime.daemon import facts, ignored, shedding

        settings, ruleset, files, _ = self.prepared
        self.figures.sources = self.daemon.sources
        self.figures.outputs = lambda: {name: asdict(counts) for name, counts in self.router.counts().items()}
        self.figures.folded = lambda: self.fold.folded if self.fold is not None else 0
        if self.sources.containers is not None:
            self.figures.containers = self.sources.containers.counters
        self.figures.run([rule for _, rules in ruleset.sets for rule in rules])
        if settings.keys.metrics.enabled:
            self.figures.rule_files = facts.digests(files)
            self.figures.config_files = facts.digests([settings.path] if settings.path else [])
        if self.sources.kernel is not None:
            base = self.keys.base_syscalls
            log.warn(ignored.told(self._kernel_rules(), everything=base.all, custom=base.custom_set))
            shed = shedding.levels(self._kernel_rules()) if self.keys.shedding.enabled else []
            self.sources.kernel.engine.shed(shed)

    # Outputs and the web

    def _router(self, keys: WatchKeys) -> Router:
        from vigie.alerts import setup

        return setup.router(keys, live=True, unbuffered=self.flags.on("unbuffered"))

    def _serve(self) -> None:
        """Opens the web endpoints. An address that somebody chose and that is taken is an error; the usual one is not:
        another watch may run beside this one."""
        how = self.keys.webserver
        if not how.enabled:
            return
        from vigie.runtime.daemon.pages import pages
        from vigie.runtime.daemon.web import Web

        try:
            self.web = Web(
                how.address,
                how.port,
                pages(self.keys, self.figures),
                certificate=how.ssl_certificate if how.ssl_enabled else "",
                connections=how.threadiness,
            )
        except SourceError as error:
            if how.given or how.ssl_enabled:
                raise
            log.warn([f"{error.message}; there are no web endpoints"])
            return
        self.web.start()

    def _stop_serving(self) -> None:
        if self.web is not None:
            self.web.stop()


def policy(keys: WatchKeys) -> Policy:
    """What happens when events are dropped."""
    from vigie.runtime.daemon.drops import Policy

    drops = keys.syscall_event_drops
    return Policy(
        threshold=drops.threshold,
        actions=frozenset(drops.actions) - {"ignore"},
        rate=drops.rate,
        burst=drops.max_burst,
        simulate=drops.simulate_drops,
    )


def fold(keys: WatchKeys) -> Fold | None:
    """What folds repeated alerts, None to tell all of them."""
    window = values.window(keys)
    if not window:
        return None
    from vigie.runtime.daemon.fold import Fold

    return Fold(window, keys.repeated_alerts.most)


@contextmanager
def logged(keys: WatchKeys, *, verbose: bool) -> Iterator[None]:
    """Log lines go where the settings say meanwhile."""
    import logging

    logger = logging.getLogger("vigie")
    before = list(logger.handlers)
    if not keys.log_stderr:
        logger.handlers = []
    if keys.log_syslog:
        from vigie.alerts.system_log import SystemLog

        logger.addHandler(SystemLog())
    if not verbose:
        logger.setLevel(values.level(keys.log_level))
    try:
        yield
    finally:
        for handler in logger.handlers:
            if handler not in before:
                handler.close()
        logger.handlers = before
