"""HTTP over a unix socket, with an end to every wait and to every answer."""

from __future__ import annotations

import http.client
import io
import socket
import time
from collections.abc import Iterator
from typing import Any

import msgspec

from vigie.runtime.containers.engine import EngineError

MAX_ANSWER = 4 << 20
MAX_LINE = 1 << 20
"""Bytes of one line of a stream."""


class _Bounded(io.RawIOBase):
    """What comes from a socket, until a deadline (None: whenever) and at most so many bytes (None: any)."""

    def __init__(self, connection: socket.socket, deadline: float | None, limit: int | None) -> None:
        self._socket, self._deadline, self._left = connection, deadline, limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._deadline is not None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._socket.settimeout(left)
        count = self._socket.recv_into(buffer)
        if self._left is not None:
            self._left -= count
            if self._left < 0:
                raise EngineError("gave an answer that is too long")
        return count


class _Answering:
    """The part of a socket that `http.client.HTTPResponse` uses."""

    def __init__(self, raw: _Bounded) -> None:
        self._raw = raw

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._raw)


class Rest:
    """Requests to the one who listens at a socket; a connection each."""

    def __init__(self, path: str, seconds: float) -> None:
        self.path, self._seconds = path, seconds

    def get(self, target: str, deadline: float | None = None) -> Any:
        """The JSON document at a target; None when there is no such thing (404). deadline: on the monotonic clock, for
        a request that is a part of a longer one. Raises EngineError."""
        deadline = self.deadline() if deadline is None else deadline
        with connected(self.path, max(0.001, deadline - time.monotonic())) as connection:
            try:
                response = _request(connection, target, _Bounded(connection, deadline, MAX_ANSWER))
                parts, size = [], 0
                while part := response.read(1 << 16):
                    parts.append(part)
                    size += len(part)
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise failed(error, self._seconds) from error
        if response.status == 404:
            return None
        if response.status != 200:
            raise EngineError(f"refused to answer (HTTP status {response.status})")
        return decoded(b"".join(parts))

    def deadline(self) -> float:
        """When a request that begins now must have its answer."""
        return time.monotonic() + self._seconds

    def stream(self, target: str, connection: socket.socket) -> Iterator[Any]:
        """The JSON documents, one a line, at a target, as they come; None first, when the answer has begun. Raises
        EngineError."""
        try:
            # Some runtimes send nothing, not even a status, before the first event.
            connection.settimeout(None)
            response = _request(connection, target, _Bounded(connection, None, None))
            if response.status != 200:
                raise EngineError(f"refused to tell of changes (HTTP status {response.status})")
            while line := response.readline(MAX_LINE):
                if not line.endswith(b"\n") and len(line) >= MAX_LINE:
                    raise EngineError("told of a change in a line that is too long")
                if line.strip():
                    yield decoded(line)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise failed(error, self._seconds) from error


def connected(path: str, seconds: float) -> socket.socket:
    """A connection to a unix socket. Raises EngineError."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(seconds)
        connection.connect(path)
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError) as error:
        connection.close()
        raise EngineError(f"is not there: nobody listens at {path}", absent=True) from error
    except OSError as error:
        connection.close()
        raise failed(error, seconds) from error
    return connection


def _request(connection: socket.socket, target: str, raw: _Bounded) -> http.client.HTTPResponse:
    connection.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    response = http.client.HTTPResponse(_Answering(raw))  # type: ignore[arg-type] # no more than makefile is used
    response.begin()
    return response


def failed(error: Exception, seconds: float) -> EngineError:
    """What went wrong with a request, for a person."""
    if isinstance(error, BlockingIOError):
        return EngineError("takes no more connections")
    if isinstance(error, TimeoutError):
        return EngineError(f"did not answer within {seconds:g} s")
    if isinstance(error, PermissionError):
        return EngineError("may not be asked: permission denied")
    if isinstance(error, OSError):
        return EngineError(f"ended the connection ({error.strerror or 'no reason given'})")
    return EngineError("gave an answer that cannot be understood")


def decoded(body: bytes) -> Any:
    """The JSON document. Raises EngineError."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise EngineError("gave an answer that cannot be understood") from error
