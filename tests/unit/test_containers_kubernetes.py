"""Labels and owners of pods from an API server."""

from __future__ import annotations

import json
import logging
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from vigie.runtime.containers.container import Container
from vigie.runtime.containers.engine import EngineError
from vigie.runtime.containers.enricher import Enricher
from vigie.runtime.containers.kubernetes import Kubernetes
from vigie.runtime.containers.settings import from_init_config

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")

POD = "/api/v1/namespaces/shop/pods/web-5d-x"
REPLICAS = "/apis/apps/v1/namespaces/shop/replicasets/web-5d"


class Server(ThreadingHTTPServer):
    answers: dict[str, Any]
    asked: list[tuple[str, str]]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["Authorization"]))
        answer = self.server.answers.get(self.path)
        status = answer if isinstance(answer, int) else 200 if answer is not None else 404
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    certificate, key = tmp_path / "ca.crt", tmp_path / "key"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    names = ["-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    subprocess.run([*command, *names, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    (tmp_path / "token").write_text("the-token\n")
    server = Server(("127.0.0.1", 0), Handler)
    server.answers, server.asked = {}, []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(server.server_address[1]))
    yield server
    server.shutdown()
    server.server_close()


def container(**more: Any) -> Container:
    labels = {"io.kubernetes.pod.namespace": "shop", "io.kubernetes.pod.name": "web-5d-x"}
    return Container(type=7, id="a", labels=labels, pod_sandbox_labels={"app": "old"}, **more)


def owned(kind: str, name: str, labels: dict[str, str] | None = None) -> dict[str, Any]:
    owners = [{"kind": "Other", "name": "no"}, {"kind": kind, "name": name, "controller": True}]
    return {"metadata": {"labels": labels or {}, "ownerReferences": owners}}


def test_a_pod_of_a_deployment(server: Server, tmp_path: Path) -> None:
    server.answers[POD] = owned("ReplicaSet", "web-5d", {"app": "web", "long": "x" * 101})
    server.answers[REPLICAS] = owned("Deployment", "web")
    learned: list[Container] = []
    done = threading.Event()

    def take(found: Container, origin: Any) -> None:
        assert origin == "somebody"
        learned.append(found)
        done.set()

    kubernetes = Kubernetes(take, 100, 2, tmp_path)
    kubernetes.complete(container(), "somebody")
    assert done.wait(5)
    assert learned[0].pod_sandbox_labels == {"app": "web"}
    assert learned[0].labels["io.kubernetes.owner.kind"] == "Deployment"
    assert learned[0].labels["io.kubernetes.owner.name"] == "web"
    assert server.asked == [(POD, "Bearer the-token"), (REPLICAS, "Bearer the-token")]
    # another container of the pod is complete at once
    sandbox = container(is_pod_sandbox=True)
    kubernetes.complete(sandbox, "somebody")
    assert (sandbox.labels["app"], sandbox.pod_sandbox_labels["app"]) == ("web", "web")
    kubernetes.complete(Container(type=0, id="b"), "somebody")
    kubernetes.stop()
    assert len(server.asked) == 2


def test_a_server_that_refuses_is_told_once(server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    server.answers[POD] = 403
    kubernetes = Kubernetes(lambda found, origin: None, 100, 2, tmp_path)
    for _ in range(3):
        kubernetes.complete(container(), None)
    kubernetes.stop()
    kubernetes._thread.join(5)
    assert len(server.asked) == 1, "it is left alone after a failure"
    [record] = caplog.records
    assert "refused to answer (HTTP status 403)" in record.getMessage()


def test_another_certificate_is_not_trusted(
    server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "localhost")
    kubernetes = Kubernetes(lambda found, origin: None, 100, 2, tmp_path)
    kubernetes.complete(container(), None)
    kubernetes.stop()
    kubernetes._thread.join(5)
    assert server.asked == []
    assert "could not be asked" in caplog.records[0].getMessage()


def test_without_an_account_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(EngineError, match="no service account"):
        Kubernetes(lambda found, origin: None, 100, 2, tmp_path)

    class Nobody:
        def container(self, json: bytes, removed: bool) -> None: ...
        def no_container(self, id: str, why: str) -> None: ...

    with caplog.at_level(logging.WARNING):
        Enricher(Nobody(), from_init_config({"kubernetes": {"enabled": True}}))
    assert "no service account" in caplog.records[0].getMessage()
