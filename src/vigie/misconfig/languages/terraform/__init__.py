"""Terraform and OpenTofu."""

from __future__ import annotations

from collections.abc import Iterable

from vigie.misconfig.language import Files, Language, Project, Unit
from vigie.settings.groups import MisconfigOptions


def _recognise(path: str, data: bytes) -> bool:
    return True


def _split(files: Files) -> Iterable[Unit]:
    from vigie.misconfig.languages.terraform.split import split

    return split(files)


def _load(unit: Unit, files: Files, options: MisconfigOptions) -> Project:
    from vigie.misconfig.languages.terraform.load import load

    return load(unit, files, options)


language = Language(
    name="terraform",
    title="Terraform",
    globs=("**/*.tf", "**/*.tofu", "**/*.tf.json", "**/*.tofu.json"),
    recognise=_recognise,
    split=_split,
    load=_load,
)
