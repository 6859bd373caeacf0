"""`vigie config`: find mistakes in Terraform, CloudFormation, Kubernetes, Helm and Dockerfiles."""

from __future__ import annotations

from vigie.cli import scan
from vigie.cli.options import Command

COMMAND = scan.ScanCommand(
    Command(
        "config",
        "Find mistakes in configuration: Terraform, CloudFormation, Kubernetes, Helm, Dockerfiles.",
        ("vigie config [options] PATH",),
        ("report", "misconfig", "scan", "cache", "general"),
    ),
    kind="config",
    target="a folder or file",
    defaults={"--cache-backend": "memory", "--scanners": ("misconfig",)},
)


def run(arguments: list[str]) -> int:
    """Runs the command line behind `vigie config`."""
    return scan.run(COMMAND, arguments)
