"""Addresses: which are the internet's. Expected values: IANA's registries of special-purpose addresses."""

import pytest

from vigie.misconfig import addresses


@pytest.mark.parametrize(
    "text", ["0.0.0.0/0", "::/0", "0:0:0:0:0:0:0:0/0", "1.2.3.4/0", "*", "Internet", "ANY", " 0.0.0.0/0 "]
)
def test_everybody(text: str) -> None:
    assert addresses.means_everybody(text)
    assert addresses.is_public(text)
    assert addresses.count(text) > 1_000_000


@pytest.mark.parametrize("text", ["", "10.0.0.0/8", "0.0.0.0", "0.0.0.0/1", "VirtualNetwork", "x/0", "10.0.0.0/-1"])
def test_not_everybody(text: str) -> None:
    assert not addresses.means_everybody(text)


@pytest.mark.parametrize("text", ["8.8.8.8", "8.8.8.0/24", "10.0.0.0/7", "2600::/16", "0.0.0.0/1", "172.32.0.0/16"])
def test_public(text: str) -> None:
    assert addresses.is_public(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "10.1.2.3",
        "10.0.0.5/8",
        "172.16.0.0/12",
        "192.168.1.0/24",
        "127.0.0.1",
        "169.254.0.0/16",
        "fd00::/8",
    ],
)
def test_not_public(text: str) -> None:
    assert not addresses.is_public(text)


@pytest.mark.parametrize(
    ("text", "number"), [("10.0.0.0/8", 1 << 24), ("10.0.0.1", 1), ("::/64", 1 << 64), ("x", 0), ("1.2.3.4/32", 1)]
)
def test_count(text: str, number: int) -> None:
    assert addresses.count(text) == number


@pytest.mark.parametrize(
    ("start", "end", "public"),
    [
        ("0.0.0.0", "255.255.255.255", True),
        ("10.0.0.1", "10.0.0.200", False),
        ("10.0.0.1", "192.168.0.1", True),
        ("40.1.1.1", "40.1.1.9", True),
        ("", "8.8.8.8", True),
        ("", "", False),
    ],
)
def test_ranges(start: str, end: str, public: bool) -> None:
    assert addresses.range_is_public(start, end) is public
