"""`vigie fs`: find known vulnerabilities in a project's lock files."""

from __future__ import annotations

from vigie.cli import scan
from vigie.cli.options import Command

COMMAND = scan.ScanCommand(
    Command(
        "fs", "Find known vulnerabilities in a project's lock files.", ("vigie fs [options] PATH",), scan.GROUPS_FOLDER
    ),
    kind="fs",
    target="a folder or file",
    defaults={"--cache-backend": "memory"},
)


def run(arguments: list[str]) -> int:
    """Runs the command line behind `vigie fs`."""
    return scan.run(COMMAND, arguments)
