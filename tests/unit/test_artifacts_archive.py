"""Image archives and layouts: what is read, and what is refused with one clear line."""

from __future__ import annotations

import gzip
import hashlib
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from artifact_contents import contents
from builders.image import OCI_INDEX, Image, digest, index, layout_files, saved_files, tar, write
from vigie.artifacts.image import open_archive
from vigie.errors import TargetError
from vigie.scanner.part import Artifact
from vigie.settings.groups import ImageOptions

OS_RELEASE = b"ID=alpine\nVERSION_ID=3.19\n"
FIRST, SECOND = {"etc/os-release": OS_RELEASE}, {"app/Cargo.lock": b"# lock\n"}
IMAGE = Image(FIRST, SECOND)
PLAIN = Image(FIRST, SECOND, compress=False)
OTHER = Image({"etc/hostname": b"x"}, compress=False)


def opened(target: str | Path, **options: Any) -> Artifact:
    return open_archive(str(target), ImageOptions(**options))


def archive(path: Path, files: dict[str, bytes], **more: Any) -> Path:
    path.write_bytes(tar(files, **more))
    return path


@pytest.mark.parametrize("image", [IMAGE, PLAIN], ids=["compressed layers", "plain layers"])
def test_a_docker_archive(tmp_path: Path, image: Image) -> None:
    path = archive(tmp_path / "image.tar", saved_files((image, ["alpine:3.19", "x.io/a:1"])))
    artifact = opened(path)
    facts = artifact.facts.image
    assert facts is not None
    assert artifact.facts.kind == "container_image"
    assert artifact.facts.name == str(path)
    assert facts.id == digest(image.config)
    assert artifact.facts.id == digest(f"{facts.id}:index.docker.io/library/alpine".encode())
    assert facts.tags == ("alpine:3.19", "x.io/a:1")
    assert facts.digests == ()
    assert facts.reference == "alpine:3.19"
    assert facts.config["rootfs"]["diff_ids"] == image.diff_ids
    assert facts.diff_ids == tuple(image.diff_ids)
    assert [layer.digest for layer in facts.layers] == (
        [layer["digest"] for layer in image.layers] if image is IMAGE else ["", ""]
    )
    assert [layer.created_by for layer in facts.layers] == ["ADD layer 0", "ADD layer 1"]
    assert [part.cache_key for part in artifact.parts] == image.diff_ids
    assert contents(artifact) == [FIRST, SECOND]


def test_a_compressed_docker_archive_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    path = tmp_path / "image.tar.gz"
    path.write_bytes(gzip.compress(tar(saved_files((PLAIN, ["a:1"])))))
    artifact = opened(path)
    assert list((tmp_path / "tmp").iterdir())
    assert contents(artifact) == [FIRST, SECOND]
    assert list((tmp_path / "tmp").iterdir()) == []


def test_todays_docker_save_with_a_layout_inside(tmp_path: Path) -> None:
    blob = {name: "blobs/" + name.replace(":", "/") for name in (digest(PLAIN.config), *PLAIN.diff_ids)}
    manifest = [
        {"Config": blob[digest(PLAIN.config)], "RepoTags": ["a:1"], "Layers": [blob[name] for name in PLAIN.diff_ids]}
    ]
    files = layout_files(index(PLAIN.descriptor()), PLAIN) | {"manifest.json": json.dumps(manifest).encode()}
    artifact = opened(archive(tmp_path / "image.tar", files))
    assert artifact.facts.image is not None
    assert artifact.facts.image.tags == ("a:1",)
    assert contents(artifact) == [FIRST, SECOND]


def test_links_to_layers_are_followed(tmp_path: Path) -> None:
    files = saved_files((PLAIN, ["a:1"]))
    manifest = json.loads(files["manifest.json"])
    real = manifest[0]["Layers"][0]
    manifest[0]["Layers"] = ["old/layer.tar", "hard/layer.tar"]
    files["manifest.json"] = json.dumps(manifest).encode()
    second = f"{PLAIN.diff_ids[1][7:]}/layer.tar"
    links = {"old/layer.tar": (tarfile.SYMTYPE, f"../{real}"), "hard/layer.tar": (tarfile.LNKTYPE, second)}
    assert contents(opened(archive(tmp_path / "image.tar", files, links=links))) == [FIRST, SECOND]


def test_several_images_need_a_choice(tmp_path: Path) -> None:
    path = archive(tmp_path / "two.tar", saved_files((PLAIN, ["x.io/a:1"]), (OTHER, ["b:2"])))
    with pytest.raises(TargetError, match=r"holds 2 images: x\.io/a:1, b:2") as caught:
        opened(path)
    assert caught.value.hint == f"choose one, for example --input {path}:x.io/a:1"
    assert contents(opened(f"{path}:x.io/a:1")) == [FIRST, SECOND]
    assert contents(opened(f"{path}:b:2")) == [{"etc/hostname": b"x"}]
    with pytest.raises(TargetError, match=r"holds no image .c:3"):
        opened(f"{path}:c:3")


