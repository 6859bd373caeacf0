"""Until when releases of distributions get security fixes, for those that a distribution's own table lacks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

_PRODUCTS = {
    "alma": "almalinux",
    "alpine": "alpine-linux",
    "amazon": "amazon-linux",
    "centos": "centos",
    "centos-stream": "centos-stream",
    "debian": "debian",
    "fedora": "fedora",
    "opensuse-leap": "opensuse",
    "opensuse.leap": "opensuse",
    "oracle": "oracle-linux",
    "photon": "vmware-photon",
    "redhat": "rhel",
    "rocky": "rocky-linux",
    "sles": "sles",
    "suse linux enterprise server": "sles",
    "slem": "suse-linux-micro",
    "ubuntu": "ubuntu",
}
"""Our families as endoflife.date names them."""


def cycles(family: str, release: str) -> Iterator[tuple[str, str]]:
    """Where the date of a release may stand: (product, cycle), the most exact first (`8.9`, then `8`)."""
    product = _PRODUCTS.get(family)
    if product is None:
        return
    parts = release.removeprefix("v").split(".")
    for length in range(len(parts), 0, -1):
        yield product, ".".join(parts[:length])
    if family == "photon":
        yield product, f"{parts[0]}.0"


def day(text: str) -> date | None:
    """A stored date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def rows(products: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """(product, cycle) → last day of support, for operating systems, from `eol.json`. Debian's is the end of its
    long-term support, the others' the end of what is free of charge; Ubuntu's contracts stand as `22.04-ESM`."""
    found: dict[tuple[str, str], str] = {}
    for product in products:
        if product.get("category") == "os":
            for cycle in product.get("cycles") or ():
                if isinstance(cycle.get("eol"), str):
                    found[str(product["product"]), str(cycle["cycle"])] = cycle["eol"]
        elif "distro_info" in product:
            name = str(product["distro_info"])
            for release in product.get("releases") or ():
                version = str(release.get("version", "")).removesuffix(" LTS")
                if end := release.get("eol_lts") or release.get("eol_server") or release.get("eol"):
                    found[name, version] = end
                if release.get("eol_esm"):
                    found[name, f"{version}-ESM"] = release["eol_esm"]
    return {place: end for place, end in found.items() if day(end)}
