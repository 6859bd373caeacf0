"""Network addresses as configurations write them: whom a rule lets in.

Texts are single addresses (`10.0.0.1`) or networks (`10.0.0.0/8`), with host bits allowed. What is neither answers
False, or None.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    Network = IPv4Network | IPv6Network

EVERYBODY = ("*", "any", "internet", "0.0.0.0/0", "::/0")
"""Other names for all addresses, in lower case: Azure's service tags and wildcards among them."""

_CLOSED = (
    # https://www.iana.org/assignments/iana-ipv4-special-registry and -ipv6-: what the internet does not route.
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "::1/128",
    "100::/64",
    "2001:db8::/32",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
)


def network(text: str) -> Network | None:
    """The network that an address or CIDR text means."""
    from ipaddress import ip_network

    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def means_everybody(text: str) -> bool:
    """Whether the text means all addresses: `0.0.0.0/0`, `::/0` however written, `*`, `Any`, `Internet`."""
    text = text.strip().lower()
    if text in EVERYBODY:
        return True
    if not text.endswith("/0"):
        return False
    found = network(text)
    return found is not None and found.prefixlen == 0


def is_public(text: str) -> bool:
    """Whether the text means at least one address of the internet."""
    if means_everybody(text):
        return True
    found = network(text)
    return found is not None and not _inside(found)


def count(text: str) -> int:
    """How many addresses the text means; 0 when it is no address."""
    if text.strip().lower() in EVERYBODY:
        return 1 << 32
    found = network(text)
    return found.num_addresses if found is not None else 0


def range_is_public(start: str, end: str) -> bool:
    """Whether a range of addresses, both ends included, is not wholly inside one closed network.

    Looks at what lies between, too: 10.0.0.1 to 192.168.0.1 crosses the internet though both ends are private.
    """
    first, last = network(start), network(end)
    if first is None or last is None or first.version != last.version:
        return is_public(start) or is_public(end)
    return not any(
        block.version == first.version and first.subnet_of(block) and last.subnet_of(block)  # type: ignore[arg-type]
        for block in _closed()
    )


def _inside(found: Network) -> bool:
    return any(block.version == found.version and found.subnet_of(block) for block in _closed())  # type: ignore[arg-type]


@cache
def _closed() -> tuple[Network, ...]:
    from ipaddress import ip_network

    return tuple(ip_network(text) for text in _CLOSED)
