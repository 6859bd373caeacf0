"""Terraform projects from texts, for tests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vigie.misconfig.language import Project, Unit
from vigie.misconfig.languages.terraform import language
from vigie.settings.groups import MisconfigOptions

SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")


class Texts:
    """Files by path (see `vigie.misconfig.language.Files`)."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self._files = {path: data.encode() if isinstance(data, str) else data for path, data in files.items()}

    def paths(self, language: str) -> Sequence[str]:
        return sorted(path for path in self._files if path.endswith(SUFFIXES))

    def read(self, path: str) -> bytes | None:
        return self._files.get(path)

    def glob(self, pattern: str) -> Iterable[str]:
        matches = re.compile(re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")).fullmatch
        return sorted(path for path in self._files if matches(path))


def units(files: Mapping[str, str | bytes]) -> list[Unit]:
    return list(language.split(Texts(files)))


def load(files: Mapping[str, str | bytes] | str, folder: str = "") -> Project:
    """The root module in a folder; a lone text is `main.tf`."""
    texts = Texts({"main.tf": files} if isinstance(files, str) else files)
    return language.load(Unit("terraform", folder), texts, MisconfigOptions(offline=True))


def block(project: Project, name: str) -> Any:
    """The resource with this reference (`a.b`, `data.a.b`, `a.b["k"]`)."""
    assert project.graph is not None
    graph = project.graph
    found = [one for type_ in graph.types() for one in graph.resources(type_) if one.cause.name == name]
    assert len(found) == 1, (name, [one.cause.name for type_ in graph.types() for one in graph.resources(type_)])
    return found[0]


def names(project: Project) -> list[str]:
    """The references of all resources."""
    assert project.graph is not None
    graph = project.graph
    return [one.cause.name for type_ in graph.types() for one in graph.resources(type_)]


def value(expression: str, around: str = "") -> Any:
    """The value of an expression, None also for null."""
    found = block(load(f"{around}\nresource test r {{\n  value = {expression}\n}}\n"), "test.r").find("value")
    return None if found is None else found.value


def problems(project: Project) -> list[tuple[str, str]]:
    return [(problem.where, problem.what) for problem in project.problems]
