"""HTTP for everyone: one place for proxies, certificates, time-outs, redirects, retries and size limits."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from msgspec import Struct

from vigie.errors import VigieError

if TYPE_CHECKING:
    import ssl

    import httpx

USER_AGENT = "vigie"
MAX_REDIRECTS = 5
LONGEST_WAIT = 60.0
"""Seconds a server may ask for with Retry-After before we give up instead."""

RETRIED = frozenset({408, 429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FOR_ONE_ORIGIN = frozenset({"authorization", "cookie", "proxy-authorization"})


class NetworkError(VigieError):
    """A server could not be reached, did not answer in time, or answered against the rules.

    kind: `connect`, `certificate`, `timeout`, `cut` (the connection broke), `refused` (we do not accept what it does).
    """

    def __init__(self, message: str, hint: str = "", kind: str = "connect") -> None:
        super().__init__(message, hint)
        self.kind = kind


class Answer(Struct, frozen=True):
    """A small answer, read whole. Header names are lower-case; a repeated header is joined by `, `."""

    status: int
    headers: dict[str, str]
    body: bytes


class Session:
    """A client with our rules: proxies from the environment, CA file, time-outs, bounded retries, guarded redirects.

    cacert: a PEM file trusted besides the system's. insecure: no certificate is verified, https may redirect to http.
    stall: seconds without a byte until a connection counts as dead. seconds: for all this session does, 0 for no bound.
    attempts: of one request. pause: seconds before the second one; it doubles from there.
    Safe to use from several threads. Raises VigieError when the CA file cannot be read.
    """

    def __init__(
        self,
        *,
        insecure: bool = False,
        cacert: str = "",
        stall: float = 30.0,
        seconds: float = 0.0,
        attempts: int = 5,
        pause: float = 0.5,
    ) -> None:
        import httpx

        for noisy in ("httpx", "httpcore"):  # their lines hold whole URLs, and a signed URL is a secret
            logging.getLogger(noisy).setLevel(logging.WARNING)
        self.insecure = insecure
        self.attempts = attempts
        self._pause = pause
        self._deadline = time.monotonic() + seconds if seconds else None
        self._client = httpx.Client(
            verify=_tls(insecure, cacert),
            timeout=httpx.Timeout(stall, connect=min(stall, 10.0)),
            follow_redirects=False,
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
            limits=httpx.Limits(max_connections=20, max_keepalive_connections=10),
        )

    def close(self) -> None:
        """Closes all connections."""
        self._client.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def stream(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Iterator[httpx.Response]:
        """One request, redirects followed; the caller reads the body. Raises NetworkError, for breaks too."""
        import httpx

        try:
            response = self._follow(method, url, dict(headers or {}), body)
            try:
                yield response
            finally:
                response.close()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _explain(error, url) from error

    def fetch(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        limit: int,
        method: str = "GET",
        body: bytes | None = None,
    ) -> Answer:
        """The whole answer, of any status, at most `limit` bytes; tried again while the server is busy."""

        def once() -> Answer:
            with self.stream(method, url, headers, body) as response:
                return self.read(response, limit)

        return self.persist(once)

    def status(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> int:
        """The status of the first answer: no redirect is followed, nothing is tried again, no body is read. What is
        raised says nothing of the request beside the host. Raises NetworkError."""
        import httpx

        try:
            self.check_time()
            request = self._client.build_request(method, url, headers=dict(headers), content=body)
            response = self._client.send(request, stream=True)
            response.close()
        except httpx.ProtocolError:  # its text quotes what was wrong, a header for example
            raise NetworkError(f"{_place(url)}: what was said is no HTTP", kind="cut") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _explain(error, url) from None
        return response.status_code

    def persist(self, once: Callable[[], Answer]) -> Answer:
        """The answer of `once`, called again after breaks and while the server is busy. Raises NetworkError."""
        attempt = 0
        while True:
            attempt += 1
            try:
                answer = once()
            except NetworkError as error:
                # a name that does not resolve or a closed port rarely heals: try those less often
                if error.kind in ("certificate", "refused") or attempt >= (
                    3 if error.kind == "connect" else self.attempts
                ):
                    raise
                self.wait(attempt)
                continue
            if answer.status not in RETRIED or attempt >= self.attempts:
                return answer
            if not self.wait(attempt, answer.headers.get("retry-after", "")):
                return answer

    def read(self, response: httpx.Response, limit: int) -> Answer:
        """An open response as an Answer."""
        return Answer(
            response.status_code,
            {name: ", ".join(response.headers.get_list(name)) for name in response.headers},
            b"".join(self.chunks(response, limit)),
        )

    def chunks(self, response: httpx.Response, limit: int) -> Iterator[bytes]:
        """The body as sent, not decoded. Raises NetworkError past `limit` bytes, and past the session's deadline."""
        announced = response.headers.get("content-length", "")
        if announced.isdigit() and int(announced[:20]) > limit:
            raise NetworkError(f"{_place(str(response.url))} sends more than {limit} bytes", kind="refused")
        received = 0
        for chunk in response.iter_raw():
            received += len(chunk)
            if received > limit:
                raise NetworkError(f"{_place(str(response.url))} sends more than {limit} bytes", kind="refused")
            self.check_time()
            yield chunk

    def wait(self, attempt: int, retry_after: str = "") -> bool:
        """Sleeps before the next attempt: longer each time, or as asked. False when the server asks for too long."""
        import random

        asked = _seconds(retry_after)
        if asked > LONGEST_WAIT:
            return False
        pause = min(self._pause * 2 ** (attempt - 1), 10.0) * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, no secret
        pause = max(pause, asked)
        if self._deadline is not None:
            self.check_time()
            pause = min(pause, max(self._deadline - time.monotonic(), 0))
        time.sleep(pause)
        return True

    def check_time(self) -> None:
        """Raises NetworkError past the deadline."""
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise NetworkError(
                "the time allowed is over", "a longer --timeout gives slow networks a chance", kind="refused"
            )

    def _follow(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> httpx.Response:
        import httpx

        current = httpx.URL(url)
        for _ in range(MAX_REDIRECTS + 1):
            self.check_time()
            request = self._client.build_request(method, current, headers=headers, content=body)
            response = self._client.send(request, stream=True)
            if response.status_code not in _REDIRECTS or "location" not in response.headers:
                return response
            response.close()
            target = current.join(response.headers["location"])
            if target.scheme not in ("https", "http") or not target.host:
                raise NetworkError(f"{_place(url)} redirects to a {target.scheme}: address", kind="refused")
            if current.scheme == "https" and target.scheme == "http" and not self.insecure:
                raise NetworkError(f"{_place(url)} redirects from https to plain http", kind="refused")
            if _origin(target) != _origin(current):
                headers = {name: value for name, value in headers.items() if name.lower() not in _FOR_ONE_ORIGIN}
                if body is not None:
                    raise NetworkError(f"{_place(url)} redirects what was sent to another host", kind="refused")
            current = target.copy_with(userinfo=b"", fragment=None)
        raise NetworkError(f"{_place(url)} redirects more than {MAX_REDIRECTS} times", kind="refused")


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or {"https": 443, "http": 80}.get(url.scheme)


def _place(url: str) -> str:
    """Scheme and host: the rest of a URL may hold a signature."""
    import httpx

    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return "the address"
    return f"{parsed.scheme}://{parsed.netloc.decode('ascii', 'replace').rpartition('@')[2]}"


def _explain(error: Exception, url: str) -> NetworkError:
    import httpx

    place = _place(url)
    text = str(error).strip() or type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in text:
        reason = text.partition("certificate verify failed: ")[2].partition(" (_ssl")[0] or text
        hint = "name the CA with --cacert, or accept the risk with --insecure"
        return NetworkError(f"{place}: its certificate is not trusted ({reason})", hint, kind="certificate")
    if isinstance(error, httpx.TimeoutException):
        return NetworkError(f"{place}: no answer in time", kind="timeout")
    if isinstance(error, httpx.ConnectError | httpx.ProxyError):
        return NetworkError(f"{place}: {text}", "check the name, the network and the proxy settings", kind="connect")
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL):
        return NetworkError(f"{place}: not an address that can be fetched", kind="refused")
    return NetworkError(f"{place}: the connection broke ({text})", kind="cut")


