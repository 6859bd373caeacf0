"""Settling what Java archives without coordinates are, with a database of known archives when there is one.

This is not part of reading, so that a cached layer profits from a database that came later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from vigie.model.inventory import Inventory, Problem
from vigie.model.package import ArchiveClaims, Package

replace = msgspec.structs.replace
Coordinates = tuple[str, str, str]


class ArchiveIndex(Protocol):
    """The database of known archives. Coordinates are (group, artifact, version)."""

    def by_sha1(self, sha1: str) -> Coordinates | None:
        """What an archive with this digest is."""
        ...

    def has(self, group: str, artifact: str) -> bool:
        """Whether this group has such an artifact."""
        ...

    def group_of(self, artifact: str, version: str) -> str | None:
        """The group with the most versions among those that published this artifact in this version."""
        ...


def identify(inventory: Inventory, index: ArchiveIndex | None, purl: Callable[[str, str], str]) -> Inventory:
    """The inventory with every archive either named or, all together, in one Problem.

    In this order: digest, manifest (its claim is believed without a database, and checked with one), file name.
    """
    unknown: list[str] = []
    applications = []
    for found in inventory.applications:
        packages: list[Package] = []
        for package in found.packages:
            if package.claims is None:
                packages.append(package)
            elif (settled := _settle(package.claims, index)) is not None:
                group, artifact, version = settled
                name = f"{group}:{artifact}"
                packages.append(replace(package, name=name, version=version, purl=purl(name, version), claims=None))
            elif not package.claims.holds_others:
                unknown.append(package.path)
        applications.append(replace(found, packages=tuple(packages)))
    problems = (*inventory.problems, *((_unidentified(unknown, index),) if unknown else ()))
    kept = tuple(found for found in applications if found.packages)
    return replace(inventory, applications=kept, problems=problems)


def _settle(claims: ArchiveClaims, index: ArchiveIndex | None) -> Coordinates | None:
    group, artifact, version = claims.manifest
    complete = bool(group and artifact and version)
    if index is None:
        return claims.manifest if complete and " " not in group + artifact else None
    if (known := index.by_sha1(claims.sha1)) is not None:
        return known
    if complete and index.has(group, artifact):
        return claims.manifest
    artifact, version = claims.file_name
    if artifact and version and (found := index.group_of(artifact, version)) is not None:
        return found, artifact, version
    return None


def _unidentified(paths: Sequence[str], index: ArchiveIndex | None) -> Problem:
    shown = ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
    hint = "" if index else "the Java database names archives by their digest: vigie db update --java"
    return Problem("Java", f"{len(paths)} archives do not say what they are and were not judged: {shown}", hint)
