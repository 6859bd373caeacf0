"""Bottlerocket, which has no package manager but a list of what its image was made of."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import Struct, field

from vigie.model.inventory import Fact
from vigie.model.package import Package, evr
from vigie.scanner.analyzer import File, Group, ParseError, analyzer
from vigie.scanner.distro import Distro, Platform
from vigie.versions.rpm import ORDERING


class _Entry(Struct):
    name: str = field(name="Name")
    version: str = field(name="Version")
    release: str = field(name="Release", default="")
    epoch: str = field(name="Epoch", default="")
    arch: str = field(name="Architecture", default="")


class _Applications(Struct):
    content: list[_Entry] = field(name="Content", default_factory=list)


@analyzer(
    "bottlerocket-inventory",
    "*-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket/application-inventory.json",
    group=Group.SYSTEM,
    type="bottlerocket",
    version=2,
)
def application_inventory(file: File) -> Iterator[Fact]:
    """The packages of the image. Source: the inventory that Bottlerocket's build system writes."""
    try:
        found = msgspec.json.decode(file.bytes(), type=_Applications)
    except msgspec.DecodeError as error:
        raise ParseError(f"is not a list of applications: {error}") from error
    for entry in found.content:
        if not (entry.epoch or "0").isdecimal():
            raise ParseError(f"the epoch of {entry.name} is no number: {entry.epoch:.40}")
        epoch = int(entry.epoch or "0")
        yield Package(
            id=f"{entry.name}@{evr(epoch, entry.version, entry.release)}",
            name=entry.name,
            version=entry.version,
            release=entry.release,
            epoch=epoch,
            arch=entry.arch,
        )


BOTTLEROCKET = Distro(
    name="bottlerocket",
    package_type="bottlerocket",
    ordering=ORDERING,
    platform=lambda system, repository, today: Platform("bottlerocket", ("x_Bottlerocket",)),
    rolling=True,
)
