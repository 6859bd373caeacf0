"""Alerts posted to a server: the bytes of requests, connections, time-outs, and answers of all kinds."""

from __future__ import annotations

import gzip
import json
import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from alert_outputs import OK, Answer, Server, alert, batch, header, line, told, until
from vigie.alerts.line import LineFormat
from vigie.alerts.outputs.http import HttpOutput
from vigie.alerts.outputs.route import proxy_for
from vigie.alerts.router import Router
from vigie.alerts.worker import Counts
from vigie.errors import UsageError
from vigie.settings.watch.outputs import HttpKeys

PROXIES = ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY")


MADE: list[HttpOutput] = []


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No proxies around; outputs are closed afterwards."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
    yield
    while MADE:
        MADE.pop().close()


@pytest.fixture
def warnings(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> pytest.LogCaptureFixture:
    monkeypatch.setattr(logging.getLogger("vigie"), "propagate", True)
    return caplog


Start = Callable[..., Server]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[Server] = []

    def make(*answers: Answer | None) -> Server:
        started.append(Server(*answers))
        return started[-1]

    yield make
    for server in started:
        server.close()


def to(url: str, *, seconds: float = 5.0, json: bool = False, **keys: Any) -> HttpOutput:
    MADE.append(HttpOutput(HttpKeys(url=url, **keys), json=json, seconds=seconds))
    return MADE[-1]


def output(server: Server, path: str = "/alerts", **keys: Any) -> HttpOutput:
    return to(f"http://127.0.0.1:{server.port}{path}", **keys)


# Requests


def test_a_request_byte_by_byte(start: Start) -> None:
    server = start()
    output(server, "/in?token=1").send(batch("09:00:00.000000000: Notice é"))
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    first, *headers = head.decode().split("\r\n")
    assert first == "POST /in?token=1 HTTP/1.1"
    assert sorted(headers) == [
        "Accept-Encoding: identity",
        "Content-Length: 29",
        "Content-Type: text/plain",
        f"Host: 127.0.0.1:{server.port}",
        "User-Agent: falcosecurity/falco",
    ]
    assert body == "09:00:00.000000000: Notice é".encode(), "one alert, without an end of line"


def test_json_says_so(start: Start) -> None:
    server = start()
    router = Router([output(server, json=True)], LineFormat(json=True))
    router.send([alert(7)])
    router.close()
    assert header(server.requests[0], "content-type") == "application/json"
    assert json.loads(server.bodies[0])["rule"] == "r"


def test_what_settings_add_to_requests(start: Start) -> None:
    server = start()
    one = output(server, "", user_agent="ours/1", compress_uploads=True)
    one.send(batch("text"))
    (request,) = server.requests
    assert request.startswith(b"POST / HTTP/1.1\r\n")
    assert header(request, "user-agent") == "ours/1"
    assert header(request, "content-encoding") == "gzip"
    assert gzip.decompress(server.bodies[0]) == b"text"


def test_credentials_of_the_address(start: Start) -> None:
    # RFC 7617, 2: user-id and password, base64.
    server = start()
    url = f"http://Aladdin:open%20sesame@127.0.0.1:{server.port}/"
    to(url).send(batch("a"))
    assert header(server.requests[0], "authorization") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    assert header(server.requests[0], "host") == f"127.0.0.1:{server.port}"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "host:80/path",
        "ftp://host/",
        "http://",
        "http:///path",
        "https://host:port/",
        "http://host:0/",
        "http://host:70000/",
        "http://host/a b",
        "http://host/\n",
        "http://höst/",
        "http://host/é",
        "http://[::1/",
    ],
)
def test_addresses_that_cannot_be(url: str) -> None:
    with pytest.raises(UsageError, match=r"http_output\.url"):
        to(url)


def test_a_wrong_address_is_not_quoted() -> None:
    with pytest.raises(UsageError) as caught:
        to("http://user:secret@host/é")
    assert "secret" not in caught.value.message + caught.value.hint


def test_a_user_agent_cannot_add_headers() -> None:
    with pytest.raises(UsageError, match="user_agent"):
        to("http://host/", user_agent="a\r\nX: y")


# Connections


