"""Checks of SSL certificates."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.nifcloud.sslcertificate import ServerCertificate


@check(
    "NIF-0006",
    "nifcloud.sslcertificate.server_certificates",
    service="ssl-certificate",
    severity="LOW",
    code="remove-expired-certificates",
    aliases=("nifcloud-sslcertificate-remove-expired-certificates",),
    title="Server certificates should not be expired",
    why="An expired certificate that is put to use again makes clients refuse the service, or their users get used to "
    "warnings.",
    fix="Replace the certificate by a current one, or remove it.",
    references=("https://registry.terraform.io/providers/nifcloud/nifcloud/latest/docs/resources/ssl_certificate",),
)
def current(certificate: ServerCertificate) -> Flaws:
    from datetime import UTC, datetime

    if not certificate.expiration.is_set:
        return
    if datetime.fromisoformat(certificate.expiration.value) <= datetime.now(UTC):
        yield flaw(f"The certificate expired on {certificate.expiration.value[:10]}.", certificate.expiration)
