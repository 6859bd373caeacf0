"""Checks of Cloud DNS."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.google.dns import KeySpec, ManagedZone

_DNSSEC = ("https://cloud.google.com/dns/docs/dnssec-config",)


@check(
    "GCP-0012",
    "google.dns.managed_zones.dnssec.default_key_specs",
    severity="MEDIUM",
    code="no-rsa-sha1",
    title="DNS zones should not sign with RSA-SHA1",
    why="SHA-1 is broken: forged records with a valid signature are within reach, and resolvers stop accepting it.",
    fix="Use another algorithm for the key, such as ecdsap256sha256 or rsasha256.",
    references=("https://cloud.google.com/dns/docs/dnssec-advanced#algorithms",),
)
def no_sha1(spec: KeySpec) -> Flaws:
    if spec.algorithm.same("rsasha1"):
        yield flaw("The zone signs with RSA-SHA1.", spec.algorithm)


@check(
    "GCP-0013",
    "google.dns.managed_zones",
    severity="MEDIUM",
    code="enable-dnssec",
    title="Public DNS zones should sign their records",
    why="Without DNSSEC forged answers cannot be told from right ones, so visitors can be led to an attacker's host.",
    fix='Set `state` to "on" in the `dnssec_config` block.',
    references=_DNSSEC,
)
def signed(zone: ManagedZone) -> Flaws:
    if zone.dnssec.enabled.is_false and zone.visibility.certain() and zone.visibility.value.lower() != "private":
        yield flaw("The public zone does not sign its records.", zone.dnssec.enabled)
