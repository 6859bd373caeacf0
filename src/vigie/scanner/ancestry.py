"""Who asks for a package: the dependency graph of one list of packages, read upwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vigie.model.package import Package

Askers = Mapping[str, tuple[str, ...]]


def askers(packages: Iterable[Package]) -> Askers:
    """By package id, the ids of the packages that depend on it, in order."""
    found: dict[str, list[str]] = {}
    for package in packages:
        for wanted in dict.fromkeys(package.depends_on):
            if package.id and wanted != package.id:
                found.setdefault(wanted, []).append(package.id)
    return {id_: tuple(sorted(above)) for id_, above in found.items()}


def chosen_by(id_: str, packages: Mapping[str, Package], above: Askers) -> tuple[str, ...]:
    """The names of the direct dependencies through which the package `id_` came in, in order; empty when it is a direct
    one itself or when the graph does not tell. Each id is visited once, so cycles end."""
    start = packages.get(id_)
    if start is None or start.relationship in ("direct", "root", "workspace"):
        return ()
    names: set[str] = set()
    seen, waiting = {id_}, [id_]
    while waiting:
        for asker in above.get(waiting.pop(), ()):
            if asker in seen:
                continue
            seen.add(asker)
            package = packages.get(asker)
            if package is None:
                continue
            if package.relationship == "direct":
                names.add(package.name)
            else:
                waiting.append(asker)
    return tuple(sorted(names))
