"""Writes reports to standard output and to files, each file whole or not at all."""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, TextIO, cast

from vigie.cli.main import silence_stdout
from vigie.errors import UsageError, VigieError
from vigie.model.report import Report
from vigie.scanner.advice import Key, advise
from vigie.scanner.writer import View, Writer
from vigie.settings.groups import Options, ReportOptions

PIPE_WIDTH = 150
"""Columns where no terminal says how many there are."""


def check_outputs(options: ReportOptions) -> None:
    """Raises UsageError when an output file cannot be made, before the work begins."""
    for path in filter(None, options.outputs):
        folder = Path(path).parent
        if Path(path).is_dir():
            raise UsageError(f"--output {path} is a folder")
        if not folder.is_dir():
            raise UsageError(f"--output {path}: there is no folder {folder}", "make it first")
        if not os.access(path if Path(path).exists() else folder, os.W_OK):
            raise UsageError(f"--output {path}: not allowed to write there")


def write_outputs(report: Report, scan_options: Options) -> None:
    """Writes every format to its output, files first. Raises VigieError when a file cannot be written."""
    from vigie.vulnerabilities.database.weaknesses import weakness_name

    options = scan_options.report
    advice = advise(report, orders(report))
    pairs = sorted(zip(options.formats, options.outputs, strict=True), key=lambda pair: pair[1] == "")
    for name, path in pairs:
        writer = find_writer(name)
        colour, width = (False, PIPE_WIDTH) if path else (colours(), terminal_width())
        passes = scan_options.misconfig.include_passes
        view = View(options, advice, today(), width, colour, weakness_name, passes)
        if path:
            write_file(path, partial(writer.write, report, view))
        else:
            write_stdout(partial(writer.write, report, view))


def today() -> date:
    """The day on which a report is shown; ages are counted from it."""
    return datetime.now(UTC).date()


def find_writer(name: str) -> Writer:
    """The writer of a format; its module carries its name."""
    from importlib import import_module

    writer: Writer = import_module(f"vigie.formats.{name}").writer
    return writer


def orders(report: Report) -> Callable[[str], Key | None]:
    """The order of versions by the types of results, taken from distributions and ecosystems."""
    from vigie import plugs

    found: dict[str, Any] = {}
    kinds = {result.type: result.kind for result in report.results if result.findings}
    distros = plugs.distros([t for t, kind in kinds.items() if kind == "os-pkgs"])
    found.update({name: distro.ordering.key for name, distro in distros.items()})
    for ecosystem in plugs.ecosystems([t for t, kind in kinds.items() if kind == "lang-pkgs"]).values():
        found.update(dict.fromkeys(ecosystem.types, ecosystem.ordering.key))
    return found.get


class _Stdout(io.TextIOBase):
    """Standard output, with a mark for characters that it cannot show."""

    def write(self, text: str) -> int:
        encoding = sys.stdout.encoding or "utf-8"
        return sys.stdout.write(text.encode(encoding, "replace").decode(encoding))


def write_stdout(write: Callable[[TextIO], None]) -> None:
    """Writes to standard output. A reader that went away early (`| head`) is no failure of the scan."""
    try:
        write(cast("TextIO", _Stdout()))
        sys.stdout.flush()
    except BrokenPipeError:
        silence_stdout()


def write_file(path: str, write: Callable[[TextIO], None]) -> None:
    """Writes a file whole or not at all; devices and pipes, which cannot be replaced, are written directly."""
    target = Path(os.path.realpath(path))
    try:
        if target.exists() and not stat.S_ISREG(target.stat().st_mode):
            with target.open("w", encoding="utf-8", errors="replace", newline="") as file:
                write(file)
            return
        _replace(target, write)
    except OSError as error:
        raise VigieError(f"{path} could not be written: {(error.strerror or str(error)).lower()}") from error


def _replace(target: Path, write: Callable[[TextIO], None]) -> None:
    import tempfile

    number, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(number, "w", encoding="utf-8", errors="replace", newline="") as file:
            write(file)
            os.fchmod(file.fileno(), target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
        Path(temporary).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def colours() -> bool:
    """Whether standard output understands colours: a terminal, and nobody asked for none (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def terminal_width() -> int:
    """Columns of standard output: as COLUMNS says, else the terminal's, else a width that pipes can bear."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        return min(max(int(columns), 40), 400)
    if sys.stdout.isatty():
        with suppress(OSError, ValueError):
            return min(max(os.get_terminal_size(sys.stdout.fileno()).columns, 40), 400)
    return PIPE_WIDTH
