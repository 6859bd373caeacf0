"""Kubernetes manifests: YAML or JSON files whose documents have apiVersion, kind and metadata.

The types of checks' objects are in `objects.py`; which checks have something to say about which kinds in
`applicable.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from vigie.misconfig.language import Files, Language, Project, Unit
from vigie.settings.groups import MisconfigOptions


def recognise(path: str, data: bytes) -> bool:
    """Whether a file names the three keys of every object; what they belong to shows when it is loaded."""
    keys = (b"apiVersion", b"metadata", b"kind")
    return all(key in data for key in keys) and all(re.search(key + rb"[\"']?[ \t\r\n]*:", data) for key in keys)


def split(files: Files) -> Iterable[Unit]:
    """Each file is a unit, but for templates of charts: they are judged as what they render to."""
    from vigie.misconfig.languages.helm.charts import folders, owned

    charts = folders(files.paths("helm"))
    for path in files.paths("kubernetes"):
        if charts and owned(path, charts):
            continue
        yield Unit("kubernetes", path, (path,), len(files.read(path) or b""))


def load(unit: Unit, files: Files, options: MisconfigOptions) -> Project:
    """The objects of a file."""
    from vigie.misconfig.languages.kubernetes.load import project

    return project(unit.path, files.read(unit.path), options)


language = Language(
    name="kubernetes",
    title="Kubernetes",
    globs=("**/*.yaml", "**/*.yml", "**/*.json"),
    recognise=recognise,
    split=split,
    load=load,
    batch=True,
)
