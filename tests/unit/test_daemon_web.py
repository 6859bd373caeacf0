"""The web endpoints, asked over real connections, politely and not."""

from __future__ import annotations

import http.client
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from vigie.errors import SourceError
from vigie.runtime.daemon import web
from vigie.runtime.daemon.web import Page, Web


def broken() -> Page:
    raise RuntimeError("no counters")


PAGES = {
    "/healthz": lambda: Page("application/json", b'{"status": "ok"}'),
    "/broken": broken,
}


@pytest.fixture
def server() -> Iterator[Web]:
    serving = Web("127.0.0.1", 0, PAGES, connections=4)
    serving.start()
    yield serving
    serving.stop()


def ask(server: Web, method: str, path: str) -> tuple[int, str | None, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type"), answer.read()
    finally:
        connection.close()


def raw(server: Web, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(request)
        answer = b""
        while more := connection.recv(4096):
            answer += more
        return answer


def test_health(server: Web) -> None:
    assert ask(server, "GET", "/healthz") == (200, "application/json", b'{"status": "ok"}')
    assert ask(server, "GET", "/healthz?verbose=1")[0] == 200
    assert ask(server, "HEAD", "/healthz") == (200, "application/json", b"")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/healthz/", 404),
        ("GET", "/../etc/passwd", 404),
        ("POST", "/healthz", 405),
        ("DELETE", "/healthz", 405),
        ("GET", "/broken", 500),
    ],
)
def test_other_requests(server: Web, method: str, path: str, status: int) -> None:
    assert ask(server, method, path)[0] == status
    assert ask(server, "GET", "/healthz")[0] == 200


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"hello\r\n\r\n", b"400"),
        (b"GET healthz HTTP/1.1\r\n\r\n", b"400"),
        (b"GET /healthz\r\n\r\n", b"400"),
        (b"GET /healthz HTTP/2\r\n\r\n", b"400"),
        (b"\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x00\xa5\x01\r\n\r\n", b"400"),
        (b"GET /healthz HTTP/1.0\n\n", b"200"),
        (b"GET /" + b"a" * web.LARGEST_REQUEST, b"431"),
    ],
)
def test_junk(server: Web, request_: bytes, status: bytes) -> None:
    assert raw(server, request_).split(b" ")[1] == status


def test_connections_are_bounded_in_number_and_time(server: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "SECONDS", 0.5)
    held = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(4)]
    try:
        time.sleep(0.1)
        assert raw(server, b"").split(b" ")[1] == b"503"
        for connection in held:
            connection.settimeout(5)
            assert connection.recv(10) == b"", "the server gives up"
        assert ask(server, "GET", "/healthz")[0] == 200
    finally:
        for connection in held:
            connection.close()


def test_a_slow_request_does_not_live_on_by_single_bytes(server: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "SECONDS", 0.5)
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection, pytest.raises(OSError):
        while time.monotonic() < begun + 5:
            connection.sendall(b"a")
            time.sleep(0.05)
    assert time.monotonic() - begun < 3


def test_many_at_once(server: Web) -> None:
    seen: list[bytes] = []

    def one() -> None:
        try:
            seen.append(raw(server, b"GET /healthz HTTP/1.1\r\n\r\n")[9:12])
        except ConnectionResetError:  # refused before the request was read
            seen.append(b"503")

    threads = [threading.Thread(target=one) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(seen) <= {b"200", b"503"}
    assert ask(server, "GET", "/healthz")[0] == 200


def test_a_port_that_is_taken_is_told(server: Web) -> None:
    with pytest.raises(
        SourceError, match=f"webserver: cannot listen on 127.0.0.1, port {server.port}: Address already"
    ):
        Web("127.0.0.1", server.port, PAGES)


def test_the_port_is_free_after_the_end() -> None:
    first = Web("127.0.0.1", 0, PAGES)
    first.start()
    ask(first, "GET", "/healthz")
    first.stop()
    second = Web("127.0.0.1", first.port, PAGES)
    second.stop()


def test_tls(tmp_path: Path) -> None:
    pem = tmp_path / "falco.pem"
    made = subprocess.run(
        f"openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 "
        f"-keyout {tmp_path}/key -out {tmp_path}/cert -days 1",
        shell=True,
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("openssl cannot make a certificate here")
    pem.write_bytes((tmp_path / "key").read_bytes() + (tmp_path / "cert").read_bytes())
    serving = Web("127.0.0.1", 0, PAGES, certificate=str(pem))
    serving.start()
    try:
        trusted = ssl.create_default_context(cafile=str(tmp_path / "cert"))
        connection = http.client.HTTPSConnection("127.0.0.1", serving.port, context=trusted, timeout=10)
        connection.request("GET", "/healthz")
        assert connection.getresponse().read() == b'{"status": "ok"}'
        connection.close()
        with suppress(ConnectionResetError):
            assert raw(serving, b"GET /healthz HTTP/1.1\r\n\r\n")[:5] != b"HTTP/"
    finally:
        serving.stop()


@pytest.mark.parametrize("content", [None, "no certificate\n"])
def test_a_certificate_that_cannot_be_used_is_told(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "falco.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(SourceError, match=r"webserver.ssl_certificate: .*falco\.pem cannot be used"):
        Web("127.0.0.1", 0, PAGES, certificate=str(path))
