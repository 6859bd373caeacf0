"""A real Docker daemon with folders of its own; it needs no network and runs no container."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from artifact_contents import contents
from builders.image import Image, digest, saved_files, tar
from vigie.artifacts.image import open_image
from vigie.errors import TargetError
from vigie.scanner.part import Artifact, Silent
from vigie.settings.groups import GlobalOptions, ImageOptions, RegistryOptions

MISSING = [name for name in ("dockerd", "docker", "containerd", "unshare") if shutil.which(name) is None]
WHY = f"not installed: {', '.join(MISSING)}" if MISSING else "dockerd needs the superuser" if os.geteuid() else ""
pytestmark = [pytest.mark.integration, pytest.mark.skipif(bool(WHY), reason=WHY)]

FIRST, SECOND = {"etc/os-release": b"ID=alpine\n"}, {"app/Cargo.lock": b"# lock\n"}
HISTORY = [
    {"created": "2024-01-02T03:04:05Z", "created_by": "/bin/sh -c #(nop) ADD file:1 in / "},
    {"created": "2024-01-02T03:04:06Z", "created_by": '/bin/sh -c #(nop)  CMD ["sh"]', "empty_layer": True},
    {"created": "2024-01-02T03:04:07Z", "created_by": "RUN /bin/sh -c apk add x # buildkit", "comment": "buildkit"},
]
IMAGE = Image(FIRST, SECOND, compress=False, history=HISTORY, created="2024-01-02T03:04:07Z")


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("d")
    address = f"unix://{folder}/docker.sock"
    options = (
        f"--data-root={folder}/data",
        f"--exec-root={folder}/exec",
        f"--pidfile={folder}/pid",
        f"--host={address}",
    )
    network = ("--bridge=none", "--iptables=false", "--ip-forward=false", "--storage-driver=vfs")
    with (folder / "log").open("wb") as log:
        # namespaces of its own: nothing it mounts or configures reaches this machine
        process = subprocess.Popen(["unshare", "-n", "-m", "dockerd", *options, *network], stdout=log, stderr=log)
    try:
        for _ in range(150):
            answer = subprocess.run(["docker", "-H", address, "version"], capture_output=True, timeout=10, check=False)
            if answer.returncode == 0:
                break
            if process.poll() is not None:
                pytest.skip(f"dockerd does not start here: {(folder / 'log').read_text()[-300:]}")
            time.sleep(0.1)
        else:
            pytest.skip("dockerd does not answer here")
        archive = folder / "image.tar"
        archive.write_bytes(tar(saved_files((IMAGE, ["team/app:1"]))))
        command = ["docker", "-H", address, "load", "-i", str(archive)]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def opened(name: str, host: str, **options: Any) -> Artifact:
    image = ImageOptions(sources=("docker",), docker_host=host, **options)
    return open_image(name, image, RegistryOptions(), GlobalOptions(timeout=60), Silent())


def test_an_image_of_the_daemon(host: str) -> None:
    for name in ("team/app:1", digest(IMAGE.config), digest(IMAGE.config)[7:19]):
        artifact = opened(name, host)
        facts = artifact.facts.image
        assert facts is not None
        assert facts.id == digest(IMAGE.config)
        assert facts.tags == ("team/app:1",)
        assert facts.diff_ids == tuple(IMAGE.diff_ids)
        assert [layer.created_by for layer in facts.layers] == [
            "ADD file:1 in / ",
            "RUN /bin/sh -c apk add x # buildkit",
        ]
        assert contents(artifact) == [FIRST, SECOND]


def test_the_configuration_is_rebuilt_from_the_daemons_account(host: str) -> None:
    artifact = opened("team/app:1", host)
    with artifact.closing:
        assert artifact.facts.image is not None
        config = artifact.facts.image.config
    assert config["history"] == HISTORY
    assert config["rootfs"] == {"type": "layers", "diff_ids": IMAGE.diff_ids}
    assert (config["architecture"], config["os"], config["created"]) == ("amd64", "linux", "2024-01-02T03:04:07Z")


def test_what_the_daemon_does_not_have(host: str, tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="the Docker daemon has no image team/none"):
        opened("team/none", host)
    with pytest.raises(TargetError, match="no Docker daemon at"):
        opened("team/app:1", f"unix://{tmp_path}/none.sock")
