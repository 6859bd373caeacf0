"""pyproject.toml: what a Python project asks for. Sources: PEP 621, PEP 735 and Poetry's documentation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from vigie.ecosystems.documents import table, toml_document
from vigie.ecosystems.pypi.names import normalise, requirement_name


class Asked(Struct, frozen=True):
    """Normalised names that a project asks for. described: whether it says anything about what it ships with."""

    main: frozenset[str]
    groups: frozenset[str]
    described: bool


def read_asked(data: bytes) -> Asked:
    """What a pyproject.toml asks for: its own and optional dependencies, and those of its groups. Raises ParseError."""
    document = toml_document(data)
    project = table(document.get("project"), "project")
    poetry = table(table(document.get("tool"), "tool").get("poetry"), "tool.poetry")
    main = set(_requirements(project.get("dependencies")))
    for extra in table(project.get("optional-dependencies"), "project.optional-dependencies").values():
        main.update(_requirements(extra))
    main.update(map(normalise, table(poetry.get("dependencies"), "tool.poetry.dependencies")))
    groups: set[str] = set(map(normalise, table(poetry.get("dev-dependencies"), "tool.poetry.dev-dependencies")))
    for name, value in table(poetry.get("group"), "tool.poetry.group").items():
        group = table(value, f"tool.poetry.group.{name}")
        groups.update(map(normalise, table(group.get("dependencies"), f"dependencies of group {name}")))
    for requirements in table(document.get("dependency-groups"), "dependency-groups").values():
        groups.update(_requirements(requirements))
    described = any(key in project for key in ("dependencies", "optional-dependencies")) or "dependencies" in poetry
    return Asked(frozenset(main - {"python", ""}), frozenset(groups - {""}), described)


def _requirements(value: object) -> Iterator[str]:
    entries: Iterable[object] = value if isinstance(value, list) else ()
    return (requirement_name(entry) for entry in entries if isinstance(entry, str))
