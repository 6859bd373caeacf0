"""A manifest becomes a project: its documents' objects, by what checks are about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from vigie.misconfig.language import Project
from vigie.misconfig.languages import yaml_nodes
from vigie.misconfig.languages.kubernetes.applicable import applicable
from vigie.misconfig.languages.kubernetes.objects import Object, by_path
from vigie.misconfig.languages.yaml_nodes import Mapping
from vigie.model.inventory import Problem
from vigie.settings.groups import MisconfigOptions

MOST_OBJECTS = 20_000
"""Objects of one file; more come from input made for it."""
MOST_WORK = 200_000_000
"""Bytes to look at when the documents of a broken file are tried one by one."""
DEEPEST_LIST = 8


def project(path: str, data: bytes | None, options: MisconfigOptions) -> Project:
    """The objects of a file, and what of it could not be read. Raises ValueError when it is gone."""
    if data is None:
        raise ValueError("it is not there any more")
    problems: list[Problem] = []
    objects = read(path, data, options.kubernetes_version, problems)
    parts = by_path(objects, problems)
    return Project(
        target=path,
        objects=parts,
        applicable=applicable(objects, "kubernetes.pod" in parts),
        inputs=[object_.cause for object_ in objects],
        problems=problems,
    )


def read(path: str, data: bytes, version: str, problems: list[Problem]) -> list[Object]:
    """The objects of a file, those of lists each by itself. What could not be read is added to the problems."""
    found: list[Object] = []
    for root in _documents(path, data, problems):
        for item in _objects(root, DEEPEST_LIST):
            if len(found) == MOST_OBJECTS:
                problems.append(Problem(path, f"has more than {MOST_OBJECTS} objects; the rest is left out"))
                return found
            found.append(Object(item, path, version))
    return found


def _documents(path: str, data: bytes, problems: list[Problem]) -> Iterable[Any]:
    """All documents; where one is broken, the others."""
    try:
        if path.endswith(".json"):
            return [yaml_nodes.json_document(data)]
        return yaml_nodes.documents(data)
    except ValueError as error:
        failure = error
    pieces = [] if path.endswith(".json") else _pieces(data)
    if len(pieces) < 2:
        problems.append(_problem(path, data, failure))
        return ()
    found: list[Any] = []
    for piece in pieces:
        try:
            found += yaml_nodes.documents(piece)
        except ValueError as error:
            problems.append(_problem(path, piece, error))
    return found


def _pieces(data: bytes) -> list[bytes]:
    """The documents of a stream as they are separated by lines, each with as many empty lines in front of it as there
    are lines before it."""
    starts = [0, *(match.start() for match in re.finditer(rb"^---(?=[ \t\r\n]|\Z)", data, re.MULTILINE)), len(data)]
    if len(starts) * len(data) > MOST_WORK:
        return []
    return [b"\n" * data.count(b"\n", 0, start) + data[start:end] for start, end in pairwise(starts) if end > start]


def _problem(path: str, data: bytes, error: ValueError) -> Problem:
    what, line = (*error.args, 0, 0)[:2]
    hint = "it looks like a template: judge what it renders to" if b"{{" in data else ""
    return Problem(f"{path}:{line}" if line else path, f"is no valid YAML or JSON: {what}", hint)


def _objects(root: Any, depth: int) -> Iterator[Mapping]:
    """The object a document is, or those of its list."""
    if not isinstance(root, Mapping) or depth == 0:
        return
    kind, version, items = root.get("kind"), root.get("apiVersion"), root.get("items")
    if kind == "Template" and isinstance(root.get("objects"), list):  # OpenShift's
        for item in root["objects"]:
            yield from _objects(item, depth - 1)
    elif isinstance(items, list) and isinstance(kind, str) and kind.endswith("List"):
        for item in items:
            if isinstance(item, Mapping) and kind != "List":
                # items of a list of one kind need not repeat it
                item.setdefault("kind", kind.removesuffix("List"))
                item.setdefault("apiVersion", version)
            yield from _objects(item, depth - 1)
    elif "kind" in root and "apiVersion" in root and "metadata" in root:
        yield root
