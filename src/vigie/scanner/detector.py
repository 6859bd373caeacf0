"""Detectors: from an inventory and knowledge to findings. They never read a byte of the target."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Protocol

from msgspec import Struct

from vigie.model.inventory import Inventory, Problem
from vigie.model.report import Result
from vigie.scanner.distro import Distro, Platform
from vigie.scanner.ecosystem import Ecosystem
from vigie.scanner.knowledge import AdvisoryDatabase
from vigie.settings.groups import Options

EndOfLife = Callable[[str, str], date | None]
"""(family, release) → last day of support, None when it is not known."""


class Judgement(Struct, frozen=True, kw_only=True):
    """What a detector says.

    results: in the order of the report, findings sorted and without duplicates, packages sorted.
    end_of_life: whether the system is out of support; end_of_life_date: `YYYY-MM-DD`, "" when no date is known.
    used: the releases and ecosystems whose advisories were asked for (`AdvisoryDatabase.describe`).
    """

    results: tuple[Result, ...] = ()
    problems: tuple[Problem, ...] = ()
    end_of_life: bool = False
    end_of_life_date: str = ""
    used: tuple[Platform | Ecosystem, ...] = ()


class Detector(Protocol):
    """One judge of an inventory, such as `vigie.vulnerabilities.detector.detect`."""

    def __call__(
        self,
        inventory: Inventory,
        database: AdvisoryDatabase | None,
        *,
        distros: Mapping[str, Distro],
        ecosystems: Mapping[str, Ecosystem],
        artifact_name: str,
        today: date,
        options: Options,
        end_of_life_fallback: EndOfLife | None = None,
    ) -> Judgement:
        """Judges. database: None when nothing is to be matched (packages are listed all the same). distros by family,
        ecosystems by name. end_of_life_fallback is asked for releases that the distribution's own table lacks. Raises
        KnowledgeError when the database is damaged."""
        ...
