"""The receiver of Kubernetes audit events: what it answers to whom, and that what was taken reaches the engine.
Statuses of the peer are those of its plugin (405, 400, 200 whatever the body holds); the others are HTTP's."""

from __future__ import annotations

import gzip
import http.client
import json
import logging
import shlex
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from vigie._core import Engine
from vigie.errors import SourceError
from vigie.runtime.rules.load import load
from vigie.runtime.rules.sources import library
from vigie.runtime.sources import webhook as module
from vigie.runtime.sources.k8s_audit import Opened, open_source, settings
from vigie.runtime.sources.webhook import Webhook
from vigie.runtime.watch import Watch

JSON = {"Content-Type": "application/json"}
WHERE = "http://127.0.0.1:0/k8s-audit"


def event(name: str = "cm", **more: Any) -> dict[str, Any]:
    return {
        "kind": "Event",
        "auditID": name,
        "stage": "ResponseComplete",
        "stageTimestamp": "2024-05-01T10:00:00.000001Z",
        "verb": "create",
        "user": {"username": "kubernetes-admin"},
        "objectRef": {"resource": "configmaps", "name": name, "namespace": "default"},
        "responseStatus": {"code": 201},
        **more,
    }


def body(*names: str) -> bytes:
    return json.dumps({"kind": "EventList", "items": [event(name) for name in names]}).encode()


class Receiver:
    """A receiver before an engine with the audit rules."""

    def __init__(self, where: str = WHERE, init: dict[str, object] | None = None) -> None:
        self.watch = Watch(load(list(library(("k8s_audit",)))).ruleset.sets)
        self.engine: Engine = self.watch.engine
        opened: Opened = open_source(self.engine, settings(where, init, {}))
        assert isinstance(opened, Webhook)
        self.webhook = opened

    def ask(self, data: bytes | None = None, method: str = "POST", path: str = "/k8s-audit", **headers: str) -> int:
        """The status of one request."""
        connection = http.client.HTTPConnection(*self.webhook.address, timeout=10)
        try:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, data, {**JSON, **names})
            return connection.getresponse().status
        finally:
            connection.close()

    def raw(self, data: bytes) -> bytes:
        """What comes back for bytes until the connection ends."""
        with socket.create_connection(self.webhook.address, timeout=10) as connection:
            connection.sendall(data)
            with suppress(OSError):  # the other side may have ended it
                connection.shutdown(socket.SHUT_WR)
                return connection.makefile("rb").read()
            return b""

    def names(self) -> list[object]:
        """Of the config maps that the engine saw so far."""
        names: list[object] = []
        while matches := self.engine.next():
            names += [match.fields["ka.target.name"] for match in matches]
        return names


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.webhook.close()


def test_posted_events_reach_the_rules(receiver: Receiver) -> None:
    assert receiver.ask(body("a", "b")) == 200
    assert receiver.ask(json.dumps(event("c")).encode(), Content_Type="application/json; charset=utf-8") == 200
    assert receiver.names() == ["a", "b", "c"]
    counters = receiver.webhook.counters()
    assert (counters["events"], counters["requests"], counters["waiting_bytes"]) == (3, 2, 0)


def test_many_requests_on_one_connection(receiver: Receiver) -> None:
    connection = http.client.HTTPConnection(*receiver.webhook.address, timeout=10)
    for index in range(3):
        connection.request("POST", "/k8s-audit?timeout=30s", body(str(index)), JSON)
        response = connection.getresponse()
        assert (response.status, response.read()) == (200, b"")
    connection.close()
    assert receiver.names() == ["0", "1", "2"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "BREW"])
def test_only_post_is_allowed(receiver: Receiver, method: str) -> None:
    assert receiver.ask(None, method) == 405


def test_what_the_peer_refuses_is_refused(receiver: Receiver) -> None:
    assert receiver.ask(body("a"), Content_Type="text/plain") == 400
    assert receiver.ask(b" " * ((12 << 20) + 1)) == 400
    assert receiver.ask(body("a"), path="/other") == 404
    assert receiver.names() == []
    counters = receiver.webhook.counters()
    assert [counters[f"refused_{kind}"] for kind in ("type", "body", "path")] == [1, 1, 1]


@pytest.mark.parametrize("junk", [b"", b"nope", b"{}", b"[[", b"\xff\x00", b"[" * 100_000, b'{"kind":"Pod"}'])
def test_junk_is_answered_like_the_peer_does_and_counted(
    receiver: Receiver, junk: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "vigie"):
        assert receiver.ask(junk) == 200
        assert receiver.ask(junk) == 200
    assert receiver.webhook.counters()["bad_payloads"] == 2
    assert len([record for record in caplog.records if "held no audit events" in record.message]) == 1