def broken(**changes: Any) -> dict[str, bytes]:
    """An archive whose manifest.json has some other values."""
    files = saved_files((PLAIN, ["a:1"]))
    entry = json.loads(files["manifest.json"])[0] | changes
    return files | {"manifest.json": json.dumps([entry]).encode()}


def without(files: dict[str, bytes], name: str) -> dict[str, bytes]:
    return {key: value for key, value in files.items() if not key.startswith(name)}


SAVED = saved_files((PLAIN, ["a:1"]))
CONFIG = f"{digest(PLAIN.config)[7:]}.json"


@pytest.mark.parametrize(
    ("files", "why"),
    [
        (without(SAVED, PLAIN.diff_ids[0][7:]), "layer.tar is missing"),
        (without(SAVED, CONFIG), "json is missing"),
        (SAVED | {CONFIG: PLAIN.config + b" "}, "its digest is"),
        (broken(Layers=[f"{PLAIN.diff_ids[0][7:]}/layer.tar"]), "1 layers, but its configuration knows 2"),
        (broken(Layers=[1, 2]), "a layer that is no path"),
        (broken(Config=None), "does not name a configuration"),
        (broken(Config="/../../etc/passwd"), "etc/passwd is missing"),
        (SAVED | {"manifest.json": b"{}"}, "not a list of images"),
        (SAVED | {"manifest.json": b"[]"}, "names no image"),
        (SAVED | {"manifest.json": b"["}, "not valid JSON"),
        ({"repositories": b"{}", "abc/layer.tar": b""}, r"Docker before 1\.10"),
        ({"etc/os-release": OS_RELEASE, "bin/sh": b""}, "root file system"),
        ({"readme": b""}, "not of an image"),
        ({}, "holds nothing"),
    ],
)
def test_what_is_wrong_with_an_archive_is_said_in_a_line(tmp_path: Path, files: dict[str, bytes], why: str) -> None:
    with pytest.raises(TargetError, match=why) as caught:
        opened(archive(tmp_path / "image.tar", files))
    assert "\n" not in caught.value.message + caught.value.hint


