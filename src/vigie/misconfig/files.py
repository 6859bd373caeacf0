"""The files that are judged, and those around them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vigie.model.inventory import Configuration
from vigie.scanner.analyzer import Tree


class ScannedFiles:
    """The configuration found by a walk, and the tree behind it where there is one (a folder; not the layers of an
    image). See `vigie.misconfig.language.Files`."""

    def __init__(self, configurations: Iterable[Configuration], tree: Tree | None) -> None:
        self._data: dict[str, bytes] = {}
        self._paths: dict[str, list[str]] = {}
        self._tree = tree
        for file in configurations:
            self._data[file.path] = file.data
            self._paths.setdefault(file.language, []).append(file.path)

    def paths(self, language: str) -> Sequence[str]:
        """Files recognised as of this language, sorted."""
        return sorted(self._paths.get(language, ()))

    def read(self, path: str) -> bytes | None:
        """The bytes of any file beneath the root."""
        data = self._data.get(path)
        if data is None and self._tree is not None:
            try:
                return self._tree.read(path)
            except OSError:
                return None
        return data

    def glob(self, pattern: str) -> Iterable[str]:
        """Paths that match."""
        if self._tree is not None:
            return self._tree.glob(pattern)
        from vigie.scanner.ignore import glob

        matches = glob(pattern).fullmatch
        return sorted(path for path in self._data if matches(path))
