"""The shape of an output format: a writer gets a finished report and a stream, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TextIO

from msgspec import Struct

from vigie.model.report import Report
from vigie.scanner.advice import Advice
from vigie.settings.groups import ReportOptions


class View(Struct, frozen=True):
    """How to show a report. width in columns; colour: whether escape sequences are understood at the other end.
    weakness: the name of a kind of weakness by its id (`CWE-79`), "" when it is not known. passes: passed checks are
    listed too."""

    options: ReportOptions
    advice: Advice
    today: date
    width: int = 120
    colour: bool = False
    weakness: Callable[[str], str] = lambda _: ""
    passes: bool = False


class Writer(Struct, frozen=True):
    """One output format, named as in `--format`; the module `vigie.formats.<name>` declares it."""

    name: str
    write: Callable[[Report, View, TextIO], None]
