"""Archives of modules: regular files come out, into one folder and no further, within bounds of size and number."""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from vigie.misconfig.languages.terraform.download import MAX_FILE, DownloadError

MOST_FILES = 20_000
MAX_BYTES = 256 << 20
_MAX_PATH = 1024


def unpack(file: IO[bytes], format: str, folder: Path) -> None:
    """format: the archive's ending. Files that are larger than what is ever read are left out. Raises
    DownloadError."""
    files = total = 0
    try:
        for name, size, content in _zip(file) if format == ".zip" else _tar(file, format):
            place = _place(name)
            if place is None or size > MAX_FILE:
                continue
            files, total = files + 1, total + size
            if files > MOST_FILES or total > MAX_BYTES:
                raise DownloadError("its archive is too large")
            target = folder / place
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.read(MAX_FILE + 1)[:size])
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError) as error:
        raise DownloadError("its archive is broken") from error
    except RuntimeError as error:  # an encrypted zip
        raise DownloadError(f"its archive cannot be read: {error}") from error
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise DownloadError("its archive has a file where a folder is") from error
    except OSError as error:
        raise DownloadError(f"its archive cannot be unpacked: {error}") from error


def _place(name: str) -> PurePosixPath | None:
    """Where an entry belongs; None for one that would lead out of the folder."""
    place = PurePosixPath(name.replace("\\", "/"))
    if place.is_absolute() or ".." in place.parts or "\0" in name or len(name) > _MAX_PATH or not place.parts:
        return None
    return None if ".git" in place.parts else place


def _zip(file: IO[bytes]) -> Iterator[tuple[str, int, IO[bytes]]]:
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        if len(entries) > MOST_FILES * 2:
            raise DownloadError("its archive is too large")
        for entry in entries:
            kind = entry.external_attr >> 28
            if entry.is_dir() or kind not in (0, 8):  # 8: a regular file, 10: a link
                continue
            with archive.open(entry) as content:
                yield entry.filename, entry.file_size, content


def _tar(file: IO[bytes], format: str) -> Iterator[tuple[str, int, IO[bytes]]]:
    mode = {".tgz": "gz", ".gz": "gz", ".bz2": "bz2", ".tbz2": "bz2", ".xz": "xz", ".txz": "xz"}
    with _open(file, mode.get("." + format.rpartition(".")[2], "")) as archive:
        for number, entry in enumerate(archive):
            # what is left out must be inflated, too
            if number > MOST_FILES * 2 or entry.offset_data + entry.size > MAX_BYTES * 4:
                raise DownloadError("its archive is too large")
            content = archive.extractfile(entry) if entry.isreg() else None
            if content is not None:
                yield entry.name, entry.size, content


def _open(file: IO[bytes], compression: str) -> tarfile.TarFile:
    """A stream: what it inflates to is never held as a whole."""
    if compression == "gz":
        return tarfile.open(fileobj=file, mode="r|gz")
    if compression == "bz2":
        return tarfile.open(fileobj=file, mode="r|bz2")
    return tarfile.open(fileobj=file, mode="r|xz") if compression == "xz" else tarfile.open(fileobj=file, mode="r|")