def test_chunks_and_gzip(receiver: Receiver) -> None:
    connection = http.client.HTTPConnection(*receiver.webhook.address, timeout=10)
    whole = body("chunks")
    pieces = [whole[at : at + 7] for at in range(0, len(whole), 7)]
    connection.request("POST", "/k8s-audit", iter(pieces), JSON, encode_chunked=True)
    assert connection.getresponse().read() == b""
    connection.close()
    assert receiver.ask(gzip.compress(body("gzip")), Content_Encoding="gzip") == 200
    assert receiver.names() == ["chunks", "gzip"]


@pytest.mark.parametrize(
    ("data", "encoding", "status"),
    [
        (b"nope", "gzip", 400),
        (gzip.compress(body("a"))[:-9], "gzip", 400),
        (gzip.compress(body("a")) * 2, "gzip", 400),
        (gzip.compress(b" " * ((12 << 20) + 1)), "gzip", 400),
        (body("a"), "br", 415),
    ],
    ids=["no gzip", "cut off", "two", "bomb", "another encoding"],
)
def test_encodings_that_are_refused(receiver: Receiver, data: bytes, encoding: str, status: int) -> None:
    assert receiver.ask(data, Content_Encoding=encoding) == status
    assert receiver.names() == []


POST = b"POST /k8s-audit HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (POST + b"\r\n", b"411"),
        (POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"400"),
        (POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n[] ", b"400"),
        (POST + b"Content-Length: -1\r\n\r\n", b"400"),
        (POST + b"Content-Length: 99\r\n\r\n[]", b"400"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n[]\r\n0\r\n\r\n", b"400"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n" + b"a: b\r\n" * 100 + b"\r\n", b"400"),
        (POST + b"Transfer-Encoding: gzip\r\n\r\n", b"400"),
        (POST + b"x: y\r\n" * 200 + b"\r\n", b"431"),
        (b"nonsense\r\n\r\n", b"400"),
    ],
)
def test_requests_that_break_rules(receiver: Receiver, request_: bytes, status: bytes) -> None:
    answer = receiver.raw(request_)
    assert status in answer.split(b"\r\n")[0], answer[:200]
    assert receiver.ask(body("still alive")) == 200


def test_a_token_is_asked_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    token = tmp_path / "token"
    token.write_text("s3cret\n")
    with caplog.at_level(logging.DEBUG, "vigie"):
        receiver = Receiver(init={"token_file": str(token)})
        assert receiver.ask(body("a")) == 401
        assert receiver.ask(None, "GET") == 401
        assert receiver.ask(body("a"), Authorization="Bearer wrong") == 401
        assert receiver.ask(body("a"), Authorization="Basic s3cret") == 401
        assert receiver.ask(body("a"), Authorization="Bearer s3cret ü".encode().decode("latin-1")) == 401
        assert receiver.ask(body("b"), Authorization="Bearer s3cret") == 200
        assert receiver.names() == ["b"]
        assert receiver.webhook.counters()["refused_token"] == 5
        receiver.webhook.close()
    assert "s3cret" not in caplog.text
    assert "s3cret" not in repr(settings(WHERE, {"token_file": str(token)}, {}))
    assert settings(WHERE, None, {"VIGIE_AUDIT_TOKEN": " fromenv "}).token == b"fromenv"


def test_full_means_later_and_nothing_is_lost() -> None:
    receiver = Receiver(init={"queue_bytes": 20_000})
    sent: list[str] = []
    statuses = set()
    for index in range(200):
        status = receiver.ask(body(str(index)))
        statuses.add(status)
        if status == 200:
            sent.append(str(index))
    assert statuses == {200, 429}
    assert receiver.webhook.counters()["refused_busy"] == 200 - len(sent)
    assert receiver.names() == sent
    assert receiver.ask(body("again")) == 200
    answer = Receiver.raw(receiver, POST + b"Content-Length: 2\r\n\r\n[]")
    assert answer.startswith(b"HTTP/1.1 200 ")
    receiver.webhook.close()


def test_bodies_share_a_bounded_memory(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiver.webhook, "budget", module.Budget(100))
    answer = receiver.raw(POST + b"Content-Length: 500\r\n\r\n" + b" " * 500)
    assert answer.startswith(b"HTTP/1.1 429 ")
    assert b"Retry-After: 1" in answer
    assert receiver.ask(b"[]") == 200, "what was held is given back"


