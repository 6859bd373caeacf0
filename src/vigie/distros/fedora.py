"""Fedora: recognised, so that the report can say that its packages were not judged."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.distros.release_files import own
from vigie.model.inventory import Fact
from vigie.scanner.analyzer import File, Group, analyzer


@analyzer("fedora", "etc/fedora-release", "usr/lib/fedora-release", group=Group.SYSTEM)
def fedora_release(file: File) -> Iterator[Fact]:
    """The release, such as `39`."""
    yield from own(file, ("fedora",))
