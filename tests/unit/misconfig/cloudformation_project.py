"""Loads templates given as texts."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence
from typing import Any

from vigie.misconfig.graph import Block, plain
from vigie.misconfig.language import Project
from vigie.misconfig.languages.cloudformation import language
from vigie.settings.groups import MisconfigOptions


class Folder:
    """Files in memory."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = {path: text.encode() for path, text in files.items()}

    def paths(self, language_: str) -> Sequence[str]:
        assert language_ == "cloudformation"
        return sorted(path for path, data in self.files.items() if language.recognise(path, data))

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def glob(self, pattern: str) -> Iterable[str]:
        return fnmatch.filter(self.files, pattern)


def projects(files: dict[str, str], *params: str) -> list[Project]:
    folder = Folder(files)
    options = MisconfigOptions(cloudformation_params=params)
    return [language.load(unit, folder, options) for unit in language.split(folder)]


def load(text: str, *params: str, path: str = "t.yaml") -> Project:
    (project,) = projects({path: text}, *params)
    return project


def blocks(project: Project) -> dict[str, Block]:
    """The resources by logical id; none when the template could not be read."""
    if project.graph is None:
        assert project.problems
        return {}
    return {block.name: block for block in project.graph.resources(*project.graph.types())}


def evaluated(expression: str, preamble: str = "") -> Any:
    """The value of the property `P` of a resource, written in YAML's flow style; a preamble holds other sections."""
    text = f"{preamble}\nResources:\n  R:\n    Type: AWS::S3::Bucket\n    Properties:\n      P: {expression}\n"
    project = load(text)
    assert not project.problems
    found = blocks(project)["R"].find("P")
    return None if found is None else plain(found.value)
