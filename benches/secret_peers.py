"""Other programs that look for secrets: where they are, how they are called, and what they tell."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

TRIVY_SETTINGS = """disable-allow-rules: [tests, examples, vendor, usr-dirs, locale-dir, markdown, node.js, golang,
  python, rubygems, wordpress, anaconda-log, dist-info]
skip-patterns: ["*.nothing"]
"""
"""So that it reads what the others read."""
Told = tuple[str, int, int]
"""Path below the folder, first and last line."""


class Peer(NamedTuple):
    """A program that is here. command: folder and report → arguments; read: report → what is told."""

    name: str
    program: str
    command: Callable[[str, Path, Path], Sequence[str]]
    read: Callable[[Any], Iterator[Told]]


def _gitleaks(program: str, folder: Path, report: Path) -> Sequence[str]:
    return (
        program,
        "dir",
        "--no-banner",
        "--exit-code",
        "0",
        "-l",
        "error",
        "-f",
        "json",
        "-r",
        str(report),
        str(folder),
    )


def _read_gitleaks(report: Any) -> Iterator[Told]:
    for found in report:
        yield found["SymlinkFile"] or found["File"], found["StartLine"], found["EndLine"]


def _kingfisher(program: str, folder: Path, report: Path) -> Sequence[str]:
    alone = ("--no-validate", "--no-update-check", "--no-dedup", "--git-history", "none", "--confidence", "low")
    return (program, "scan", str(folder), *alone, "--format", "json", "-o", str(report))


def _read_kingfisher(report: Any) -> Iterator[Told]:
    for one in report["findings"]:
        found = one["finding"]
        yield found["path"], found["line"], found["line"] + found["snippet"].count("\n")


def _trivy(program: str, folder: Path, report: Path) -> Sequence[str]:
    settings = report.with_suffix(".yaml")
    settings.write_text(TRIVY_SETTINGS)
    alone = ("--skip-version-check", "--disable-telemetry", "-q", "--timeout", "2h", "--scanners", "secret")
    return (program, "fs", *alone, "--secret-config", str(settings), "-f", "json", "-o", str(report), str(folder))


def _read_trivy(report: Any) -> Iterator[Told]:
    for result in report.get("Results", ()):
        for found in result.get("Secrets", ()):
            yield result["Target"], found["StartLine"], found["EndLine"]


def _detect_secrets(program: str, folder: Path, report: Path) -> Sequence[str]:
    script = f'cd "$1" && exec "$0" scan --all-files -n . > "{report}"'
    return ("sh", "-c", script, program, str(folder))


def _read_detect_secrets(report: Any) -> Iterator[Told]:
    for path, findings in report["results"].items():
        for found in findings:
            yield path, found["line_number"], found["line_number"]


PEERS = {
    "gitleaks": (_gitleaks, _read_gitleaks),
    "kingfisher": (_kingfisher, _read_kingfisher),
    "trivy": (_trivy, _read_trivy),
    "detect-secrets": (_detect_secrets, _read_detect_secrets),
}


def here() -> list[Peer]:
    """The peers that can be run; the others are named."""
    found = []
    for name, (command, read) in PEERS.items():
        program = os.environ.get("VIGIE_PEER_" + name.upper().replace("-", "_")) or shutil.which(name)
        if program:
            found.append(Peer(name, program, command, read))
        else:
            print(f"bench: no {name} here, it is left out", file=sys.stderr)
    return found


def told(peer: Peer, folder: Path, patience: int) -> list[Told] | None:
    """What a peer tells of a folder, paths below it; None when it is not ready in time or fails."""
    report = folder.parent / f"{peer.name}-{folder.name}.json"
    report.unlink(missing_ok=True)
    command = peer.command(peer.program, folder, report)
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=patience)
    except subprocess.TimeoutExpired:
        return None
    if not report.exists():
        print(f"bench: {peer.name} failed: {done.stderr[-500:]}", file=sys.stderr)
        return None
    seen = set(peer.read(json.loads(report.read_bytes())))
    return [(path.removeprefix(f"{folder}/"), first, last) for path, first, last in seen]
