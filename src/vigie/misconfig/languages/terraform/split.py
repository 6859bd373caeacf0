"""Units of Terraform: root modules, which are the folders that no other folder calls."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from vigie.misconfig.language import Files, Unit


def split(files: Files) -> Iterable[Unit]:
    """The root modules. Only sources that are local paths make a folder a child."""
    folders: dict[str, list[str]] = {}
    for path in files.paths("terraform"):
        if "/.terraform/" not in f"/{path}":
            folders.setdefault(path.rpartition("/")[0], []).append(path)
    source = re.compile(rb'"?source"?\s*[=:]\s*"(\.{1,2}/?[^"\n$%]*)"')
    called: set[str] = set()
    weights: dict[str, int] = {}
    for folder, paths in folders.items():
        for path in paths:
            data = files.read(path) or b""
            weights[folder] = weights.get(folder, 0) + len(data)
            for match in source.finditer(data):
                target = posixpath.normpath(posixpath.join(folder, match[1].decode("utf-8", "replace")))
                target = "" if target == "." else target
                if target != folder:
                    called.add(target)
    roots = [folder for folder in folders if folder not in called] or list(folders)
    return [Unit("terraform", folder, tuple(folders[folder]), weights.get(folder, 0)) for folder in sorted(roots)]
