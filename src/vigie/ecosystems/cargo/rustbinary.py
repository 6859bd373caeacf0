"""Rust binaries built with cargo-auditable. Source: the format's description in its repository's PARSING.md."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import Struct

from vigie._core import Executable
from vigie.ecosystems.cargo.ecosystem import crate_purl
from vigie.ecosystems.graph import package_id
from vigie.model.package import Package
from vigie.scanner.analyzer import File, Group, ParseError, Reader, analyzer


class Audited(Struct):
    """One crate that went into the binary. dependencies: indices into the list."""

    name: str
    version: str
    kind: str = "runtime"
    dependencies: tuple[int, ...] = ()
    root: bool = False


class Audit(Struct):
    """The embedded document."""

    packages: tuple[Audited, ...]


@analyzer("rustbinary", group=Group.INSTALLED, type="rustbinary", reader=Reader.EXECUTABLE, version=2)
def rustbinary(file: File) -> Iterator[Package]:
    """Crates that only helped to build are not in the binary."""
    program = file.content
    if not isinstance(program, Executable) or not program.rust_audit:
        return
    try:
        crates = msgspec.json.decode(program.rust_audit, type=Audit).packages
    except msgspec.DecodeError as error:
        raise ParseError(f"has audit data that cannot be read: {error}") from error
    for crate in crates:
        if crate.kind != "runtime":
            continue
        edges = [crates[index] for index in crate.dependencies if 0 <= index < len(crates)]
        yield Package(
            name=crate.name,
            version=crate.version,
            id=package_id(crate.name, crate.version),
            purl=crate_purl(crate.name, crate.version),
            relationship="root" if crate.root else "unknown",
            depends_on=tuple(dict.fromkeys(package_id(e.name, e.version) for e in edges if e.kind == "runtime")),
        )
