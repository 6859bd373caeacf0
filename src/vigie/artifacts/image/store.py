"""Where the files of an image on disk are: in a folder, or inside a tar that is read in place."""

from __future__ import annotations

import posixpath
import stat
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

from vigie import _core
from vigie.artifacts.image.layers import Blob
from vigie.artifacts.temporary import room, temporary_folder
from vigie.errors import TargetError
from vigie.scanner.parallel import interruptible

_MOST_LINKS = 40
_GZIP, _ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"


class Store(Protocol):
    """Files by their path inside the image's folder or archive."""

    name: str

    def find(self, path: str) -> Blob | None:
        """Where a regular file is; None when there is none. Raises TargetError for links in circles."""
        ...


def read(store: Store, path: str, limit: int) -> bytes | None:
    """The bytes of a small file; None when there is none. Raises TargetError past `limit`."""
    blob = store.find(path)
    if blob is None:
        return None
    try:
        with blob.path.open("rb") as file:
            file.seek(blob.offset)
            data = file.read(limit + 1 if blob.length is None else min(blob.length, limit + 1))
    except OSError as error:
        raise TargetError(f"{store.name}: {path}: {error.strerror or error}") from error
    if len(data) > limit:
        raise TargetError(f"{store.name}: {path} is larger than {limit} bytes")
    if blob.length is not None and len(data) < blob.length:
        raise TargetError(f"{store.name} ends in the middle of {path}", "the archive is cut off; make it again")
    return data


def is_compressed(blob: Blob) -> bool:
    """Whether stored bytes are gzip or zstd."""
    with blob.path.open("rb") as file:
        file.seek(blob.offset)
        head = file.read(4 if blob.length is None else min(blob.length, 4))
    return head.startswith((_GZIP, _ZSTD))


class FolderStore:
    """A folder. Files must be regular, and no link on the way may lead out of it."""

    def __init__(self, root: Path) -> None:
        self.name = str(root)
        self._root = root.resolve()

    def find(self, path: str) -> Blob | None:
        """The regular file at `path`."""
        try:
            place = (self._root / path).parent.resolve() / posixpath.basename(path)
            inside = place.is_relative_to(self._root)
            return Blob(place, 0, size) if inside and (size := _regular(place)) is not None else None
        except (OSError, ValueError, RuntimeError):
            return None


class TarStore:
    """A plain tar, read in place. When a name stands there twice the last one counts, as for tar itself."""

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self._path = path
        try:
            members = interruptible(lambda: _core.tar_index(str(path)))
        except (ValueError, OSError) as error:
            raise TargetError(
                f"{name} is not an image archive: {error}", "a tar made by docker save, or an OCI layout, is expected"
            ) from error
        self.members = {_clean(member[0]): member[1:] for member in members}

    def find(self, path: str) -> Blob | None:
        """The file at `path`, links followed (older archives link layers that repeat)."""
        current = _clean(path)
        for _ in range(_MOST_LINKS):
            member = self.members.get(current)
            if member is None:
                return None
            offset, size, kind, target = member
            if kind == "file":
                return Blob(self._path, offset, size)
            if (
                kind == "link"
            ):  # a hard link's target is counted from the root (POSIX pax); older writers meant the folder
                absolute, beside = _clean(target), _clean(posixpath.join(posixpath.dirname(current), target))
                current = absolute if absolute in self.members and absolute != current else beside
            elif kind == "symlink":
                current = _clean(posixpath.join(posixpath.dirname(current), target))
            else:
                return None
        raise TargetError(f"{self.name}: the links at {path} go in circles")


def open_tar(path: Path, name: str, stack: ExitStack) -> TarStore:
    """A tar, inflated into a temporary file first when it is compressed. Raises TargetError."""
    try:
        info = path.stat()
        if not stat.S_ISREG(info.st_mode):
            raise TargetError(f"{name} is neither a folder nor a regular file", "write the archive to a file first")
        compressed, size = is_compressed(Blob(path)), info.st_size
    except OSError as error:
        raise TargetError(f"{name}: {error.strerror or error}") from error
    if not compressed:
        return TarStore(path, name)
    folder = temporary_folder(stack)
    plain = folder / "archive.tar"
    try:
        interruptible(lambda: _core.inflate_file(str(path), str(plain), room(folder, size)))
    except (ValueError, OSError) as error:
        raise TargetError(
            f"{name} could not be inflated: {error}", "it is damaged, or the temporary folder (TMPDIR) is too small"
        ) from error
    return TarStore(plain, name)


def _clean(path: str) -> str:
    """A path from the root, without `.`, `..` and a leading slash."""
    return posixpath.normpath("/" + path).lstrip("/")


def _regular(path: Path) -> int | None:
    info = path.lstat()
    return info.st_size if stat.S_ISREG(info.st_mode) else None
