"""From a manifest to layers: what is an image, and which of its layers can be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vigie.artifacts.image.layers import Fetch, Layer
from vigie.errors import TargetError
from vigie.oci.manifests import Descriptor, descriptors, read_descriptor

_CONFIGS = (
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
    "application/octet-stream",
    "",
)
_LAYER_PREFIXES = (
    "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.docker.image.rootfs.diff.tar",
    "application/vnd.docker.container.image.rootfs.diff",
)
_FOREIGN_PREFIXES = (
    "application/vnd.oci.image.layer.nondistributable.v1.tar",
    "application/vnd.docker.image.rootfs.foreign.diff.tar",
)


def image_parts(manifest: dict[str, Any], where: str) -> tuple[Descriptor, list[Descriptor]]:
    """The configuration and the layers of an image manifest. Raises TargetError when it is some other artifact."""
    config = read_descriptor(manifest.get("config"), where)
    kind = manifest.get("artifactType")
    kind = kind if isinstance(kind, str) and kind else config.media_type
    if kind not in _CONFIGS:
        raise TargetError(f"{where} is not an image but an artifact of type {kind[:100]}")
    return config, descriptors(manifest, "layers", where)


def is_foreign(descriptor: Descriptor) -> bool:
    """Whether a layer may not be distributed by registries (Windows base layers)."""
    return descriptor.media_type.startswith(_FOREIGN_PREFIXES)


def as_layer(descriptor: Descriptor, fetch: Callable[[Descriptor], Fetch | None]) -> Layer:
    """A layer from its descriptor. `fetch` gives the way to its bytes, None when they are not there.

    URLs in a descriptor are never followed: they lead anywhere (CVE-2020-15157).
    """
    kind = descriptor.media_type
    if kind.endswith("+encrypted"):
        return Layer(descriptor.digest, None, "is encrypted and was not read")
    if is_foreign(descriptor):
        found = fetch(descriptor) if not descriptor.urls else None
        return Layer(descriptor.digest, found, "" if found else "is a foreign layer, kept elsewhere, and was not read")
    if not kind.startswith(_LAYER_PREFIXES):
        return Layer(descriptor.digest, None, f"has the unknown media type {kind[:100]!r} and was not read")
    return Layer(descriptor.digest, fetch(descriptor))
