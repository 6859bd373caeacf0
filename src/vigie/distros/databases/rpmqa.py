"""The list of packages that distroless images of CBL-Mariner and Azure Linux keep in place of rpm's database."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.distros.databases.rpm import source
from vigie.model.inventory import Fact
from vigie.model.package import Package
from vigie.scanner.analyzer import File, Group, ParseError, analyzer

COLUMNS = 10


@analyzer("rpmqa", "var/lib/rpmmanifest/container-manifest-2", group=Group.SYSTEM, type="rpm")
def rpmqa(file: File) -> Iterator[Fact]:
    """A package per line: name, version and release, installed, built, vendor, summary, size, arch, epoch, source."""
    for number, line in enumerate(file.text().splitlines(), start=1):
        columns = line.split("\t")
        if len(columns) != COLUMNS:
            raise ParseError(f"a line has {len(columns)} columns instead of {COLUMNS}", number)
        version, dash, release = columns[1].partition("-")
        if not dash or "-" in release or not columns[8].isdecimal():
            raise ParseError(f"{columns[0]:.80} has no version, release and epoch", number)
        epoch = int(columns[8])
        yield Package(
            name=columns[0],
            version=version,
            release=release,
            epoch=epoch,
            arch=columns[7],
            source=source(columns[9], epoch),
        )
