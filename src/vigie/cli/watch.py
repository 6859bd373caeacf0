"""`vigie watch`: events against rules, and alerts to outputs. Flags and settings are Falco's."""

from __future__ import annotations

import gc
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from vigie import log
from vigie.cli.options import help_text
from vigie.cli.watch_flags import COMMAND, SETTINGS, WatchFlags
from vigie.errors import CaptureError, UsageError

if TYPE_CHECKING:
    from vigie.runtime.rules import load
    from vigie.runtime.watch import Compiled, Watch
    from vigie.settings.watch import options

INVALID = 1
"""The exit status of `-V` when a file cannot be used, as with the peer."""


class EngineSettings(TypedDict):
    """Arguments of an engine."""

    first: bool
    static_fields: dict[str, str]
    buffer_base64: bool


def run(arguments: list[str]) -> int:
    """Runs the command and returns its exit status."""
    flags = WatchFlags(arguments)
    if flags.help:
        sys.stdout.write(help_text(COMMAND, SETTINGS))
        return 0
    log.setup(debug=flags.on("verbose"))
    log.warn(flags.parsed.warnings)
    if told(flags):
        return 0
    return with_settings(flags)


def told(flags: WatchFlags) -> bool:
    """Prints what can be told without settings and rules. False when nothing of that kind was asked for."""
    from vigie.cli import watch_about as about

    form = "markdown" if flags.on("markdown") else flags.last("format", "text")
    if form not in ("text", "markdown", "json"):
        raise UsageError(f"--format {form}: must be text, markdown or json")
    if flags.all("list"):
        source = flags.last("list")
        about.fields(form, "" if source == "true" else source, names=flags.on("names-only"))
    elif flags.on("list-events"):
        about.events(form)
    elif flags.on("list-plugins"):
        about.plugins()
    elif flags.all("plugin-info"):
        about.plugin(flags.last("plugin-info"))
    elif flags.on("ignored-events"):
        about.ignored_events()
    elif flags.on("page-size"):
        sys.stdout.write(f"{os.sysconf('SC_PAGE_SIZE')}\n")
    elif flags.on("config-schema"):
        about.config_schema()
    elif flags.on("rule-schema"):
        about.rule_schema()
    else:
        return False
    return True


def with_settings(flags: WatchFlags) -> int:
    """What needs settings: checking and describing rules, the version as JSON, the watch itself."""
    from vigie.cli import watch_about as about
    from vigie.runtime import setup
    from vigie.runtime.rules import load, report, sources

    settings = read_settings(flags)
    log.warn(settings.warnings)
    keys = settings.keys
    if flags.on("version"):
        about.version(as_json=keys.json_output)
        return 0
    rules = setup.rule_settings(settings, watched(flags), schema=bool(flags.all("validate")))
    if flags.all("validate"):
        loaded = load.load(list(sources.find(flags.all("validate"))), settings=rules)
        about.results(loaded, as_json=keys.json_output)
        return 0 if all(result.successful for result in loaded.results) else INVALID
    replays = bool(flags.last("replay")) or keys.engine.kind == "replay"
    otherwise = ("stable",) if replays else sources.FIRST_LOOK
    files = setup.rule_files(flags.all("rules"), flags.words("library"), keys, otherwise=otherwise)
    if flags.on("support"):
        about.support(settings, files)
        return 0
    loaded = load.load(files, settings=rules)
    if flags.on("describe-rules") or flags.all("describe-rule"):
        about.description(loaded, flags.last("describe-rule"), as_json=keys.json_output)
        return 0
    ruleset = loaded.ruleset
    log.warn(warned(loaded))
    if flags.on("verbose"):
        sys.stderr.write(report.text(loaded))
    if flags.on("dry-run"):
        return 0
    capture = capture_of(flags, settings)
    if capture is not None:
        return watch(flags, settings, ruleset, capture)
    from vigie.cli.watch_live import live, prepared

    begin = prepared(settings, loaded)
    del loaded, ruleset, files, rules  # only what runs is kept in memory
    return live(flags, begin)


def read_settings(flags: WatchFlags) -> options.WatchSettings:
    """The settings as files, `-o` and `-p` give them. Raises UsageError."""
    from vigie.settings.watch import options

    settings = options.load(flags.last("config"), flags.all("option"), os.environ)
    printed(flags, settings)
    return settings


def warned(loaded: load.Loaded) -> list[str]:
    """A line for each file with warnings that is not our own."""
    from vigie.runtime.rules import sources

    return [
        f"{result.name}: {len(result.warnings)} warning{'' if len(result.warnings) == 1 else 's'}, see vigie watch -V"
        for result in loaded.results
        if result.warnings and not result.name.startswith(str(sources.LIBRARY))
    ]


def printed(flags: WatchFlags, settings: options.WatchSettings) -> None:
    """`-p TEXT` is one more entry of `append_output`; the short forms of containers have no effect any more."""
    from vigie.settings.watch.keys import AppendOutput

    for text in flags.all("print"):
        settings.warnings.append("-p is deprecated, use append_output")
        if text not in ("c", "container", "k", "kubernetes"):
            settings.keys.append_output.append(AppendOutput(extra_output=text))


