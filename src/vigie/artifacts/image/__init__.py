"""Container images: in registries, in Docker, in archives and layouts."""

from __future__ import annotations

from vigie.artifacts.image.source import open_image
from vigie.scanner.part import Artifact
from vigie.settings.groups import ImageOptions

__all__ = ["open_archive", "open_image"]


def open_archive(target: str, image: ImageOptions) -> Artifact:
    """The image in a docker-save archive, an OCI layout folder or archive (`path`, `path:tag`, `path@digest`).

    Raises TargetError.
    """
    from vigie.artifacts.image.archive import open_on_disk

    return open_on_disk(target, image)
