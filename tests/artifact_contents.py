"""What the layers of an opened artifact hold."""

from __future__ import annotations

from vigie import _core
from vigie.scanner.part import Artifact


def contents(artifact: Artifact, pattern: str = "**") -> list[dict[str, bytes]]:
    """The files of each part, by path; the artifact is closed afterwards."""
    selection = _core.Selection([([pattern], [], "bytes")])
    found = []
    with artifact.closing:
        for part in artifact.parts:
            files = {}
            with part.open(selection, _core.Limits()) as reader:
                while batch := reader.next_batch():
                    files |= {file.path: file.content for file in batch}
                reader.finish()
            found.append(files)
    return found  # type: ignore[return-value]
