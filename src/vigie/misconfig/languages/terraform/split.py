"""Units of Terraform: root modules, which are the folders that no other folder calls."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping

from vigie.misconfig.language import Files, Unit
from vigie.misconfig.languages.terraform.syntax import parse


def split(files: Files) -> Iterable[Unit]:
    """The root modules. Only local sources make a folder a child; of folders that call each other in a circle, and
    are called by nobody else, the first is a root. What `terraform init` has fetched never is one."""
    folders: dict[str, list[str]] = {}
    for path in files.paths("terraform"):
        if "/.terraform/" not in f"/{path}":
            folders.setdefault(path.rpartition("/")[0], []).append(path)
    calls: dict[str, set[str]] = {folder: set() for folder in folders}
    weights: dict[str, int] = dict.fromkeys(folders, 0)
    # A look at the bytes is enough for most files.
    local = re.compile(rb'source"?\s*[=:]\s*"\.')
    for folder, paths in folders.items():
        for path in paths:
            data = files.read(path) or b""
            weights[folder] += len(data)
            if local.search(data):
                calls[folder].update(_called(path, data, folder))
    return [Unit("terraform", folder, tuple(folders[folder]), weights[folder]) for folder in _roots(calls)]


def _called(path: str, data: bytes, folder: str) -> Iterable[str]:
    """The folders that a file calls as modules."""
    for block in parse(path, data).body.blocks:
        source = block.body.arguments.get("source") if block.type == "module" else None
        if source is not None and isinstance(source.expression, str) and source.expression.startswith("."):
            target = posixpath.normpath(posixpath.join(folder or ".", source.expression))
            yield "" if target == "." else target


def _roots(calls: Mapping[str, set[str]]) -> list[str]:
    called = {target for folder, targets in calls.items() for target in targets if target != folder}
    roots = [folder for folder in calls if folder not in called]
    reached: set[str] = set()
    for root in roots:
        _reach(root, calls, reached)
    for folder in sorted(calls):
        if folder not in reached:
            roots.append(folder)
            _reach(folder, calls, reached)
    return sorted(roots)


def _reach(root: str, calls: Mapping[str, set[str]], reached: set[str]) -> None:
    pending = [root]
    while pending:
        folder = pending.pop()
        if folder not in reached:
            reached.add(folder)
            pending += calls.get(folder, ())
