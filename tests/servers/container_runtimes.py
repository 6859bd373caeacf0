"""Real container runtimes with folders of their own: dockerd, podman's service, containerd with CRI.

Each offers one tiny image, made of a static busybox. Nothing of the machine's own runtimes is touched: sockets, data
and namespaces of the network lie apart, and what was started is ended by its id.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from vigie.runtime.containers.grpc import Grpc
from vigie.runtime.containers.protobuf import Message, field

IMAGE = "localhost:5000/team/box:1"
PAUSE = "localhost/pause:3"
NEEDS = {
    "docker": ("dockerd", "docker", "containerd", "runc", "unshare", "busybox"),
    "podman": ("podman", "conmon", "runc", "busybox"),
    "containerd": ("containerd", "ctr", "runc", "unshare", "ip", "busybox"),
}
APPLETS = ("sh", "cat", "ls", "sleep", "touch", "true")


def why_not(name: str) -> str:
    """Why a runtime cannot run here; empty when it can, as far as one sees from outside."""
    missing = [program for program in NEEDS[name] if shutil.which(program) is None]
    return f"not installed: {', '.join(missing)}" if missing else f"{name} needs the superuser" if os.geteuid() else ""


class Runtime(msgspec.Struct):
    """A runtime that runs. command: what its client is called with before the rest."""

    name: str
    socket: Path
    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes]

    def run(self, *arguments: str, check: bool = True) -> str:
        """Calls the client; what it printed. A container that cannot be started here skips the test."""
        ended = subprocess.run(
            [*self.command, *arguments], env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        if check and ended.returncode:
            pytest.skip(f"{self.name} cannot do this here: {ended.stderr.strip()[-300:]}")
        return ended.stdout.strip()

    def cgroup(self, pid: int) -> str:
        """The cgroup of a container's process."""
        paths = [line.split(":", 2)[2] for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines()]
        return next(path for path in paths if path != "/")


def rootfs(folder: Path) -> Path:
    """A tar of a file system that holds a shell and the files that the workshops touch."""
    path = folder / "rootfs.tar"
    with tarfile.open(path, "w") as tar:
        for name in ("bin", "etc", "tmp", "proc", "dev", "sys"):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        tar.add(os.path.realpath(shutil.which("busybox") or ""), "bin/busybox")
        for name in APPLETS:
            entry = tarfile.TarInfo(f"bin/{name}")
            entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(entry)
        for name, text in {"etc/passwd": b"root:x:0:0:root:/root:/bin/sh\n", "etc/shadow": b"root:*:1::::::\n"}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text))
    return path


@contextmanager
def _started(command: Sequence[str], socket: Path, log: Path, environment: dict[str, str]) -> Iterator[Any]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
    try:
        deadline = time.monotonic() + 20
        while not socket.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.skip(f"{command[0]} does not start here: {log.read_text()[-300:]}")
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()
        process.wait(5)


@contextmanager
def dockerd(folder: Path) -> Iterator[Runtime]:
    socket = folder / "docker.sock"
    daemon = (
        *("unshare", "-n", "-m", "dockerd", f"--data-root={folder}/data", f"--exec-root={folder}/exec"),
        *(f"--pidfile={folder}/pid", f"--host=unix://{socket}", "--bridge=none", "--iptables=false"),
        *("--ip-forward=false", "--storage-driver=vfs"),
    )
    environment = dict(os.environ)
    with _started(daemon, socket, folder / "log", environment) as process:
        runtime = Runtime("docker", socket, ["docker", "-H", f"unix://{socket}"], environment, process)
        for _ in range(100):
            if runtime.run("version", check=False):
                break
            time.sleep(0.1)
        runtime.run("import", str(rootfs(folder)), IMAGE)
        try:
            yield runtime
        finally:
            if ids := runtime.run("ps", "-aq", check=False).split():
                runtime.run("rm", "-f", *ids, check=False)


@contextmanager
def podman(folder: Path) -> Iterator[Runtime]:
    socket, config = folder / "podman.sock", folder / "containers.conf"
    # limits that are not above ours: raising them may be forbidden
    config.write_text(
        '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n'
        '[engine]\ncgroup_manager = "cgroupfs"\nruntime = "runc"\nevents_logger = "file"\n'
    )
    environment = {**os.environ, "CONTAINERS_CONF": str(config)}
    client = ["podman", f"--root={folder}/root", f"--runroot={folder}/run", "--storage-driver=vfs"]
    client.append(f"--tmpdir={folder}/tmp")
    service = [*client, "system", "service", "--time=0", f"unix://{socket}"]
    with _started(service, socket, folder / "log", environment) as process:
        runtime = Runtime("podman", socket, client, environment, process)
        runtime.run("import", str(rootfs(folder)), IMAGE)
        try:
            yield runtime
        finally:
            runtime.run("rm", "-af", "-t0", check=False)
            runtime.run("pod", "rm", "-af", check=False)


