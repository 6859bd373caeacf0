"""Archives made by `docker save` and its like, and the choice between them and OCI layouts."""

from __future__ import annotations

import posixpath
import re
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import Any

from msgspec import Struct

from vigie.artifacts.image.config import read_config
from vigie.artifacts.image.content import is_foreign
from vigie.artifacts.image.layers import Layer, image_artifact, span_digest
from vigie.artifacts.image.layout import open_layout
from vigie.artifacts.image.store import FolderStore, Store, TarStore, is_compressed, open_tar, read
from vigie.artifacts.temporary import owning
from vigie.errors import TargetError
from vigie.oci.manifests import MAX_CONFIG, MAX_MANIFEST, Descriptor, check_digest, digest_of, read_descriptor
from vigie.oci.references import parse_reference
from vigie.scanner.part import Artifact
from vigie.settings.groups import ImageOptions

_DIGEST_NAME = re.compile(r"(?:blobs/sha256/|sha256:|(?=.{64}\.json))([0-9a-f]{64})(?:\.json)?")
_EXPECTED = "a tar made by docker save, or an OCI layout as folder or tar, is expected"


def open_on_disk(target: str, image: ImageOptions) -> Artifact:
    """The image in an archive or layout at `target`, `target:tag` or `target@digest`. Raises TargetError."""
    path, selector = _split(target)
    if path.is_dir():
        if not (path / "index.json").is_file():
            raise TargetError(
                f"{path} is a folder, but no OCI layout (no index.json)", "for a root file system: vigie rootfs"
            )
        return open_layout(FolderStore(path), selector, target, image)
    with ExitStack() as stack:
        store = open_tar(path, str(path), stack)
        if "manifest.json" in store.members:
            return owning(_open_saved(store, selector, target, image), stack)
        if "index.json" in store.members:
            return owning(open_layout(store, selector, target, image), stack)
        raise _explain(store)


def _open_saved(store: Store, selector: str, name: str, image: ImageOptions) -> Artifact:
    saved = saved_layers(store, selector)
    return image_artifact(
        name=name,
        image_id=saved.image_id,
        config=saved.config,
        diff_ids=saved.diff_ids,
        layers=saved.layers,
        tags=saved.tags,
        digests=[],
        max_size=image.max_size,
    )


class Saved(Struct, frozen=True):
    """What an archive with a `manifest.json` holds of one image."""

    image_id: str
    config: dict[str, Any]
    diff_ids: tuple[str, ...]
    layers: list[Layer]
    tags: list[str]


def saved_layers(store: Store, selector: str) -> Saved:
    """One image of an archive with a `manifest.json`. selector: its tag, "" for the only one. Raises TargetError."""
    entry = _choose(_manifest(store), selector, store.name)
    config_path, layer_paths = entry.get("Config"), entry.get("Layers") or []
    if not isinstance(config_path, str) or not isinstance(layer_paths, list):
        raise TargetError(f"{store.name}: its manifest.json does not name a configuration and layers")
    data = read(store, config_path, MAX_CONFIG)
    if data is None:
        raise TargetError(f"{store.name}: {config_path} is missing", "the archive is incomplete; make it again")
    if named := _named_digest(config_path):
        check_digest(data, named, f"{store.name}: {config_path}")
    config, diff_ids = read_config(data, store.name)
    if len(diff_ids) != len(layer_paths):
        raise TargetError(f"{store.name}: {len(layer_paths)} layers, but its configuration knows {len(diff_ids)}")
    sources = _sources(entry, store.name)
    layers = [_layer(store, path, sources.get(diff_id)) for path, diff_id in zip(layer_paths, diff_ids, strict=True)]
    return Saved(digest_of(data), config, diff_ids, layers, _tags(entry))


