"""`vigie repo`: find known vulnerabilities and secrets in a git repository."""

from __future__ import annotations

from vigie.cli import scan
from vigie.cli.options import Command

COMMAND = scan.ScanCommand(
    Command(
        "repo",
        "Find known vulnerabilities and secrets in a git repository.",
        ("vigie repo [options] PATH_OR_URL",),
        scan.GROUPS_REPOSITORY,
    ),
    kind="repo",
    target="a folder or a git URL",
    defaults={"--cache-backend": "fs", "--pkg-types": ("library",)},
)


def run(arguments: list[str]) -> int:
    """Runs the command line behind `vigie repo`."""
    return scan.run(COMMAND, arguments)
