"""Which services and checks there are, and which of them a project needs: a module loads when its types are met."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from functools import cache
from keyword import iskeyword
from pathlib import Path

import msgspec
from msgspec import Struct

from vigie.misconfig.check import Check
from vigie.misconfig.resource import Service
from vigie.registry import modules

RESOURCES, CHECKS = "vigie.misconfig.resources", "vigie.misconfig.checks"
INDEX = Path(__file__).with_name("index.json")
FORMATS = ("terraform", "cloudformation")


class Index(Struct, frozen=True):
    """The written index. types: per format, from a type of resource to the paths of services that look at it. always:
    per format, services that are there without any resource. modules: from a service, or a language that is judged as
    it is (`kubernetes`), to the modules of its checks."""

    types: dict[str, dict[str, tuple[str, ...]]]
    always: dict[str, tuple[str, ...]]
    modules: dict[str, tuple[str, ...]]


@cache
def index() -> Index:
    """The index as written."""
    return msgspec.json.decode(INDEX.read_bytes(), type=Index)


def build_index() -> Index:
    """The index as the declarations say it. Imports everything."""
    types: dict[str, dict[str, list[str]]] = {format_: {} for format_ in FORMATS}
    always: dict[str, list[str]] = {format_: [] for format_ in FORMATS}
    for module in modules((RESOURCES,)):
        service = getattr(module, "service", None)
        if not isinstance(service, Service):
            continue
        for format_ in FORMATS:
            adapter = getattr(service, format_)
            if adapter is None:
                continue
            if adapter.always:
                always[format_].append(service.path)
            for type_ in adapter.types:
                types[format_].setdefault(type_, []).append(service.path)
    found: dict[str, list[str]] = {}
    for module in modules((CHECKS,)):
        own = {owner_of(check) for check in vars(module).values() if isinstance(check, Check)}
        for owner in own:
            found.setdefault(owner, []).append(module.__name__)
    return Index(
        types={f: {t: tuple(sorted(paths)) for t, paths in sorted(table.items())} for f, table in types.items()},
        always={f: tuple(sorted(paths)) for f, paths in always.items()},
        modules={owner: tuple(sorted(names)) for owner, names in sorted(found.items())},
    )


def owner_of(check: Check) -> str:
    """The service a check belongs to (`aws.s3`), or the language that is judged as it is."""
    first, *rest = check.paths[0].split(".")
    if first == "dockerfile" or (first == "kubernetes" and rest[0] != "network_policies"):
        return first
    return f"{first}.{rest[0]}"


@cache
def service(path: str) -> Service:
    """The service of this path. The module of one that is named like a word of Python ends in `_`."""
    provider, name = path.split(".")
    found: Service = importlib.import_module(f"{RESOURCES}.{provider}.{name}{'_' * iskeyword(name)}").service
    return found


_loaded: dict[str, Check] = {}


@cache
def checks(owner: str) -> tuple[Check, ...]:
    """The checks of a service or language, by id."""
    found = {
        check.id: check
        for name in index().modules.get(owner, ())
        for check in vars(importlib.import_module(name)).values()
        if isinstance(check, Check) and owner_of(check) == owner
    }
    _loaded.update(found)
    return tuple(found[id_] for id_ in sorted(found))


def check(id_: str) -> Check:
    """A check by its id: one of those loaded, else all are looked through."""
    if id_ not in _loaded:
        for owner in index().modules:
            checks(owner)
    return _loaded[id_]


def services(format_: str, types: Iterable[str]) -> list[str]:
    """The paths of the services that these types of resources feed, in order."""
    table = index().types.get(format_, {})
    found = set(index().always.get(format_, ()))
    for type_ in types:
        found.update(table.get(type_, ()))
    return sorted(found)


def main() -> None:
    """Writes the index."""
    INDEX.write_bytes(msgspec.json.format(msgspec.json.encode(build_index()), indent=1) + b"\n")


if __name__ == "__main__":
    main()
