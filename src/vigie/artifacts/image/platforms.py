"""Platforms: `os/arch[/variant]`, and the choice of one from an index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from vigie.errors import TargetError, UsageError
from vigie.oci.manifests import Descriptor

_MACHINES = {
    "x86_64": ("amd64", ""),
    "amd64": ("amd64", ""),
    "aarch64": ("arm64", "v8"),
    "arm64": ("arm64", "v8"),
    "armv7l": ("arm", "v7"),
    "armv6l": ("arm", "v6"),
    "i386": ("386", ""),
    "i686": ("386", ""),
    "loongarch64": ("loong64", ""),
}
"""`uname -m` → Go's names, which images use."""

_LEAST_VARIANT = {"arm64": "v8"}
"""Variants that go without saying."""


class Platform(Struct, frozen=True):
    """An operating system, a machine and maybe its variant, in Go's names."""

    os: str
    architecture: str
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


def parse_platform(text: str) -> Platform:
    """`os/arch[/variant]`; only an architecture means linux. Raises UsageError."""
    parts = text.lower().split("/")
    if not all(parts) or len(parts) > 3:
        raise UsageError(f"--platform {text!r} is not of the form os/arch[/variant]", "for example linux/arm64")
    if len(parts) == 1:
        parts = ["linux", *parts]
    architecture, variant = _MACHINES.get(parts[1], (parts[1], ""))
    return Platform(parts[0], architecture, parts[2] if len(parts) > 2 else variant)


def host_platform() -> Platform:
    """Linux on this machine's architecture."""
    import platform

    machine = platform.machine().lower()
    return Platform("linux", *_MACHINES.get(machine, (machine, "")))


def choose(entries: Sequence[Descriptor], wanted: str, where: str) -> Descriptor:
    """The entry for `wanted`, or for this machine when that is "". Raises TargetError naming what there is."""
    platform = parse_platform(wanted) if wanted else host_platform()
    for entry in entries:
        if matches(entry.platform, platform):
            return entry
    there = sorted({str(found) for entry in entries if (found := of(entry.platform)) is not None})
    raise TargetError(
        f"{where} has no image for {platform}" + (f", only for {', '.join(there[:20])}" if there else ""),
        "choose one with --platform" if there else "",
    )


def check(document: dict[str, Any], wanted: str, where: str) -> None:
    """Raises TargetError when a platform was asked for and the configuration of the only image names another."""
    found = of(document)
    if not wanted or found is None:
        return
    platform = parse_platform(wanted)
    if not found.variant:  # builders often leave it out of configurations
        platform = Platform(platform.os, platform.architecture)
    if not matches(document, platform):
        raise TargetError(
            f"{where} has no image for {parse_platform(wanted)}, only for {found}", "leave --platform out"
        )


def of(document: dict[str, Any]) -> Platform | None:
    """The platform of a descriptor or configuration; None when there is none (attestations say `unknown`)."""
    os, architecture, variant = (document.get(key) for key in ("os", "architecture", "variant"))
    if not isinstance(os, str) or not isinstance(architecture, str) or not os or os == "unknown":
        return None
    return Platform(os, architecture, variant if isinstance(variant, str) else "")


def matches(document: dict[str, Any], wanted: Platform) -> bool:
    """Whether a descriptor's platform satisfies what is wanted; a variant that goes without saying may be missing."""
    found = of(document)
    if found is None or (found.os, found.architecture) != (wanted.os, wanted.architecture):
        return False
    usual = _LEAST_VARIANT.get(wanted.architecture, "")
    return not wanted.variant or (found.variant or usual) == wanted.variant
