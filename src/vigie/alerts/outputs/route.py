"""The way to the server of the http output: straight, or by the proxy that the environment names, as curl reads it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from vigie.errors import UsageError


class Route(NamedTuple):
    """server: how warnings call it, without secrets. first: host and port to connect to. target: what the request line
    asks for. credentials: for the proxy, as a header's value."""

    server: str
    host: str
    port: int
    first: tuple[str, int]
    target: str
    proxied: bool = False
    credentials: str = ""


def route(url: SplitResult, environment: Mapping[str, str]) -> Route:
    """The way to an http or https address. Raises UsageError for a proxy that cannot be used."""
    host = url.hostname or ""
    port = url.port or (443 if url.scheme == "https" else 80)
    named = f"[{host}]" if ":" in host else host
    server = f"{url.scheme}://{named}:{port}"
    target = f"{url.path or '/'}{'?' if url.query else ''}{url.query}"
    proxy = proxy_for(url.scheme, host, environment)
    if not proxy:
        return Route(server, host, port, (host, port), target)
    variable = f"the proxy of {url.scheme} addresses in the environment"
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        first = (parts.hostname or "", parts.port or 1080)
    except ValueError as error:
        raise UsageError(f"{variable} is not an address") from error
    if parts.scheme != "http" or not first[0]:
        raise UsageError(f"{variable} must be an http:// address")
    credentials = basic(parts) if parts.username is not None else ""
    if url.scheme == "http":  # such a proxy wants to be told the whole address
        target = f"http://{named}{f':{url.port}' if url.port else ''}{target}"
    return Route(server, host, port, first, target, True, credentials)


def proxy_for(scheme: str, host: str, environment: Mapping[str, str]) -> str:
    """The proxy's address, "" for none. HTTP_PROXY in capitals does not count: servers set it from strangers' words."""
    names = ["http_proxy"] if scheme == "http" else ["https_proxy", "HTTPS_PROXY"]
    proxy = next(filter(None, (environment.get(name) for name in [*names, "all_proxy", "ALL_PROXY"])), "")
    excepted = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    for entry in excepted.replace(",", " ").split():
        name = entry.lstrip(".").lower()
        if entry == "*" or host.lower() == name or host.lower().endswith(f".{name}"):
            return ""
    return proxy


def basic(url: SplitResult) -> str:
    """The credentials of an address as a header's value."""
    pair = f"{unquote(url.username or '')}:{unquote(url.password or '')}"
    return f"Basic {b64encode(pair.encode()).decode()}"
