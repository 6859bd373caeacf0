"""OCI image layouts, as folders and as archives (OCI image specification, `image-layout.md`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from vigie.artifacts.image.config import read_config
from vigie.artifacts.image.content import as_layer, image_parts, is_foreign
from vigie.artifacts.image.layers import Blob, Fetch, check_span, image_artifact, is_plain_name
from vigie.artifacts.image.platforms import choose, host_platform, matches, of
from vigie.artifacts.image.store import Store, read
from vigie.errors import TargetError
from vigie.oci.manifests import (
    INDEXES,
    MAX_CONFIG,
    MAX_MANIFEST,
    Descriptor,
    check_digest,
    descriptors,
    media_type,
    parse_document,
)
from vigie.scanner.part import Artifact
from vigie.settings.groups import ImageOptions

REF_NAME = "org.opencontainers.image.ref.name"
_DEEPEST = 4


def open_layout(store: Store, selector: str, name: str, image: ImageOptions) -> Artifact:
    """The image of a layout. selector: a tag or digest of its index's entries, "" for the first. Raises TargetError."""
    data = read(store, "index.json", MAX_MANIFEST)
    if data is None:
        raise TargetError(f"{store.name} is not an OCI layout: it has no index.json")
    entries = descriptors(parse_document(data, f"{store.name}/index.json"), "manifests", f"{store.name}/index.json")
    descriptor = _select(entries, selector, store.name)
    for _ in range(_DEEPEST):
        document = parse_document(_blob(store, descriptor, MAX_MANIFEST), f"{store.name}: {descriptor.digest}")
        if media_type(document, descriptor.media_type, f"{store.name}: {descriptor.digest}") not in INDEXES:
            break
        descriptor = _for_platform(descriptors(document, "manifests", store.name), image.platform, store.name)
    else:
        raise TargetError(f"{store.name}: indexes inside indexes, too deep")
    config, layers = image_parts(document, store.name)
    config_document, diff_ids = read_config(_blob(store, config, MAX_CONFIG), store.name)
    return image_artifact(
        name=name,
        image_id=config.digest,
        config=config_document,
        diff_ids=diff_ids,
        layers=[as_layer(layer, lambda entry: _locate(store, entry)) for layer in layers],
        tags=[],
        digests=[],
        max_size=image.max_size,
    )


def _select(entries: list[Descriptor], selector: str, where: str) -> Descriptor:
    if not entries:
        raise TargetError(f"{where}: its index names no image")
    if not selector:
        return entries[0]
    for entry in entries:
        if selector in (entry.digest, entry.annotations.get(REF_NAME)):
            return entry
    there = ", ".join(entry.annotations.get(REF_NAME) or entry.digest for entry in entries[:20])
    raise TargetError(f"{where} has no image “{selector}”", f"there is: {there}")


def _for_platform(entries: list[Descriptor], wanted: str, where: str) -> Descriptor:
    """The entry for the platform asked for; without a wish this machine's, else the first that is an image."""
    if wanted:
        return choose(entries, wanted, where)
    host = host_platform()
    for entry in entries:
        if matches(entry.platform, host):
            return entry
    images = [entry for entry in entries if of(entry.platform) is not None or not entry.platform]
    if not images:
        raise TargetError(f"{where}: its index names no image")
    return images[0]


def _path(digest: str) -> str:
    return "blobs/" + digest.replace(":", "/", 1)


def _blob(store: Store, descriptor: Descriptor, limit: int) -> bytes:
    data = read(store, _path(descriptor.digest), limit)
    if data is None:
        raise TargetError(
            f"{store.name}: {_path(descriptor.digest)} is missing", "the layout is incomplete; make it again"
        )
    check_digest(data, descriptor.digest, f"{store.name}: {_path(descriptor.digest)}")
    return data


def _locate(store: Store, descriptor: Descriptor) -> Fetch | None:
    blob = store.find(_path(descriptor.digest))
    where = f"{store.name}: {_path(descriptor.digest)}"
    if blob is None:
        if is_foreign(descriptor):
            return None
        raise TargetError(f"{where} is missing", "the layout is incomplete; make it again")
    if blob.length != descriptor.size:
        raise TargetError(
            f"{where} has {blob.length} bytes, not {descriptor.size}", "the layout is damaged; make it again"
        )
    if is_plain_name(descriptor.digest):
        return lambda: nullcontext(blob)

    @contextmanager
    def checked() -> Iterator[Blob]:
        check_span(blob, descriptor.digest, where)
        yield blob

    return checked
