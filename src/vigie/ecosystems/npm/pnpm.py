"""pnpm-lock.yaml, lock file versions 5 to 9. Source: the lock file specification of pnpm."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from vigie.ecosystems.documents import Table, table, text, yaml_documents
from vigie.ecosystems.graph import Graph, package_id
from vigie.ecosystems.npm.licenses import installed_licenses
from vigie.ecosystems.npm.manifest import npm_purl
from vigie.model.package import Package, Relationship
from vigie.scanner.analyzer import File, Group, ParseError, analyzer

SEMVER = re.compile(
    r"(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?", re.ASCII
)
SHIPPED = ("dependencies", "optionalDependencies")
ENVIRONMENT = ("configDependencies", "packageManagerDependencies")
"""What pnpm itself needs; it stands in a document of its own before the project's."""


@analyzer("pnpm", "**/pnpm-lock.yaml", group=Group.LOCKFILE, type="pnpm")
def pnpm(file: File) -> Iterator[Package]:
    """A lock file below node_modules came with a package and says nothing about what is installed."""
    if "node_modules" in file.path.split("/")[:-1]:
        return
    for document in yaml_documents(file.bytes()):
        lock = table(document, "the document")
        importers = _importers(lock)
        if not any(key in importer for importer in importers for key in ENVIRONMENT):
            version = _version(lock.get("lockfileVersion"))
            graph = _snapshots(file, lock, importers) if version >= 9 else _packages(file, lock, importers, version)
            yield from graph.packages(npm_purl)
            return


def _version(value: object) -> float:
    """The version of the format; text in newer files, a number in older ones. Raises ParseError."""
    try:
        return float(value if isinstance(value, str | int | float) else "")
    except (ValueError, OverflowError) as error:
        raise ParseError(f"has no lockfileVersion that is a number, but {str(value)[:40]!r}") from error


def _importers(lock: Table) -> list[Table]:
    """The projects of a lock file; without workspaces older versions write the only one at the top."""
    importers = table(lock.get("importers"), "importers")
    return [table(value, f"importer {key}") for key, value in importers.items()] or [lock]


def _asked(importers: Iterable[Table], kinds: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(name, what it was resolved to) of the importers' dependencies of these kinds."""
    for importer in importers:
        for kind in kinds:
            for name, value in table(importer.get(kind), kind).items():
                resolved = value.get("version") if isinstance(value, dict) else value
                yield str(name), text(resolved, f"version of {name}")


def _snapshots(file: File, lock: Table, importers: list[Table]) -> Graph:
    """Version 9: `packages` says what a package is, `snapshots` with which peers it is installed."""
    graph = Graph()
    described = table(lock.get("packages"), "packages")
    snapshots = {
        str(key): table(value, f"snapshot {key}") for key, value in table(lock.get("snapshots"), "snapshots").items()
    }
    for key, snapshot in snapshots.items():
        trimmed = key.partition("(")[0]
        name, version = _split(trimmed)
        stated = table(described.get(trimmed), f"package {trimmed}").get("version")
        version = _strict(text(stated, f"version of {trimmed}") or version)
        graph.add(
            name,
            version,
            id=key,
            relationship="indirect",
            depends_on=_edges(snapshot, SHIPPED, _dependency_path, snapshots),
            licenses=_licenses(file, name, version, key),
        )
    shipped = {key for asked in _asked(importers, SHIPPED) if (key := _dependency_path(*asked)) in snapshots}
    tools = {key for asked in _asked(importers, ("devDependencies",)) if (key := _dependency_path(*asked)) in snapshots}
    in_product, in_tools = graph.reach(shipped), graph.reach(tools)
    for key, row in graph.rows.items():
        if key in shipped or key in tools:
            row.relationship = "direct"
        row.dev = key in in_tools and key not in in_product
    return graph


def _dependency_path(name: str, resolved: str) -> str:
    """The snapshot key that a dependency means: `1.0.0(peer@2.0.0)` is a version of `name`, `real@1.0.0` an alias."""
    if resolved.startswith("link:"):
        return ""
    at = resolved.find("@")
    before = min((i for i in (resolved.find(":"), resolved.find("(")) if i >= 0), default=len(resolved))
    return resolved if resolved.startswith("@") or 0 < at < before else f"{name}@{resolved}"


def _packages(file: File, lock: Table, importers: list[Table], version: float) -> Graph:
    """Versions before 9: `packages` by path, `/name/1.0.0_peers` up to 5 and `/name@1.0.0(peers)` in 6."""
    graph = Graph()
    mark = "@" if version >= 6 else "/"
    entries = {
        str(key): table(value, f"package {key}") for key, value in table(lock.get("packages"), "packages").items()
    }
    ids: dict[str, str] = {}
    identities: dict[str, tuple[str, str]] = {}
    for key, entry in entries.items():
        name, written = _split_path(key, mark)
        name = text(entry.get("name"), f"name of {key}") or name
        written = text(entry.get("version"), f"version of {key}") or written
        identities[key] = name, "" if key.startswith(("file:", "http")) and "version" not in entry else _strict(written)
        ids[key] = package_id(*identities[key])

    def path(name: str, resolved: str) -> str:
        if resolved.startswith("link:"):
            return ""
        written = f"/{name}{mark}{resolved}"
        return next((candidate for candidate in (written, resolved, f"/{resolved}") if candidate in entries), "")

    direct = {path(*asked) for asked in _asked(importers, (*SHIPPED, "devDependencies"))}
    for key, entry in entries.items():
        relationship: Relationship = "direct" if key in direct else "indirect"
        name, exact = identities[key]
        graph.add(
            name,
            exact,
            relationship=relationship,
            dev=entry.get("dev") is True,
            depends_on=(ids[found] for found in _edges(entry, ("dependencies",), path, entries)),
            licenses=_licenses(file, name, exact, key),
        )
    return graph


def _edges(entry: Table, kinds: Iterable[str], path: Any, known: Table) -> Iterator[str]:
    """Keys of the packages that an entry needs."""
    for asked in _asked((entry,), kinds):
        key = path(*asked)
        if key in known:
            yield key


def _split(key: str) -> tuple[str, str]:
    """Name and version of `name@version`."""
    at = key.find("@", 1)
    return (key, "") if at < 0 else (key[:at], key[at + 1 :])


def _split_path(key: str, mark: str) -> tuple[str, str]:
    """Name and version of an older key, after the registry and before the peers."""
    rest = key.partition("/")[2]
    scope = ""
    if rest.startswith("@"):
        scope, _, rest = rest.partition("/")
        scope += "/"
    name, _, version = rest.partition(mark)
    return scope + name, re.split(r"[(/]" if mark == "@" else "[_/]", version, maxsplit=1)[0]


def _strict(version: str) -> str:
    """The version if it is a semantic one; "" for an address, a path or a commit."""
    return version if SEMVER.fullmatch(version) else ""


def _licenses(file: File, name: str, version: str, key: str) -> tuple[str, ...]:
    """From the package's own folder in pnpm's store of the project, or from the top folder."""
    folder = key.removeprefix("/").replace(")", "").replace("(", "_").replace("/", "+").replace(":", "+")
    return installed_licenses(
        file, name, version, f"node_modules/.pnpm/{folder}/node_modules/{name}", f"node_modules/{name}"
    )
