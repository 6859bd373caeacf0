"""The receiver of audit events that an API server posts: a small HTTP server on threads, bounded in every direction.

Answers: 200 once the events are taken (and for a body that is no audit JSON, as the peer answers before it looks);
429 with Retry-After when there is no room for them, which makes the API server's batch backend send them again.
Source: Kubernetes, "Auditing", webhook backend; HTTP by RFC 9112.
"""

from __future__ import annotations

import hmac
import logging
import socket
import socketserver
import ssl
import threading
import time
from collections import Counter
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, cast

from vigie.errors import SourceError
from vigie.runtime.sources.body import PIECE, TooSlow, Unreadable, encoding_of, inflated, read_body, timed_reader

if TYPE_CHECKING:
    from vigie._core import AuditQueue

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 64
IDLE = 60.0
"""Seconds for a request's first lines to arrive, the wait for the next request of a connection included."""

FOR_BODY = 30.0
"""Seconds for a body."""

FOR_THE_REST = 2.0
"""Seconds in which a sender may finish what is refused already."""

BODIES_AT_ONCE = 2
"""So many bodies of full length may be in memory at once; more are refused for now."""

BETWEEN_WARNINGS = 60.0
"""Seconds."""

BETWEEN_LOOKS = 0.1
"""Seconds until the server notices that it shall end."""