def _split(target: str) -> tuple[Path, str]:
    """Path and selector: the whole is a path when it exists, else it is cut at the first `@`, else at a `:`."""
    try:
        if Path(target).exists():
            return Path(target), ""
        for sign in "@:":
            before, found, after = target.partition(sign)
            if found and after and before and Path(before).exists():
                return Path(before), after
    except (OSError, ValueError) as error:
        raise TargetError(f"“{target[:200]}” cannot be a path: {error}") from error
    raise TargetError(f"{target}: no such file or folder", _EXPECTED)


def _manifest(store: Store) -> list[dict[str, Any]]:
    data = read(store, "manifest.json", MAX_MANIFEST) or b""
    import json

    try:
        entries = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise TargetError(f"{store.name}: its manifest.json is not valid JSON") from error
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise TargetError(f"{store.name}: its manifest.json is not a list of images", _EXPECTED)
    return entries


def _choose(entries: list[dict[str, Any]], selector: str, where: str) -> dict[str, Any]:
    names = [_tags(entry) for entry in entries]
    if selector:
        for entry, tags in zip(entries, names, strict=True):
            if any(tag == selector or tag.endswith(f":{selector}") or _same(tag, selector) for tag in tags):
                return entry
        listed = ", ".join(tag for tags in names for tag in tags[:1])
        raise TargetError(f"{where} holds no image “{selector}”", f"there is: {listed}" if listed else "")
    if len(entries) == 1:
        return entries[0]
    if not entries:
        raise TargetError(f"{where}: its manifest.json names no image")
    listed = ", ".join(tags[0] if tags else "an image without a tag" for tags in names[:20])
    first = next((tags[0] for tags in names if tags), "name:tag")
    raise TargetError(
        f"{where} holds {len(entries)} images: {listed}", f"choose one, for example --input {where}:{first}"
    )


def _same(tag: str, wanted: str) -> bool:
    try:
        return parse_reference(tag) == parse_reference(wanted)
    except TargetError:
        return False


def _tags(entry: dict[str, Any]) -> list[str]:
    tags = entry.get("RepoTags")
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


def _sources(entry: dict[str, Any], where: str) -> dict[str, Descriptor]:
    sources = entry.get("LayerSources")
    return {key: read_descriptor(value, where) for key, value in sources.items()} if isinstance(sources, dict) else {}


def _layer(store: Store, path: object, source: Descriptor | None) -> Layer:
    if not isinstance(path, str):
        raise TargetError(f"{store.name}: its manifest.json names a layer that is no path")
    blob = store.find(path)
    if blob is None:
        if source is not None and is_foreign(source):
            return Layer(source.digest, None, "is a foreign layer, kept elsewhere, and was not read")
        raise TargetError(f"{store.name}: {path} is missing", "the archive is incomplete; make it again")
    digest = ""
    if is_compressed(blob):
        digest = _named_digest(path) or span_digest(blob)
    return Layer(digest, lambda: nullcontext(blob))


def _named_digest(path: str) -> str:
    """The digest a file is named after: `blobs/sha256/<hex>`, `<hex>.json`, `sha256:<hex>`; "" for other names."""
    found = _DIGEST_NAME.fullmatch(posixpath.normpath(path))
    return f"sha256:{found[1]}" if found else ""


def _explain(store: TarStore) -> TargetError:
    """Why a tar is no image."""
    names = store.members
    if "repositories" in names:
        return TargetError(
            f"{store.name} was saved by Docker before 1.10 and has no manifest.json", "load it and save it again"
        )
    if any(path in names for path in ("etc", "usr", "bin", "etc/os-release", "usr/lib/os-release", "bin/sh")):
        return TargetError(
            f"{store.name} is the tar of a root file system, not of an image", "unpack it and use vigie rootfs FOLDER"
        )
    if not names:
        return TargetError(f"{store.name} holds nothing that could be an image", _EXPECTED)
    return TargetError(f"{store.name} is a tar, but not of an image (no manifest.json, no index.json)", _EXPECTED)