@pytest.mark.parametrize(("keep_alive", "connections"), [(False, 2), (True, 1)])
def test_the_connection_is_used_while_alerts_wait_and_kept_if_asked(
    start: Start, keep_alive: bool, connections: int
) -> None:
    server = start()
    router = Router([output(server, keep_alive=keep_alive)], LineFormat(iso=True))
    router.send([alert(1), alert(2), alert(3)])
    until(lambda: router.counts()["http"].sent == 3)
    time.sleep(0.05)
    assert server.connections == 1
    router.send([alert(4)])
    router.close()
    assert server.connections == connections
    assert server.bodies == [line(number).encode() for number in (1, 2, 3, 4)]


def test_a_kept_connection_that_was_closed_costs_no_alert(start: Start) -> None:
    def answer_and_close(connection: socket.socket) -> None:
        connection.sendall(OK)

    server = start(answer_and_close)
    one = output(server, keep_alive=True)
    for number in range(5):
        one.send(batch(str(number)))
        time.sleep(0.02)
    assert server.bodies == [b"0", b"1", b"2", b"3", b"4"], "each once"
    assert server.connections == 5


def test_a_fresh_connection_that_is_closed_is_not_tried_again(start: Start) -> None:
    server = start(None)
    one = output(server)
    with pytest.raises(OSError, match="closed without an answer"):
        one.send(batch("a"))
    assert len(server.requests) == 1


def test_a_kept_connection_is_tried_again_once(start: Start) -> None:
    server = start(OK, None)
    one = output(server, keep_alive=True)
    one.send(batch("a"))
    with pytest.raises(OSError, match="closed without an answer"):
        one.send(batch("b"))
    assert server.bodies == [b"a", b"b", b"b"]


def test_nobody_listens(start: Start) -> None:
    server = start()
    one = output(server, "/path?token=secret")
    server.close()
    with pytest.raises(OSError, match="refused") as caught:
        one.send(batch("a"))
    assert str(caught.value) == f"http://127.0.0.1:{server.port}: Connection refused"


# Answers


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_success(start: Start, status: int) -> None:
    end = b"" if status == 204 else b"Content-Length: 0\r\n"
    output(start(b"HTTP/1.1 %d X\r\n%s\r\n" % (status, end))).send(batch("a"))


@pytest.mark.parametrize("status", [301, 302, 400, 401, 404, 429, 500, 503])
def test_other_answers_are_failures_told_with_their_status_and_no_secret(
    start: Start, warnings: pytest.LogCaptureFixture, status: int
) -> None:
    server = start(b"HTTP/1.1 %d X\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 3\r\n\r\nbad" % status)
    url = f"http://user:secret1@127.0.0.1:{server.port}/secret2?token=secret3"
    router = Router([to(url)], LineFormat(iso=True))
    router.send([alert(1), alert(2)])
    router.close()
    assert told(warnings) == [
        f"the output http fails: http://127.0.0.1:{server.port} answered {status}",
        "the output http did not take 2 alerts",
    ]
    assert router.counts()["http"] == Counts(taken=2, failed=2)
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"\x00\xff" * 40_000,
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"b" * 100_000 + b"\r\n\r\n",
    ],
)
def test_what_is_not_http(start: Start, answer: bytes) -> None:
    def junk(connection: socket.socket) -> None:
        connection.sendall(answer)

    with pytest.raises(OSError, match=r"not HTTP|reset"):
        output(start(junk)).send(batch("a"))


