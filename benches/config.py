"""`vigie config` beside Trivy and checkov, over the same trees in the same run, as one table.

CPU seconds (user and system, all processes), wall seconds and peak memory of each program: the run with the median of
CPU. Memory is that of all its processes at one moment, what they share counted once, looked at up to a hundred times a
second. As installed programs do, those in Python find their bytecode: a first run, which writes it, is not counted.
Peers are programs: `trivy` on the path or in VIGIE_PEER_TRIVY, `checkov` likewise in VIGIE_PEER_CHECKOV; one that is
not here is left out and named. `configurations.py` makes the trees.

    python benches/config.py                   everything (the peers take minutes over the large tree)
    python benches/config.py file project      some rows
    python benches/config.py --alone monorepo  without the peers
    python benches/config.py --profile file    where Vigie's time goes in one row
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import configurations
from run import BUILD, VIGIE, Cost


class Row(NamedTuple):
    """One line of the table. runs: of Vigie; peers: of each peer, 0 for none."""

    name: str
    what: str
    runs: int = 5
    peers: int = 1


ROWS = (
    Row("file", "start and one .tf of 218 lines", 9, 2),
    Row("project", "a project of 72 files (47 .tf)", 7, 2),
    Row("monorepo", "a tree of 4,362 files (2,400 .tf), 23 MB", 3),
    Row("monorepo-2", "a tree twice as large", 3, 0),
    Row("nested", "modules five deep, 200 calls, for_each everywhere", 3),
    Row("nested-2", "twice as many", 3, 0),
    Row("nested-4", "four times as many", 3, 0),
)

LAUNCHER = """
import os, sys, time

def tree(pid):
    found = [pid]
    for one in found:
        try:
            for task in os.listdir(f"/proc/{one}/task"):
                with open(f"/proc/{one}/task/{task}/children") as file:
                    found += map(int, file.read().split())
        except OSError:
            pass
    return found

def share(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0

actions = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0), (os.POSIX_SPAWN_OPEN, 2, sys.argv[1], os.O_WRONLY, 0)]
started, most, ended = time.perf_counter(), 0, 0
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ, file_actions=actions)
while not ended:
    looked = time.perf_counter()
    most = max(most, sum(map(share, tree(child))))
    time.sleep(max(0.01, 20 * (time.perf_counter() - looked)))  # large programs are slow to look at
    ended, status, usage = os.wait4(child, os.WNOHANG)
wall = time.perf_counter() - started
memory = max(most, usage.ru_maxrss) / 1024
print(os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, wall, memory)
"""
"""Starts the program from a small process, which looks at its memory until it ends."""


ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {
    "PYTHONPYCACHEPREFIX": str(BUILD / "bytecode")
}


def measure(command: Sequence[str]) -> Cost:
    """What one run takes. Findings are no failure, whatever the peer's exit status says of them."""
    with tempfile.NamedTemporaryFile(dir=BUILD) as complaints:
        starter = (sys.executable, "-I", "-S", "-c", LAUNCHER, complaints.name)
        done = subprocess.run((*starter, *command), capture_output=True, text=True, check=False, env=ENVIRONMENT)
        status, *figures = [float(part) for part in done.stdout.split()] or [-1.0]
        if status not in (0, 1):
            raise RuntimeError(f"{' '.join(command)} failed:\n{Path(complaints.name).read_text()[-1500:]}{done.stderr}")
    return Cost(*figures)


def median(command: Sequence[str], runs: int) -> Cost:
    """The run in the middle by CPU."""
    if runs > 1:
        measure(command)
    costs = sorted(measure(command) for _ in range(runs))
    return costs[costs.index(statistics.median_low(costs))]


def vigie(root: Path) -> Sequence[str]:
    """Our command."""
    return (VIGIE, "config", "-q", "-f", "json", str(root))


def trivy(program: str, root: Path) -> Sequence[str]:
    """Trivy with the checks it brings along, and nothing else to do."""
    cache = str(BUILD / "trivy-config-cache")
    alone = ("--skip-check-update", "--skip-version-check", "--disable-telemetry", "--timeout", "2h")
    return (program, "config", *alone, "--cache-dir", cache, "-q", "-f", "json", str(root))


def checkov(program: str, root: Path) -> Sequence[str]:
    """checkov with all its frameworks."""
    return (program, "-d", str(root), "--quiet", "--compact", "--skip-download", "-o", "json")


def find(name: str) -> str:
    """A peer's program, "" when it is not here."""
    found = os.environ.get(f"VIGIE_PEER_{name.upper()}") or shutil.which(name) or ""
    if not found:
        print(f"bench: no {name} here, its column stays empty", file=sys.stderr)
    return found


def shown(command: Sequence[str], runs: int) -> str:
    """A cell: empty when it was not run, or could not be."""
    if not runs or not command:
        return ""
    try:
        cost = median(command, runs)
    except RuntimeError as failure:
        print(f"bench: {str(failure)[:500]}", file=sys.stderr)
        return ""
    return f"{cost.cpu:.2f} · {cost.wall:.2f} · {cost.memory:.0f}"


def main(arguments: Sequence[str]) -> None:
    """Prints the table."""
    BUILD.mkdir(parents=True, exist_ok=True)
    wanted = [argument for argument in arguments if not argument.startswith("--")]
    chosen = [row for row in ROWS if not wanted or row.name in wanted]
    if "--profile" in arguments:
        command = vigie(configurations.tree(BUILD, chosen[0].name))
        os.execv(sys.executable, [sys.executable, "-m", "cProfile", "-s", "tottime", *command, "-o", os.devnull])
    peers = {name: "" if "--alone" in arguments else find(name) for name in ("trivy", "checkov")}
    print("| work | Vigie CPU s · wall s · MB | Trivy | checkov |\n|---|---|---|---|")
    for row in chosen:
        root = configurations.tree(BUILD, row.name)
        cells = [shown(vigie(root), row.runs)]
        cells.append(shown(trivy(peers["trivy"], root), row.peers) if peers["trivy"] else "")
        cells.append(shown(checkov(peers["checkov"], root), row.peers) if peers["checkov"] else "")
        print(f"| {row.what} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
