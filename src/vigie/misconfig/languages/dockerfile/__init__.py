"""Dockerfiles and Containerfiles, each judged alone; and the history of an image, told as one."""

from __future__ import annotations

from collections.abc import Iterable

from vigie.misconfig.language import Files, Language, Project, Unit
from vigie.settings.groups import MisconfigOptions


def recognise(path: str, data: bytes) -> bool:
    """By its name without extension, or by its extension in any case. What goes with a Dockerfile is none."""
    name = path.rpartition("/")[2]
    stem, _, extension = name.rpartition(".")
    if extension.lower() in ("dockerignore", "md"):
        return False
    return (stem.partition(".")[0] or name) in ("Dockerfile", "Containerfile") or extension.lower() in (
        "dockerfile",
        "containerfile",
    )


def split(files: Files) -> Iterable[Unit]:
    """One unit a file."""
    for path in files.paths("dockerfile"):
        yield Unit("dockerfile", path, (path,), len(files.read(path) or b""))


def split_history(files: Files) -> Iterable[Unit]:
    """The one history there is."""
    for path in files.paths("image-history"):
        yield Unit("image-history", path)


def load_history(unit: Unit, files: Files, options: MisconfigOptions) -> Project:
    """The instructions that an image's history tells."""
    from vigie.misconfig.languages.dockerfile.project import project

    return project(unit.path, files.read(unit.path) or b"", history=True)


def load(unit: Unit, files: Files, options: MisconfigOptions) -> Project:
    """The instructions of one file."""
    from vigie.misconfig.languages.dockerfile.project import project

    return project(unit.path, files.read(unit.path) or b"")


language = Language(
    name="dockerfile",
    title="Dockerfile",
    globs=("**/Dockerfile*", "**/Containerfile*", "**/*.[dD]ockerfile", "**/*.[cC]ontainerfile", "**/*.DOCKERFILE"),
    recognise=recognise,
    split=split,
    load=load,
    batch=True,
)

image_history = Language(
    name="image-history",
    title="Dockerfile",
    globs=(),
    recognise=lambda path, data: False,
    split=split_history,
    load=load_history,
    batch=True,
)