def test_links_in_circles(tmp_path: Path) -> None:
    files = broken(Layers=["a", "b"])
    links = {"a": (tarfile.SYMTYPE, "b"), "b": (tarfile.SYMTYPE, "a")}
    with pytest.raises(TargetError, match="go in circles"):
        opened(archive(tmp_path / "image.tar", files, links=links))


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"PK\x03\x04" + bytes(600), b"\x1f\x8b\x08" + b"nonsense" * 20, bytes(300)]
)
def test_what_is_no_archive(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(data)
    with pytest.raises(TargetError, match=r"not an image archive|could not be inflated|holds nothing"):
        opened(path)


def test_what_is_not_there(tmp_path: Path) -> None:
    for target in (f"{tmp_path}/nothing.tar", f"{tmp_path}/nothing:tag", "x" * 5000, "a\0b"):
        with pytest.raises(TargetError, match=r"no such file|cannot be a path"):
            opened(target)
    with pytest.raises(TargetError, match="no OCI layout"):
        opened(tmp_path)


def test_a_layer_that_is_not_the_one_promised(tmp_path: Path) -> None:
    """Results are cached under the diff id: content that does not have it must not be taken for it."""
    name = f"{PLAIN.diff_ids[0][7:]}/layer.tar"
    artifact = opened(archive(tmp_path / "image.tar", SAVED | {name: tar({"etc/os-release": b"ID=evil\n"})}))
    with pytest.raises(TargetError, match="holds something else"):
        contents(artifact)


def test_the_size_of_an_image_is_bounded(tmp_path: Path) -> None:
    path = archive(tmp_path / "image.tar", SAVED)
    with pytest.raises(TargetError, match="larger than the 15000 bytes allowed"):
        contents(opened(path, max_size=15000))
    assert len(contents(opened(path, max_size=30000))) == 2


def pack(tmp_path: Path, how: str, files: dict[str, bytes]) -> Path:
    if how == "folder":
        return write(tmp_path / "layout", files)
    path = tmp_path / "layout.tar"
    path.write_bytes(tar(files) if how == "tar" else gzip.compress(tar(files)))
    return path


@pytest.mark.parametrize("how", ["folder", "tar", "tar.gz"])
def test_an_oci_layout(tmp_path: Path, how: str) -> None:
    files = layout_files(
        index(IMAGE.descriptor(), OTHER.descriptor(annotations={"org.opencontainers.image.ref.name": "v2"})),
        IMAGE,
        OTHER,
    )
    path = pack(tmp_path, how, files)
    artifact = opened(path)
    facts = artifact.facts.image
    assert facts is not None
    assert facts.id == digest(IMAGE.config)
    assert [layer.digest for layer in facts.layers] == [layer["digest"] for layer in IMAGE.layers]
    assert facts.tags == facts.digests == ()
    assert contents(artifact) == [FIRST, SECOND]
    for selector in (":v2", f"@{digest(OTHER.manifest)}"):
        assert contents(opened(f"{path}{selector}")) == [{"etc/hostname": b"x"}]
    with pytest.raises(TargetError, match=r"has no image .v3") as caught:
        opened(f"{path}:v3")
    assert "v2" in caught.value.hint


def test_an_index_inside_the_index(tmp_path: Path) -> None:
    arm = Image({"arch": b"arm64"}, architecture="arm64")
    amd = Image({"arch": b"amd64"})
    attestation = {
        "mediaType": arm.descriptor()["mediaType"],
        "digest": digest(b""),
        "size": 0,
        "platform": {"os": "unknown", "architecture": "unknown"},
    }
    inner = index(
        attestation,
        arm.descriptor(platform={"os": "linux", "architecture": "arm64"}),
        amd.descriptor(platform={"os": "linux", "architecture": "amd64"}),
    )
    outer = index({"mediaType": OCI_INDEX, "digest": digest(inner), "size": len(inner)})
    path = write(tmp_path / "layout", layout_files(outer, arm, amd, more={digest(inner): inner}))
    assert contents(opened(path, platform="linux/arm64")) == [{"arch": b"arm64"}]
    assert contents(opened(path, platform="linux/amd64")) == [{"arch": b"amd64"}]
    with pytest.raises(TargetError, match="no image for linux/s390x, only for linux/amd64, linux/arm64"):
        opened(path, platform="linux/s390x")


@pytest.mark.parametrize("how", ["folder", "tar"])
def test_a_layout_with_damaged_blobs(tmp_path: Path, how: str) -> None:
    files = layout_files(index(IMAGE.descriptor()), IMAGE)
    for name, why in (
        (digest(IMAGE.manifest), "its digest is"),
        (digest(IMAGE.config), "its digest is"),
    ):
        with pytest.raises(TargetError, match=why):
            opened(pack(tmp_path, how, files | {"blobs/" + name.replace(":", "/"): b"{}"}))
    layer = "blobs/" + IMAGE.layers[0]["digest"].replace(":", "/")
    with pytest.raises(TargetError, match="has 1 bytes, not"):
        opened(pack(tmp_path, how, files | {layer: b"x"}))
    changed = gzip.compress(tar({"etc/os-release": OS_RELEASE.replace(b"3", b"4")}), mtime=0)
    if len(changed) == len(IMAGE.stored[0]):
        with pytest.raises(TargetError, match="holds something else"):
            contents(opened(pack(tmp_path, how, files | {layer: changed})))


def test_a_layout_stays_in_its_folder(tmp_path: Path) -> None:
    path = write(tmp_path / "layout", layout_files(index(IMAGE.descriptor()), IMAGE))
    outside = write(tmp_path / "outside", {"config": IMAGE.config})
    config = path / "blobs" / digest(IMAGE.config).replace(":", "/")
    config.unlink()
    config.symlink_to(outside / "config")
    with pytest.raises(TargetError, match="is missing"):
        opened(path)


def test_digests_of_other_kinds_are_verified_too(tmp_path: Path) -> None:
    image = Image(FIRST)
    name = "sha512:" + hashlib.sha512(image.stored[0]).hexdigest()
    image.document["layers"][0]["digest"] = name
    files = layout_files(index(image.descriptor()), image, more={name: image.stored[0]})
    assert contents(opened(write(tmp_path / "good", files))) == [FIRST]
    same_length = bytes(len(image.stored[0]))
    with pytest.raises(TargetError, match="its digest is sha512:"):
        contents(opened(write(tmp_path / "bad", files | {"blobs/" + name.replace(":", "/"): same_length})))


@pytest.mark.parametrize(
    ("media_type", "why"),
    [
        ("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", "foreign layer"),
        ("application/vnd.oci.image.layer.v1.tar+gzip+encrypted", "encrypted"),
        ("application/vnd.wasm.content.layer.v1+wasm", "unknown media type"),
    ],
)
def test_layers_that_cannot_be_read_are_problems(tmp_path: Path, media_type: str, why: str) -> None:
    image = Image(FIRST, SECOND)
    image.document["layers"][0] |= {"mediaType": media_type, "urls": ["http://127.0.0.1:1/x"]}
    artifact = opened(write(tmp_path / "layout", layout_files(index(image.descriptor()), image)))
    assert contents(artifact) == [{}, SECOND]
    assert [why in problem.what for part in artifact.parts for problem in part.problems] == [True]
    assert [bool(part.cache_key) for part in artifact.parts] == [False, True]


def test_other_artifacts_are_refused(tmp_path: Path) -> None:
    chart, signature = Image(FIRST), Image(FIRST)
    chart.document["config"]["mediaType"] = "application/vnd.cncf.helm.config.v1+json"
    signature.document["artifactType"] = "application/vnd.example.sbom"
    for number, image in enumerate((chart, signature)):
        path = write(tmp_path / str(number), layout_files(index(image.descriptor()), image))
        with pytest.raises(TargetError, match="is not an image but an artifact of type application/vnd"):
            opened(path)
