"""`vigie watch` beside Falco: replays of a large capture, loading of rules, lists, as one table.

Programs run over the same capture and the same rule files in the same run. Falco is a program: `falco` on the path or
in VIGIE_PEER_FALCO; where it is not here its column stays empty.

    python benches/watch.py            everything
    python benches/watch.py few many   some rows
"""

from __future__ import annotations

import gzip
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import captures
from run import BUILD, VIGIE, Cost, measure

ROOT = Path(__file__).resolve().parent.parent
ACTIVITY = ROOT / "tests" / "data" / "captures" / "activity_small.scap"
LIBRARY = ROOT / "src" / "vigie" / "runtime" / "library"
TIMES = 100
"""How often the recorded activity is repeated: 5.9 million events."""
REPEATS = 3
ALL = "stable,incubating,sandbox"


class Row(NamedTuple):
    """One line of the table. events: how many the command judges, 0 when it is not about events."""

    name: str
    what: str
    vigie: Sequence[str]
    falco: Sequence[str] | None
    events: int = 0


def rows(plain: Path, compressed: Path, events: int) -> list[Row]:
    """All rows."""
    quiet = ("-o", "json_output=true")
    silent = (*quiet, "-o", "syslog_output.enabled=false", "-o", "webserver.enabled=false")

    def vigie(capture: Path, library: str) -> Sequence[str]:
        return (VIGIE, "watch", "--library", library, *quiet, "--replay", str(capture))

    def falco(capture: Path, *levels: str) -> Sequence[str]:
        files = [file for level in ("00", *levels) for file in sorted(LIBRARY.glob(f"{level[0]}*.yaml"))]
        rules = [part for file in dict.fromkeys(files) for part in ("-r", str(file))]
        replay = ("-o", "engine.kind=replay", "-o", f"engine.replay.capture_file={capture}")
        return ("falco", *silent, *replay, *rules)

    return [
        Row("few", "replay, 25 stable rules", vigie(plain, "stable"), falco(plain, "10"), events),
        Row("many", "replay, 93 rules", vigie(plain, ALL), falco(plain, "10", "20", "30"), events),
        Row("gzip", "replay of a gzip capture, 25 rules", vigie(compressed, "stable"), falco(compressed, "10"), events),
        Row(
            "load",
            "load of 93 rules",
            (VIGIE, "watch", "--library", ALL, "--dry-run"),
            ("falco", "--dry-run", *silent, *falco(plain, "10", "20", "30")[-16:]),
        ),
        Row("list", "list of fields", (VIGIE, "watch", "--list"), ("falco", "--list")),
        Row("version", "version", (VIGIE, "version"), ("falco", "--version")),
    ]


def best(command: Sequence[str]) -> Cost:
    """The cheapest of several runs."""
    return min(measure(command) for _ in range(REPEATS))


def shown(cost: Cost, events: int) -> str:
    """The figures of a run, with events per CPU second where there are any."""
    rate = f" · {events / cost.cpu / 1e6:.2f} M/s" if events else ""
    return f"{cost.cpu:.2f} · {cost.wall:.2f} · {cost.memory:.0f}{rate}"


def main(wanted: Sequence[str]) -> None:
    """Prints the table."""
    BUILD.mkdir(parents=True, exist_ok=True)
    plain, compressed = BUILD / "activity.scap", BUILD / "activity.scap.gz"
    activity = gzip.decompress(ACTIVITY.read_bytes())
    if not plain.exists():
        with plain.open("wb") as out:
            captures.write(activity, out, TIMES)
    if not compressed.exists():
        with plain.open("rb") as source, gzip.open(compressed, "wb", 6) as target:
            shutil.copyfileobj(source, target, 1 << 20)
    events = len(captures.split(activity)[2]) * TIMES
    falco = os.environ.get("VIGIE_PEER_FALCO") or shutil.which("falco") or ""
    if not falco:
        print("bench: no falco here, its column stays empty", file=sys.stderr)
    print(f"{events} events, {plain.stat().st_size >> 20} MB plain, {compressed.stat().st_size >> 20} MB gzip\n")
    print("| work | Vigie CPU s · wall s · MB | Falco |\n|---|---|---|")
    for row in rows(plain, compressed, events):
        if wanted and row.name not in wanted:
            continue
        ours = shown(best(row.vigie), row.events)
        theirs = shown(best((falco, *row.falco[1:])), row.events) if falco and row.falco else ""
        print(f"| {row.what} | {ours} | {theirs} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
