"""Trees in memory: what an analyzer sees beside its file."""

from __future__ import annotations

import re
from collections.abc import Mapping


def matcher(glob: str) -> re.Pattern[str]:
    """A glob as a regular expression: `*` stays inside a name, `**` crosses, `{a,b}` are alternatives."""
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")", ",": "|"}
    depth, pieces = 0, []
    for token in re.findall(r"\*\*/|\*\*|\[[^\]]*\]|.", glob):
        depth += (token == "{") - (token == "}")
        special = token.startswith("[") or (token in parts and (token != "," or depth > 0))
        pieces.append(parts.get(token, token) if special else re.escape(token))
    return re.compile("".join(pieces))


class Files:
    """The files of a tree, by path."""

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        self.files = files or {}

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def glob(self, pattern: str) -> list[str]:
        wanted = matcher(pattern)
        return sorted(path for path in self.files if wanted.fullmatch(path))
