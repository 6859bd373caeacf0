"""Builds a small application image without a container engine: a Debian, and old Python, Java and Node.js packages.

Usage: build.py FOLDER. Writes FOLDER/app.tar (an OCI archive). Layers are kept in FOLDER: a second run takes seconds.
The packages are old on purpose; `requirements.txt` beside this file pins them by digest.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

HERE = Path(__file__).parent
SUITES = ("bullseye", "bookworm")
"""Tried in this order. The older one is out of support, which is what a report should say."""
APPLICATION = "opt/app"


def main(folder: Path) -> None:
    """Makes both layers and joins them."""
    folder.mkdir(parents=True, exist_ok=True)
    base = layer(folder / "base.tar.gz", base_system, "debootstrap --variant=minbase")
    application = layer(
        folder / "application.tar.gz", lambda root: install(root / APPLICATION), "RUN pip install -r requirements.txt"
    )
    write_archive(folder / "app.tar", [base, application])


def base_system(root: Path) -> None:
    """A minimal Debian, as its own installer makes it, from the first suite that is still served."""
    for suite in SUITES:
        failure = attempt("debootstrap", "--variant=minbase", suite, str(root))
        if failure is None:
            break
        shutil.rmtree(root)
        root.mkdir()
    else:
        raise SystemExit(failure)
    for cache in ("var/cache/apt", "var/lib/apt/lists"):
        shutil.rmtree(root / cache, ignore_errors=True)


def install(site: Path) -> None:
    """The application's packages, with their metadata, as pip lays them out."""
    run(
        sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-compile",
        "--only-binary", ":all:", "--require-hashes", "--target", str(site), "-r", str(HERE / "requirements.txt"),
    )  # fmt: skip


def layer(path: Path, fill: Callable[[Path], None], command: str) -> tuple[Path, str]:
    """A gzip layer made by `fill`, unless it is there already."""
    if not path.exists():
        root = path.with_suffix(".root")
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        fill(root)
        temporary = path.with_suffix(".part")
        with (
            gzip.GzipFile(temporary, "wb", compresslevel=1, mtime=0) as raw,
            tarfile.open(fileobj=raw, mode="w") as tar,
        ):
            for file in sorted(root.iterdir()):
                tar.add(file, arcname=file.name, filter=ownerless)
        temporary.rename(path)
        shutil.rmtree(root, ignore_errors=True)
    return path, command


def ownerless(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Members without devices and without the builder's names."""
    if member.isdev():
        return None
    member.uname = member.gname = ""
    return member


def write_archive(path: Path, layers: list[tuple[Path, str]]) -> None:
    """An OCI archive: layers, configuration, manifest and index as blobs named by their digests."""
    with tarfile.open(path, "w") as tar:

        def add(name: str, content: bytes) -> None:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, BytesIO(content))

        def blob(content: bytes, media_type: str) -> dict[str, object]:
            digest = hashlib.sha256(content).hexdigest()
            add(f"blobs/sha256/{digest}", content)
            return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(content)}

        descriptors, diff_ids = [], []
        for file, _ in layers:
            packed = file.read_bytes()
            descriptors.append(blob(packed, "application/vnd.oci.image.layer.v1.tar+gzip"))
            diff_ids.append("sha256:" + hashlib.sha256(gzip.decompress(packed)).hexdigest())
        config = {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Cmd": ["/bin/sh"]},
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
            "history": [{"created_by": command} for _, command in layers],
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": blob(json.dumps(config).encode(), "application/vnd.oci.image.config.v1+json"),
            "layers": descriptors,
        }
        described = blob(json.dumps(manifest).encode(), manifest["mediaType"])
        described["annotations"] = {"org.opencontainers.image.ref.name": "demo"}
        add("index.json", json.dumps({"schemaVersion": 2, "manifests": [described]}).encode())
        add("oci-layout", b'{"imageLayoutVersion": "1.0.0"}')


def run(*command: str) -> None:
    """Runs a program; its complaint ends ours when it fails."""
    if failure := attempt(*command):
        raise SystemExit(failure)


def attempt(*command: str) -> str | None:
    """Runs a program; returns its complaint when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}" if done.returncode else None


if __name__ == "__main__":
    main(Path(sys.argv[1]))
