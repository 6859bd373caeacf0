"""What the settings of a run mean for its alerts: which outputs, how they wait, how lines are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from vigie.alerts.line import LineFormat
from vigie.alerts.output import Output
from vigie.alerts.router import Router
from vigie.errors import UsageError
from vigie.settings.watch.keys import WatchKeys


def router(keys: WatchKeys, *, live: bool, unbuffered: bool = False) -> Router:
    """The router of the settings. live: events do not wait for outputs. unbuffered: whatever the settings say of
    buffers. Raises UsageError for an output that cannot be set up."""

    def echo(text: str) -> None:
        made.echo(text)

    made = Router(
        list(outputs(keys, live=live, buffered=keys.buffered_outputs and not unbuffered, echo=echo)),
        line_format(keys),
        capacity=keys.outputs_queue.capacity,
        timeout=keys.output_timeout / 1000,
        wait=not live,
    )
    return made


def outputs(keys: WatchKeys, *, live: bool, buffered: bool, echo: Callable[[str], None]) -> Iterator[Output]:
    """The outputs that the settings switch on; their modules are read only then. echo: takes what servers answer.
    Raises UsageError."""
    seconds = keys.output_timeout / 1000
    if keys.stdout_output.enabled:
        from vigie.alerts.outputs.stdout import StandardOutput

        yield StandardOutput(buffered=buffered)
    if keys.file_output.enabled:
        yield _file(keys, buffered=buffered)
    if live if keys.syslog_output.enabled is None else keys.syslog_output.enabled:
        from vigie.alerts.outputs import syslog

        # Unless somebody asked for it, a machine without a system log is no reason to warn.
        if keys.syslog_output.enabled or Path(syslog.SOCKET).exists():
            yield syslog.SyslogOutput(seconds=seconds)
    if keys.program_output.enabled:
        from vigie.alerts.outputs.program import ProgramOutput

        command, keep = keys.program_output.program, keys.program_output.keep_alive
        if not command.strip() or "\0" in command:
            raise UsageError("program_output.program must be a command", "see program_output.enabled")
        yield ProgramOutput(command, keep_alive=keep, buffered=buffered)
    if keys.http_output.enabled:
        from vigie.alerts.outputs.http import HttpOutput

        given = echo if keys.http_output.echo else None
        yield HttpOutput(keys.http_output, json=keys.json_output, seconds=seconds, echo=given)


def _file(keys: WatchKeys, *, buffered: bool) -> Output:
    from vigie.alerts.outputs.file import FileOutput

    path = Path(keys.file_output.filename)
    try:
        return FileOutput(path, keep_alive=keys.file_output.keep_alive, buffered=buffered)
    except OSError as error:
        raise UsageError(f"file_output.filename: {path} cannot be written: {error.strerror}") from error


def line_format(keys: WatchKeys) -> LineFormat:
    """How lines are written."""
    return LineFormat(
        json=keys.json_output,
        iso=keys.time_format_iso_8601,
        include_output=keys.json_include_output_property,
        include_message=keys.json_include_message_property,
        include_fields=keys.json_include_output_fields_property,
        include_tags=keys.json_include_tags_property,
    )
