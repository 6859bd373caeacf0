"""Identities that the peer's reports carry: the UID of a package and the fingerprint of a finding.

The UID is the hash (`model/structure_hash.py`) of the fields of the package record that are set.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable

from vigie.model.package import Package
from vigie.model.structure_hash import fnv, of_list, of_map, of_number, of_struct, of_text

RELATIONSHIPS = {"unknown": 0, "root": 1, "workspace": 2, "direct": 3, "indirect": 4}


def _texts(texts: Iterable[str]) -> int | None:
    hashes = [of_text(text) for text in texts]
    return of_list(hashes) if hashes else None


def package_uid(package: Package, path: str, without: Container[str] = ()) -> str:
    """The peer's UID of a package: 16 hexadecimal digits at most, without leading zeros.

    path: of the lock file or database that lists it, "" for a distribution's packages. without: those of `Licenses`,
    `Digest` and `Locations` that the peer does not know, or learns only after it hashed the record.
    """
    source = package.source
    said = of_text
    locations = [
        of_struct("Location", (("StartLine", of_number(where.start)), ("EndLine", of_number(where.end))))
        for where in package.locations
    ]
    kind = {True: "third-party", False: "official", None: ""}[package.third_party]
    relationship = RELATIONSHIPS[package.relationship]
    record = of_struct(
        "Package",
        (
            ("ID", said(package.id) if package.id else None),
            ("Name", said(package.name) if package.name else None),
            ("Version", said(package.version) if package.version else None),
            ("Release", said(package.release) if package.release else None),
            ("Epoch", of_number(package.epoch) if package.epoch else None),
            ("Arch", said(package.arch) if package.arch else None),
            ("Dev", fnv(b"\x01") if package.dev else None),
            ("SrcName", said(source.name) if source and source.name else None),
            ("SrcVersion", said(source.version) if source and source.version else None),
            ("SrcRelease", said(source.release) if source and source.release else None),
            ("SrcEpoch", of_number(source.epoch) if source and source.epoch else None),
            ("Licenses", _texts(package.licenses) if "Licenses" not in without else None),
            ("Maintainer", said(package.maintainer) if package.maintainer else None),
            ("Modularitylabel", said(package.modularity) if package.modularity else None),
            ("Repository", of_struct("PackageRepository", (("Class", said(kind)),)) if kind else None),
            ("Indirect", fnv(b"\x01") if package.relationship == "indirect" else None),
            ("Relationship", of_number(relationship) if relationship else None),
            ("DependsOn", _texts(package.depends_on)),
            ("FilePath", said(package.path) if package.path else None),
            ("Digest", said(package.digest) if package.digest and "Digest" not in without else None),
            ("Locations", of_list(locations) if locations and "Locations" not in without else None),
            ("InstalledFiles", _texts(package.installed_files)),
            ("AnalyzedBy", said(package.found_by) if package.found_by else None),
        ),
    )
    return f"{of_map({'filePath': said(path), 'pkg': record}):x}"


def fingerprint(artifact: str, target: str, package: str, vulnerability: str) -> str:
    """What stays the same for one finding over scans of one artifact."""
    joined = ":".join((artifact, target, package, vulnerability))
    return "sha256:" + hashlib.sha256(joined.encode("utf-8", "replace")).hexdigest()
