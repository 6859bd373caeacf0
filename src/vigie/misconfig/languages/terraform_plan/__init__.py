"""Plans of Terraform: as JSON (`terraform show -json`), and as the file that `terraform plan -out` writes.

A JSON plan is judged by the values it plans; a plan file by the configuration and the variables within it.
"""

from __future__ import annotations

from collections.abc import Iterable

from vigie.misconfig.language import Files, Language, Project, Unit
from vigie.settings.groups import MisconfigOptions


def _is_json(path: str, data: bytes) -> bool:
    return b'"format_version"' in data and b'"terraform_version"' in data and data.lstrip()[:1] == b"{"


def _is_snapshot(path: str, data: bytes) -> bool:
    return data[:4] == b"PK\x03\x04" and b"tfplan" in data and b"tfconfig/" in data


def _json_units(files: Files) -> Iterable[Unit]:
    return _units(files, "terraformplan-json")


def _snapshot_units(files: Files) -> Iterable[Unit]:
    return _units(files, "terraformplan-snapshot")


def _units(files: Files, language: str) -> Iterable[Unit]:
    return [Unit(language, path, (path,), len(files.read(path) or b"")) for path in files.paths(language)]


def _load_json(unit: Unit, files: Files, options: MisconfigOptions) -> Project:
    from vigie.misconfig.languages.terraform_plan.plan_json import load

    return load(unit, files, options)


def _load_snapshot(unit: Unit, files: Files, options: MisconfigOptions) -> Project:
    from vigie.misconfig.languages.terraform_plan.snapshot import load

    return load(unit, files, options)


json_language = Language(
    name="terraformplan-json",
    title="Terraform Plan JSON",
    globs=("**/*.json",),
    recognise=_is_json,
    split=_json_units,
    load=_load_json,
)
snapshot_language = Language(
    name="terraformplan-snapshot",
    title="Terraform Plan Snapshot",
    globs=("**/*.tfplan", "**/tfplan", "**/*.plan"),
    recognise=_is_snapshot,
    split=_snapshot_units,
    load=_load_snapshot,
)
