"""HTTP connections on which everything together has an end, also with a server that sends a byte now and then."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from typing import Any

from vigie.alerts.outputs.route import Route


class Deadline:
    """The moment until which a connection may be busy, on the monotonic clock."""

    def __init__(self) -> None:
        self.until = 0.0

    def left(self) -> float:
        """Seconds, more than none. Raises TimeoutError."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("no answer in time")
        return left


class _Reader(io.RawIOBase):
    def __init__(self, owner: TimedSocket) -> None:
        self._owner = owner

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._owner.receive(buffer)

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._owner.left_by_reader()


class TimedSocket:
    """What `http.client` needs of a socket; every wait is cut at the deadline."""

    def __init__(self, opened: socket.socket, deadline: Deadline) -> None:
        self._socket, self._deadline = opened, deadline
        self._readers = 0
        self._closed = False

    def sendall(self, data: Any) -> None:
        """Raises OSError, TimeoutError among them."""
        rest = memoryview(data)
        while rest:
            self._socket.settimeout(self._deadline.left())
            rest = rest[self._socket.send(rest) :]

    def receive(self, buffer: Any) -> int:
        """As `recv_into`."""
        self._socket.settimeout(self._deadline.left())
        return self._socket.recv_into(buffer)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """For the answer."""
        self._readers += 1
        return io.BufferedReader(_Reader(self))

    def left_by_reader(self) -> None:
        """The answer has been read, or given up."""
        self._readers -= 1
        if self._closed and not self._readers:
            self._socket.close()

    def close(self) -> None:
        """At once, or when the answer has been read."""
        self._closed = True
        if not self._readers:
            self._socket.close()


class Connection(http.client.HTTPConnection):
    """To the server of the route, with TLS when there is a context, by way of the route's proxy."""

    def __init__(self, way: Route, deadline: Deadline, tls: ssl.SSLContext | None, keep_alive: bool) -> None:
        super().__init__(way.host, way.port)
        self.default_port = 80 if tls is None else 443
        self._way, self._deadline, self._context, self._keep_alive = way, deadline, tls, keep_alive

    def connect(self) -> None:
        """Tries the addresses of the host. Raises OSError, TimeoutError among them."""
        try:
            self._open()
        except ssl.SSLError as error:
            # Servers with OpenSSL 3.0 break off one handshake in some ten thousand so. Nothing was sent yet.
            if error.reason != "SSLV3_ALERT_UNEXPECTED_MESSAGE":
                raise
            self._open()

    def _open(self) -> None:
        opened = socket.create_connection(self._way.first, self._deadline.left())
        try:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._keep_alive:
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if self._context is not None:
                if self._way.proxied:
                    self._tunnelled(opened)
                opened.settimeout(self._deadline.left())
                opened = self._context.wrap_socket(opened, server_hostname=self.host)
        except BaseException:
            opened.close()
            raise
        self.sock = TimedSocket(opened, self._deadline)

    def _tunnelled(self, opened: socket.socket) -> None:
        """Asks the proxy for a way through. Raises OSError."""
        timed = TimedSocket(opened, self._deadline)
        host = f"[{self.host}]" if ":" in self.host else self.host
        lines = [f"CONNECT {host}:{self.port} HTTP/1.1", f"Host: {host}:{self.port}"]
        if self._way.credentials:
            lines.append(f"Proxy-Authorization: {self._way.credentials}")
        timed.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = http.client.HTTPResponse(timed, method="CONNECT")  # type: ignore[arg-type]
        try:
            answer.begin()
        finally:
            answer.close()
        if answer.status != 200:
            raise OSError(f"the proxy answered {answer.status}")
