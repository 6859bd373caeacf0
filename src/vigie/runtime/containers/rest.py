"""Requests for JSON by HTTP/1.1 over a unix socket. The standard library's client would bring TLS and mail into memory,
and knows no end to a whole answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import msgspec

from vigie.runtime.containers.connection import Connection
from vigie.runtime.containers.engine import EngineError

MAX_ANSWER = 4 << 20
"""Bytes of an answer, head and framing included."""
MAX_LINE = 1 << 20
"""Bytes of one line of a stream."""
_MAX_HEAD_LINE, _MAX_HEADERS = 8192, 100
_JUNK = "gave an answer that cannot be understood"


class Rest:
    """Requests to the one who listens at a socket; a connection each."""

    def __init__(self, path: str, seconds: float) -> None:
        self.path, self._seconds = path, seconds

    def deadline(self) -> float:
        """When a request that begins now must have its answer."""
        return time.monotonic() + self._seconds

    def get(self, target: str, deadline: float | None = None) -> Any:
        """The JSON document at a target; None when there is no such thing (404). deadline: on the monotonic clock, for
        a request that is a part of a longer one. Raises EngineError."""
        deadline = self.deadline() if deadline is None else deadline
        with Connection(self.path, deadline=deadline, seconds=self._seconds, limit=MAX_ANSWER) as connection:
            status, pieces = _asked(connection, target)
            if status == 404:
                return None
            if status != 200:
                raise EngineError(f"refused to answer (HTTP status {status})", refused=True)
            return decoded(b"".join(pieces))

    def open_stream(self, rate: int | None) -> Connection:
        """A connection for `stream`, without an end in time or size. Raises EngineError."""
        return Connection(self.path, deadline=None, seconds=self._seconds, rate=rate)

    def stream(self, target: str, connection: Connection) -> Iterator[Any]:
        """The JSON documents, one a line, at a target, as they come. Raises EngineError."""
        # Some runtimes send nothing, not even a status, before the first event: there is no deadline for it.
        status, pieces = _asked(connection, target)
        if status != 200:
            raise EngineError(f"refused to tell of changes (HTTP status {status})")
        waiting = bytearray()
        for piece in pieces:
            waiting += piece
            if b"\n" in piece:
                *lines, rest = bytes(waiting).split(b"\n")
                waiting = bytearray(rest)
                yield from (decoded(line) for line in lines if line.strip())
            if len(waiting) > MAX_LINE:
                raise EngineError("told of a change in a line that is too long")


def _asked(connection: Connection, target: str) -> tuple[int, Iterator[bytes]]:
    """The status of the answer, and its body in pieces."""
    connection.send(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    version, _, rest = connection.line(_MAX_HEAD_LINE).partition(b" ")
    status = rest[:3]
    if not version.startswith(b"HTTP/1.") or not status.isdigit():
        raise EngineError(_JUNK)
    headers: dict[bytes, bytes] = {}
    for _ in range(_MAX_HEADERS):
        line = connection.line(_MAX_HEAD_LINE).strip()
        if not line:
            break
        name, _, value = line.partition(b":")
        headers[name.strip().lower()] = value.strip().lower()
    else:
        raise EngineError(_JUNK)
    if headers.get(b"transfer-encoding", b"").endswith(b"chunked"):
        return int(status), _chunked(connection)
    length = headers.get(b"content-length")
    if length is not None and (not length.isdigit() or len(length) > 18):
        raise EngineError(_JUNK)
    return int(status), _plain(connection, None if length is None else int(length))


def _plain(connection: Connection, length: int | None) -> Iterator[bytes]:
    """So many bytes, or all until the end."""
    while length is None or length > 0:
        piece = connection.some(1 << 16 if length is None else min(length, 1 << 16))
        if not piece:
            if length is not None:
                raise EngineError("ended the connection in the middle of an answer")
            return
        length = None if length is None else length - len(piece)
        yield piece


def _chunked(connection: Connection) -> Iterator[bytes]:
    while True:
        digits = connection.line(_MAX_HEAD_LINE).partition(b";")[0].strip()
        if not digits or len(digits) > 15 or digits.strip(b"0123456789abcdefABCDEF"):
            raise EngineError(_JUNK if digits else "ended the connection in the middle of an answer")
        left = int(digits, 16)
        if left == 0:
            return
        yield from _plain(connection, left)
        if connection.line(_MAX_HEAD_LINE).strip():
            raise EngineError(_JUNK)


def decoded(body: bytes) -> Any:
    """The JSON document. Raises EngineError."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise EngineError(_JUNK) from error
