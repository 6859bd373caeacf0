"""Maven: facts of the ecosystem."""

from __future__ import annotations

from functools import lru_cache

from vigie.model.purl import purl
from vigie.scanner.ecosystem import Ecosystem
from vigie.versions import maven as versions

maven = Ecosystem(
    name="maven",
    osv=("Maven",),
    types=("jar", "pom", "gradle"),
    ordering=versions.ORDERING,
    aggregated={"jar": "Java"},
)


@lru_cache(maxsize=16384)
def maven_purl(name: str, version: str) -> str:
    """The group is the namespace; without a group there is no package URL, as nothing could be looked up by it."""
    group, _, artifact = name.rpartition(":")
    return purl("maven", group, artifact, version) if group else ""
