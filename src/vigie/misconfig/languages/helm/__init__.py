"""Helm charts: folders and archives, rendered by the Helm engine, judged as the manifests they become.

charts.py ─▶ settings.py, marks.py ─▶ renderer.py ══ engine.py (its own process) ─▶ load.py ─▶ kubernetes/
"""

from __future__ import annotations

from collections.abc import Iterable

from vigie.misconfig.language import Files, Language, Project, Unit
from vigie.settings.groups import MisconfigOptions

GLOBS = (
    *("**/Chart.yaml", "**/values.yaml", "**/*.tgz", "**/*.tar.gz"),
    *("**/templates/**/*.yaml", "**/templates/**/*.yml", "**/templates/**/*.tpl"),
)


def recognise(path: str, data: bytes) -> bool:
    """Whether a file makes a chart, or may be a part of one where there is no folder to look around in."""
    if path.endswith((".tgz", ".tar.gz")):
        import zlib

        # charts are packed with their Chart.yaml first
        try:
            start = zlib.decompressobj(wbits=31).decompress(data, 1 << 10)
        except zlib.error:
            return False
        return start[:100].rstrip(b"\0").endswith(b"/Chart.yaml")
    if path.rpartition("/")[2] == "Chart.yaml":
        return b"name" in data and b"apiVersion" in data
    return True


def split(files: Files) -> Iterable[Unit]:
    """A unit for each template, and one for the chart, which also tells what is wrong with it."""
    from vigie.misconfig.languages.helm.load import units

    return units(files)


def load(unit: Unit, files: Files, options: MisconfigOptions) -> Project:
    """What a template renders to."""
    from vigie.misconfig.languages.helm.load import project

    return project(unit, files, options)


def prepare(options: MisconfigOptions) -> None:
    """Reads the options' files of values."""
    from vigie.misconfig.languages.helm.settings import read

    read(options)


language = Language(
    name="helm", title="Helm", globs=GLOBS, recognise=recognise, split=split, load=load, prepare=prepare
)
