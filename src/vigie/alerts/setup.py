"""What the settings of a run mean for its alerts: which outputs, how they wait, how lines are written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from vigie.alerts.line import LineFormat
from vigie.alerts.output import Output
from vigie.alerts.router import Router
from vigie.errors import UsageError
from vigie.settings.watch.keys import WatchKeys


def router(keys: WatchKeys, *, live: bool, unbuffered: bool = False) -> Router:
    """The router of the settings. live: events do not wait for outputs. unbuffered: whatever the settings say of
    buffers. Raises UsageError for an output that cannot be set up."""
    return Router(
        list(outputs(keys, live=live, buffered=keys.buffered_outputs and not unbuffered)),
        line_format(keys),
        capacity=keys.outputs_queue.capacity,
        timeout=keys.output_timeout / 1000,
        wait=not live,
    )


def outputs(keys: WatchKeys, *, live: bool, buffered: bool) -> Iterator[Output]:
    """The outputs that the settings switch on. Their modules are read only then. Raises UsageError."""
    if keys.stdout_output.enabled:
        from vigie.alerts.outputs.stdout import StandardOutput

        yield StandardOutput(buffered=buffered)
    if keys.file_output.enabled:
        yield _file(keys, buffered=buffered)


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
