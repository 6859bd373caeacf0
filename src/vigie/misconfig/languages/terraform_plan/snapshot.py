"""Plan files (`terraform plan -out`): a zip with the plan, and with the configuration it was made of.

    tfplan                       the plan: its variables are taken
    tfconfig/modules.json        the modules: the names of their calls, joined by dots, and their folders
    tfconfig/m-<names>/main.tf   the files of a module; those of the root module in `m-`

The configuration is judged as any other, in memory, where it would lie beside the plan.
"""

from __future__ import annotations

import io
import json
import posixpath
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from vigie.misconfig.language import Files, Project, Unit
from vigie.misconfig.languages.terraform.load import project
from vigie.misconfig.languages.terraform.sources import MANIFEST
from vigie.misconfig.languages.terraform.unit import TerraformUnit
from vigie.misconfig.languages.terraform.variables import Given
from vigie.misconfig.languages.terraform_plan import wire
from vigie.model.inventory import Problem
from vigie.settings.groups import MisconfigOptions

_CONFIGURATION = "tfconfig/"
_OWN = (".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars", ".tfvars.json")
MOST_FILES = 20_000
MAX_BYTES = 128 << 20


def load(unit: Unit, files: Files, options: MisconfigOptions) -> Project:
    """The configuration in a plan file. Raises ValueError for what is none."""
    data = files.read(unit.path)
    if data is None:
        raise ValueError("is gone")
    plan, configuration, manifest = _unpack(data)
    folder, contents = _laid_out(posixpath.dirname(unit.path), configuration, manifest)
    terraform = TerraformUnit(_Overlay(contents, files), folder, replace(options, terraform_vars=(), offline=True))
    try:
        terraform.assigned = {name: Given(value, unit.path) for name, value in wire.variables(plan).items()}
    except ValueError as error:
        terraform.assigned = {}
        what = f"its variables could not be read and are taken as unknown: {error}"
        terraform.problems.append(Problem(unit.path, what))
    terraform.texts.update((path, text) for path, text in contents.items() if path.endswith(_OWN))
    return project(terraform, unit.path, "terraformplan-snapshot")


def _unpack(data: bytes) -> tuple[bytes, dict[tuple[str, str], bytes], list[Any]]:
    """The plan; files of the configuration by module and name; the entries of the manifest."""
    plan, manifest = b"", []
    configuration: dict[tuple[str, str], bytes] = {}
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_FILES:
                raise ValueError(f"has more than {MOST_FILES} files")
            for entry in entries:
                name = entry.filename
                if name != "tfplan" and not name.startswith(_CONFIGURATION):
                    continue
                with archive.open(entry) as file:
                    content = file.read(MAX_BYTES - total + 1)
                total += len(content)
                if total > MAX_BYTES:
                    raise ValueError(f"unpacks to more than {MAX_BYTES >> 20} MiB")
                module, slash, own = name.removeprefix(_CONFIGURATION).rpartition("/")
                if name == "tfplan":
                    plan = content
                elif name == _CONFIGURATION + "modules.json":
                    manifest = _entries(content)
                elif slash and module.startswith("m-") and own:
                    configuration[module.removeprefix("m-"), own] = content
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise ValueError(f"is no plan: {error}") from error
    if not configuration:
        raise ValueError("holds no configuration")
    return plan, configuration, manifest


def _entries(content: bytes) -> list[Any]:
    try:
        entries = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError("has no readable list of modules") from error
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _laid_out(
    folder: str, configuration: Mapping[tuple[str, str], bytes], manifest: Sequence[Any]
) -> tuple[str, dict[str, bytes]]:
    """The root module's folder, and all files by their paths. The folder is the plan's, or one further down when
    modules lie above what is scanned."""
    places = {str(entry.get("Key")): posixpath.normpath(str(entry.get("Dir") or ".")) for entry in manifest}
    places = {key: place for key, place in places.items() if not place.startswith("/")}
    above = max((place.split("/").count("..") for place in places.values()), default=0)
    depth = len(folder.split("/")) if folder else 0
    folder = "/".join([*([folder] if folder else []), *["_"] * min(max(above - depth, 0), 100)])
    contents: dict[str, bytes] = {}
    folders: dict[str, str] = {}
    for (key, name), content in configuration.items():
        place = places.get(key, "." if not key else f".terraform/modules/{key}")
        path = posixpath.normpath(posixpath.join(folder or ".", place, name))
        if not path.startswith("../") and path != ".." and "/" not in name:
            contents[path] = content
            folders[key] = place
    listed = [{"Key": key, "Dir": place} for key, place in folders.items()]
    contents[posixpath.join(folder, MANIFEST)] = json.dumps({"Modules": listed}).encode()
    return folder, contents


class _Overlay:
    """Files of a configuration, over those of the tree around it: of these, none that would be configuration."""

    def __init__(self, contents: Mapping[str, bytes], beneath: Files) -> None:
        self._contents, self._beneath = contents, beneath

    def paths(self, language: str) -> Sequence[str]:
        return sorted(self._contents)

    def read(self, path: str) -> bytes | None:
        content = self._contents.get(path)
        return self._beneath.read(path) if content is None and self._elsewhere(path) else content

    def glob(self, pattern: str) -> Iterable[str]:
        from vigie.scanner.ignore import glob

        matches = glob(pattern).fullmatch
        own = (path for path in self._contents if matches(path))
        return sorted({*own, *(path for path in self._beneath.glob(pattern) if self._elsewhere(path))})

    @staticmethod
    def _elsewhere(path: str) -> bool:
        return not path.endswith(_OWN) and "/.terraform/" not in f"/{path}"
