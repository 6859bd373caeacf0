"""Merging: the facts of layers, lowest first, become one inventory.

Later layers replace, whiteouts delete, and each package keeps the layer that first brought it.
Source: the OCI image specification for whiteouts, and Trivy's documented behaviour for what replaces what.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import msgspec

from vigie.model.inventory import (
    BuildInfo,
    Configuration,
    Inventory,
    OperatingSystem,
    OwnedFiles,
    PackageList,
    PackageRepository,
    PartFacts,
)
from vigie.model.package import Package
from vigie.model.secret import SecretCandidate
from vigie.scanner.part import Part

replace = msgspec.structs.replace

REPLACEABLE = frozenset({"redhat", "debian"})
"""Families that a more specific one replaces: derivatives keep their parent's release files."""

Identity = tuple[str, str, str]


def merge(parts: Sequence[Part], facts: Sequence[PartFacts]) -> Inventory:
    """Merges facts in the order of their layers. `parts` give each layer's reference."""
    owned = [_with_owned_files(fact) for fact in facts]
    alive: dict[tuple[str, str], tuple[int, PackageList]] = {}
    configurations: dict[tuple[str, str], Configuration] = {}
    for index, fact in enumerate(owned):
        _delete(alive, fact)
        _delete(configurations, fact)
        layer = parts[index].reference
        for file in fact.configurations:
            configurations[file.language, file.path] = replace(file, layer=layer) if layer.diff_id else file
        for found in fact.os_packages:
            alive["os", found.path] = index, found
        for found in fact.applications:
            alive[found.type, found.path] = index, found
    references = [part.reference for part in parts]

    def in_layer(package: Package, index: int) -> Package:
        if package.layer is not None or not references[index].diff_id:
            return package
        return replace(package, layer=references[index])

    origin = _origins(owned)
    system_packages: dict[tuple[str, str], Package] = {}
    for (kind, _), (index, found) in alive.items():
        if kind != "os":
            continue
        for package in found.packages:
            first, original = origin.get(_identity(package), (index, package))
            placed = replace(package, installed_files=original.installed_files) if first != index else package
            key = (package.id or f"{package.name}@{package.full_version}", package.path)
            system_packages.setdefault(key, in_layer(placed, first))
    licenses = {entry.name: entry.licenses for fact in facts for entry in fact.licenses}
    digests = {entry.id: entry.digest for fact in facts for entry in fact.digests}
    applications = [
        _placed(found, index, owned, in_layer) for (kind, _), (index, found) in alive.items() if kind != "os"
    ]
    return Inventory(
        system=merge_systems(system for fact in facts for system in fact.systems),
        repository=_last(fact.repository for fact in facts),
        builds=_builds(facts),
        os_packages=tuple(_described(package, licenses, digests) for package in system_packages.values()),
        applications=tuple(sorted(applications, key=lambda found: (found.type, found.path, len(found.packages)))),
        configurations=tuple(configurations.values()),
        secrets=_secrets(parts, facts),
        problems=tuple(dict.fromkeys(problem for fact in facts for problem in fact.problems)),
    )


def merge_systems(found: Iterable[OperatingSystem]) -> OperatingSystem | None:
    """Several detections of one system, in order: the first counts, but redhat and debian give way to a derivative."""
    system = OperatingSystem()
    seen = False
    for new in found:
        seen = True
        supplier = system.supplier or new.supplier
        if system.family in REPLACEABLE and new.family:
            system = replace(new, supplier=supplier)
        elif system.family not in REPLACEABLE:
            system = OperatingSystem(
                family=system.family or new.family,
                name=system.name or new.name,
                extended=system.extended or new.extended,
                supplier=supplier,
            )
        elif new.supplier:
            system = replace(system, supplier=supplier)
    return system if seen and system.family else None


def without_owned(inventory: Inventory) -> Inventory:
    """The inventory without language packages that belong to the distribution's own packages: its advisories judge
    those."""
    owned = {path.lstrip("/") for package in inventory.os_packages for path in package.installed_files}
    if not owned:
        return inventory
    kept = []
    for found in inventory.applications:
        packages = tuple(package for package in found.packages if not (package.path and package.path in owned))
        if packages and found.path not in owned:
            kept.append(found if len(packages) == len(found.packages) else replace(found, packages=packages))
    return replace(inventory, applications=tuple(kept))


def _identity(package: Package) -> Identity:
    # An archive that is not named yet is told from others by its content.
    return package.claims.sha1 if package.claims else package.name, package.version, package.release


def _last(values: Iterable[PackageRepository | None]) -> PackageRepository | None:
    return next((value for value in reversed(list(values)) if value is not None), None)


