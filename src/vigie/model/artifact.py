"""What an opened target says of itself: its kind, its name and where it came from."""

from typing import Any

from msgspec import Struct, field


class LayerReference(Struct, frozen=True, omit_defaults=True):
    """One layer of an image. `digest` is of the stored (compressed) bytes, `diff_id` of the raw tar; both
    `sha256:<hex>`.

    `size` is in bytes of the raw tar. `created_by` is the build command, empty when the history does not tell.
    """

    digest: str = ""
    diff_id: str = ""
    size: int = 0
    created_by: str = ""


class ImageFacts(Struct, frozen=True):
    """Facts of a container image. `config` is the OCI config document as read; `id` is the digest of its bytes."""

    id: str
    diff_ids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    reference: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    layers: tuple[LayerReference, ...] = ()


class RepositoryFacts(Struct, frozen=True):
    """Facts of a git checkout. Empty strings where git did not answer."""

    url: str = ""
    branch: str = ""
    tags: tuple[str, ...] = ()
    commit: str = ""
    message: str = ""
    author: str = ""
    committer: str = ""


class ArtifactFacts(Struct, frozen=True):
    """`kind` is the report's ArtifactType: container_image, filesystem or repository. `size` is in bytes, images
    only."""

    kind: str
    name: str
    id: str = ""
    size: int = 0
    image: ImageFacts | None = None
    repository: RepositoryFacts | None = None
