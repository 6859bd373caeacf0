"""Composition: which packages hold which kind of plug-in, and the index that spares start-up from importing them all.

`make index` writes `plugs.json` from the declarations; a test compares the two. A run then imports only the modules
whose files it met. Installed third parties are found through the entry-point group `vigie`: each entry names a package
to collect from.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from vigie.model.inventory import Fact
from vigie.registry import collect, modules
from vigie.scanner.analyzer import Analyzer, File, Group, Reader
from vigie.scanner.distro import Distro
from vigie.scanner.ecosystem import Ecosystem

if TYPE_CHECKING:
    from vigie.misconfig.language import Language

PACKAGES: Mapping[type, tuple[str, ...]] = {
    Analyzer: ("vigie.distros", "vigie.ecosystems"),
    Distro: ("vigie.distros",),
    Ecosystem: ("vigie.ecosystems",),
}
"""From kind to the packages that are searched for it."""

INDEX = Path(__file__).with_name("plugs.json")
ENTRY_POINTS = "vigie"


class IndexedAnalyzer(Struct, frozen=True, omit_defaults=True):
    """Everything about an analyzer but its function."""

    name: str
    module: str
    attribute: str
    group: Group
    type: str
    globs: tuple[str, ...]
    companions: tuple[str, ...] = ()
    reader: Reader = Reader.BYTES
    version: int = 1
    order: int = 0


class Index(Struct, frozen=True):
    """The written index. distros and ecosystems: from family or report type to (module, attribute)."""

    analyzers: tuple[IndexedAnalyzer, ...]
    distros: dict[str, tuple[str, str]]
    ecosystems: dict[str, tuple[str, str]]


class _Late:
    """An analyzer's function, imported when the first of its files is met."""

    def __init__(self, module: str, attribute: str) -> None:
        self._module, self._attribute = module, attribute

    def __call__(self, file: File) -> Iterable[Fact]:
        declared: Analyzer = _load(self._module, self._attribute)
        return declared.run(file)


def _load(module: str, attribute: str) -> Any:
    return getattr(importlib.import_module(module), attribute)


@cache
def index() -> Index:
    """The index as written."""
    return msgspec.json.decode(INDEX.read_bytes(), type=Index)


def build_index() -> Index:
    """The index as the declarations say it. Imports every plug-in. Raises ValueError for two of one name."""
    collect(Analyzer, PACKAGES[Analyzer])
    found = [
        (module.__name__, attribute, value)
        for module in modules(("vigie.distros", "vigie.ecosystems"))
        for attribute, value in vars(module).items()
        if isinstance(value, Analyzer | Distro | Ecosystem) and not attribute.startswith("_")
    ]
    own = {id(value): (module, attribute, value) for module, attribute, value in reversed(found)}
    values = sorted(own.values(), key=lambda entry: (entry[0], entry[1]))
    return Index(
        analyzers=tuple(
            IndexedAnalyzer(
                a.name, module, attribute, a.group, a.type, a.globs, a.companions, a.reader, a.version, a.order
            )
            for module, attribute, a in values
            if isinstance(a, Analyzer)
        ),
        distros={d.name: (module, attribute) for module, attribute, d in values if isinstance(d, Distro)},
        ecosystems={
            type_: (module, attribute)
            for module, attribute, e in values
            if isinstance(e, Ecosystem)
            for type_ in e.types
        },
    )


def analyzers() -> list[Analyzer]:
    """All analyzers, ours without importing them."""
    ours = [
        Analyzer(
            name=a.name,
            run=_Late(a.module, a.attribute),
            group=a.group,
            type=a.type,
            globs=a.globs,
            companions=a.companions,
            reader=a.reader,
            version=a.version,
            order=a.order,
        )
        for a in index().analyzers
    ]
    return [*ours, *collect(Analyzer, _third_parties()).values()]


def distros(families: Iterable[str]) -> dict[str, Distro]:
    """The distributions of these families, by family; unknown families are left out."""
    found: dict[str, Distro] = {f: _load(*index().distros[f]) for f in families if f in index().distros}
    return found | collect(Distro, _third_parties())


def ecosystems(types: Iterable[str]) -> dict[str, Ecosystem]:
    """The ecosystems that these report types belong to, by name."""
    found: dict[str, Ecosystem] = {}
    for type_ in types:
        if type_ in index().ecosystems:
            ecosystem: Ecosystem = _load(*index().ecosystems[type_])
            found[ecosystem.name] = ecosystem
    return found | collect(Ecosystem, _third_parties())


def languages() -> dict[str, Language]:
    """All languages of configuration, by name. Each stands as `language` in its package, which is light."""
    import pkgutil

    from vigie.misconfig import languages as package
    from vigie.misconfig.language import Language

    found = (
        importlib.import_module(f"{package.__name__}.{info.name}") for info in pkgutil.iter_modules(package.__path__)
    )
    ours = {one.name: one for module in found for one in vars(module).values() if isinstance(one, Language)}
    return ours | collect(Language, _third_parties())


@cache
def _third_parties() -> tuple[str, ...]:
    """Packages that others installed. Folders on the path are listed for `entry_points.txt` files that name our group
    before the standard library's reader, which takes longer than a whole start of ours, is asked."""
    needle = f"[{ENTRY_POINTS}]".encode()
    for folder in map(Path, filter(None, sys.path)):
        if any(needle in file.read_bytes() for file in folder.glob("*.dist-info/entry_points.txt")):
            from importlib.metadata import entry_points

            return tuple(entry.value for entry in entry_points(group=ENTRY_POINTS))
    return ()


def main() -> None:
    """Writes the index."""
    INDEX.write_bytes(msgspec.json.format(msgspec.json.encode(build_index()), indent=1) + b"\n")


if __name__ == "__main__":
    main()
