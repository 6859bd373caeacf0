"""A Terraform file as the model and the checks see it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from vigie.misconfig import catalog
from vigie.misconfig.detector import judge_unit
from vigie.misconfig.files import ScannedFiles
from vigie.misconfig.judge import Chosen
from vigie.misconfig.outcome import Outcome
from vigie.misconfig.value import Attribute
from vigie.model.inventory import Configuration
from vigie.plugs import languages
from vigie.settings.groups import MisconfigOptions


def scanned(text: str) -> ScannedFiles:
    return ScannedFiles([Configuration("terraform", "main.tf", text.encode())], None)


def model(service: str, text: str) -> Any:
    """The service as a Terraform file fills it."""
    language, files = languages()["terraform"], scanned(text)
    (unit,) = language.split(files)
    graph = language.load(unit, files, MisconfigOptions()).graph
    assert graph is not None
    adapter = catalog.service(service).terraform
    assert adapter is not None
    return adapter.fill(graph)


def judged(text: str) -> Outcome:
    language, files = languages()["terraform"], scanned(text)
    (unit,) = language.split(files)
    return judge_unit(unit, language, files, MisconfigOptions(), Chosen())


def found(text: str, *ids: str) -> list[tuple[str, int]]:
    """The findings of these checks by line."""
    findings = [placed.finding for placed in judged(text).findings]
    return sorted((one.id, one.start) for one in findings if one.id in ids)


def undecided(text: str) -> str:
    return "\n".join(str(problem) for problem in judged(text).problems)


def state(attribute: Attribute[Any]) -> Any:
    """The value, or `?` for one that is not known."""
    return attribute.value if attribute.known else "?"


def values(attributes: Iterable[Attribute[Any]]) -> list[Any]:
    return [state(attribute) for attribute in attributes]
