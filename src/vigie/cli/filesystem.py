"""`vigie fs`: find known vulnerabilities of a project, by its lock files, and secrets in its files."""

from __future__ import annotations

from vigie.cli import scan
from vigie.cli.options import Command

COMMAND = scan.ScanCommand(
    Command(
        "fs",
        "Find known vulnerabilities of a project, by its lock files, and secrets in its files.",
        ("vigie fs [options] PATH",),
        scan.GROUPS_FOLDER,
    ),
    kind="fs",
    target="a folder or file",
    defaults={"--cache-backend": "memory"},
)


def run(arguments: list[str]) -> int:
    """Runs the command line behind `vigie fs`."""
    return scan.run(COMMAND, arguments)
