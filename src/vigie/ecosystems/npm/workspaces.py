"""The `workspaces` of a root package.json: which folders of a repository are packages of it."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator

from vigie.scanner.analyzer import File, join


class Workspaces:
    """Patterns of folders: a list, or a table with the list under `packages`. `!pattern` takes folders out again.

    `*` stays inside a folder name, `**` crosses. A value of another shape counts as absent, and so does an entry
    that is no text.
    """

    def __init__(self, value: object) -> None:
        if isinstance(value, dict):
            value = value.get("packages")
        texts = [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []
        self.wanted = [_clean(entry) for entry in texts if not entry.startswith("!")]
        self.refused = [_clean(entry[1:]) for entry in texts if entry.startswith("!")]

    def match(self, folder: str) -> bool:
        """Whether a folder, relative to the root package, is a workspace."""
        return _any(self.wanted, folder) and not _any(self.refused, folder)

    def manifests(self, file: File) -> Iterator[tuple[str, bytes]]:
        """Path (from the scan's root) and content of each workspace's package.json, for the lock file at their root."""
        prefix = f"{file.folder}/" if file.folder else ""
        seen: set[str] = set()
        for pattern in self.wanted:
            whole = join(file.folder, f"{pattern}/package.json")
            if whole is None:
                continue
            paths = sorted(file.tree.glob(whole)) if any(mark in pattern for mark in "*?[") else [whole]
            for path in paths:
                folder = path[len(prefix) :].removesuffix("package.json").rstrip("/")
                if path in seen or "node_modules" in folder.split("/") or _any(self.refused, folder):
                    continue
                seen.add(path)
                data = file.tree.read(path)
                if data is not None:
                    yield path, data


def _clean(pattern: str) -> str:
    return "/".join(part for part in pattern.split("/") if part not in ("", "."))


def _any(patterns: Iterable[str], folder: str) -> bool:
    path = folder.split("/")
    return any(_matches(pattern.split("/"), path) for pattern in patterns)


def _matches(pattern: list[str], path: list[str]) -> bool:
    """Whether the parts of a pattern match the parts of a path.

    On a mismatch the last `**` is tried longer, so the work is at most the product of both lengths.
    """
    at = behind = 0
    star, resume = -1, 0
    while behind < len(path):
        if at < len(pattern) and pattern[at] == "**":
            star, resume = at, behind
            at += 1
        elif at < len(pattern) and fnmatch.fnmatchcase(path[behind], pattern[at]):
            at += 1
            behind += 1
        elif star >= 0:
            resume += 1
            at, behind = star + 1, resume
        else:
            return False
    return all(part == "**" for part in pattern[at:])
