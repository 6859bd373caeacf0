"""Where the Docker daemon listens, and a client for it (Docker Engine API)."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from vigie.errors import TargetError
from vigie.oci.credentials import config_path, read_config

if TYPE_CHECKING:
    import httpx

DEFAULT = "unix:///var/run/docker.sock"


def find_host(option: str) -> str:
    """The daemon's address: `--docker-host`, $DOCKER_HOST, the chosen docker context, else the usual socket."""
    return option or os.environ.get("DOCKER_HOST", "") or _context_host() or DEFAULT


def connect(host: str, seconds: float) -> httpx.Client:
    """A client for an address. Raises TargetError for an unknown kind of address and for unusable certificates."""
    import httpx

    parts = urlsplit(host)
    timeout = httpx.Timeout(seconds, connect=5.0)
    if parts.scheme == "unix":
        _probe(parts.path or "/var/run/docker.sock", host)
        transport = httpx.HTTPTransport(uds=parts.path or "/var/run/docker.sock")
        return httpx.Client(transport=transport, base_url="http://docker", timeout=timeout, trust_env=False)
    if parts.scheme in ("tcp", "http", "https") and parts.hostname:
        secure = parts.scheme == "https" or bool(os.environ.get("DOCKER_TLS_VERIFY"))
        url = f"{'https' if secure else 'http'}://{parts.netloc.rpartition('@')[2]}"
        return httpx.Client(base_url=url, timeout=timeout, verify=_tls() if secure else False, trust_env=False)
    raise TargetError(
        f"the address {parts.scheme or host}: of the Docker daemon is not supported",
        "use unix:///path or tcp://host:port",
    )


def _probe(path: str, host: str) -> None:
    """Whether somebody listens at a socket. Raises TargetError."""
    import socket

    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(5)
        try:
            probe.connect(path)
        except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError) as error:
            raise TargetError(f"no Docker daemon at {host}") from error
        except OSError as error:
            hint = "the socket is open to its group, usually docker" if isinstance(error, PermissionError) else ""
            raise TargetError(f"{host}: {error.strerror or error}", hint) from error


def _tls() -> Any:
    import ssl

    folder = Path(os.environ.get("DOCKER_CERT_PATH", "") or config_path().parent)
    try:
        context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
        if (folder / "cert.pem").exists():
            context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    except (OSError, ssl.SSLError) as error:
        raise TargetError(
            f"{folder}: the certificates for the Docker daemon cannot be read", "DOCKER_CERT_PATH names their folder"
        ) from error
    return context


def _context_host() -> str:
    """The address of the context chosen with `docker context use` or $DOCKER_CONTEXT; "" for the default one."""
    name = os.environ.get("DOCKER_CONTEXT", "") or read_config().get("currentContext", "")
    if not isinstance(name, str) or name in ("", "default"):
        return ""
    folder = config_path().parent / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
    try:
        document = json.loads((folder / "meta.json").read_bytes()[: 1 << 20])
        host = document["Endpoints"]["docker"]["Host"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    return host if isinstance(host, str) else ""
