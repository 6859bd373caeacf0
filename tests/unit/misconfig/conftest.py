"""The index of checks as the declarations say it, so that a new check can be tried before the index is written."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

from vigie.misconfig import catalog

broken: dict[str, str] = {}
"""Modules that could not be imported, and why."""


def whole_modules(packages: tuple[str, ...]) -> Iterator[ModuleType]:
    """All modules that import; a broken one is left to the test that names it."""
    for package in packages:
        root = importlib.import_module(package)
        for found in pkgutil.walk_packages(root.__path__, f"{package}.", onerror=lambda _: None):
            try:
                yield importlib.import_module(found.name)
            except Exception as error:
                broken[found.name] = f"{type(error).__name__}: {error}"


catalog.modules = whole_modules  # type: ignore[assignment]
_index = catalog.build_index()
catalog.index = lambda: _index  # type: ignore[assignment]
