"""Keys about the web endpoints."""

from typing import Annotated

from msgspec import Meta, Struct

LOOPBACK = "127.0.0.1"
PORT = 8765


class Webserver(Struct, forbid_unknown_fields=True):
    """Health, versions and metrics over HTTP. listen_address, listen_port: "" and 0 for what is usual here, this
    machine alone. threadiness: connections that are served at a time, 0 for the usual number."""

    enabled: bool = True
    threadiness: Annotated[int, Meta(ge=0, le=256)] = 0
    listen_port: Annotated[int, Meta(ge=0, le=65_535)] = 0
    listen_address: str = ""
    k8s_healthz_endpoint: str = "/healthz"
    prometheus_metrics_enabled: bool = False
    ssl_enabled: bool = False
    ssl_certificate: str = "/etc/falco/falco.pem"

    @property
    def given(self) -> bool:
        """Somebody chose where it listens."""
        return bool(self.listen_address or self.listen_port)

    @property
    def address(self) -> str:
        """Where it listens."""
        return self.listen_address or LOOPBACK

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.listen_port or PORT
