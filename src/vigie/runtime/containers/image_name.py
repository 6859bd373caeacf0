"""The parts of an image's name: repository, tag, digest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class ImageName(NamedTuple):
    """What a name says; a part that it does not say is empty."""

    repository: str
    tag: str
    digest: str


def split(name: str) -> ImageName:
    """`host:5000/name:tag@sha256:…`: the digest behind `@`, the tag behind the last colon when no slash follows."""
    rest, _, digest = name.partition("@")
    repository, colon, tag = rest.rpartition(":")
    if not colon or "/" in tag:
        repository, tag = rest, ""
    return ImageName(repository, tag, digest)


def of_docker(configured: str, digests: Sequence[str], tags: Sequence[str]) -> ImageName:
    """What Docker's lists of an image's names say: the repository is that of the first digest, the tag and the digest
    are the first of this repository. An image without digests, made here, is called as its first tag, one without
    tags as the container's settings have it."""
    repository, _, digest = digests[0].partition("@") if digests else ("", "", "")
    first = split(tags[0]) if tags else split("" if configured.startswith("sha256:") else configured)
    if not repository or repository == "<none>":
        return ImageName(first.repository, first.tag, digest or first.digest)
    tag = next((split(tag).tag for tag in tags if repository in tag), "")
    return ImageName(repository, tag, digest)


def of_static(name: str) -> ImageName:
    """The name of the configured container: `@` and `:` count behind the first slash only."""
    start = name.find("/") + 1
    host, rest = name[:start], name[start:]
    rest, _, digest = rest.partition("@")
    rest, _, tag = rest.partition(":")
    return ImageName(f"{host}{rest}", tag, digest)
