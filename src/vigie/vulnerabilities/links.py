"""The one page that explains a vulnerability best."""

from __future__ import annotations

from collections.abc import Iterable

from vigie.model.advisory import DataSource

_BY_ID = (
    ("CVE-", "https://avd.aquasec.com/nvd/", str.lower),
    ("GHSA-", "https://github.com/advisories/", str),
    ("RUSTSEC-", "https://osv.dev/vulnerability/", str),
    ("TEMP-", "https://security-tracker.debian.org/tracker/", str),
    ("MAL-", "https://osv.dev/vulnerability/", str),
)
_BY_SOURCE = {
    "debian": ("http://www.debian.org", "https://www.debian.org"),
    "ubuntu": ("http://www.ubuntu.com", "https://usn.ubuntu.com"),
    "redhat": ("https://access.redhat.com",),
    "suse-cvrf": ("http://lists.opensuse.org", "https://lists.opensuse.org"),
    "oracle-oval": ("http://linux.oracle.com/errata", "https://linux.oracle.com/errata"),
    "nodejs-security-wg": ("https://www.npmjs.com", "https://hackerone.com"),
    "ruby-advisory-db": ("https://groups.google.com",),
}
_AT_OSV = ("GO-", "PYSEC-", "BIT-", "JLSEC-", "HSEC-", "OSV-", "PSF-", "EEF-", "RSEC-", "OSEC-")
"""Ids that only osv.dev has a page for, or that all sources know by that page."""


def primary(id: str, source: DataSource | None, references: Iterable[str]) -> str:
    """The address, "" when none is known. By the id's prefix, else the first reference to the source's own site."""
    for prefix, address, spell in _BY_ID:
        if id.startswith(prefix):
            return address + spell(id)
    known = tuple(references)
    for prefix in _BY_SOURCE.get(source.id, ()) if source else ():
        for reference in known:
            if reference.startswith(prefix):
                return reference
    return f"https://osv.dev/vulnerability/{id}" if id.startswith(_AT_OSV) else ""
