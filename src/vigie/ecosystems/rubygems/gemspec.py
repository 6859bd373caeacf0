"""Installed gems: the .gemspec files that RubyGems writes into `specifications`.

They are Ruby programs, but written by a tool in one fixed shape; the assignments are read, nothing is run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from vigie import spdx
from vigie.ecosystems.rubygems.ecosystem import gem_purl
from vigie.model.package import Package
from vigie.scanner.analyzer import File, Group, ParseError, analyzer

VARIABLE = re.compile(r"Gem::Specification\.new\s+do\s*\|\s*(\w+)\s*\|")
QUOTED = re.compile(r"""["']([^"']*)["']""")
LINE_LIMIT = 64 << 10


@analyzer("gemspec", "**/specifications/**/*.gemspec", group=Group.INSTALLED, type="gemspec")
def gemspec(file: File) -> Iterator[Package]:
    """One gem. Raises ParseError when it has no name or version in plain text."""
    content = file.text()
    block = VARIABLE.search(content)
    if block is None:
        raise ParseError("does not begin a Gem::Specification")
    assignment = re.compile(rf"{block[1]}\.(name|version|licenses?)\s*=\s*(.*)")
    values: dict[str, list[str]] = {}
    for line in content[block.end() :].splitlines():
        found = assignment.match(line.strip()[:LINE_LIMIT])
        if found:
            values[found[1].removesuffix("s")] = QUOTED.findall(found[2])
    name, version = (next(iter(values.get(key, ())), "") for key in ("name", "version"))
    if not name or not version:
        raise ParseError("has no plain name and version")
    yield Package(
        name=name,
        version=version,
        purl=gem_purl(name, version),
        licenses=spdx.unique(found for stated in values.get("license", ()) for found in spdx.licenses(stated)),
        path=file.path,
    )
