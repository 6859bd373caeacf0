"""Settling what Java archives without coordinates are, with a database of known archives when there is one.

This is not part of reading, so that a cached layer profits from a database that came later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import msgspec

from vigie.model.inventory import Inventory, Problem
from vigie.model.package import ArchiveClaims, Package

replace = msgspec.structs.replace
Coordinates = tuple[str, str, str]
WORD = re.compile(r"[A-Za-z0-9._-]+")


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

    def close(self) -> None:
        """Releases the file."""
        ...


def unsettled(inventory: Inventory) -> bool:
    """Whether there is anything to identify."""
    return any(package.claims is not None for found in inventory.applications for package in found.packages)


def identify(
    inventory: Inventory,
    index: ArchiveIndex | None,
    purl: Callable[[str, str], str],
    version_key: Callable[[str], object],
) -> Inventory:
    """The inventory with every archive either named or, all together, in one Problem.

    With a database: by what the manifest claims if there is such an artifact, then by digest, then by the file's name.
    Without one the manifest is believed when its claims look like coordinates. An archive that turns out to be a
    package already read out of it is not listed twice. purl and version_key: Maven's, of (name, version) and of a
    version. Raises KnowledgeError when the database cannot be read.
    """
    settling = _Settling(index, purl, version_key)
    applications = tuple(
        replace(found, packages=tuple(settling.settled(found.packages)))
        if any(package.claims is not None for package in found.packages)
        else found
        for found in inventory.applications
    )
    return replace(
        inventory,
        applications=tuple(found for found in applications if found.packages),
        problems=(*inventory.problems, *settling.problems()),
    )


class _Settling:
    """One run over all archives, and what was left open in it."""

    def __init__(
        self,
        index: ArchiveIndex | None,
        purl: Callable[[str, str], str],
        version_key: Callable[[str], object],
    ) -> None:
        self._index, self._purl, self._version_key = index, purl, version_key
        self._unknown: list[str] = []
        self._believed: list[str] = []

    def settled(self, packages: Sequence[Package]) -> Iterator[Package]:
        """Packages of one file, named; those that stay without a name are left out."""
        there = {self._identity(package) for package in packages if package.claims is None}
        for package in packages:
            if package.claims is None:
                yield package
                continue
            coordinates = self._coordinates(package.claims)
            if coordinates is None:
                if not package.claims.holds_others:
                    self._unknown.append(package.path)
                continue
            group, artifact, version = coordinates
            name = f"{group}:{artifact}"
            named = replace(package, name=name, version=version, purl=self._purl(name, version), claims=None)
            if self._identity(named) not in there:
                there.add(self._identity(named))
                if self._index is None:
                    self._believed.append(package.path)
                yield named

    def problems(self) -> Iterator[Problem]:
        """At most one."""
        if not (self._unknown or self._believed):
            return
        parts = []
        if count := len(self._unknown):
            if self._index is not None:
                reason = "are not known to the Java database" if count > 1 else "is not known to the Java database"
            else:
                reason = "do not say what they are" if count > 1 else "does not say what it is"
            judged = "were not judged" if count > 1 else "was not judged"
            parts.append(f"{_counted(count)} {reason} and {judged}: {_some(self._unknown)}")
        if count := len(self._believed):
            claimed = (
                "were judged by what their manifests claim" if count > 1 else "was judged by what its manifest claims"
            )
            parts.append(f"{_counted(count)} {claimed}, which may be wrong: {_some(self._believed)}")
        hint = "the Java database names archives by their digests: vigie db update java" if self._index is None else ""
        yield Problem("Java", "; ".join(parts), hint)

    def _identity(self, package: Package) -> tuple[str, str, object]:
        return package.path, package.name, self._version_key(package.version)

    def _coordinates(self, claims: ArchiveClaims) -> Coordinates | None:
        group, artifact, version = claims.manifest
        file_artifact, file_version = claims.file_name
        index = self._index
        if index is None:
            # Titles are often prose. A file name with the manifest's version is how the artifact is really called.
            artifact = file_artifact if version and file_version == version else artifact
            return (group, artifact, version) if version and _like_coordinates(group, artifact) else None
        known = index.by_sha1(claims.sha1)
        if group and artifact and version and index.has(group, artifact):
            # The same bytes may have been published by several groups, of which the database knows one.
            return group, artifact, known[2] if known is not None and known[1] == artifact else version
        if known is not None:
            return known
        if file_artifact and (found := index.group_of(file_artifact, file_version)) is not None:
            return found, file_artifact, file_version
        return None


def _like_coordinates(group: str, artifact: str) -> bool:
    """Whether the two could stand in a repository: no prose, and the group a domain turned round, or the artifact's own
    name as was the custom once."""
    return bool(WORD.fullmatch(group) and WORD.fullmatch(artifact)) and ("." in group or group == artifact)


def _counted(count: int) -> str:
    return f"{count} archives" if count > 1 else "1 archive"


def _some(paths: Sequence[str]) -> str:
    return ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
