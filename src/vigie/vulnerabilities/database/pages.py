"""Pages about vulnerabilities whose addresses follow from their ids: they are made, not stored."""

from __future__ import annotations

LONGEST_REFERENCE = 300

_TRACKERS = (
    "nvd.nist.gov/vuln/detail/",
    "github.com/advisories/",
    "osv.dev/vulnerability/",
    "security-tracker.debian.org/tracker/",
    "access.redhat.com/security/cve/",
    "rustsec.org/advisories/",
    "www.cve.org/",
    "cve.org/",
    "crates.io/crates/",
)
"""Pages whose address follows from an id or a package; `pages_of` names them when details are read."""


def tells_more(url: str) -> bool:
    """Whether a link is worth keeping: not the page of the id itself, and not overlong."""
    scheme, _, rest = url.partition("://")
    return scheme in ("http", "https") and not rest.startswith(_TRACKERS) and len(url) <= LONGEST_REFERENCE


def pages_of(identifier: str) -> tuple[str, ...]:
    """The page about a vulnerability at whoever gives out its kind of id."""
    if identifier.startswith("CVE-"):
        return (f"https://nvd.nist.gov/vuln/detail/{identifier}",)
    if identifier.startswith("GHSA-"):
        return (f"https://github.com/advisories/{identifier}",)
    if identifier.startswith(("DSA-", "DLA-", "TEMP-")):
        return (f"https://security-tracker.debian.org/tracker/{identifier}",)
    if identifier.startswith("ELA-"):
        return (f"https://deb.freexian.com/extended-lts/tracker/{identifier}",)
    if identifier.startswith(
        ("RUSTSEC-", "PYSEC-", "GO-", "MAL-", "HSEC-", "JLSEC-", "OSEC-", "EEF-", "BIT-", "RSEC-", "ALSA-")
    ):
        return (f"https://osv.dev/vulnerability/{identifier}",)
    return ()
