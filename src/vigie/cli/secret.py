"""`vigie secret`: find credentials in a folder, a file or standard input."""

from __future__ import annotations

from vigie.cli import scan
from vigie.cli.options import Command

COMMAND = scan.ScanCommand(
    Command(
        "secret",
        "Find credentials in files.",
        (
            "vigie secret [options] PATH",
            "vigie secret --history PATH",
            "vigie secret --staged PATH",
            "vigie secret [options] - < FILE",
        ),
        ("report", "secret", "history", "scan", "cache", "general"),
    ),
    kind="fs",
    target="a folder or file, or - for standard input",
    defaults={"--cache-backend": "memory", "--scanners": ("secret",)},
)


def run(arguments: list[str]) -> int:
    """Runs the command line behind `vigie secret`."""
    return scan.run(COMMAND, arguments)
