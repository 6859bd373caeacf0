"""Installed Python distributions: wheels and unpacked eggs."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.ecosystems.pypi.metadata import read_metadata
from vigie.model.package import Package
from vigie.scanner.analyzer import File, Group, analyzer


@analyzer(
    "python-pkg",
    "**/*.dist-info/METADATA",
    "**/*.egg-info",
    "**/*.egg-info/PKG-INFO",
    "**/EGG-INFO/PKG-INFO",
    group=Group.INSTALLED,
    type="python-pkg",
    companions=("**/*.dist-info/LICEN[CS]E*", "**/*.dist-info/COPYING*", "**/*.dist-info/licenses/**"),
)
def python_pkg(file: File) -> Iterator[Package]:
    """One distribution per metadata file."""
    yield read_metadata(file.bytes(), file.path, file.beside)
