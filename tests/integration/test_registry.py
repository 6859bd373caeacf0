"""Real registries (docker-registry), filled by skopeo: plain, with TLS and a CA of their own, with passwords."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from artifact_contents import contents
from builders.image import Image, digest, index, layout_files, write
from servers import docker_registry
from servers.docker_registry import COPY, PROGRAMS, run, serving
from vigie.artifacts.image import open_archive, open_image
from vigie.errors import TargetError
from vigie.oci.login import login, logout
from vigie.scanner.part import Artifact, Silent
from vigie.settings.groups import GlobalOptions, ImageOptions, RegistryOptions

MISSING = [name for name in PROGRAMS if shutil.which(name) is None]
pytestmark = [pytest.mark.integration, pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")]

FIRST, SECOND = {"etc/os-release": b"ID=alpine\n"}, {"app/Cargo.lock": b"# lock\n"}
IMAGE = Image(FIRST, SECOND)
ARM = Image({"arch": b"arm64"}, architecture="arm64")


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("layout")
    inner = index(
        IMAGE.descriptor(platform={"os": "linux", "architecture": "amd64"}),
        ARM.descriptor(platform={"os": "linux", "architecture": "arm64"}),
    )
    name = {"org.opencontainers.image.ref.name": "one"}
    both = {"mediaType": "application/vnd.oci.image.index.v1+json", "digest": digest(inner), "size": len(inner)}
    outer = index(
        IMAGE.descriptor(annotations=name), both | {"annotations": {"org.opencontainers.image.ref.name": "both"}}
    )
    return write(folder, layout_files(outer, IMAGE, ARM, more={digest(inner): inner}))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, layout: Path) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("plain")) as host:
        push = (*COPY, "--dest-tls-verify=false")
        run(*push, f"oci:{layout}:one", f"docker://{host}/team/app:1")
        run(*push, "--format=v2s2", f"oci:{layout}:one", f"docker://{host}/team/docker:1")
        run(*push, "--all", f"oci:{layout}:both", f"docker://{host}/team/both:1")
        yield host


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)


def opened(name: str, registry: RegistryOptions | None = None, *, platform: str = "", **general: Any) -> Artifact:
    image = ImageOptions(sources=("remote",), platform=platform)
    return open_image(name, image, registry or RegistryOptions(), GlobalOptions(timeout=30, **general), Silent())


@pytest.mark.parametrize("repository", ["team/app", "team/docker"])
def test_by_tag_and_by_digest(plain: str, repository: str) -> None:
    artifact = opened(f"{plain}/{repository}:1")
    assert artifact.facts.image is not None
    assert artifact.facts.image.diff_ids == tuple(IMAGE.diff_ids)
    (name,) = artifact.facts.image.digests
    assert contents(artifact) == [FIRST, SECOND]
    assert contents(opened(name)) == [FIRST, SECOND]


def test_platforms(plain: str) -> None:
    assert contents(opened(f"{plain}/team/both:1", platform="linux/amd64")) == [FIRST, SECOND]
    assert contents(opened(f"{plain}/team/both:1", platform="linux/arm64")) == [{"arch": b"arm64"}]
    with pytest.raises(TargetError, match="no image for linux/s390x, only for linux/amd64, linux/arm64"):
        opened(f"{plain}/team/both:1", platform="linux/s390x")


def test_what_is_not_there(plain: str) -> None:
    for name in ("team/app:2", "team/none", f"team/app@sha256:{'0' * 64}"):
        with pytest.raises(TargetError, match=f"has no {name.partition(':')[0].partition('@')[0]}"):
            opened(f"{plain}/{name}")


def test_archives_and_layouts_made_by_skopeo(plain: str, tmp_path: Path) -> None:
    copy = (*COPY, "--src-tls-verify=false", f"docker://{plain}/team/app:1")
    run(*copy, f"docker-archive:{tmp_path}/docker.tar:app:1")
    run(*copy, f"oci-archive:{tmp_path}/oci.tar:v1")
    run(*copy, f"oci:{tmp_path}/layout:v1")
    for target in ("docker.tar", "oci.tar", "oci.tar:v1", "layout:v1"):
        artifact = open_archive(f"{tmp_path}/{target}", ImageOptions())
        assert artifact.facts.image is not None
        assert artifact.facts.image.diff_ids == tuple(IMAGE.diff_ids)
        assert contents(artifact) == [FIRST, SECOND]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, layout: Path) -> Iterator[tuple[str, Path]]:
    """TLS by a CA of its own, and a password."""
    with docker_registry.guarded(tmp_path_factory.mktemp("guarded")) as (host, ca):
        target = ("--dest-tls-verify=false", "--dest-creds=me:secret", f"docker://{host}/team/app:1")
        run(*COPY, f"oci:{layout}:one", *target)
        yield host, ca


RIGHT = RegistryOptions(usernames=("me",), passwords=("secret",))


def test_tls_with_a_ca_of_its_own(guarded: tuple[str, Path]) -> None:
    host, ca = guarded
    assert contents(opened(f"{host}/team/app:1", RIGHT, cacert=str(ca))) == [FIRST, SECOND]
    assert contents(opened(f"{host}/team/app:1", RIGHT, insecure=True)) == [FIRST, SECOND]
    with pytest.raises(TargetError, match="its certificate is not trusted") as caught:
        opened(f"{host}/team/app:1", RIGHT)
    assert "--cacert" in caught.value.hint


def test_passwords(guarded: tuple[str, Path]) -> None:
    host, ca = guarded
    wrong = RegistryOptions(usernames=("me",), passwords=("wrong",))
    for options in (wrong, RegistryOptions()):
        with pytest.raises(TargetError, match="denies access to team/app"):
            opened(f"{host}/team/app:1", options, cacert=str(ca))
    with pytest.raises(TargetError, match="not accepted"):
        login(host, "me", "wrong", cacert=str(ca))
    login(host, "me", "secret", cacert=str(ca))
    assert contents(opened(f"{host}/team/app:1", cacert=str(ca))) == [FIRST, SECOND]
    assert contents(opened(f"{host}/team/app:1", wrong, cacert=str(ca))) == [FIRST, SECOND]
    assert logout(host)
    with pytest.raises(TargetError, match="denies access"):
        opened(f"{host}/team/app:1", cacert=str(ca))
