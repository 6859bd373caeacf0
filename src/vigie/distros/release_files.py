"""The `<family>-release` files of Red Hat and what descends from it: `CentOS Linux release 7.9.2009 (Core)`."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from vigie.model.inventory import OperatingSystem
from vigie.scanner.analyzer import File, ParseError

STATEMENT = re.compile(r"(.*) release (\d[\d.]*)")

PREFIXES = {
    "centos": "centos",
    "centos linux": "centos",
    "rocky": "rocky",
    "rocky linux": "rocky",
    "alma": "alma",
    "almalinux": "alma",
    "alma linux": "alma",
    "oracle": "oracle",
    "oracle linux": "oracle",
    "oracle linux server": "oracle",
    "fedora": "fedora",
    "fedora linux": "fedora",
}
"""What stands before ` release `, lower-cased, and the family that writes it."""


def statements(file: File) -> Iterator[tuple[str, str]]:
    """(what stands before ` release `, the release) of each line that has both. Raises ParseError for an empty find."""
    found = [match for match in map(STATEMENT.match, file.text().splitlines()) if match]
    if not found:
        raise ParseError("names no release")
    for match in found:
        yield match[1].strip().lower(), match[2]


def own(file: File, families: Container[str]) -> Iterator[OperatingSystem]:
    """The system of the first line in which one of these families names itself."""
    for prefix, release in statements(file):
        if (family := PREFIXES.get(prefix)) and family in families:
            yield OperatingSystem(family, release)
            return
