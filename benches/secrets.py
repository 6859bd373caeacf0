"""The search for secrets: CPU, memory and MB of text per CPU second, beside the peers that are here, as one table.

Whole processes, over trees of source on this machine, three small files, one file of 1 GB and one line of 200 MB, with
all paths read; and the matching alone (`_core.SecretMatcher`, over texts in memory). MB are those of the text in the
files, without files that hold NUL bytes. The cheapest of several runs of Vigie, one of each peer; a peer that is not
ready with a row in `--patience` seconds is not run for the larger ones. Peers: see `secret_peers.py`.

    python benches/secrets.py                     all rows
    python benches/secrets.py rust small --alone  some rows, without the peers
    python benches/secrets.py matching --most 100 MB of text at most
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import secret_peers
from config import ENVIRONMENT, LAUNCHER
from run import BUILD, VIGIE, Cost

from vigie._core import SecretMatcher
from vigie.secrets.examples import fill
from vigie.secrets.rules import load

OUTPUT = BUILD / "secrets"
RUST = Path.home() / ".cargo/registry/src"
GO = Path("/usr/local/go/src")
PYTHON = tuple(sorted(Path("/usr/lib").glob("python3*")))
LARGEST = 4_000_000
"""Bytes of a file; data, not source, is larger."""
ROUNDS = 3
LARGE, LONG, EVERY = 1_000_000_000, 200_000_000, 100_000_000
"""Bytes of the large file and the long line; a secret stands at the end of each 100 MB of them."""


class Row(NamedTuple):
    """One line of the table. folders: what is searched, one process for each. runs: of Vigie. planted: secrets that
    must be found, since what is not read is quickly done."""

    name: str
    what: str
    folders: tuple[Path, ...]
    runs: int = ROUNDS
    planted: int = 0


def texts(folders: Sequence[Path], most: int) -> Iterator[bytes]:
    """The contents of text files, of at most so many bytes together."""
    for folder in folders:
        for place, inner, names in os.walk(folder):
            inner.sort()
            for name in sorted(names):
                path = Path(place, name)
                if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST:
                    continue
                data = path.read_bytes()
                if b"\0" in data:
                    continue
                most -= len(data)
                if most < 0:
                    return
                yield data


def text_in(folders: Sequence[Path]) -> tuple[int, float]:
    """Files, and MB of those that are text."""
    files, size = 0, 0
    for folder in folders:
        for place, _, names in os.walk(folder):
            for name in names:
                path = Path(place, name)
                if path.is_symlink() or not path.is_file():
                    continue
                files += 1
                with path.open("rb") as file:
                    size += 0 if b"\0" in file.read(8192) else path.stat().st_size
    return files, size / 1e6


def small() -> Path:
    """Three small files, one of which holds a secret."""
    folder = OUTPUT / "small"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.py").write_text("import sys\n\nprint(sys.argv)\n" * 20)
    (folder / "README").write_text("A program.\n" * 30)
    (folder / "settings.ini").write_text(fill("[service]\ntoken = ${github:ghp_}\n", "small"))
    return folder


def large() -> Path:
    """One file of 1 GB: source again and again, with a secret every 100 MB."""
    path = OUTPUT / "large" / "all.txt"
    if not path.exists() or path.stat().st_size != LARGE:
        _write(path, LARGE, lambda data: data)
    return path.parent


def long() -> Path:
    """One line of 200 MB."""
    path = OUTPUT / "long" / "line.js"
    if not path.exists() or path.stat().st_size != LONG:
        _write(path, LONG, lambda data: data.replace(b"\n", b" ").replace(b"\r", b" "))
    return path.parent


def _write(path: Path, size: int, change: Callable[[bytes], bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    held = change(b"".join(texts((RUST, GO, *PYTHON), EVERY)) or b"nothing but this line is here\n" * 100)
    held = (held * (EVERY // len(held) + 1))[: EVERY - 100]
    with path.open("wb") as file:
        for number in range(size // EVERY):
            file.write(held + fill(" key = ${github:ghp_} ", str(number)).ljust(100).encode())


def measure(command: Sequence[str], patience: int) -> Cost | None:
    """What one run takes; None when it is not ready in time. Findings are no failure, whatever the exit status is."""
    with tempfile.NamedTemporaryFile(dir=OUTPUT) as complaints:
        starter = (sys.executable, "-I", "-S", "-c", LAUNCHER, complaints.name, *command)
        running = subprocess.Popen(starter, stdout=subprocess.PIPE, env=ENVIRONMENT, start_new_session=True)
        try:
            told, _ = running.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)  # the session that was started above
            running.communicate()
            return None
        status, *figures = [float(part) for part in told.split()] or [-1.0]
        if status not in (0, 1, 200):
            raise RuntimeError(f"{' '.join(command)}: {Path(complaints.name).read_text()[-800:]}")
    return Cost(*figures)


def cell(costs: Sequence[Cost | None], size: float, patience: int) -> str:
    """MB per CPU second and what the processes took together; memory is the largest."""
    ready = [cost for cost in costs if cost]
    if len(ready) < len(costs):
        return f"not ready after {patience} s"
    cpu, wall = sum(cost.cpu for cost in ready), sum(cost.wall for cost in ready)
    rate = f"{size / cpu:.1f} MB/s: " if size > 1 else ""
    return f"{rate}{cpu:.2f} · {wall:.2f} · {max(cost.memory for cost in ready):.0f}"


def vigie(folder: Path, report: Path) -> Sequence[str]:
    """Our command."""
    alone = ("-q", "--secret-all-paths", "--cache-backend", "memory", "-f", "json", "-o", str(report))
    return (VIGIE, "secret", *alone, str(folder))


def planted_in(report: Path) -> int:
    """How many of the secrets that this bench put into its files are in Vigie's report."""
    results = json.loads(report.read_bytes()).get("Results", ())
    return sum(found["RuleID"] == "github-pat" for result in results for found in result.get("Secrets", ()))


