"""SSL certificates: when they expire, as they say themselves."""

from __future__ import annotations

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class ServerCertificate(Resource):
    """expiration: RFC 3339."""

    expiration: Attribute[str] = absent("")


class SslCertificate(Resource):
    """The service."""

    server_certificates: list[ServerCertificate] = []


def terraform(graph: Graph) -> SslCertificate:
    """Certificates of a Terraform project."""
    return SslCertificate(
        server_certificates=[
            ServerCertificate(cause=block.cause, expiration=expiration(block))
            for block in graph.resources("nifcloud_ssl_certificate")
        ]
    )


def expiration(block: Block) -> Attribute[str]:
    """When the certificate in `certificate` expires; not known when it cannot be read."""
    certificate = block.string("certificate")
    end = not_after(certificate.value) if certificate.known else None
    return Attribute(end or "", certificate.cause, known=end is not None, explicit=certificate.explicit)


LONGEST = 1 << 20
"""Characters of a certificate that are looked at."""


def not_after(text: str) -> str | None:
    """The end of validity of the first certificate in a PEM text, RFC 3339; None when there is none to be read.

    RFC 5280, 4.1: Certificate = { { [0] version, serial, algorithm, issuer, { not before, not after }, …
    """
    import base64
    import binascii

    _, begun, rest = text[:LONGEST].partition("-----BEGIN CERTIFICATE-----")
    body, ended, _ = rest.partition("-----END CERTIFICATE-----")
    if not begun or not ended:
        return None
    try:
        data = base64.b64decode("".join(body.split()), validate=True)
        _, outer, _ = element(data, 0)
        _, signed, _ = element(outer, 0)
        tag, _, position = element(signed, 0)
        for _ in range(3 if tag == 0xA0 else 2):  # with the version: serial, algorithm, issuer
            _, _, position = element(signed, position)
        _, validity, _ = element(signed, position)
        _, _, position = element(validity, 0)
        tag, end, _ = element(validity, position)
        return moment(tag, end.decode("ascii"))
    except (binascii.Error, ValueError, IndexError):
        return None


def element(data: bytes, start: int) -> tuple[int, bytes, int]:
    """An element of DER: its tag, its content, and where the next one begins. Raises IndexError or ValueError."""
    tag, length, position = data[start], data[start + 1], start + 2
    if length & 0x80:
        size = length & 0x7F
        if not 1 <= size <= 4:
            raise ValueError("a length that no certificate has")
        length = int.from_bytes(data[position : position + size], "big")
        position += size
    if position + length > len(data):
        raise ValueError("an element that is cut off")
    return tag, data[position : position + length], position + length


def moment(tag: int, text: str) -> str:
    """A time of DER as RFC 3339: UTCTime (23) has two digits of the year, from 1950 on, GeneralizedTime (24) four."""
    from datetime import datetime

    if tag not in (23, 24):
        raise ValueError("no time")
    if tag == 23:
        text = ("19" if text[:2] >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").strftime("%Y-%m-%dT%H:%M:%SZ")


service = Service(
    path="nifcloud.sslcertificate",
    model=SslCertificate,
    terraform=Adapter(types=("nifcloud_ssl_certificate",), fill=terraform),
)
