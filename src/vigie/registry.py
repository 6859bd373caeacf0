"""The one plug-in mechanism: a plug-in is a module-level value of a known type; `collect` finds them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Protocol, TypeVar


class Named(Protocol):
    """A plug-in: any value with a name that is unique among its kind."""

    @property
    def name(self) -> str: ...


P = TypeVar("P", bound=Named)


def collect(kind: type[P], packages: Iterable[str]) -> dict[str, P]:
    """Imports every module of `packages` (dotted names, modules or packages, searched in depth) and returns the values
    of type `kind` that stand at module level, by name. Raises ValueError when two different values share a name."""
    found: dict[str, P] = {}
    for module in modules(packages):
        for value in vars(module).values():
            if isinstance(value, kind) and found.setdefault(value.name, value) is not value:
                raise ValueError(
                    f"two plug-ins of kind {kind.__name__} are named {value.name!r}; one is in {module.__name__}"
                )
    return found


def modules(packages: Iterable[str]) -> Iterator[ModuleType]:
    """Imports and yields the named modules and all below them, in the order of their names."""
    for name in packages:
        module = importlib.import_module(name)
        yield module
        for below in sorted(
            pkgutil.walk_packages(getattr(module, "__path__", ()), f"{name}."), key=lambda info: info.name
        ):
            yield importlib.import_module(below.name)