@contextmanager
def containerd(folder: Path) -> Iterator[Runtime]:
    socket, networks = folder / "containerd.sock", folder / "networks"
    networks.mkdir()
    network = {"cniVersion": "0.4.0", "name": "none", "plugins": [{"type": "loopback"}]}
    (networks / "1.conflist").write_text(json.dumps(network))
    (folder / "config.toml").write_text(
        f'version = 2\nroot = "{folder}/root"\nstate = "{folder}/state"\n[grpc]\naddress = "{socket}"\n'
        f'[plugins."io.containerd.grpc.v1.cri"]\nsandbox_image = "{PAUSE}"\nrestrict_oom_score_adj = true\n'
        'disable_apparmor = true\n[plugins."io.containerd.grpc.v1.cri".containerd]\nsnapshotter = "native"\n'
        f'[plugins."io.containerd.grpc.v1.cri".cni]\nbin_dir = "/usr/lib/cni"\nconf_dir = "{networks}"\n'
    )
    environment = dict(os.environ)
    shell = f"ip link set lo up; exec containerd -c {folder}/config.toml"
    daemon = ("unshare", "-n", "-m", "sh", "-c", shell)
    with _started(daemon, socket, folder / "log", environment) as process:
        runtime = Runtime("containerd", socket, ["ctr", "-a", str(socket)], environment, process)
        archive = folder / "images.tar"
        _docker_archive(rootfs(folder), archive)
        for namespace in ("default", "k8s.io"):
            runtime.run("-n", namespace, "images", "import", "--snapshotter=native", str(archive))
        try:
            yield runtime
        finally:
            for namespace in ("default", "k8s.io"):
                scope = ("-n", namespace)
                for name in runtime.run(*scope, "tasks", "ls", "-q", check=False).split():
                    runtime.run(*scope, "tasks", "rm", "-f", name, check=False)
                for name in runtime.run(*scope, "containers", "ls", "-q", check=False).split():
                    runtime.run(*scope, "containers", "rm", name, check=False)


def _docker_archive(layer: Path, path: Path) -> None:
    """An archive of two images on one layer: CRI names a container by any of its image's names, so each has but one."""
    content = layer.read_bytes()
    files: dict[str, bytes] = {"layer.tar": content}
    entries = []
    for image in (IMAGE, PAUSE):
        config = {
            "architecture": "amd64" if os.uname().machine == "x86_64" else "arm64",
            "os": "linux",
            "config": {"Cmd": ["/bin/sleep", "3600"], "Labels": {"image": image}},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(content).hexdigest()}"]},
        }
        name = f"{len(files)}.json"
        files[name] = json.dumps(config).encode()
        entries.append({"Config": name, "RepoTags": [image], "Layers": ["layer.tar"]})
    files["manifest.json"] = json.dumps(entries).encode()
    with tarfile.open(path, "w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))


class Pod:
    """A pod with one container, made as a kubelet does: by CRI. Fields of its messages: cri-api, api.proto."""

    def __init__(self, runtime: Runtime) -> None:
        self._grpc = Grpc(str(runtime.socket), 30)
        labels = {"app": "web", **{f"io.kubernetes.pod.{key}": value for key, value in _POD.items()}}
        self._config = field(1, field(1, "web") + field(2, "uid-1") + field(3, "shop"))
        self._config += b"".join(field(6, field(1, key) + field(2, value)) for key, value in labels.items())
        # the pod shares the network of the node
        self._config += field(8, field(2, field(1, field(1, 2))))
        self.sandbox = self._call("RunPodSandbox", field(1, self._config)).text(1)

    def container(self, name: str, *command: str) -> str:
        """Creates and starts a container; its id."""
        config = field(1, field(1, name)) + field(2, field(1, IMAGE))
        config += b"".join(field(3, word) for word in command)
        config += field(6, field(1, "FOO") + field(2, "bar"))
        config += field(7, field(1, "/host-etc") + field(2, "/etc") + field(3, 1))
        config += field(9, field(1, "io.kubernetes.container.name") + field(2, name))
        request = field(1, self.sandbox) + field(2, config) + field(3, self._config)
        id = self._call("CreateContainer", request).text(1)
        self._call("StartContainer", field(1, id))
        return id

    def pid(self, id: str) -> int:
        info = self._call("ContainerStatus", field(1, id) + field(2, 1)).pairs(2)["info"]
        return int(json.loads(info)["pid"])

    def remove(self) -> None:
        self._call("StopPodSandbox", field(1, self.sandbox))
        self._call("RemovePodSandbox", field(1, self.sandbox))

    def _call(self, method: str, request: bytes) -> Message:
        return Message(self._grpc.unary(f"/runtime.v1.RuntimeService/{method}", request))


_POD = {"name": "web", "namespace": "shop", "uid": "uid-1"}
