"""Identities that the peer's reports carry: the UID of a package and the fingerprint of a finding.

The UID is FNV-1 (64 bit) over the fields of the package record that are set, in the way of Go's `hashstructure`: a
struct starts as the hash of its type's name; each set field is mixed in as the pair of its name's and its value's hash,
and finished. A list is the chain of pairs, a map the exclusive or of its entries' pairs, finished.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache

from vigie.model.package import Package

_OFFSET, _PRIME, _MASK = 0xCBF29CE484222325, 0x100000001B3, (1 << 64) - 1
RELATIONSHIPS = {"unknown": 0, "root": 1, "workspace": 2, "direct": 3, "indirect": 4}


def fnv(data: bytes, value: int = _OFFSET) -> int:
    """FNV-1, 64 bit; continues from the hash of what came before."""
    for byte in data:
        value = (value * _PRIME & _MASK) ^ byte
    return value


@lru_cache(maxsize=65536)
def _text(text: str) -> int:
    return fnv(text.encode("utf-8", "replace"))


@lru_cache(maxsize=65536)
def _folder(path: str) -> int:
    """The hash of a path and the slash behind it. Packages own many files in few folders, so most of each is known."""
    above, slash, name = path.rpartition("/")
    return fnv(f"{name}/".encode("utf-8", "replace"), _folder(above) if slash else _OFFSET)


def _file(path: str) -> int:
    above, slash, name = path.rpartition("/")
    return fnv(name.encode("utf-8", "replace"), _folder(above) if slash else _OFFSET)


def _number(number: int) -> int:
    return fnv((number & _MASK).to_bytes(8, "little"))


def _pair(one: int, other: int) -> int:
    return fnv(one.to_bytes(8, "little") + other.to_bytes(8, "little"))


def _finish(value: int) -> int:
    return fnv(value.to_bytes(8, "little"))


def _list(hashes: Iterable[int]) -> int:
    value = 0
    for each in hashes:
        value = _pair(value, each)
    return value


def _struct(name: str, fields: Iterable[tuple[str, int | None]]) -> int:
    """fields: (name, hash), in the order of declaration; None for a field that is not set."""
    value = _text(name)
    for field, hashed in fields:
        if hashed is not None:
            value = _finish(value ^ _pair(_text(field), hashed))
    return value


def _texts(texts: Iterable[str]) -> int | None:
    hashes = [_text(text) for text in texts]
    return _list(hashes) if hashes else None


def package_uid(package: Package, path: str, *, own_licenses: bool = True) -> str:
    """The peer's UID of a package: 16 hexadecimal digits at most, without leading zeros.

    path: of the lock file or database that lists it, "" for a distribution's packages. own_licenses: whether the
    licences stand in that list itself; the peer hashes the record before layer, package URL and licences from elsewhere
    are added to it.
    """
    source = package.source
    said = _text
    locations = [
        _struct("Location", (("StartLine", _number(where.start)), ("EndLine", _number(where.end))))
        for where in package.locations
    ]
    kind = {True: "third-party", False: "official", None: ""}[package.third_party]
    relationship = RELATIONSHIPS[package.relationship]
    record = _struct(
        "Package",
        (
            ("ID", said(package.id) if package.id else None),
            ("Name", said(package.name) if package.name else None),
            ("Version", said(package.version) if package.version else None),
            ("Release", said(package.release) if package.release else None),
            ("Epoch", _number(package.epoch) if package.epoch else None),
            ("Arch", said(package.arch) if package.arch else None),
            ("Dev", fnv(b"\x01") if package.dev else None),
            ("SrcName", said(source.name) if source and source.name else None),
            ("SrcVersion", said(source.version) if source and source.version else None),
            ("SrcRelease", said(source.release) if source and source.release else None),
            ("SrcEpoch", _number(source.epoch) if source and source.epoch else None),
            ("Licenses", _texts(package.licenses) if own_licenses else None),
            ("Maintainer", said(package.maintainer) if package.maintainer else None),
            ("Modularitylabel", said(package.modularity) if package.modularity else None),
            ("Repository", _struct("PackageRepository", (("Class", said(kind)),)) if kind else None),
            ("Indirect", fnv(b"\x01") if package.relationship == "indirect" else None),
            ("Relationship", _number(relationship) if relationship else None),
            ("DependsOn", _texts(package.depends_on)),
            ("FilePath", said(package.path) if package.path else None),
            ("Digest", said(package.digest) if package.digest else None),
            ("Locations", _list(locations) if locations else None),
            ("InstalledFiles", _list(map(_file, package.installed_files)) if package.installed_files else None),
            ("AnalyzedBy", said(package.found_by) if package.found_by else None),
        ),
    )
    both = _pair(said("filePath"), said(path)) ^ _pair(said("pkg"), record)
    return f"{_finish(both):x}"


def fingerprint(artifact: str, target: str, package: str, vulnerability: str) -> str:
    """What stays the same for one finding over scans of one artifact."""
    joined = ":".join((artifact, target, package, vulnerability))
    return "sha256:" + hashlib.sha256(joined.encode("utf-8", "replace")).hexdigest()
