"""Judges one file of Terraform or CloudFormation given as text, and fills services from it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from vigie.misconfig import catalog
from vigie.misconfig.detector import judge_unit
from vigie.misconfig.files import ScannedFiles
from vigie.misconfig.judge import Chosen
from vigie.misconfig.language import Language, Unit
from vigie.misconfig.outcome import Outcome
from vigie.misconfig.value import Attribute
from vigie.model.inventory import Configuration
from vigie.plugs import languages
from vigie.settings.groups import MisconfigOptions


def unit_of(text: str, format_: str) -> tuple[Unit, Language, ScannedFiles]:
    name = "main.tf" if format_ == "terraform" else "template.yaml"
    language, files = languages()[format_], ScannedFiles([Configuration(format_, name, text.encode())], None)
    (unit,) = language.split(files)
    return unit, language, files


def model(service: str, text: str, format_: str = "terraform") -> Any:
    """The service as one file fills it."""
    unit, language, files = unit_of(text, format_)
    graph = language.load(unit, files, MisconfigOptions()).graph
    assert graph is not None
    return getattr(catalog.service(service), format_).fill(graph)


def judged(text: str, format_: str = "terraform") -> Outcome:
    unit, language, files = unit_of(text, format_)
    return judge_unit(unit, language, files, MisconfigOptions(), Chosen())


def found(outcome: Outcome, id_: str) -> list[int]:
    return sorted(placed.finding.start for placed in outcome.findings if placed.finding.id == id_)


def state(outcome: Outcome, id_: str) -> str:
    """What became of a check: `found`, `passed`, or `doubt`."""
    if found(outcome, id_):
        return "found"
    if id_ in outcome.passed:
        return "passed"
    assert any(id_ in problem.what for problem in outcome.problems), "neither found nor passed, and no word why"
    return "doubt"


def values(attributes: Iterable[Attribute[Any]]) -> list[Any]:
    return [attribute.value if attribute.known else "?" for attribute in attributes]
