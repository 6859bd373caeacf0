"""A real Kubernetes API server with its store, on loopback, that posts audit events to a webhook.

Binaries: `VIGIE_KUBE_APISERVER` names kube-apiserver; `VIGIE_ETCD` names etcd, else it is looked for in PATH, else
`kube-apiserver etcd` is tried, for a program that holds both.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import time
from pathlib import Path
from typing import Any, Self

TOKEN = "for-tests-only"
DEFAULT = Path("/var/tmp/vigie-kube/kube-apiserver")

POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [{"level": "RequestResponse"}],
}


def binary() -> Path | None:
    """The API server's program, if there is one."""
    path = Path(os.environ.get("VIGIE_KUBE_APISERVER", DEFAULT))
    return path if os.access(path, os.X_OK) else None


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


class KubeApiServer:
    """Started on entry, stopped on exit. webhook: where audit events go; token: what is shown there."""

    def __init__(self, folder: Path, webhook: str, token: str) -> None:
        self._folder, self._webhook, self._token = folder, webhook, token
        self._port = free_port()
        self._programs: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        program = binary()
        assert program is not None
        client, peer = free_port(), free_port()
        etcd = os.environ.get("VIGIE_ETCD") or shutil.which("etcd")
        store, peers = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
        self._start(
            *([etcd] if etcd else [program, "etcd"]),
            f"--data-dir={self._folder / 'etcd'}",
            f"--listen-client-urls={store}",
            f"--advertise-client-urls={store}",
            f"--listen-peer-urls={peers}",
            f"--initial-advertise-peer-urls={peers}",
            f"--initial-cluster=default={peers}",
        )
        key = self._folder / "sa.key"
        subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
        self._write("tokens.csv", f"{TOKEN},kubernetes-admin,1,system:masters\n")
        self._write("token", self._token)
        self._write("policy", json.dumps(POLICY))
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "a", "cluster": {"server": self._webhook}}],
            "users": [{"name": "a", "user": {"token": self._token}}],
            "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
            "current-context": "a",
        }
        self._write("webhook", json.dumps(config))
        self._start(
            program,
            f"--etcd-servers={store}",
            "--bind-address=127.0.0.1",
            "--advertise-address=192.0.2.1",
            f"--secure-port={self._port}",
            f"--cert-dir={self._folder / 'certs'}",
            f"--token-auth-file={self._folder / 'tokens.csv'}",
            "--authorization-mode=RBAC",
            "--disable-admission-plugins=ServiceAccount",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            "--service-cluster-ip-range=10.0.0.0/24",
            f"--audit-policy-file={self._folder / 'policy'}",
            f"--audit-webhook-config-file={self._folder / 'webhook'}",
            "--audit-webhook-batch-max-wait=200ms",
            "--audit-webhook-initial-backoff=500ms",
        )
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            try:
                if self.ask("GET", "/readyz")[0] == 200:
                    return self
            except OSError:
                pass
            if any(one.poll() is not None for one in self._programs):
                break
            time.sleep(0.5)
        self.__exit__()
        raise RuntimeError(
            "the API server did not start: " + (self._folder / "log").read_text(errors="replace")[-2000:]
        )

    def __exit__(self, *_: object) -> None:
        for one in reversed(self._programs):
            one.terminate()
        for one in self._programs:
            try:
                one.wait(20)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()

    def ask(self, method: str, path: str, data: Any = None, token: str = TOKEN) -> tuple[int, Any]:
        """The status of a request and the document that came back."""
        # The server makes its certificate itself.
        context = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection("127.0.0.1", self._port, timeout=20, context=context)
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
        try:
            connection.request(method, path, json.dumps(data) if data is not None else None, headers)
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        try:
            return response.status, json.loads(text)
        except ValueError:
            return response.status, text.decode(errors="replace")

    def _write(self, name: str, text: str) -> None:
        path = self._folder / name
        path.write_text(text)
        path.chmod(0o600)

    def _start(self, *command: str | Path) -> None:
        with (self._folder / "log").open("ab") as log:
            self._programs.append(subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder))
