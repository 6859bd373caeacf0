"""A server that alerts are posted to, one request each."""

from __future__ import annotations

import gzip
import http.client
import logging
import os
import ssl
import time
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

from vigie.alerts.output import Batch, Output, encoded
from vigie.alerts.outputs import tls
from vigie.alerts.outputs.route import basic, route
from vigie.alerts.outputs.timed import Connection, Deadline
from vigie.errors import UsageError
from vigie.log import printable
from vigie.settings.watch.outputs import HttpKeys

log = logging.getLogger(__name__)

LONGEST_ANSWER = 64 << 10
"""Bytes of an answer that are read; of a longer one the connection is closed."""


class HttpOutput(Output):
    """Posts each line as the body of a request. The connection is used again while alerts wait, and stays open after
    them with keep_alive. json: what the lines are. seconds: that a request may take, connecting included. echo: takes
    what servers answer, when the settings ask for it. Raises UsageError for settings that cannot be."""

    name = "http"
    one_by_one = True

    def __init__(
        self, keys: HttpKeys, *, json: bool, seconds: float = 2.0, echo: Callable[[str], None] | None = None
    ) -> None:
        self._keys, self._seconds, self._echo = keys, seconds, echo
        self.patience = keys.max_consecutive_timeouts
        url = address(keys.url)
        self._route = route(url, os.environ)
        self._server = self._route.server
        self._target = self._route.target
        self._tls = tls.context(keys) if url.scheme == "https" else None
        self._deadline = Deadline()
        self._connection: Connection | None = None
        self._headers = {
            "Content-Type": "application/json" if json else "text/plain",
            "User-Agent": keys.user_agent,
        }
        if not keys.user_agent.isascii() or not keys.user_agent.isprintable():
            raise UsageError("http_output.user_agent must be printable ASCII")
        if keys.compress_uploads:
            self._headers["Content-Encoding"] = "gzip"
        if url.username is not None:
            self._headers["Authorization"] = basic(url)
        if self._tls is None and self._route.credentials:
            self._headers["Proxy-Authorization"] = self._route.credentials
        if keys.insecure and self._tls is not None:
            log.warning("http_output.insecure: whoever answers as %s gets the alerts", self._server)

    def send(self, batch: Batch) -> None:
        """Raises TimeoutError when there is no answer in time, OSError for any answer but success."""
        for line in batch.lines:
            body = encoded(line)
            self._deadline.until = time.monotonic() + self._seconds
            self._post(gzip.compress(body, 6, mtime=0) if self._keys.compress_uploads else body)

    def _post(self, body: bytes) -> None:
        reused = self._connection is not None
        try:
            try:
                status, answer = self._request(body)
            except (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
                if not reused:
                    raise
                # The server closed a connection that was kept, which is its right.
                self.close()
                status, answer = self._request(body)
        except TimeoutError as error:
            self.close()
            raise TimeoutError(f"{self._server} did not answer in {self._seconds:g} s") from error
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise OSError(f"{self._server}: {reason(error)}") from error
        if self._echo is not None and answer:
            self._echo(printable(answer.decode(errors="replace")))
        if not 200 <= status < 300:
            raise OSError(f"{self._server} answered {status}")

    def _request(self, body: bytes) -> tuple[int, bytes]:
        """Status and the begin of the answer."""
        connection = self._connection
        if connection is None:
            connection = self._connection = Connection(self._route, self._deadline, self._tls, self._keys.keep_alive)
        connection.request("POST", self._target, body, self._headers)
        answer = connection.getresponse()
        text = b""
        try:
            text = answer.read(LONGEST_ANSWER)
        except TimeoutError:
            raise
        except (OSError, http.client.HTTPException):
            pass  # it broke off; the status says whether the alert was taken
        if not answer.isclosed():
            answer.close()
            self.close()
        return answer.status, text

    def idle(self) -> None:
        """Leaves the connection unless it is to be kept."""
        if not self._keys.keep_alive:
            self.close()

    def reopen(self) -> None:
        """Reads certificates again; when they cannot be used the old ones stay."""
        if self._tls is not None:
            try:
                self._tls = tls.context(self._keys)
            except UsageError as error:
                raise OSError(error.message) from error
        self.close()

    def close(self) -> None:
        """Leaves the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def address(url: str) -> SplitResult:
    """The parts of http_output.url. Raises UsageError, without quoting it: it may hold a password."""
    wrong = "must be an address like https://host:port/path, with everything else than ASCII encoded"
    if not url:
        raise UsageError("http_output.url is empty", "see http_output.enabled")
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or any(not "!" <= letter <= "~" for letter in url):
        raise UsageError(f"http_output.url {wrong}")
    return parts


def reason(error: Exception) -> str:
    """What went wrong on a connection, for a person."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {(error.reason or str(error)).replace('_', ' ').lower()}"
    if isinstance(error, http.client.RemoteDisconnected):
        return "the connection was closed without an answer"
    if isinstance(error, http.client.HTTPException):
        return "the answer is not HTTP"
    return getattr(error, "strerror", None) or str(error)
