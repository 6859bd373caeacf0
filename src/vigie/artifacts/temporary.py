"""A folder for what must lie on disk while an artifact is open."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from vigie.errors import TargetError
from vigie.scanner.part import Artifact

PREFIX = "vigie-"
_LARGEST = 64 << 30
_SPARE = 256 << 20


def temporary_folder(stack: ExitStack) -> Path:
    """A private folder, removed when the stack closes (also by an interrupt, and at the latest when Python ends).

    Raises TargetError when there is no place for one.
    """
    from tempfile import TemporaryDirectory

    try:
        return Path(stack.enter_context(TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True)))
    except OSError as error:
        raise TargetError(
            f"no temporary folder: {error.strerror or error}", "TMPDIR names where they are made"
        ) from error


def owning(artifact: Artifact, stack: ExitStack) -> Artifact:
    """The artifact, which now closes what the stack holds. Call it last: until then the stack closes it on failure."""
    from msgspec.structs import replace

    return replace(artifact, closing=stack.pop_all())


def room(folder: Path, compressed: int = 0) -> int:
    """Bytes that may be written: what the disk holds, less a reserve; inflated data at most 200 times its source."""
    from shutil import disk_usage

    free = max(disk_usage(folder).free - _SPARE, 0)
    ratio = max(compressed * 200, 1 << 30) if compressed else _LARGEST
    return min(free, ratio, _LARGEST)
