"""The image of a container in the answers of CRI."""

from __future__ import annotations

from typing import Any, NamedTuple

from vigie.runtime.containers import loose
from vigie.runtime.containers.image_name import split
from vigie.runtime.containers.protobuf import Message

_ANNOTATIONS = ("io.kubernetes.cri.image-name", "io.kubernetes.cri-o.Image", "io.kubernetes.cri-o.ImageName")


class Image(NamedTuple):
    """image: name and tag. What is not known is empty."""

    image: str
    repository: str
    tag: str
    digest: str
    id: str


def of_status(status: Message, info: Any) -> Image:
    """The image of a ContainerStatus (8 image: 1 image, 9 image_ref, 13 annotations, 17 image_id). The reference has
    name and digest, or the digest alone; the tag is that of the name which was asked for."""
    asked, reference = status.message(8).text(1), status.text(9)
    name, at, digest = reference.partition("@")
    if not at:
        name, digest = ("", reference) if reference.startswith("sha256:") else (reference, "")
    if _unnamed(name):
        name = asked.partition("@")[0]
    if _unnamed(name):
        annotations = {**status.pairs(13), **loose.mapping(info, "runtimeSpec", "annotations")}
        name = next((value for key in _ANNOTATIONS if not _unnamed(value := annotations.get(key, ""))), "")
        name = name.partition("@")[0]
    repository, tag, _ = split(name)
    if not tag and not _unnamed(asked):
        tag = split(asked).tag
    known = loose.text(info, "config", "image", "image")
    reported = status.text(17) or (reference if reference.startswith("sha256:") else "")
    return Image(
        image=f"{repository}:{tag}" if tag else name,
        repository=repository,
        tag=tag,
        digest=digest,
        id=(known if known.startswith("sha256:") else reported).rpartition(":")[2],
    )


def _unnamed(name: str) -> bool:
    return not name or name.startswith("sha256:")
