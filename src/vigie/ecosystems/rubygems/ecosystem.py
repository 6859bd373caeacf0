"""RubyGems: facts of the ecosystem."""

from __future__ import annotations

from vigie.model.purl import purl
from vigie.scanner.ecosystem import Ecosystem
from vigie.versions import rubygems as versions

rubygems = Ecosystem(
    name="rubygems",
    osv=("RubyGems",),
    types=("bundler", "gemspec"),
    ordering=versions.ORDERING,
    aggregated={"gemspec": "Ruby"},
)


def gem_purl(name: str, version: str) -> str:
    """Names are taken as they are."""
    return purl("gem", "", name, version)
