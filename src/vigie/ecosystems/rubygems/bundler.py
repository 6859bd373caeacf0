"""Gemfile.lock. Source: Bundler's lock file as it writes it, sections of indented lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vigie.ecosystems.graph import package_id
from vigie.ecosystems.rubygems.ecosystem import gem_purl
from vigie.model.package import Location, Package
from vigie.scanner.analyzer import File, Group, analyzer

SPEC = re.compile(r" {4}(\S+) \(([^-)\s]+)(?:-[^)\s]+)?\)$")
"""A gem, its version, and behind a dash the platform: `nokogiri (1.15.0-x86_64-linux)`."""
NEED = re.compile(r" {6}(\S+)")
ASKED = re.compile(r" {2}([^\s!]+)")


@analyzer("bundler", "**/Gemfile.lock", group=Group.LOCKFILE, type="bundler", version=2)
def bundler(file: File) -> Iterator[Package]:
    """A gem for several platforms is one package, at its last line, with what it needs on any of them."""
    gems: dict[str, tuple[str, int, list[str]]] = {}
    direct: set[str] = set()
    section, needs = "", []
    for number, line in enumerate(file.text().splitlines(), start=1):
        if line and not line.startswith(" "):
            section = line.strip()
        elif section == "DEPENDENCIES":
            if found := ASKED.match(line):
                direct.add(found[1])
        elif found := SPEC.match(line):
            needs = gems[found[1]][2] if found[1] in gems else []
            gems[found[1]] = (found[2], number, needs)
        elif found := NEED.match(line):
            needs.append(found[1])
    for name, (version, number, needed) in gems.items():
        yield Package(
            name=name,
            version=version,
            id=package_id(name, version),
            purl=gem_purl(name, version),
            relationship="direct" if name in direct else "indirect",
            depends_on=tuple(dict.fromkeys(package_id(need, gems[need][0]) for need in needed if need in gems)),
            locations=(Location(number, number),),
        )