def _secrets(parts: Sequence[Part], facts: Sequence[PartFacts]) -> tuple[SecretCandidate, ...]:
    """The candidates of all layers. Deleting a file takes nothing out of an image: what a lower layer has stays a
    finding, and says which layer hides it. What a file says again in a later layer counts for the first."""
    found: dict[tuple[str | int, ...], SecretCandidate] = {}
    for part, fact in zip(parts, facts, strict=True):
        layer = part.reference if part.reference.diff_id else None
        if layer is None:
            before = len(found)
            found.update({(before + number,): one for number, one in enumerate(fact.secrets)})
            continue
        if found and (fact.opaque or fact.whiteouts or fact.secrets):
            hides = _hides(fact)
            again = {_outer(candidate.path) for candidate in fact.secrets}  # its files replace those below
            for key, candidate in found.items():
                if candidate.deleted_by is None and any(hides(path) or path in again for path in _files(candidate)):
                    found[key] = replace(candidate, deleted_by=layer)
        times: Counter[tuple[str, str, str]] = Counter()
        for candidate in sorted(fact.secrets, key=lambda one: one.offset):
            secret = candidate.rule, candidate.path, candidate.tag
            key = *secret, times[secret]
            times[secret] += 1
            first = found.get(key)
            found[key] = replace(first, deleted_by=None) if first else replace(candidate, layer=layer)
    return _with_commits(found.values())


def _with_commits(candidates: Collection[SecretCandidate]) -> tuple[SecretCandidate, ...]:
    """One candidate for what both a folder and its history have: the folder's, with the commits."""

    def key(candidate: SecretCandidate) -> tuple[str, str, str]:
        return candidate.rule, candidate.path, candidate.tag

    here = [candidate for candidate in candidates if candidate.seen is None]
    past = [candidate for candidate in candidates if candidate.seen is not None]
    if not (here and past):
        return tuple(candidates)
    known = {key(candidate) for candidate in here}
    commits = {key(candidate): candidate for candidate in past}

    def with_commit(candidate: SecretCandidate) -> SecretCandidate:
        first = commits.get(key(candidate))
        return replace(candidate, seen=replace(first.seen, line=first.start)) if first and first.seen else candidate

    return (*map(with_commit, here), *(candidate for candidate in past if key(candidate) not in known))


def _outer(path: str) -> str:
    """The file in which something stands, without the path inside an archive."""
    return path.partition("!")[0]


def _files(candidate: SecretCandidate) -> tuple[str, ...]:
    """What may be the file a candidate stands in: names of files may have a `!` as well."""
    return (candidate.path, _outer(candidate.path)) if "!" in candidate.path else (candidate.path,)


def _hides(fact: PartFacts) -> Callable[[str], bool]:
    """Whether a layer's opaque folders and whiteouts hide a path of the layers below it."""
    opaque = {path.strip("/") for path in fact.opaque}
    gone = {path.strip("/") for path in fact.whiteouts}

    def hides(path: str) -> bool:
        if path in gone:
            return True
        folder = path
        while folder := folder.rpartition("/")[0]:
            if folder in gone or folder in opaque:
                return True
        return False

    return hides


def _delete(alive: dict[tuple[str, str], Any], fact: PartFacts) -> None:
    """Applies a layer's opaque folders and whiteouts to what lies below it. alive: by kind and path."""
    if not (fact.opaque or fact.whiteouts):
        return
    hides = _hides(fact)
    for key in [key for key in alive if hides(key[1])]:
        del alive[key]


def _with_owned_files(fact: PartFacts) -> PartFacts:
    """Gives packages the file lists that stand in other files of the same layer."""
    if not fact.owned_files:
        return fact
    by_package: dict[str, OwnedFiles] = {entry.package: entry for entry in fact.owned_files}

    def with_files(package: Package) -> Package:
        entry = by_package.get(package.name) or by_package.get(f"{package.name}:{package.arch}")
        if entry is None or package.third_party or package.installed_files:
            return package
        return replace(package, installed_files=entry.paths)

    lists = tuple(replace(found, packages=tuple(map(with_files, found.packages))) for found in fact.os_packages)
    return replace(fact, os_packages=lists)


def _origins(facts: Sequence[PartFacts]) -> dict[Identity, tuple[int, Package]]:
    """The lowest layer in which each distribution package stands, and the package as it stands there."""
    origin: dict[Identity, tuple[int, Package]] = {}
    for index, fact in enumerate(facts):
        for found in fact.os_packages:
            for package in found.packages:
                origin.setdefault(_identity(package), (index, package))
    return origin


def _placed(
    found: PackageList, index: int, facts: Sequence[PartFacts], in_layer: Callable[[Package, int], Package]
) -> PackageList:
    """A lock file's packages, each with the lowest layer whose version of that file already named it."""
    first: dict[Identity, int] = {}
    for lower, fact in enumerate(facts[:index]):
        for older in fact.applications:
            if older.path == found.path and older.type == found.type:
                for package in older.packages:
                    first.setdefault(_identity(package), lower)
    packages = tuple(in_layer(package, first.get(_identity(package), index)) for package in found.packages)
    return replace(found, packages=packages)


def _builds(facts: Sequence[PartFacts]) -> dict[str, BuildInfo]:
    """Red Hat build facts by diff id: a layer without its own takes the nearest lower one's, the first takes the
    second's."""
    builds: dict[str, BuildInfo] = {}
    current = facts[1].build if len(facts) > 1 and facts[0].build is None else None
    for fact in facts:
        current = fact.build or current
        if current is not None:
            builds[fact.diff_id] = current
    return builds


def _described(package: Package, licenses: dict[str, tuple[str, ...]], digests: dict[str, str]) -> Package:
    """A package with what other files say of it."""
    if (found := licenses.get(package.name)) is not None:
        package = replace(package, licenses=found)
    if (digest := digests.get(package.id)) is not None and not package.digest:
        package = replace(package, digest=digest)
    return package
