"""Checks of DNS."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.nifcloud.dns import Record


@check(
    "NIF-0007",
    "nifcloud.dns.records",
    severity="CRITICAL",
    code="remove-verified-record",
    title="Records that verified a zone should be removed",
    why="The record proves that the zone belongs to an account. As long as it stays, whoever knows it can claim the "
    "zone again and answer for its names.",
    fix="Remove the TXT record once the zone is verified.",
    references=("https://registry.terraform.io/providers/nifcloud/nifcloud/latest/docs/resources/dns_record",),
)
def no_verification_left(record: Record) -> Flaws:
    if record.type.same("TXT") and record.record.certain() and record.record.value.startswith("nifty-dns-verify="):
        yield flaw("The record that verified the zone is still there.", record.record)