def test_the_status_decides_when_the_rest_breaks_off(start: Start) -> None:
    def cut(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")

    server = start(cut)
    one = output(server, keep_alive=True)
    one.send(batch("a"))
    one.send(batch("b"))
    assert server.bodies == [b"a", b"b"]


def test_an_endless_answer_is_left(start: Start) -> None:
    sent = [0]

    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with suppress(OSError):
            while True:
                connection.sendall(b"x" * 65536)
                sent[0] += 65536

    server = start(endless)
    one = output(server, keep_alive=True)
    one.send(batch("a"))
    one.send(batch("b"))
    assert server.connections == 2
    assert sent[0] < 50_000_000


def test_echo(start: Start) -> None:
    got: list[str] = []
    server = start(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\na\x1b[2Jb\nc\xff\xfed")
    one = HttpOutput(HttpKeys(url=f"http://127.0.0.1:{server.port}/"), json=False, echo=got.append)
    one.send(batch("x"))
    one.close()
    assert got == ["ab c\ufffd\ufffdd"], "one line that steers no terminal"


# Time


def hang(connection: socket.socket) -> None:
    time.sleep(3)


def drip(connection: socket.socket) -> None:
    with suppress(OSError):
        for byte in b"HTTP/1.1 200 OK\r\nA: " + b"b" * 1000:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)


def drip_body(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            connection.sendall(b"x")
            time.sleep(0.05)


def go_on(connection: socket.socket) -> None:
    with suppress(OSError):
        while True:
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
            time.sleep(0.001)


@pytest.mark.parametrize("slow", [hang, drip, drip_body, go_on])
def test_everything_together_has_a_time_out(start: Start, slow: Answer) -> None:
    one = output(start(slow), seconds=0.3)
    begin = time.monotonic()
    with pytest.raises(TimeoutError, match=r"did not answer in 0\.3 s"):
        one.send(batch("a"))
    assert 0.3 <= time.monotonic() - begin < 1.5


def test_a_server_that_does_not_read_has_a_time_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        one = to(url, seconds=0.3)
        begin = time.monotonic()
        with pytest.raises(TimeoutError):
            one.send(batch("x" * 30_000_000))
        assert time.monotonic() - begin < 1.5


def test_time_outs_are_told_when_there_are_more_than_allowed(start: Start, warnings: pytest.LogCaptureFixture) -> None:
    server = start(hang)
    router = Router([output(server, seconds=0.05, max_consecutive_timeouts=2)], LineFormat(iso=True))
    router.send([alert(1), alert(2)])
    until(lambda: router.counts()["http"].failed == 2)
    assert told(warnings) == []
    router.send([alert(3)])
    router.close()
    assert told(warnings)[0] == f"the output http fails: http://127.0.0.1:{server.port} did not answer in 0.05 s"
    assert router.counts()["http"] == Counts(taken=3, failed=3, timeouts=3)


# Proxies, as curl reads the environment: https://curl.se/docs/manpage.html, ENVIRONMENT


@pytest.mark.parametrize(
    ("scheme", "host", "environment", "proxy"),
    [
        ("http", "a.example", {}, ""),
        ("http", "a.example", {"http_proxy": "p"}, "p"),
        ("http", "a.example", {"HTTP_PROXY": "p"}, ""),
        ("https", "a.example", {"http_proxy": "p"}, ""),
        ("https", "a.example", {"HTTPS_PROXY": "p", "https_proxy": "q"}, "q"),
        ("https", "a.example", {"HTTPS_PROXY": "p"}, "p"),
        ("http", "a.example", {"ALL_PROXY": "p"}, "p"),
        ("http", "a.example", {"all_proxy": "p", "no_proxy": "*"}, ""),
        ("http", "a.example", {"all_proxy": "p", "NO_PROXY": "b.example, a.example"}, ""),
        ("http", "x.a.example", {"all_proxy": "p", "no_proxy": ".a.example"}, ""),
        ("http", "x.a.example", {"all_proxy": "p", "no_proxy": "a.example"}, ""),
        ("http", "xa.example", {"all_proxy": "p", "no_proxy": "a.example"}, "p"),
        ("http", "127.0.0.1", {"all_proxy": "p", "no_proxy": "localhost,127.0.0.1"}, ""),
    ],
)
def test_which_proxy(scheme: str, host: str, environment: dict[str, str], proxy: str) -> None:
    assert proxy_for(scheme, host, environment) == proxy


def test_a_request_by_proxy(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = start()
    monkeypatch.setenv("http_proxy", f"http://u:p@127.0.0.1:{proxy.port}")
    to("http://alerts.invalid/in?a=1").send(batch("a"))
    (request,) = proxy.requests
    assert request.startswith(b"POST http://alerts.invalid/in?a=1 HTTP/1.1\r\n")
    assert header(request, "host") == "alerts.invalid"
    assert header(request, "proxy-authorization") == "Basic dTpw"


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "http://[", "http://"])
def test_a_proxy_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    with pytest.raises(UsageError, match="proxy"):
        to("http://alerts.invalid/")
