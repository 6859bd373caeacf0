"""Eggs that are still zip files. Source: setuptools' documentation of the egg formats."""

from __future__ import annotations

import io
from collections.abc import Iterator

from vigie.ecosystems.pypi.metadata import LONGEST_HEADER, read_metadata
from vigie.model.package import Package
from vigie.scanner.analyzer import File, Group, ParseError, analyzer

METADATA = ("EGG-INFO/PKG-INFO", ".egg-info", ".egg-info/PKG-INFO")
LARGEST_DIRECTORY = 16 << 20


@analyzer("python-egg", "**/*.egg", group=Group.ANYWHERE, type="python-pkg")
def python_egg(file: File) -> Iterator[Package]:
    """The first metadata file in the zip; only the beginning of it is inflated."""
    import zipfile
    import zlib

    data = file.bytes()
    _check_directory(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as egg:
            found = next((name for name in egg.namelist() if name.endswith(METADATA)), None)
            if found is None:
                raise ParseError("holds no metadata of a Python package")
            if egg.getinfo(found).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ParseError(f"holds {found} in a compression that is not read")
            with egg.open(found) as stream:
                metadata = stream.read(LONGEST_HEADER)
    except ParseError:
        raise
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError, ValueError, LookupError) as error:
        raise ParseError(f"is not a readable zip file: {error}") from error
    yield read_metadata(metadata, file.path)


def _check_directory(data: bytes) -> None:
    """Refuses a zip whose directory of files is too large to be held: each entry costs far more memory than bytes.

    The end record states the size of the directory at its byte 12; a record for 64 bits may stand before it.
    """
    end = data.rfind(b"PK\x05\x06")
    if end < 0:
        raise ParseError("is not a zip file")
    if (
        int.from_bytes(data[end + 12 : end + 16], "little") > LARGEST_DIRECTORY
        or data[end - 20 : end - 16] == b"PK\x06\x07"
    ):
        raise ParseError("holds too many files for an egg")