class Budget:
    """Bytes that all requests together may hold."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._lock = threading.Lock()

    def take(self, size: int) -> bool:
        """False when so many bytes are not to be had now."""
        with self._lock:
            if size > self._left:
                return False
            self._left -= size
            return True

    def give_back(self, size: int) -> None:
        """What `take` gave."""
        with self._lock:
            self._left += size


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, webhook: Webhook, host: str, port: int) -> None:
        self.webhook = webhook
        self.connections: set[socket.socket] = set()
        self.lock = threading.Lock()
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        self.address_family = found[0][0]
        super().__init__(cast("tuple[str, int]", found[0][4]), _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, peer = super().get_request()
        connection.settimeout(IDLE)
        context = self.webhook.tls
        if context is not None:
            # The handshake is done by the connection's own thread, with the first read.
            connection = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, peer

    def process_request(self, request: Any, client_address: Any) -> None:
        with self.lock:
            full = len(self.connections) >= MAX_CONNECTIONS
            if not full:
                self.connections.add(request)
        if full:
            self.webhook.count("refused_connections")
            request.close()
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # no thread to be had
            self.webhook.count("refused_connections")
            self.shutdown_request(request)

    def close_request(self, request: Any) -> None:
        with self.lock:
            self.connections.discard(request)
        super().close_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        self.webhook.count("broken_connections")
        log.debug("a connection from %s failed", client_address, exc_info=True)


class Webhook:
    """Takes what is posted to a path and pushes it into a queue.

    token: senders must show it (`Authorization: Bearer …`), empty for none. certificate: a PEM file with certificate
    and key; plain HTTP when empty. max_body: bytes of one body, inflated. Raises SourceError when the address or the
    certificate cannot be used."""

    def __init__(
        self,
        address: tuple[str, int],
        path: str,
        queue: AuditQueue,
        *,
        token: bytes = b"",
        certificate: str = "",
        max_body: int = 12 << 20,
    ) -> None:
        self.path, self.queue, self.max_body = path, queue, max_body
        self.budget = Budget(BODIES_AT_ONCE * max_body)
        self._token = token
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._said: dict[str, float] = {}
        self.tls = _tls(certificate) if certificate else None
        host, port = address
        try:
            self._server = _Server(self, host, port)
        except OSError as error:
            where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            raise SourceError(
                f"audit events cannot be received on {where}: {error.strerror or error}",
                "choose another address in open_params",
            ) from error
        self.address: tuple[str, int] = self._server.server_address[:2]  # type: ignore[assignment]
        if not token and not _is_loopback(self.address[0]):
            log.warning(
                "audit events are taken from everybody who reaches %s:%d: with token_file senders must show a token",
                *self.address,
            )
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(BETWEEN_LOOKS,), name="vigie-webhook", daemon=True
        )

    def start(self) -> None:
        """Answers from now on."""
        self._thread.start()

    def close(self) -> None:
        """Ends the server and its connections; what was taken is still delivered."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()
        with self._server.lock:
            connections = list(self._server.connections)
        for connection in connections:
            with suppress(OSError):  # it is gone already
                connection.shutdown(socket.SHUT_RDWR)
        self.queue.close()

    def counters(self) -> dict[str, int]:
        """Those of the queue, and `requests`, `refused_connections`, `broken_connections`, and requests refused:
        `refused_token`, `refused_method`, `refused_path`, `refused_type`, `refused_body`, `refused_slow`,
        `refused_busy` (no room now)."""
        with self._lock:
            return {**self.queue.counters(), **self._counts}

    def count(self, name: str) -> None:
        """One more of something."""
        with self._lock:
            self._counts[name] += 1

    def look(self) -> None:
        """What is wrong is said when it happens."""

    def knows(self, authorization: str) -> bool:
        """Whether a sender showed the token; how long the comparison takes says nothing about it."""
        if not self._token:
            return True
        kind, _, shown = authorization.partition(" ")
        # Headers are text of single bytes.
        same = hmac.compare_digest(shown.strip().encode("latin-1", "replace"), self._token)
        return same and kind.lower() == "bearer"

    def take(self, body: bytes) -> tuple[int, str]:
        """Hands a body over; the status to answer with, and why."""
        try:
            self.queue.push(body)
        except ValueError as error:
            self._warn("junk", f"a request to {self.path} held no audit events and was dropped: {error}")
        except BlockingIOError:
            self.count("refused_busy")
            self._warn("full", "audit events come faster than they are judged: senders are told to try again")
            return 429, "no room for more events now"
        except RuntimeError:
            return 503, "no longer taking events"
        return 200, ""

    def _warn(self, kind: str, message: str) -> None:
        now = time.monotonic()
        with self._lock:
            due = now >= self._said.get(kind, 0.0)
            if due:
                self._said[kind] = now + BETWEEN_WARNINGS
        if due:
            log.warning("%s", message)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.0"
    server: _Server
    error_content_type = "text/plain; charset=utf-8"
    error_message_format = "%(message)s\n"

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self._deadline, self.rfile = timed_reader(self.connection)

    def handle_one_request(self) -> None:
        self._deadline.set(IDLE)
        try:
            super().handle_one_request()
        except (TooSlow, ssl.SSLError, ConnectionError):
            self.server.webhook.count("broken_connections")
            self.close_connection = True

    def __getattr__(self, name: str) -> Any:
        # The base class looks for `do_GET` and its like; unknown methods are refused as the known ones are.
        if name.startswith("do_"):
            return self._answer_request
        raise AttributeError(name)

    def _answer_request(self) -> None:
        webhook = self.server.webhook
        webhook.count("requests")
        if not webhook.knows(self.headers.get("Authorization", "")):
            self._refuse(401, "token", "a bearer token is needed", ("WWW-Authenticate", "Bearer"))
        elif self.command != "POST":
            self._refuse(405, "method", f"{self.command[:20]} method not allowed", ("Allow", "POST"))
        elif self.path.partition("?")[0] != webhook.path:
            self._refuse(404, "path", "audit events go elsewhere")
        elif "application/json" not in self.headers.get("Content-Type", "").lower():
            self._refuse(400, "type", "wrong Content Type")
        else:
            self._take()

    def _take(self) -> None:
        webhook = self.server.webhook
        held = 0

        def more(size: int) -> bool:
            nonlocal held
            if not webhook.budget.take(size):
                return False
            held += size
            return True

        try:
            self._deadline.set(FOR_BODY)
            encoding = encoding_of(self.headers)
            body = read_body(self.rfile, self.headers, webhook.max_body, more)
            if encoding == "gzip":
                body = inflated(body, webhook.max_body, more)
            status, why = webhook.take(body)
        except BlockingIOError:
            self._refuse(429, "busy", "too many requests at once", ("Retry-After", "1"))
            return
        except Unreadable as error:
            self._refuse(error.status, "body", str(error))
            return
        except TooSlow:
            self._refuse(408, "slow", "the body took too long")
            return
        finally:
            webhook.budget.give_back(held)
        self._reply(status, why, *((("Retry-After", "1"),) if status == 429 else ()))

    def _refuse(self, status: int, kind: str, why: str, *headers: tuple[str, str]) -> None:
        """Answers and ends the connection: a body may still be on its way, which nobody reads."""
        self.server.webhook.count(f"refused_{kind}")
        self.close_connection = True
        self._reply(status, why, ("Connection", "close"), *headers)
        self._drain()

    def _reply(self, status: int, why: str, *headers: tuple[str, str]) -> None:
        text = f"{why}\n".encode() if why else b""
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if text:
            self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    def _drain(self) -> None:
        """Reads some of what still comes: a connection closed on unread bytes loses the answer on its way."""
        self._deadline.set(FOR_THE_REST)
        try:
            for _ in range(2 * self.server.webhook.max_body // PIECE):
                if not self.rfile.read1(PIECE):
                    return
        except (OSError, TooSlow, ValueError):
            return

    def version_string(self) -> str:
        return "vigie"

    def log_message(self, format: str, *arguments: Any) -> None:
        log.debug("%s: " + format, self.client_address[0], *arguments)


def _tls(certificate: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate)
    except (OSError, ssl.SSLError) as error:
        what = (
            error.strerror if error.strerror and not isinstance(error, ssl.SSLError) else "no certificate with its key"
        )
        raise SourceError(
            f"the certificate {certificate} cannot be used: {what}", "sslCertificate names a PEM file with both"
        ) from error
    return context


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False
