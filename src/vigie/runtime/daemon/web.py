"""A small web server for health, versions and metrics: `GET` of a few fixed paths, one request a connection.

Standard servers would bring more memory than all of the daemon's own code. Strangers may reach it, so everything has a
bound: the bytes of a request, the seconds of a connection, the connections at a time.
"""

from __future__ import annotations

import errno
import logging
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from vigie.errors import SourceError

if TYPE_CHECKING:
    import ssl

log = logging.getLogger(__name__)

LARGEST_REQUEST = 16 << 10
"""Bytes, of the line and the headers."""
SECONDS = 5.0
"""For all of a connection."""
CONNECTIONS = 16
"""At a time, unless told otherwise."""

REASONS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class Page(NamedTuple):
    """What a path answers."""

    type: str
    body: bytes
    status: int = 200


class Web:
    """Serves pages from its own threads. certificate: a PEM file with certificate and key, for TLS; "" for none. Raises
    SourceError when it cannot listen."""

    def __init__(
        self,
        address: str,
        port: int,
        pages: Mapping[str, Callable[[], Page]],
        *,
        certificate: str = "",
        connections: int = 0,
    ) -> None:
        self._pages = dict(pages)
        self._tls = _tls(certificate) if certificate else None
        self._free = threading.BoundedSemaphore(connections or CONNECTIONS)
        self._stopping = False
        self._socket = _listen(address, port)
        self.port = int(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._accept, name="vigie-web", daemon=True)

    def start(self) -> None:
        """Answers from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Answers no more."""
        self._stopping = True
        with suppress(OSError):
            # Wakes the thread that waits for connections; closing alone would not.
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        if self._thread.ident is not None:
            self._thread.join(SECONDS)

    def _accept(self) -> None:
        while not self._stopping:
            try:
                connection, _ = self._socket.accept()
            except OSError as error:
                if self._stopping or error.errno in (errno.EBADF, errno.EINVAL):
                    return
                time.sleep(0.1)  # no descriptors left, or a connection that went away
                continue
            if not self._free.acquire(blocking=False):
                with suppress(OSError), connection:
                    connection.settimeout(0.1)
                    if self._tls is None:
                        connection.sendall(_answer(503, Page("text/plain", b"too many connections\n")))
                continue
            try:
                threading.Thread(target=self._serve, args=(connection,), name="vigie-request", daemon=True).start()
            except RuntimeError:  # no more threads
                self._free.release()
                connection.close()

    def _serve(self, connection: socket.socket) -> None:
        deadline = time.monotonic() + SECONDS
        try:
            with suppress(OSError), connection:
                connection.settimeout(SECONDS)
                if self._tls is None:
                    self._talk(connection, deadline)
                else:
                    with self._tls.wrap_socket(connection, server_side=True) as wrapped:
                        self._talk(wrapped, deadline)
        finally:
            self._free.release()

    def _talk(self, connection: socket.socket, deadline: float) -> None:
        request = b""
        while b"\r\n\r\n" not in request and b"\n\n" not in request:
            left = deadline - time.monotonic()
            if left <= 0:
                return
            connection.settimeout(left)
            more = connection.recv(4096)
            if not more:
                return
            request += more
            if len(request) > LARGEST_REQUEST:
                self._send(connection, deadline, _answer(431, Page("text/plain", b"the request is too large\n")))
                return
        self._send(connection, deadline, self._answered(request))

    def _send(self, connection: socket.socket, deadline: float, answer: bytes) -> None:
        connection.settimeout(max(deadline - time.monotonic(), 0.01))
        connection.sendall(answer)
        with suppress(OSError):
            connection.shutdown(socket.SHUT_WR)

    def _answered(self, request: bytes) -> bytes:
        words = request.split(b"\n", 1)[0].strip().split(b" ")
        if len(words) != 3 or not words[2].startswith(b"HTTP/1.") or not words[1].startswith(b"/"):
            return _answer(400, Page("text/plain", b"this is no HTTP request\n"))
        method, path = words[0], words[1].partition(b"?")[0].decode("latin-1")
        page = self._pages.get(path)
        if page is None:
            return _answer(404, Page("text/plain", b"there is nothing here\n"), head=method == b"HEAD")
        if method not in (b"GET", b"HEAD"):
            return _answer(405, Page("text/plain", b"only GET and HEAD\n"), more="Allow: GET, HEAD\r\n")
        try:
            made = page()
        except Exception as error:  # a page must not end the server
            log.warning("the page %s failed: %s: %s", path, type(error).__name__, error)
            return _answer(500, Page("text/plain", b"the page failed, see the log\n"))
        return _answer(made.status, made, head=method == b"HEAD")


def _answer(status: int, page: Page, *, head: bool = False, more: str = "") -> bytes:
    lines = (
        f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: {page.type}\r\nContent-Length: {len(page.body)}\r\n"
        f"{more}X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    return lines.encode("latin-1") + (b"" if head else page.body)


def _listen(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((address, port))
            listening.listen(64)
        except BaseException:
            listening.close()
            raise
    except OSError as error:
        raise SourceError(
            f"webserver: cannot listen on {address}, port {port}: {error.strerror or error}",
            "see webserver.listen_address and listen_port, or set webserver.enabled to false",
        ) from error
    return listening


def _tls(certificate: str) -> ssl.SSLContext:
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate)
    except OSError as error:  # ssl.SSLError is one
        raise SourceError(
            f"webserver.ssl_certificate: {certificate} cannot be used: {error.strerror or error}",
            "it has to hold a certificate and its key, as PEM",
        ) from error
    return context