def _seconds(retry_after: str) -> float:
    """Retry-After: seconds or an HTTP date (RFC 9110 §10.2.3); 0 when absent or nonsense."""
    text = retry_after.strip()
    if text.isdigit():
        return float(text[:9])
    if not text:
        return 0.0
    from email.utils import parsedate_to_datetime

    try:
        return max(parsedate_to_datetime(text).timestamp() - time.time(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return 0.0


def _tls(insecure: bool, cacert: str) -> ssl.SSLContext:
    import os
    import ssl
    from pathlib import Path

    context = ssl.create_default_context()  # the system's store, or SSL_CERT_FILE and SSL_CERT_DIR
    paths = ssl.get_default_verify_paths()
    chosen = paths.openssl_cafile_env in os.environ or paths.openssl_capath_env in os.environ
    if not chosen and not paths.cafile and not (paths.capath and any(Path(paths.capath).iterdir())):
        import certifi

        context.load_verify_locations(certifi.where())
    if cacert:
        try:
            context.load_verify_locations(cacert)
        except (OSError, ssl.SSLError) as error:
            reason = (
                error.strerror
                if not isinstance(error, ssl.SSLError) and error.strerror
                else "no PEM certificates inside"
            )
            raise VigieError(f"{cacert}: {reason}", "--cacert takes a file with PEM certificates") from error
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
