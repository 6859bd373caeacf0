"""Container runtimes in this process, behind unix sockets, that behave as badly as a test wants."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import h2.config
import h2.connection
import h2.events

Handler = Callable[[socket.socket], None]
Method = Callable[[bytes, Mapping[str, str]], Iterator[bytes]]


@contextmanager
def listening(path: Path, handler: Handler) -> Iterator[None]:
    """Serves a socket; each connection has a thread and is closed when its handler ends."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen(64)
    open_ones: set[socket.socket] = set()

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            handler(connection)
        open_ones.discard(connection)

    def accept() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            open_ones.add(connection)
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield
    finally:
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
        path.unlink()
        for connection in list(open_ones):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def head(connection: socket.socket) -> str:
    """The target of a request by HTTP/1.1, read to the end of its head."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536) or b"\r\n\r\n"
    return data.split(b" ")[1].decode()


def answer(status: int, body: bytes) -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body


class Docker:
    """Answers by target, without what follows `?`; `tell` sends an event to all who listen. requests: targets."""

    def __init__(self, answers: dict[str, Any], events: str = "/events") -> None:
        self.answers, self.events = answers, events
        self.requests: list[str] = []
        self.listeners: list[socket.socket] = []
        self.heard = threading.Event()

    def __call__(self, connection: socket.socket) -> None:
        target = head(connection)
        self.requests.append(target)
        path = target.partition("?")[0]
        if path == self.events:
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            self.listeners.append(connection)
            self.heard.set()
            connection.recv(1)
            return
        found = self.answers.get(path)
        connection.sendall(answer(404, b"{}") if found is None else answer(200, json.dumps(found).encode()))

    def tell(self, action: str, full_id: str, **attributes: str) -> None:
        actor = {"ID": full_id, "Attributes": attributes}
        line = json.dumps({"Type": "container", "Action": action, "Actor": actor}).encode() + b"\n"
        assert self.heard.wait(5)
        for listener in self.listeners:
            with suppress(OSError):
                listener.sendall(b"%x\r\n%s\r\n" % (len(line), line))


class Refusal(Exception):
    """A call that fails with a status of gRPC."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(message)
        self.code, self.message = code, message


class Grpc:
    """Answers calls by their path; an unknown one is not implemented. Independent of the client's own framing."""

    def __init__(self, methods: dict[str, Method]) -> None:
        self.methods = methods
        self.calls: list[str] = []

    def __call__(self, connection: socket.socket) -> None:
        http = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        http.initiate_connection()
        connection.sendall(http.data_to_send())
        headers: dict[str, str] = {}
        body = b""
        while data := connection.recv(65536):
            for event in http.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    headers = {str(name): str(value) for name, value in event.headers}
                elif isinstance(event, h2.events.DataReceived):
                    body += event.data
                elif isinstance(event, h2.events.StreamEnded):
                    self._serve(connection, http, headers, body[5:])
                    return
            connection.sendall(http.data_to_send())

    def _serve(self, connection: socket.socket, http: Any, headers: dict[str, str], request: bytes) -> None:
        path = headers[":path"]
        self.calls.append(path)
        method = self.methods.get(path)
        status, message, begun = "0", "", False
        try:
            if method is None:
                raise Refusal(12, f"unknown method {path}")
            for reply in method(request, headers):
                if not begun:
                    http.send_headers(1, [(":status", "200"), ("content-type", "application/grpc")])
                    begun = True
                framed = b"\0" + len(reply).to_bytes(4, "big") + reply
                for start in range(0, len(framed), 16384):  # the tests' answers fit into the first window
                    http.send_data(1, framed[start : start + 16384])
                connection.sendall(http.data_to_send())
        except Refusal as refusal:
            status, message = str(refusal.code), refusal.message
        trailers = [("grpc-status", status), ("grpc-message", message)]
        first = [] if begun else [(":status", "200"), ("content-type", "application/grpc")]
        http.send_headers(1, first + trailers, end_stream=True)
        connection.sendall(http.data_to_send())