def watched(flags: WatchFlags) -> list[str]:
    """The sources of events to watch. Raises UsageError."""
    from vigie.runtime.rules.settings import SOURCES

    wanted, unwanted = flags.all("enable-source"), flags.all("disable-source")
    for name in [*wanted, *unwanted]:
        if name not in SOURCES:
            raise UsageError(f"there is no source of events {name}", f"known are {', '.join(SOURCES)}")
    if wanted and unwanted:
        raise UsageError("--enable-source and --disable-source exclude each other")
    left = [name for name in SOURCES if (name in wanted or not wanted) and name not in unwanted]
    if not left:
        raise UsageError("all sources of events are disabled")
    return left


def capture_of(flags: WatchFlags, settings: options.WatchSettings) -> Path | None:
    """The capture to replay, None to watch what happens now. Raises UsageError."""
    engine = settings.keys.engine
    path = flags.last("replay") or (engine.replay.capture_file if engine.kind == "replay" else "")
    if path:
        return Path(path)
    if engine.kind == "replay":
        raise UsageError(
            "engine.kind is replay, and no capture is named", "see --replay, or engine.replay.capture_file"
        )
    return None


def watch(flags: WatchFlags, settings: options.WatchSettings, ruleset: load.Ruleset, capture: Path) -> int:
    """Runs the rules over the capture and sends alerts as they come. A damaged capture is told after its alerts."""
    from vigie.alerts import setup

    router = setup.router(settings.keys, live=False, unbuffered=flags.on("unbuffered"))
    runner = engine(settings, ruleset.sets)
    counted: Counter[tuple[str, str]] = Counter()
    gc.freeze()  # rules stay; alerts make no cycles
    with router, recorded(runner, flags.last("record"), capture), pid_file(flags.last("pidfile")):
        for alerts in runner.replay(capture, seconds=flags.seconds("duration")):
            router.send(alerts)
            counted.update((alert.priority.name, alert.rule) for alert in alerts)
    if not settings.keys.json_output and settings.keys.log_stderr:
        sys.stderr.write("\n".join(statistics(counted)) + "\n")
    return 0


def engine(settings: options.WatchSettings, sets: Sequence[Compiled], *, wait: float = 0) -> Watch:
    """An engine with these rules, without a source of events yet. wait: seconds that an alert waits for what is said
    of its container."""
    from vigie.runtime.watch import Watch

    return Watch(sets, **engine_settings(settings), wait=wait)


def engine_settings(settings: options.WatchSettings) -> EngineSettings:
    """What an engine needs to know of the settings."""
    keys = settings.keys
    return {
        "first": keys.rule_matching == "first",
        "static_fields": {name: scalar(value) for name, value in keys.static_fields.items()},
        "buffer_base64": keys.buffer_format_base64,
    }


def scalar(value: str | float) -> str:
    """A static field's value as text; truth values as YAML writes them."""
    return str(value).lower() if isinstance(value, bool) else str(value)


@contextmanager
def recorded(runner: Watch, path: str, capture: Path | None) -> Iterator[None]:
    """Writes the events to a capture meanwhile, unless the path is empty. Raises UsageError, and CaptureError when what
    was written is not whole."""
    if not path:
        yield
        return
    from vigie.runtime.watch import reason

    try:
        if capture is not None and os.path.exists(path) and os.path.samefile(path, capture):  # noqa: PTH110, PTH121 - the path as it was given
            raise UsageError("--record and --replay name the same file")
        runner.engine.record(path)
    except OSError as error:
        raise UsageError(f"--record {path}: the file cannot be written: {reason(error)}") from error
    try:
        yield
    finally:
        try:
            runner.engine.stop_recording()
        except OSError as error:
            raise CaptureError(f"the capture {path} is not whole: {reason(error)}") from error


@contextmanager
def pid_file(path: str) -> Iterator[None]:
    """The process id in a file meanwhile, unless the path is empty. Raises UsageError."""
    if not path:
        yield
        return
    try:
        Path(path).write_text(f"{os.getpid()}\n")
    except OSError as error:
        raise UsageError(f"--pidfile {path}: cannot be written: {error.strerror}") from error
    try:
        yield
    finally:
        Path(path).unlink(missing_ok=True)


def statistics(counted: Counter[tuple[str, str]]) -> Iterator[str]:
    """What the peer prints at its end."""
    by_priority: Counter[str] = Counter()
    by_rule: Counter[str] = Counter()
    for (priority, rule), count in counted.items():
        by_priority[priority] += count
        by_rule[rule] += count
    yield f"Events detected: {sum(by_rule.values())}"
    yield "Rule counts by severity:"
    yield from (f"   {name.upper()}: {count}" for name, count in sorted(by_priority.items()))
    yield "Triggered rules by rule name:"
    yield from (f"   {name}: {count}" for name, count in sorted(by_rule.items()))
