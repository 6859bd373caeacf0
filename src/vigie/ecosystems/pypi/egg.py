"""Eggs that are still zip files. Source: setuptools' documentation of the egg formats."""

from __future__ import annotations

import io
from collections.abc import Iterator

from vigie.ecosystems.pypi.metadata import LONGEST_HEADER, read_metadata
from vigie.model.package import Package
from vigie.scanner.analyzer import File, Group, ParseError, analyzer

METADATA = ("EGG-INFO/PKG-INFO", ".egg-info", ".egg-info/PKG-INFO")
MOST_ENTRIES = 200_000


@analyzer("python-egg", "**/*.egg", group=Group.ANYWHERE, type="python-pkg")
def python_egg(file: File) -> Iterator[Package]:
    """The first metadata file in the zip; only the beginning of it is inflated."""
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(io.BytesIO(file.bytes())) as egg:
            names = egg.namelist()
            if len(names) > MOST_ENTRIES:
                raise ParseError(f"holds more than {MOST_ENTRIES} files")
            found = next((name for name in names if name.endswith(METADATA)), None)
            if found is None:
                raise ParseError("holds no metadata of a Python package")
            if egg.getinfo(found).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ParseError(f"holds {found} in a compression that is not read")
            with egg.open(found) as metadata:
                data = metadata.read(LONGEST_HEADER)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise ParseError(f"is not a readable zip file: {error}") from error
    yield read_metadata(data, file.path)
