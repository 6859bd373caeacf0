"""`vigie rootfs`: find known vulnerabilities and secrets in an unpacked root file system."""

from __future__ import annotations

from vigie.cli import scan
from vigie.cli.options import Command

COMMAND = scan.ScanCommand(
    Command(
        "rootfs",
        "Find known vulnerabilities and secrets in an unpacked root file system.",
        ("vigie rootfs [options] PATH",),
        scan.GROUPS_FOLDER,
    ),
    kind="rootfs",
    target="a folder",
    defaults={"--cache-backend": "memory"},
)


def run(arguments: list[str]) -> int:
    """Runs the command line behind `vigie rootfs`."""
    return scan.run(COMMAND, arguments)
