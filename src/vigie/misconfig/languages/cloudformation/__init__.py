"""CloudFormation templates, YAML and JSON, and those of the Serverless Application Model.

    bytes ─▶ template (`template.py`: short tags made long, sections) ─▶ loops and includes (`expand.py`)
          ─▶ scope (`scope.py`: parameters, conditions, intrinsic functions) ─▶ blocks and graph (`blocks.py`)

A template and the local ones it nests are one unit.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from vigie.misconfig.language import Files, Language, Project, Unit
from vigie.settings.groups import MisconfigOptions


def recognise(path: str, data: bytes) -> bool:
    """Whether a file has a map of resources whose types are CloudFormation's; what it really is shows when loaded."""
    return b"Resources" in data and _marks()[0].search(data) is not None and _marks()[1].search(data) is not None


@cache
def _marks() -> tuple[Any, Any]:
    import re

    return (
        re.compile(rb"^(?:Resources|['\"]Resources['\"])[ \t]*:|\"Resources\"\s*:", re.MULTILINE),
        re.compile(rb"Type['\"]?\s*:\s*['\"]?(?:AWS|Alexa|Custom)::|Fn::ForEach::"),
    )


def split(files: Files) -> Iterable[Unit]:
    """A unit for each template that no other one nests."""
    if not files.paths("cloudformation"):
        return ()
    from vigie.misconfig.languages.cloudformation.stacks import units

    return units(files)


def load(unit: Unit, files: Files, options: MisconfigOptions) -> Project:
    """The resources of a template."""
    from vigie.misconfig.languages.cloudformation.load import project

    return project(unit, files, options)


language = Language(
    name="cloudformation",
    title="CloudFormation",
    globs=("**/*.yaml", "**/*.yml", "**/*.json", "**/*.template"),
    recognise=recognise,
    split=split,
    load=load,
)
