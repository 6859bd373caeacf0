"""Sockets that hang, lie and send without end: bounded in time and size, with a sentence for a person."""

from __future__ import annotations

import socket
import threading
import time
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from servers.fake_runtime import answer, head, listening
from vigie.runtime.containers.docker import Docker
from vigie.runtime.containers.engine import Change, EngineError, Wanted
from vigie.runtime.containers.enricher import RATE_OF_USER
from vigie.runtime.containers.rest import Rest
from vigie.runtime.containers.settings import ContainerSettings

ID = "30f383a4e8fd6a536e702b042b7e34c9ece73eeeec04c23432160851a82bf8af"
SECONDS = 0.3
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def sending(data: bytes) -> Callable[[socket.socket], None]:
    def handler(connection: socket.socket) -> None:
        head(connection)
        connection.sendall(data)

    return handler


def dripping(begin: bytes, drop: bytes) -> Callable[[socket.socket], None]:
    """Never quiet for long, never done."""

    def handler(connection: socket.socket) -> None:
        head(connection)
        connection.sendall(begin)
        while True:
            connection.sendall(drop)
            time.sleep(0.02)

    return handler


def flooding(begin: bytes, piece: bytes) -> Callable[[socket.socket], None]:
    def handler(connection: socket.socket) -> None:
        head(connection)
        connection.sendall(begin)
        while True:
            connection.sendall(piece)

    return handler


def never(connection: socket.socket) -> None:
    connection.recv(1)
    time.sleep(10)


JUNK = "gave an answer that cannot be understood"
SLOW = f"did not answer within {SECONDS:g} s"
MIDDLE = "ended the connection in the middle of an answer"
ANSWERS: dict[str, tuple[Callable[[socket.socket], None], str]] = {
    "never": (never, SLOW),
    "dripping head": (dripping(b"", b"H"), SLOW),
    "dripping body": (dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x"), SLOW),
    "dripping chunks": (dripping(CHUNKED, b"1\r\nx\r\n"), SLOW),
    "endless body": (flooding(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536), "too long"),
    "endless chunks": (flooding(CHUNKED, b"ffff\r\n" + b"x" * 65535 + b"\r\n"), "too long"),
    "endless head": (flooding(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n" * 10_000), JUNK),
    "a line without end": (flooding(b"HTTP/1.1 200 OK\r\nA: ", b"b" * 65536), "too long"),
    "a huge chunk that does not come": (sending(CHUNKED + b"fffffffffffffff\r\nx"), MIDDLE),
    "a chunk beyond numbers": (sending(CHUNKED + b"f" * 40 + b"\r\n"), JUNK),
    "a negative chunk": (sending(CHUNKED + b"-1\r\n"), JUNK),
    "a huge length": (sending(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999999\r\n\r\nx"), MIDDLE),
    "no length": (sending(b"HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\nx"), JUNK),
    "no HTTP": (sending(b"\0\xff" * 100 + b"\n"), JUNK),
    "nothing": (sending(b""), JUNK),
    "deep JSON": (sending(answer(200, b"[" * 1_000_000)), JUNK),
    "no JSON": (sending(answer(200, b'{"Id": "\xff"}')), JUNK),
    "another status": (sending(answer(500, b"{}")), "refused to answer \\(HTTP status 500\\)"),
    "another document": (sending(answer(200, b"[1]")), JUNK),
    "an id of 4 MB": (sending(answer(200, b'{"Id":"' + b"a" * 4_000_000 + b'"}')), JUNK),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers(tmp_path: Path, name: str) -> None:
    handler, why = ANSWERS[name]
    engine = Docker(str(tmp_path / "s"), ContainerSettings(request_seconds=SECONDS))
    with listening(tmp_path / "s", handler):
        tracemalloc.start()
        begin = time.monotonic()
        with pytest.raises(EngineError, match=why):
            engine.look_up(Wanted(ID[:12], ID))
        assert time.monotonic() - begin < SECONDS + 0.7
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 40 << 20


def test_one_who_takes_no_connections(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        server.listen(0)
        waiting = []
        for _ in range(3):
            client = socket.socket(socket.AF_UNIX)
            client.setblocking(False)
            client.connect_ex(str(tmp_path / "s"))
            waiting.append(client)
        with pytest.raises(EngineError, match=r"takes no more connections|did not answer"):
            Rest(str(tmp_path / "s"), SECONDS).get("/x")
        for client in waiting:
            client.close()


def test_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "none", tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(EngineError, match="is not there: nobody listens at") as nobody:
            Rest(str(path), SECONDS).get("/x")
        assert nobody.value.absent
    with pytest.raises(EngineError):
        Rest("/" + "x" * 200, SECONDS).get("/x")


@pytest.mark.parametrize(
    ("handler", "why"),
    [
        (sending(answer(500, b"")), "refused to tell of changes"),
        (flooding(CHUNKED, b"ffff\r\n" + b"x" * 65535 + b"\r\n"), "line that is too long"),
        (sending(CHUNKED + b"5\r\n{{{{\n\r\n"), JUNK),
        (sending(b""), JUNK),
    ],
)
def test_streams(tmp_path: Path, handler: Callable[[socket.socket], None], why: str) -> None:
    engine = Docker(str(tmp_path / "s"), ContainerSettings(request_seconds=SECONDS))
    with listening(tmp_path / "s", handler), pytest.raises(EngineError, match=why):
        list(engine.changes())


def test_a_flood_from_a_users_socket_is_read_slowly(tmp_path: Path) -> None:
    engine = Docker(str(tmp_path / "s"), ContainerSettings(request_seconds=SECONDS))
    engine.rate = RATE_OF_USER
    sent: list[int] = []

    def flood(connection: socket.socket) -> None:
        head(connection)
        connection.sendall(CHUNKED)
        while True:
            sent.append(connection.send((b"3f\r\n" + b"\n" * 63 + b"\r\n") * 100))

    ended = threading.Event()

    def listen() -> None:
        with suppress(EngineError):
            list(engine.changes())
        ended.set()

    with listening(tmp_path / "s", flood):
        threading.Thread(target=listen, daemon=True).start()
        time.sleep(1.5)
        assert 0 < sum(sent) < 1 << 20, "little more than what fits into the socket"
        engine.close()
        assert ended.wait(3), "it ends when it is told to"


def test_changes_that_make_no_sense_are_passed_over(tmp_path: Path) -> None:
    lines = [
        b"7",
        b"[]",
        b'{"Action":"create"}',
        b'{"Action":"create","Actor":{"ID":"../x"}}',
        b'{"Action":["create"],"id":"a"}',
        b"",
        b'{"Action":"create","Actor":{"ID":"good","Attributes":{"image":"i"}}}',
        b'{"status":"start","id":"old"}',
    ]
    body = b"\n".join(lines) + b"\n"
    # cut in the middle of lines
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[at : at + 7]), body[at : at + 7]) for at in range(0, len(body), 7))
    engine = Docker(str(tmp_path / "s"), ContainerSettings(request_seconds=SECONDS))
    with listening(tmp_path / "s", sending(CHUNKED + chunks + b"0\r\n\r\n")):
        assert list(engine.changes()) == [None, Change("create", "good", "i"), Change("start", "old")]
