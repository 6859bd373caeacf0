"""Kubernetes audit events as a source: the settings of the peer's plugin k8saudit, and what they open.

open_params             what delivers events
http://HOST:PORT/PATH   a receiver of the API server's webhook; loopback when HOST is empty
https://HOST:PORT/PATH  the same with TLS
PATH                    a log of JSON lines, or a folder of such files by the time of their last change; then it ends
file://PATH             what is appended to a log, from its end on
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from vigie.errors import SourceError, UsageError

if TYPE_CHECKING:
    from vigie._core import AuditFile, AuditQueue

log = logging.getLogger(__name__)

TOKEN_VARIABLE = "VIGIE_AUDIT_TOKEN"  # noqa: S105 - where the token is, not the token
"""The environment variable that may hold the token senders must show; `token_file` wins."""

LONGEST_TOKEN = 4096
QUEUE_BYTES = 16 << 20
"""Bytes of events that may wait for the engine."""

MAX_BODY = 12 << 20
MAX_EVENT = 262_144
LOOPBACK = "127.0.0.1"

_KEYS = ("sslCertificate", "maxEventSize", "webhookMaxBatchSize", "useAsync", "token_file", "queue_bytes")


class AuditSettings(Struct, frozen=True, kw_only=True):
    """How audit events come in. where: `open_params`. certificate: a PEM file with certificate and key, for https.
    max_event: bytes of one event, max_body: of one request. queue: bytes that may wait. token: what senders must show,
    empty for nothing."""

    where: str
    certificate: str = "/etc/falco/falco.pem"
    max_event: int = MAX_EVENT
    max_body: int = MAX_BODY
    queue: int = QUEUE_BYTES
    token: bytes = b""

    def __repr__(self) -> str:
        return f"AuditSettings({self.where!r})"


class AuditEngine(Protocol):
    """What is needed of `_core.Engine`."""

    def audit_file(self, path: str, follow: bool = ..., max_event: int = ...) -> AuditFile: ...

    def audit_queue(self, limit_bytes: int, max_event: int = ...) -> AuditQueue: ...


class Opened(Protocol):
    """A source that delivers events to its engine."""

    def counters(self) -> dict[str, int]:
        """What came and what was dropped, by name."""

    def look(self) -> None:
        """Says what is wrong, if anything is new; to be called every now and then."""

    def close(self) -> None:
        """Takes no more events; what was taken is still delivered."""


def settings(
    open_params: str, init_config: Mapping[str, object] | str | None = None, environ: Mapping[str, str] = os.environ
) -> AuditSettings:
    """Settings from an entry of `plugins`. init_config: a mapping, or its JSON text. Besides the peer's keys there are
    `token_file`, a file with the token that senders must show, and `queue_bytes`. Raises UsageError."""
    if not open_params:
        raise UsageError("k8s_audit: open_params is empty", "name a receiver (http://:9765/k8s-audit) or a file")
    given = _mapping(init_config)
    for key in given:
        if key not in _KEYS:
            log.warning("k8s_audit: the key %s of init_config is not known and has no effect", key)
    certificate = given.get("sslCertificate") or "/etc/falco/falco.pem"
    token_file = given.get("token_file") or ""
    if not isinstance(certificate, str) or not isinstance(token_file, str):
        raise UsageError("k8s_audit: sslCertificate and token_file are names of files")
    token = _token_of(token_file) if token_file else environ.get(TOKEN_VARIABLE, "").strip().encode()
    return AuditSettings(
        where=open_params,
        certificate=certificate,
        max_event=_size(given, "maxEventSize", MAX_EVENT),
        max_body=min(_size(given, "webhookMaxBatchSize", MAX_BODY), MAX_BODY),
        queue=_size(given, "queue_bytes", QUEUE_BYTES),
        token=token,
    )


def open_source(engine: AuditEngine, how: AuditSettings) -> Opened:
    """Takes events from now on. Raises UsageError for an address that is none, SourceError when it cannot be had."""
    scheme, separator, rest = how.where.partition("://")
    if not separator or scheme == "file":
        path = unquote(rest) if separator else how.where
        try:
            return _Log(path, engine.audit_file(path, follow=bool(separator), max_event=how.max_event))
        except OSError as error:
            raise SourceError(f"the audit log {path} could not be opened: {error.strerror or error}") from error
    if scheme not in ("http", "https"):
        raise UsageError(
            f"k8s_audit: {scheme}:// is no way to receive audit events", "http://, https://, file:// or a path"
        )
    from vigie.runtime.sources.webhook import Webhook

    host, port, path = address(how.where)
    if not host:
        log.warning(
            "audit events are taken on %s:%d only: name the host in open_params to listen elsewhere", LOOPBACK, port
        )
        host = LOOPBACK
    webhook = Webhook(
        (host, port),
        path,
        engine.audit_queue(how.queue, max_event=how.max_event),
        token=how.token,
        certificate=how.certificate if scheme == "https" else "",
        max_body=how.max_body,
    )
    webhook.start()
    return webhook


def address(where: str) -> tuple[str, int, str]:
    """Host (may be empty), port and path of a receiver. Raises UsageError."""
    hint = "as in http://127.0.0.1:9765/k8s-audit"
    try:
        parts = urlsplit(where)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"k8s_audit: {where} is no address: {error}", hint) from error
    if port is None:
        raise UsageError(f"k8s_audit: {where} names no port", hint)
    if parts.query or parts.fragment or parts.username is not None:
        raise UsageError(f"k8s_audit: {parts.scheme}://…:{port} takes a host, a port and a path, nothing else", hint)
    return parts.hostname or "", port, parts.path or "/"


class _Log:
    """A file as a source."""

    def __init__(self, path: str, file: AuditFile) -> None:
        self._path, self._file = path, file

    def counters(self) -> dict[str, int]:
        return self._file.counters()

    def look(self) -> None:
        problem = self._file.problem()
        if problem is not None:
            log.warning("audit events were dropped: %s", problem)

    def close(self) -> None:
        """A log that is followed ends with its engine."""


def _mapping(init_config: Mapping[str, object] | str | None) -> Mapping[str, object]:
    if isinstance(init_config, str):
        try:
            init_config = json.loads(init_config or "{}")
        except ValueError as error:
            raise UsageError(f"k8s_audit: init_config is no JSON: {error}") from error
    if init_config is None:
        return {}
    if not isinstance(init_config, Mapping):
        raise UsageError("k8s_audit: init_config is no mapping")
    return init_config


def _size(given: Mapping[str, object], key: str, default: int) -> int:
    size = given.get(key, default)
    if not isinstance(size, int) or isinstance(size, bool) or size <= 0:
        raise UsageError(f"k8s_audit: {key} is a number of bytes, not {size!r}")
    return size


def _token_of(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            token = file.read(LONGEST_TOKEN + 1).strip()
    except OSError as error:
        raise SourceError(f"the token file {path} could not be read: {error.strerror or error}") from error
    if not token or len(token) > LONGEST_TOKEN:
        raise UsageError(f"the token file {path} is empty or too long", f"one token, up to {LONGEST_TOKEN} bytes")
    return token
