"""The http output over TLS: whom it trusts, who it says it is. Certificates are made by the openssl program."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from alert_outputs import OK, Server, batch, told
from vigie.alerts.outputs import tls
from vigie.alerts.outputs.http import HttpOutput
from vigie.errors import UsageError
from vigie.settings.watch.outputs import HttpKeys

if shutil.which("openssl") is None:
    pytest.skip("the openssl program is not here", allow_module_level=True)


def openssl(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["openssl", *arguments], cwd=folder, check=True, capture_output=True, text=True, timeout=60
    ).stdout


def authority(folder: Path, name: str) -> None:
    """NAME.crt and NAME.key of somebody who signs certificates."""
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{name}.key")
    openssl(folder, "req", "-x509", *key, "-out", f"{name}.crt", "-subj", f"/CN={name}", "-days", "3650")


def signed(folder: Path, name: str, by: str, alternative: str) -> None:
    """NAME.crt and NAME.key, signed by an authority."""
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{name}.key")
    openssl(folder, "req", *key, "-out", f"{name}.csr", "-subj", f"/CN={name}")
    (folder / "extensions").write_text(f"subjectAltName={alternative}\n")
    sign = ("-CA", f"{by}.crt", "-CAkey", f"{by}.key", "-CAcreateserial", "-extfile", "extensions", "-days", "3650")
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", *sign, "-out", f"{name}.crt")


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pki")
    for name in ("ours", "theirs"):
        authority(folder, name)
    signed(folder, "server", "ours", "IP:127.0.0.1,DNS:localhost")
    signed(folder, "elsewhere", "ours", "DNS:elsewhere.example")
    signed(folder, "client", "ours", "DNS:client")
    signed(folder, "stranger", "theirs", "DNS:client")
    openssl(folder, "ec", "-in", "client.key", "-aes128", "-passout", "pass:abc", "-out", "locked.key")
    hashed = folder / "hashed"
    hashed.mkdir()
    shutil.copy(
        folder / "ours.crt", hashed / f"{openssl(folder, 'x509', '-hash', '-noout', '-in', 'ours.crt').strip()}.0"
    )
    (folder / "empty").mkdir()
    (folder / "junk").write_text("no certificate")
    return folder


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


@pytest.fixture
def warnings(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> pytest.LogCaptureFixture:
    monkeypatch.setattr(logging.getLogger("vigie"), "propagate", True)
    return caplog


Start = Callable[..., Server]


@pytest.fixture
def start(pki: Path) -> Iterator[Start]:
    """A server with the certificate of this name; it asks clients for one signed by `clients`."""
    started: list[Server] = []

    def make(name: str = "server", clients: str = "") -> Server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pki / f"{name}.crt", pki / f"{name}.key")
        if clients:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(pki / f"{clients}.crt")
        started.append(Server(OK, wrap=lambda opened: context.wrap_socket(opened, server_side=True)))
        return started[-1]

    yield make
    for server in started:
        server.close()


def send(server: Server, times: int = 1, host: str = "127.0.0.1", **keys: Any) -> None:
    one = HttpOutput(HttpKeys(url=f"https://{host}:{server.port}/", **keys), json=False, seconds=5)
    try:
        for _ in range(times):
            one.send(batch("alert"))
    finally:
        one.close()


def given(pki: Path, **names: str) -> dict[str, str]:
    return {key: str(pki / name) for key, name in names.items()}


@pytest.mark.parametrize(
    "trust",
    [
        {"ca_cert": "ours.crt"},
        {"ca_bundle": "ours.crt"},
        {"ca_path": "hashed"},
        {"ca_cert": "ours.crt", "ca_bundle": "theirs.crt", "ca_path": "empty"},
        {"ca_bundle": "ours.crt", "ca_path": "empty"},
    ],
)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_server_that_is_trusted(start: Start, pki: Path, trust: dict[str, str], host: str) -> None:
    server = start()
    send(server, 2, host, **given(pki, **trust))
    assert server.bodies == [b"alert", b"alert"]
    assert server.connections == 1


@pytest.mark.parametrize(
    ("certificate", "trust"),
    [
        ("server", {"ca_cert": "theirs.crt"}),
        ("server", {"ca_cert": "theirs.crt", "ca_bundle": "ours.crt", "ca_path": "hashed"}),
        ("server", {"ca_bundle": "theirs.crt", "ca_path": "hashed"}),
        ("server", {"ca_path": "empty"}),
        ("server", {}),
        ("elsewhere", {"ca_cert": "ours.crt"}),
    ],
)
def test_a_server_that_is_not_trusted(start: Start, pki: Path, certificate: str, trust: dict[str, str]) -> None:
    server = start(certificate)
    with pytest.raises(OSError, match=rf"^https://127\.0\.0\.1:{server.port}: the certificate is not trusted: "):
        send(server, **given(pki, **trust))
    assert server.requests == []


def test_insecure_trusts_everybody_and_says_so_once(start: Start, warnings: pytest.LogCaptureFixture) -> None:
    server = start("elsewhere")
    send(server, 2, insecure=True)
    assert len(server.requests) == 2
    assert told(warnings) == [
        f"http_output.insecure: whoever answers as https://127.0.0.1:{server.port} gets the alerts"
    ]


def test_old_versions_are_refused(pki: Path) -> None:
    for insecure in (False, True):
        made = tls.context(HttpKeys(ca_cert=str(pki / "ours.crt"), insecure=insecure))
        assert made.minimum_version == ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("name", ["client", "stranger", ""])
def test_a_server_that_asks_for_a_certificate(start: Start, pki: Path, name: str, version: ssl.TLSVersion) -> None:
    server = start(clients="ours")
    keys: dict[str, Any] = given(pki, ca_cert="ours.crt")
    if name:
        keys |= {"mtls": True, **given(pki, client_cert=f"{name}.crt", client_key=f"{name}.key")}
    one = HttpOutput(HttpKeys(url=f"https://127.0.0.1:{server.port}/", **keys), json=False, seconds=5)
    assert one._tls is not None
    one._tls.maximum_version = version
    try:
        if name == "client":
            one.send(batch("alert"))
        else:
            with pytest.raises(OSError, match=r"TLS: |reset|Broken pipe|closed"):
                one.send(batch("alert"))
    finally:
        one.close()
    assert server.bodies == ([b"alert"] if name == "client" else [])


def test_without_mtls_the_client_is_nobody(start: Start, pki: Path) -> None:
    server = start(clients="ours")
    with pytest.raises(OSError, match="127"):
        send(server, **given(pki, ca_cert="ours.crt", client_cert="client.crt", client_key="client.key"))


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"ca_cert": "absent"}, "ca_cert"),
        ({"ca_cert": "junk"}, "ca_cert"),
        ({"ca_bundle": "empty"}, "ca_bundle"),
        ({"ca_path": "absent"}, "ca_path"),
        ({"client_cert": "absent", "client_key": "client.key"}, "client_cert"),
        ({"client_cert": "client.crt", "client_key": "absent"}, "client_key"),
        ({"client_cert": "junk", "client_key": "client.key"}, "client_cert"),
        ({"client_cert": "client.crt", "client_key": "server.key"}, "client_key"),
        ({"client_cert": "client.crt", "client_key": "locked.key"}, "client_key"),
    ],
)
def test_files_that_cannot_be_used_are_named(pki: Path, keys: dict[str, str], key: str) -> None:
    mtls = "client_cert" in keys
    with pytest.raises(UsageError) as caught:
        HttpOutput(HttpKeys(url="https://host/", mtls=mtls, **given(pki, **keys)), json=False)  # type: ignore[arg-type]
    assert "http_output." in caught.value.message
    assert key in caught.value.message


def test_renewed_certificates_are_read_again(start: Start, pki: Path, tmp_path: Path) -> None:
    trusted = tmp_path / "ca.crt"
    shutil.copy(pki / "theirs.crt", trusted)
    server = start()
    one = HttpOutput(HttpKeys(url=f"https://127.0.0.1:{server.port}/", ca_cert=str(trusted)), json=False, seconds=5)
    with pytest.raises(OSError, match="not trusted"):
        one.send(batch("a"))
    shutil.copy(pki / "ours.crt", trusted)
    one.reopen()
    one.send(batch("b"))
    trusted.write_text("")
    with pytest.raises(OSError, match="ca_cert"):
        one.reopen()
    one.send(batch("c"))
    one.close()
    assert server.bodies == [b"b", b"c"]


def test_a_proxy_opens_a_tunnel(start: Start, pki: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = start()
    asked: list[bytes] = []

    def tunnel(connection: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", server.port)) as through:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")

            def back() -> None:
                with suppress(OSError):
                    while data := through.recv(65536):
                        connection.sendall(data)

            thread = threading.Thread(target=back)
            thread.start()
            with suppress(OSError):
                while data := connection.recv(65536):
                    through.sendall(data)
                through.shutdown(socket.SHUT_RDWR)
            thread.join(10)

    proxy = Server(tunnel)
    monkeypatch.setenv("https_proxy", f"http://u:p@127.0.0.1:{proxy.port}")
    try:
        send(server, 2, "localhost", **given(pki, ca_cert="ours.crt"))
        asked += proxy.requests
    finally:
        proxy.close()
    assert server.bodies == [b"alert", b"alert"]
    # RFC 9110, 9.3.6: host and port are the request's target.
    (request,) = asked
    assert (
        request
        == (
            f"CONNECT localhost:{server.port} HTTP/1.1\r\nHost: localhost:{server.port}\r\n"
            "Proxy-Authorization: Basic dTpw\r\n\r\n"
        ).encode()
    )


def test_a_proxy_that_refuses(start: Start, pki: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = Server(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")
    monkeypatch.setenv("https_proxy", f"127.0.0.1:{proxy.port}")
    try:
        with pytest.raises(OSError, match="the proxy answered 407"):
            send(start(), **given(pki, ca_cert="ours.crt"))
    finally:
        proxy.close()
