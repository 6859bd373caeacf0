"""`vigie image`: find known vulnerabilities and secrets in a container image."""

from __future__ import annotations

from vigie.cli import scan
from vigie.cli.options import Command

COMMAND = scan.ScanCommand(
    Command(
        "image",
        "Find known vulnerabilities and secrets in a container image.",
        ("vigie image [options] IMAGE", "vigie image [options] --input FILE"),
        scan.GROUPS_IMAGE,
    ),
    kind="image",
    target="the name of an image, or --input",
    defaults={"--cache-backend": "fs"},
)


def run(arguments: list[str]) -> int:
    """Runs the command line behind `vigie image`."""
    return scan.run(COMMAND, arguments)
