"""Descriptors, manifests and indexes (OCI image specification 1.1, Docker image manifest v2 schema 2)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from msgspec import Struct

from vigie.errors import TargetError
from vigie.oci.references import is_digest

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
SCHEMA_ONE = (
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
)
MANIFESTS = (OCI_MANIFEST, DOCKER_MANIFEST)
INDEXES = (OCI_INDEX, DOCKER_LIST)

MAX_MANIFEST = 4 << 20
MAX_CONFIG = 32 << 20
_MAX_LISTED = 10_000


class Descriptor(Struct, frozen=True, kw_only=True):
    """What points at content: its media type, digest and size in bytes."""

    media_type: str
    digest: str
    size: int
    artifact_type: str = ""
    platform: dict[str, Any] = {}
    annotations: dict[str, str] = {}
    urls: tuple[str, ...] = ()


def read_descriptor(value: object, where: str) -> Descriptor:
    """A descriptor from a document. Raises TargetError naming `where`."""
    if not isinstance(value, dict):
        raise TargetError(f"{where}: an entry is not a descriptor")
    digest, size = value.get("digest"), value.get("size")
    if not isinstance(digest, str) or not is_digest(digest):
        raise TargetError(f"{where}: an entry has no usable digest")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise TargetError(f"{where}: {digest} has no usable size")
    return Descriptor(
        media_type=_text(value.get("mediaType")),
        digest=digest,
        size=size,
        artifact_type=_text(value.get("artifactType")),
        platform=_table(value.get("platform")),
        annotations={key: text for key, text in _table(value.get("annotations")).items() if isinstance(text, str)},
        urls=tuple(url for url in _list(value.get("urls"), where) if isinstance(url, str)),
    )


def descriptors(document: dict[str, Any], key: str, where: str) -> list[Descriptor]:
    """The descriptors listed under `layers` or `manifests`. Raises TargetError."""
    return [read_descriptor(value, where) for value in _list(document.get(key), where)]


def digest_of(data: bytes, algorithm: str = "sha256") -> str:
    """The digest of bytes, as `sha256:<hex>`."""
    return f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"


def check_digest(data: bytes, digest: str, where: str) -> None:
    """Raises TargetError when the bytes are not those the digest names."""
    found = digest_of(data, digest.partition(":")[0])
    if found != digest:
        raise TargetError(
            f"{where}: its digest is {found}, not {digest}", "the content was changed or damaged on its way"
        )


def parse_document(data: bytes, where: str) -> dict[str, Any]:
    """A JSON object. Raises TargetError."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise TargetError(f"{where}: not valid JSON") from error
    if not isinstance(document, dict):
        raise TargetError(f"{where}: not a JSON object")
    return document


def media_type(document: dict[str, Any], announced: str, where: str) -> str:
    """Which kind of manifest this is: what the document says, else what came with it, else what it holds.

    Raises TargetError for schema 1 and for documents that are a manifest and an index at once (GHSA-77vh-xpmg-72qh).
    """
    if document.get("schemaVersion") == 1 or announced in SCHEMA_ONE:
        raise TargetError(
            f"{where}: a manifest of schema 1, which is no longer read", "push the image again with a current tool"
        )
    is_index, is_manifest = "manifests" in document, "layers" in document or "config" in document
    if is_index and is_manifest:
        raise TargetError(f"{where}: it claims to be an image and an index at once")
    known = OCI_INDEX if is_index else OCI_MANIFEST
    for said in (_text(document.get("mediaType")), announced):
        if said in INDEXES + MANIFESTS:
            if (said in INDEXES) != is_index:
                raise TargetError(f"{where}: it claims to be {said}, but its content is not")
            return said
    if not is_index and not is_manifest:
        raise TargetError(f"{where}: neither an image manifest nor an index")
    return known


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object, where: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > _MAX_LISTED:
        raise TargetError(f"{where}: not a usable list of descriptors")
    return value
