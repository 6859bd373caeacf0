"""Where the resources of a plan stand: in the source beside it when that is there, else in the plan itself."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from vigie.misconfig.language import Files
from vigie.misconfig.languages.terraform.sources import Place, Sources
from vigie.misconfig.languages.terraform.syntax import Nested, parse
from vigie.misconfig.languages.terraform_plan.modules import ModuleInstance
from vigie.misconfig.value import Cause
from vigie.settings.groups import MisconfigOptions

_SUFFIXES = (".tf", ".tofu", ".tf.json", ".tofu.json")
_MOST_FILES = 1000


class Sourced(NamedTuple):
    """A place, and the block of the source that stands there."""

    cause: Cause
    node: Nested | None = None


class Places:
    """The places of one plan."""

    def __init__(self, path: str, data: bytes, files: Files, options: MisconfigOptions) -> None:
        self.path, self.folder = path, posixpath.dirname(path)
        self._files = files
        self._lines = _lines(data)
        self._folders: dict[str, dict[tuple[str, ...], Nested]] = {}
        self._sources = Sources(files, self.folder, replace(options, offline=True))

    def resource(self, module: ModuleInstance, mode: str, type: str, name: str, address: str) -> Sourced:
        """address: within the whole plan."""
        own = address[len(_prefix(module, address)) :]
        node = self._node(module, "data" if mode else "resource", type, name)
        if node is not None:
            return Sourced(Cause(node.source.path, node.start, node.end, own, module.cause), node)
        line = self._lines.get(address, 1)
        return Sourced(Cause(self.path, line, line, own, module.cause))

    def provider(self, module: ModuleInstance, name: str, alias: str, key: str) -> Sourced:
        node = self._node(module, "provider", name, alias)
        if node is not None:
            return Sourced(Cause(node.source.path, node.start, node.end, f"provider.{name}"), node)
        return Sourced(Cause(self.path, 1, 1, f"provider.{name}"))

    def module(
        self, parent: ModuleInstance, child: ModuleInstance, call: Mapping[str, Any], label: str
    ) -> tuple[Cause, str | None]:
        """Where a module is called, and the folder of its source; None when that is not in the tree."""
        node = self._node(parent, "module", child.name)
        if node is None:
            return Cause(self.path, 1, 1, label, parent.cause), None
        cause = Cause(node.source.path, node.start, node.end, label, parent.cause)
        caller = Place(self._files, parent.folder or "")
        found = self._sources.find(call.get("source"), call.get("version_constraint"), caller, child.path, "")
        return cause, found.folder if found is not None and found.files is self._files else None

    def _node(self, module: ModuleInstance, *labels: str) -> Nested | None:
        if module.folder is None:
            return None
        if module.folder not in self._folders:
            self._folders[module.folder] = self._read(module.folder)
        return self._folders[module.folder].get(labels)

    def _read(self, folder: str) -> dict[tuple[str, ...], Nested]:
        """The blocks of a folder's source by type and labels; providers by their alias, too."""
        start = "".join(f"[{char}]" if char in "*?[{" else char for char in folder) + "/" if folder else ""
        found: dict[tuple[str, ...], Nested] = {}
        paths = [path for path in self._files.glob(f"{start}*") if path.endswith(_SUFFIXES)]
        for path in sorted(paths)[:_MOST_FILES]:
            data = self._files.read(path)
            for node in parse(path, data).body.blocks if data else ():
                key = (node.type, *node.labels)
                if node.type == "provider":
                    alias = node.body.arguments.get("alias")
                    key = (*key, alias.expression if alias is not None and isinstance(alias.expression, str) else "")
                found.setdefault(key, node)
        return found


def _prefix(module: ModuleInstance, address: str) -> str:
    """The part of an address that names modules."""
    found = re.match(r'(?:module\.[\w-]+(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?\.)*', address)
    return found[0] if found and module.parent is not None else ""


def _lines(data: bytes) -> dict[str, int]:
    """The line of each address where the plan first has it."""
    lines: dict[str, int] = {}
    line, at = 1, 0
    for found in re.finditer(rb'"address"\s*:\s*("(?:[^"\\]|\\.)*")', data):
        line += data.count(b"\n", at, found.start())
        at = found.start()
        try:
            lines.setdefault(json.loads(found[1]), line)
        except ValueError:
            continue
    return lines
