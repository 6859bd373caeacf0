"""crates.io: facts of the ecosystem."""

from __future__ import annotations

from vigie.model.purl import purl
from vigie.scanner.ecosystem import Ecosystem
from vigie.versions import generic as versions

cargo = Ecosystem(
    name="cargo",
    osv=("crates.io",),
    types=("cargo", "rustbinary"),
    ordering=versions.ORDERING,
)


def crate_purl(name: str, version: str) -> str:
    """Names are taken as they are."""
    return purl("cargo", "", name, version)
