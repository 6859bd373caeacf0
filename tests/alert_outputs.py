"""What tests of outputs share: alerts, batches, waiting for other threads, servers that do as they are told."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import pytest

from vigie.alerts.output import Batch, Output
from vigie.model.alert import Alert, Priority


def alert(number: int, message: str = "") -> Alert:
    """The alert of this number; its time is the number."""
    text = message or f"number {number}"
    return Alert(time=number, rule="r", priority=Priority.Notice, source="syscall", message=text, fields={})


def line(number: int) -> str:
    """What becomes of it in text with ISO times."""
    return f"1970-01-01T00:00:00.{number:09}+0000: Notice number {number}"


def batch(*lines: str, priority: Priority = Priority.Notice) -> Batch:
    return Batch(lines, [priority] * len(lines))


def told(warnings: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in warnings.records]


def until(reached: Callable[[], bool]) -> None:
    """Waits for what another thread does."""
    end = time.monotonic() + 10
    while not reached():
        assert time.monotonic() < end, "it did not happen in ten seconds"
        time.sleep(0.002)


class Kept(Output):
    """Keeps what it is sent."""

    def __init__(self, name: str = "kept") -> None:
        self.name, self.lines, self.closed = name, list[str](), False

    def send(self, batch: Batch) -> None:
        self.lines += batch.lines

    def close(self) -> None:
        self.closed = True


class Gated(Kept):
    """Takes nothing while its gate is shut; one_by_one as asked."""

    def __init__(self, name: str = "gated", *, one_by_one: bool = False) -> None:
        super().__init__(name)
        self.gate, self.begun, self.abandoned = threading.Event(), threading.Event(), False
        self.one_by_one = one_by_one

    def send(self, batch: Batch) -> None:
        self.begun.set()
        assert self.gate.wait(30)
        super().send(batch)

    def abandon(self) -> None:
        self.abandoned = True


Answer = bytes | Callable[[socket.socket], None]


class Server:
    """An HTTP server on loopback that keeps requests byte by byte, and gives one answer after the other (the last one
    for ever): bytes, None for closing the connection, or a function that does what it likes with it."""

    def __init__(self, *answers: Answer | None, wrap: Callable[[socket.socket], socket.socket] | None = None) -> None:
        self.answers: list[Answer | None] = list(answers) or [OK]
        self.requests: list[bytes] = []
        self.connections = 0
        self._wrap = wrap
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def bodies(self) -> list[bytes]:
        return [request.partition(b"\r\n\r\n")[2] for request in self.requests]

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                opened, _ = self._listener.accept()
                self.connections += 1
                self._open.append(opened)
                threading.Thread(target=self._serve, args=(opened,), daemon=True).start()

    def _serve(self, opened: socket.socket) -> None:
        with suppress(OSError):
            connection = self._wrap(opened) if self._wrap else opened
            self._open.append(connection)
            while (request := read_request(connection)) is not None:
                self.requests.append(request)
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if callable(answer):
                    answer(connection)
                elif answer is not None:
                    connection.sendall(answer)
                if answer is None or callable(answer):
                    break
            connection.close()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for opened in self._open:
            opened.close()


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def read_request(connection: socket.socket) -> bytes | None:
    """A request with its body, None at the end."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = header(head, "content-length")
    while len(body) < int(length or 0):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def header(request: bytes, name: str) -> str | None:
    """The value of a header that stands once in it."""
    values = [
        value.strip()
        for key, _, value in (text.partition(":") for text in request.partition(b"\r\n\r\n")[0].decode().split("\r\n"))
        if key.lower() == name
    ]
    assert len(values) <= 1
    return values[0] if values else None


def lines(alerts: Sequence[int]) -> list[str]:
    return [line(number) for number in alerts]