def test_slow_senders_are_cut_off(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FOR_BODY", 0.3)
    monkeypatch.setattr(module, "IDLE", 0.5)
    started = time.monotonic()
    with socket.create_connection(receiver.webhook.address, timeout=10) as connection:
        connection.sendall(POST + b"Content-Length: 100\r\n\r\n[")
        connection.settimeout(0.05)
        answer = b""
        while b"\r\n\r\n" not in answer and time.monotonic() - started < 8:
            try:
                connection.sendall(b" ")
                answer += connection.recv(1000)
            except TimeoutError:
                continue
    assert answer.startswith(b"HTTP/1.1 408 ")
    with socket.create_connection(receiver.webhook.address, timeout=10) as connection:
        connection.sendall(b"POST /k8s-au")
        assert connection.recv(1000) == b"", "closed without an answer"
    assert time.monotonic() - started < 8


def test_connections_are_limited(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_CONNECTIONS", 3)
    held = [socket.create_connection(receiver.webhook.address, timeout=10) for _ in range(3)]
    time.sleep(0.2)
    with socket.create_connection(receiver.webhook.address, timeout=10) as more:
        assert more.recv(10) == b""
    for one in held:
        one.close()
    deadline = time.monotonic() + 5
    while receiver.webhook._server.connections and time.monotonic() < deadline:
        time.sleep(0.02)
    assert receiver.ask(body("a")) == 200
    assert receiver.webhook.counters()["refused_connections"] == 1


def test_many_at_once(receiver: Receiver) -> None:
    statuses: list[int] = []

    def send(sender: int) -> None:
        statuses.extend(receiver.ask(body(f"{sender}-{index}")) for index in range(20))

    threads = [threading.Thread(target=send, args=(sender,)) for sender in range(8)]
    for thread in threads:
        thread.start()
    seen: list[object] = []
    while any(thread.is_alive() for thread in threads):
        seen += receiver.names()
    seen += receiver.names()
    assert statuses == [200] * 160
    assert len(seen) == 160
    for sender in range(8):
        assert [name for name in seen if str(name).startswith(f"{sender}-")] == [f"{sender}-{i}" for i in range(20)]


def test_closed_delivers_the_rest_and_ends(receiver: Receiver) -> None:
    assert receiver.ask(body("a")) == 200
    receiver.webhook.close()
    with pytest.raises(OSError):
        receiver.ask(body("b"))
    assert [match.fields["ka.target.name"] for match in receiver.engine.next() or []] == ["a"]
    assert receiver.engine.next() is None


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    made = subprocess.run(
        shlex.split(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost "
            "-addext subjectAltName=IP:127.0.0.1 -keyout - -out -"
        ),
        capture_output=True,
        check=True,
    )
    path.write_bytes(made.stdout)
    return path


def test_tls(certificate: Path) -> None:
    receiver = Receiver("https://127.0.0.1:0/k8s-audit", {"sslCertificate": str(certificate)})
    context = ssl.create_default_context(cafile=str(certificate))
    connection = http.client.HTTPSConnection(*receiver.webhook.address, timeout=10, context=context)
    connection.request("POST", "/k8s-audit", body("tls"), JSON)
    assert connection.getresponse().status == 200
    connection.close()
    assert receiver.raw(b"POST / HTTP/1.1\r\n\r\n")[:4] != b"HTTP", "plain text is not answered"
    assert receiver.names() == ["tls"]
    receiver.webhook.close()


def test_a_certificate_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "x.pem"
    for content, what in ((None, "No such file"), ("junk", "no certificate with its key")):
        if content is not None:
            path.write_text(content)
        with pytest.raises(SourceError, match=what):
            Receiver("https://127.0.0.1:0/", {"sslCertificate": str(path)})


def test_no_host_means_loopback_and_no_token_beyond_it_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "vigie"):
        receiver = Receiver("http://:0/k8s-audit")
        assert receiver.webhook.address[0] == "127.0.0.1"
        receiver.webhook.close()
        assert [record.message for record in caplog.records if "127.0.0.1" in record.message]
        caplog.clear()
        receiver = Receiver("http://0.0.0.0:0/k8s-audit")
        receiver.webhook.close()
        assert len([record for record in caplog.records if "everybody" in record.message]) == 1


def test_an_address_in_use(receiver: Receiver) -> None:
    port = receiver.webhook.address[1]
    with pytest.raises(SourceError, match=f"cannot be received on 127.0.0.1:{port}: Address already in use"):
        Receiver(f"http://127.0.0.1:{port}/")