def matching(most: int) -> None:
    """Prints the figures of the matching alone."""
    rules = load()
    started = time.process_time()
    matcher = SecretMatcher([(rule.pattern, rule.keywords) for rule in rules])
    ready = time.process_time() - started
    held = list(texts((RUST, *PYTHON), most * 1_000_000))
    size = sum(map(len, held)) / 1e6
    print(
        f"Matching alone: {len(held):,} texts, {size:.1f} MB; {len(rules)} rules, ready in {ready * 1000:.0f} ms of CPU"
    )
    for threads in (1, 2):
        rates = []
        for _ in range(ROUNDS):
            started = time.process_time()
            with ThreadPoolExecutor(threads) as pool:
                found = sum(map(len, pool.map(matcher.find, held)))
            rates.append(size / (time.process_time() - started))
        line = ", ".join(f"{rate:.0f}" for rate in rates)
        print(f"{threads} thread{'s'[: threads - 1]}: {line} MB per CPU second; {found} matches", flush=True)


ROWS = (
    Row("small", "three small files", (OUTPUT / "small",), 9, 1),
    Row("python", "Python of the system", PYTHON),
    Row("go", "Go's library", (GO,)),
    Row("rust", "Rust crates", (RUST,)),
    Row("long", "one line of 200 MB", (OUTPUT / "long",), 1, 2),
    Row("large", "one file of 1 GB", (OUTPUT / "large",), 1, 10),
)
MADE = {"small": small, "large": large, "long": long}


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=300, metavar="MB", help="of the matching alone")
    parser.add_argument("--alone", action="store_true", help="without the peers")
    parser.add_argument("--patience", type=int, default=300, metavar="SECONDS", help="for each run of a peer")
    parser.add_argument("rows", nargs="*", metavar="ROW", help="matching, " + ", ".join(row.name for row in ROWS))
    options = parser.parse_args()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    if not options.rows or "matching" in options.rows:
        matching(options.most)
    chosen = [row for row in ROWS if not options.rows or row.name in options.rows]
    peers = [] if options.alone or not chosen else secret_peers.here()
    if chosen:
        print("\n| work | Vigie " + " | ".join(["", *(peer.name for peer in peers)]) + " |", flush=True)
        print("|---" * (2 + len(peers)) + "|")
    tired: set[str] = set()
    for row in chosen:
        if row.name in MADE:
            MADE[row.name]()
        files, size = text_in(row.folders)
        report = OUTPUT / "vigie.json"
        runs = [[measure(vigie(folder, report), 3600) for folder in row.folders] for _ in range(row.runs)]
        if row.planted and (told := planted_in(report)) != row.planted:
            sys.exit(f"{row.name}: {told} of {row.planted} planted secrets were found")
        best = min(runs, key=lambda costs: sum(cost.cpu if cost else 1e9 for cost in costs))
        print(f"| {row.what}: {files:,} files, {size:.1f} MB | {cell(best, size, 3600)}", end="", flush=True)
        for peer in peers:
            if peer.name in tired:
                print(" | ", end="", flush=True)
                continue
            report = OUTPUT / f"{peer.name}.json"
            costs = [measure(peer.command(peer.program, folder, report), options.patience) for folder in row.folders]
            if None in costs:
                tired.add(peer.name)
            print(f" | {cell(costs, size, options.patience)}", end="", flush=True)
        print(" |", flush=True)


if __name__ == "__main__":
    main()
