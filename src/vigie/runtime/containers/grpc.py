"""gRPC over a unix socket: one request, and one answer or a stream of them (grpc.io, “gRPC over HTTP2”)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions

from vigie.runtime.containers.connection import Connection
from vigie.runtime.containers.engine import EngineError

MAX_ANSWER = 8 << 20
"""Bytes of a whole answer to one question, framing included."""
MAX_MESSAGE = 4 << 20
NOT_FOUND, UNIMPLEMENTED, UNKNOWN = 5, 12, 2
_JUNK = "gave an answer that cannot be understood"
_CODES = {1: "cancelled", 4: "too slow", 7: "permission denied", 8: "out of resources", 14: "unavailable"}


class StatusError(EngineError):
    """The one asked refused: code is the status of gRPC."""

    def __init__(self, code: int, message: str) -> None:
        said = message or _CODES.get(code, "no reason given")
        super().__init__(f"refused to answer ({said[:200]})", refused=True)
        self.code = code


class Grpc:
    """Calls to the one who listens at a socket; a connection each."""

    def __init__(self, path: str, seconds: float) -> None:
        self.path, self._seconds = path, seconds

    def deadline(self) -> float:
        """When a request that begins now must have its answer."""
        return time.monotonic() + self._seconds

    def unary(self, method: str, request: bytes, *, namespace: str = "", deadline: float | None = None) -> bytes:
        """The answer to a request. method: `/package.Service/Method`. namespace: of containerd. Raises StatusError when
        the one asked says no, EngineError when there is no answer."""
        deadline = self.deadline() if deadline is None else deadline
        with Connection(self.path, deadline=deadline, seconds=self._seconds, limit=MAX_ANSWER) as connection:
            answer = b""
            for answer in _call(connection, method, request, namespace):  # noqa: B007 - the last one counts
                pass
            return answer

    def open_stream(self, rate: int | None) -> Connection:
        """A connection for `stream`, without an end in time or size. Raises EngineError."""
        return Connection(self.path, deadline=None, seconds=self._seconds, rate=rate)

    def stream(self, method: str, request: bytes, connection: Connection) -> Iterator[bytes]:
        """Answers as they come. Raises StatusError and EngineError."""
        return _call(connection, method, request, "")


def _call(connection: Connection, method: str, request: bytes, namespace: str) -> Iterator[bytes]:
    http = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
    headers = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", method),
        (":authority", "localhost"),
        ("te", "trailers"),
        ("content-type", "application/grpc"),
        *([("containerd-namespace", namespace)] if namespace else []),
    ]
    try:
        http.initiate_connection()
        http.send_headers(1, headers)
        http.send_data(1, b"\0" + len(request).to_bytes(4, "big") + request, end_stream=True)
        connection.send(http.data_to_send())
        yield from _answers(connection, http)
    except (h2.exceptions.H2Error, UnicodeError, ValueError) as error:
        raise EngineError(_JUNK) from error


def _answers(connection: Connection, http: h2.connection.H2Connection) -> Iterator[bytes]:
    body = bytearray()
    while data := connection.some():
        ended = False
        for event in http.receive_data(data):
            if isinstance(event, h2.events.DataReceived):
                body += event.data
                http.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, (h2.events.ResponseReceived, h2.events.TrailersReceived)):
                _check(event.headers, last=event.stream_ended is not None)
            elif isinstance(event, (h2.events.StreamReset, h2.events.ConnectionTerminated)):
                raise EngineError("ended the call in the middle of an answer")
            ended = ended or isinstance(event, h2.events.StreamEnded)
        yield from _messages(body)
        if ended:
            if body:
                raise EngineError(_JUNK)
            return
        if waiting := http.data_to_send():
            with suppress(EngineError):  # who has answered already may be gone: reading tells
                connection.send(waiting)
    raise EngineError("ended the connection in the middle of an answer")


def _messages(body: bytearray) -> Iterator[bytes]:
    """The whole messages at the beginning, which are taken away: a flag of compression, four bytes of length each."""
    while len(body) >= 5:
        size = int.from_bytes(body[1:5], "big")
        if body[0] or size > MAX_MESSAGE:
            raise EngineError("gave an answer that is too long" if size > MAX_MESSAGE else _JUNK)
        if len(body) < 5 + size:
            return
        message = bytes(body[5 : 5 + size])
        del body[: 5 + size]
        yield message


def _check(headers: object, *, last: bool) -> None:
    """Raises when headers or trailers tell of a failure."""
    known = {name: value for name, value in headers if isinstance(value, str)} if isinstance(headers, list) else {}
    http = known.get(":status", "200")
    if http != "200":
        raise EngineError(f"refused to answer (HTTP status {http[:3]})")
    status = known.get("grpc-status", str(UNKNOWN) if last else "0")
    if status != "0":
        code = int(status) if status.isdecimal() and len(status) < 4 else UNKNOWN
        raise StatusError(code, _unescaped(known.get("grpc-message", "")))


def _unescaped(text: str) -> str:
    from urllib.parse import unquote

    return unquote(text[:1000])
