"""os-release: the file with which most distributions name themselves."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.model.inventory import Fact, OperatingSystem
from vigie.scanner.analyzer import File, Group, analyzer

FAMILIES = {
    "rhel": "redhat",
    "centos": "centos",
    "rocky": "rocky",
    "almalinux": "alma",
    "ol": "oracle",
    "fedora": "fedora",
    "alpine": "alpine",
    "bottlerocket": "bottlerocket",
    "opensuse-tumbleweed": "opensuse-tumbleweed",
    "opensuse-leap": "opensuse-leap",
    "opensuse": "opensuse-leap",
    "sles": "sles",
    "sle-micro": "slem",
    "sl-micro": "slem",
    "sle-micro-rancher": "slem",
    "photon": "photon",
    "wolfi": "wolfi",
    "chainguard": "chainguard",
    "azurelinux": "azurelinux",
    "mariner": "cbl-mariner",
    "echo": "echo",
    "minimos": "minimos",
    "coreos": "coreos",
    "activestate": "activestate",
}
"""From ID to family. Debian and Ubuntu have files that say more exactly which release it is."""

PARENTS = {"debian": "debian", "ubuntu": "ubuntu"}
"""IDs that count only where the release files of those two are absent."""


@analyzer(
    "os-release",
    "etc/os-release",
    "usr/lib/os-release",
    "*-bottlerocket-linux-gnu/sys-root/usr/lib/os-release",
    group=Group.SYSTEM,
)
def os_release(file: File) -> Iterator[Fact]:
    """The system by its ID and VERSION_ID. Source: os-release(5)."""
    fields = read(file.text())
    family = FAMILIES.get(fields.get("ID", ""), "")
    if family == "centos" and "Stream" in fields.get("NAME", ""):
        family = "centos-stream"
    if family and (release := fields.get("VERSION_ID", "")):
        yield OperatingSystem(family, release)


@analyzer("os-release-parent", "etc/os-release", "usr/lib/os-release", group=Group.SYSTEM, order=-1)
def os_release_parent(file: File) -> Iterator[Fact]:
    """Debian or Ubuntu where only os-release is left; merged first, so that a more exact file has the last word."""
    fields = read(file.text())
    if (family := PARENTS.get(fields.get("ID", ""))) and (release := fields.get("VERSION_ID", "")):
        yield OperatingSystem(family, release)


def read(text: str) -> dict[str, str]:
    """The variables of an os-release file without blanks and quotes around the values; the last of a name counts."""
    fields = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals:
            fields[key.strip()] = value.strip().strip("\"'")
    return fields
