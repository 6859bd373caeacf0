"""Tiny images, written by hand from the formats' specifications."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", size: int = 0) -> tarfile.TarInfo:
    """The header of a tar's entry."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, target, size
    return info


def entries(*members: tuple[str, bytes] | tarfile.TarInfo) -> bytes:
    """A tar of any members, in any order."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as made:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                made.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                made.addfile(info, io.BytesIO(member[1]))
    return out.getvalue()


def tar(files: dict[str, bytes], links: dict[str, tuple[bytes, str]] | None = None) -> bytes:
    """A tar of files; links are (tar type, target)."""
    return entries(*files.items(), *(member(name, *link) for name, link in (links or {}).items()))


class Image:
    """An image of some layers. compress: gzip layers, as registries hold them."""

    def __init__(
        self, *layers: dict[str, bytes], compress: bool = True, architecture: str = "amd64", **config: Any
    ) -> None:
        self.tars = [tar(files) for files in layers]
        self.stored = [gzip.compress(data, mtime=0) if compress else data for data in self.tars]
        self.diff_ids = [digest(data) for data in self.tars]
        document = {
            "architecture": architecture,
            "os": "linux",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": self.diff_ids},
            "history": [{"created_by": f"/bin/sh -c #(nop) ADD layer {number}"} for number in range(len(layers))],
        }
        self.config = json.dumps(document | config).encode()
        media_type = OCI_LAYER + ("+gzip" if compress else "")
        self.layers = [{"mediaType": media_type, "digest": digest(data), "size": len(data)} for data in self.stored]
        self.document: dict[str, Any] = {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": {"mediaType": OCI_CONFIG, "digest": digest(self.config), "size": len(self.config)},
            "layers": self.layers,
        }

    @property
    def manifest(self) -> bytes:
        return json.dumps(self.document).encode()

    @property
    def blobs(self) -> dict[str, bytes]:
        return {digest(data): data for data in (self.config, *self.stored)}

    def descriptor(self, **more: Any) -> dict[str, Any]:
        return {"mediaType": OCI_MANIFEST, "digest": digest(self.manifest), "size": len(self.manifest), **more}


def index(*entries: dict[str, Any]) -> bytes:
    return json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": list(entries)}).encode()


def layout_files(index_json: bytes, *images: Image, more: dict[str, bytes] | None = None) -> dict[str, bytes]:
    """The files of an OCI layout."""
    blobs = {key: data for image in images for key, data in image.blobs.items()}
    blobs |= {digest(image.manifest): image.manifest for image in images} | (more or {})
    files = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}', "index.json": index_json}
    return files | {"blobs/" + key.replace(":", "/"): data for key, data in blobs.items()}


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def saved_files(*images: tuple[Image, list[str]]) -> dict[str, bytes]:
    """The files of a docker-save archive with a file per layer."""
    files, manifest = {}, []
    for image, tags in images:
        config = f"{digest(image.config)[7:]}.json"
        layers = [f"{diff_id[7:]}/layer.tar" for diff_id in image.diff_ids]
        files |= {config: image.config, **dict(zip(layers, image.stored, strict=True))}
        manifest.append({"Config": config, "RepoTags": tags, "Layers": layers})
    return files | {"manifest.json": json.dumps(manifest).encode()}


def archive(path: Path, image: Image, tag: str = "app:1") -> Path:
    """An archive as `docker save` writes it."""
    path.write_bytes(tar(saved_files((image, [tag]))))
    return path


def layout(folder: Path, image: Image) -> Path:
    """An OCI layout."""
    name = {"org.opencontainers.image.ref.name": "v1"}
    return write(folder, layout_files(index(image.descriptor(annotations=name)), image))
