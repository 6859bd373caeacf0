"""`vigie watch` over the live kernel, beside Falco: what events cost those who make them and who watches, as one table.

Needs root, the kernel's type information and a C compiler. Falco is a program: `falco` on the path or in
VIGIE_PEER_FALCO; where it is not here its column stays empty. CPU time is measured, and repeated: with and without a
watch in turn, so that what else happens on the machine meets both.

    python benches/live.py                    everything, some minutes
    python benches/live.py --quick            less work and fewer repeats, under a minute
    python benches/live.py cost daemon        some parts: cost, daemon, start, latency, rates, churn
    python benches/live.py churn --churn 3600 a fork-and-open storm of so many seconds
"""

from __future__ import annotations

import argparse
import math
import os
import queue
import shutil
import signal
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import watched
from watched import Launcher, Watched, Work

STABLE = ("stable",)
ALL = ("stable", "incubating", "sandbox")
RUNS = 3
"""Runs of the work of which the cheapest counts."""


class Size(NamedTuple):
    """How much is done. rounds: repeats. calls: of a kind of work at a time. events: that the daemon's cost is measured
    over, in so many passes. rate_seconds, churn: seconds of each rate, and of the churn. rates: captured events a
    second, on all processors together; 0 for as many as there can be."""

    rounds: int
    calls: int
    events: int
    passes: int
    alerts: int
    rate_seconds: int
    churn: int
    rates: Sequence[int]


FULL = Size(5, 130_000, 3_000_000, 3, 80, 4, 60, (100_000, 200_000, 300_000, 500_000, 0))
QUICK = Size(2, 40_000, 300_000, 1, 20, 1, 3, (500_000, 0))

Rows = Iterator[tuple[str, str]]
"""What was measured, and the figure."""


def microseconds(samples: Sequence[float]) -> str:
    """Median and minimum of samples in seconds."""
    return f"{statistics.median(samples) * 1e6:.3f} µs · {min(samples) * 1e6:.3f} µs"


def cost(launcher: Launcher, work: Work, size: Size) -> Rows:
    """What the watched program pays: CPU time per loop with a watch, less that without, round by round."""
    kinds: dict[str, tuple[str, Path | str, int]] = {
        "wanted": ("open", work.wanted, size.calls),
        "other": ("open", work.other, size.calls),
        "absent": ("absent", work.absent, size.calls),
        "getppid": ("getppid", "-", size.calls * 10),
        "lseek": ("lseek", "-", size.calls * 10),
    }
    differences: dict[str, list[float]] = {kind: [] for kind in kinds}
    least = {kind: [math.inf, math.inf] for kind in kinds}
    captured = dict.fromkeys(("wanted", "other", "absent"), math.inf)
    """Events per loop: the fewest that were counted, since what else happens on the machine is counted too."""
    disturbed, steady = 0, len(watched.others())
    if steady:
        print(
            f"bench: {steady} other programs watch the kernel all the time: their cost is on both sides",
            file=sys.stderr,
        )

    def per_loop(kind: str, watchers: int) -> float:
        nonlocal disturbed
        name, path, count = kinds[kind]
        costs: dict[bool, list[float]] = {True: [], False: []}
        for _ in range(RUNS):
            quiet = watched.watchers_are(steady + watchers, 1)
            cost = work.run(name, path, count).cpu / count
            costs[quiet and watched.watchers_are(steady + watchers, 0)].append(cost)
        disturbed += not costs[True]
        cheapest = min(costs[True] or costs[False])
        least[kind][watchers] = min(least[kind][watchers], cheapest)
        return cheapest

    for round_ in range(size.rounds):
        without = {kind: per_loop(kind, 0) for kind in kinds}
        with Watched(launcher, [work.rules(watched.NEVER)]) as watch:
            if round_ < size.passes:
                before = watch.counts()
                for kind, fewest in captured.items():
                    name, path, count = kinds[kind]
                    work.run(name, path, count)
                    after = watch.counts()
                    captured[kind] = min(fewest, after.since(before).events / count)
                    before = after
            for kind in kinds:
                differences[kind].append(per_loop(kind, 1) - without[kind])
    if disturbed:
        what = f"{disturbed} of {2 * size.rounds * len(kinds)} measurements"
        print(f"bench: cost: others began or ended to watch the kernel during {what}", file=sys.stderr)

    def added(kind: str, events: int = 1) -> str:
        of_least = least[kind][1] - least[kind][0]
        return (
            f"{statistics.median(differences[kind]) / events * 1e6:.3f} µs · {of_least / events * 1e6:.3f} µs "
            f"({least[kind][0] * 1e6:.2f} µs without)"
        )

    events = min(max(round(captured["wanted"]), 1), 2)  # it is two calls
    yield (
        f"added cost of a captured event (open and close: {captured['wanted']:.2f} events a pair)",
        added("wanted", events),
    )
    yield (
        f"added cost of open and close of a file that no rule names ({captured['other']:.2f} events a pair)",
        added("other"),
    )
    yield f"added cost of an open that the kernel's side leaves out ({captured['absent']:.2f} events)", added("absent")
    yield "added cost of a call that no rule wants, getppid", added("getppid")
    yield "added cost of a call that no rule wants, lseek", added("lseek")


def daemon(launcher: Launcher, work: Work, size: Size) -> Rows:
    """CPU of the watch over the events that it captured, and the memory it has then, the ring included."""
    kinds = (
        ("open", "files opened and closed", size.events // 2),
        ("mix", "files, pipes, sockets, folders, children", size.events // 14),
    )
    for rules, named in ((STABLE, "25 stable rules"), (ALL, "93 rules")):
        with Watched(launcher, rules) as watch:
            at_start, _ = watch.memory()
            first = before = watch.counts()
            for kind, what, loops in kinds:
                costs, taken, lost = [], 0, 0
                for _ in range(size.passes):
                    # Names that do not begin with a slash pass every gate: rules see the whole path alone.
                    work.run(kind, "file", loops // size.passes)
                    after = watch.counts()
                    passed, before = after.since(before), after
                    costs.append(passed.cpu / max(passed.events - passed.drops, 1))
                    taken, lost = taken + passed.events, lost + passed.drops + passed.shed
                yield (
                    f"daemon CPU per event, {named}: {what} ({taken / 1e6:.1f} million events, {lost} lost)",
                    microseconds(costs),
                )
            now, peak = watch.memory()
        events = before.since(first).events
        yield (
            f"memory, {named}, after {events / 1e6:.1f} million events (at the start {at_start:.1f} MB)",
            f"{now:.1f} MB · peak {peak:.1f} MB",
        )


def start(launcher: Launcher, work: Work, size: Size) -> Rows:
    """Wall time from the start of the program to its first alert of a file that is opened all the time."""
    for rules, named in (((work.rules(watched.MARKER),), "one rule"), ((*ALL, work.rules(watched.MARKER)), "94 rules")):
        samples, spent = [], []
        for _ in range(size.rounds):
            with Watched(launcher, rules, wait=False) as watch:
                before = time.time_ns()
                while watch.lines.empty() and time.monotonic() - watch.started < watched.START:
                    work.marker.read_text()
                    time.sleep(0.002)
                samples.append((watch.next_alert(1)[0] - before) / 1e9)
                spent.append(watch.cpu())
        yield (
            f"start to first alert, {named} (CPU {statistics.median(spent):.2f} s)",
            f"{statistics.median(samples):.2f} s · {min(samples):.2f} s",
        )


def latency(launcher: Launcher, work: Work, size: Size) -> Rows:
    """Arrival of alerts less the time of their events."""
    for busy in (False, True):
        late: list[float] = []
        with Watched(launcher, [work.rules(watched.MARKER), work.rules(watched.NEVER)]) as watch:
            load = work.start("paced", work.wanted, 1_000, 25_000) if busy else None
            try:
                for turn in range(size.alerts):
                    work.marker.read_text()
                    arrived, alert = watch.next_alert(5)
                    at = str(alert["output"]).rpartition("at=")[2].split()[0]
                    late.append((arrived - int(at)) / 1e6)
                    time.sleep(0.013 + 0.001 * (turn % 40))  # in no step with anything
            finally:
                if load is not None:
                    load.kill()
                    load.communicate()
        name = "beside 50,000 events a second" if busy else "while little happens"
        yield f"latency of alerts, {name}", f"{statistics.median(late):.1f} ms · at most {max(late):.1f} ms"


def rates(launcher: Launcher, work: Work, size: Size) -> Rows:
    """Where drops begin: programs on all processors open and close a file that is wanted, at more and more a second."""
    processors = sorted(os.sched_getaffinity(0))
    with Watched(launcher, STABLE) as watch:
        before = watch.counts()
        for rate in size.rates:
            pace = rate // 2 // len(processors)
            running = [work.start("paced", "file", size.rate_seconds, pace, processor=one) for one in processors]
            done = [watched.finished(one) for one in running]
            now = watch.counts()
            after, before = now.since(before), now
            reached = sum(one.loops / one.wall for one in done) * 2
            wanted = f"{rate:,} wanted" if rate else "as fast as can be"
            yield (
                f"drops at {reached:,.0f} events a second on {len(processors)} processors ({wanted})",
                f"{after.drops:,} dropped, {after.shed:,} given up of {after.events + after.shed:,} · daemon "
                f"{after.cpu / max(one.wall for one in done) * 100:.0f} % of a processor",
            )


def churn(launcher: Launcher, work: Work, size: Size) -> Rows:
    """Memory while children open files and end, as fast as two programs can, and what was lost."""
    with Watched(launcher, STABLE) as watch:
        before = watch.counts()
        running = [work.start("churn", "file", size.churn) for _ in range(2)]
        samples: list[float] = []
        over = threading.Event()
        sampler = threading.Thread(target=lambda: _sample(watch, samples, over, size.churn / 40))
        sampler.start()
        children = sum(watched.finished(one).loops for one in running)
        over.set()
        sampler.join()
        after = watch.counts().since(before)
        now, peak = watch.memory()
    quarter = max(len(samples) // 4, 1)
    first, last = statistics.median(samples[:quarter]), statistics.median(samples[-quarter:])
    yield (
        f"memory in {size.churn} s of churn ({children:,} children, {after.events:,} events, {after.threads} threads "
        "known at the end)",
        f"first quarter {first:.1f} MB · last quarter {last:.1f} MB · end {now:.1f} MB · peak {peak:.1f} MB",
    )
    yield (
        "the same: events lost, daemon CPU",
        f"{after.drops:,} dropped, {after.shed:,} given up · {after.cpu:.1f} s · "
        f"{after.cpu / max(after.events - after.drops, 1) * 1e6:.3f} µs an event",
    )
    report = [line for line in watch.complaints.decode(errors="replace").splitlines() if "rop" in line]
    yield "the same: what was said of drops", "; ".join(report[:3]) or "nothing"


def _sample(watch: Watched, samples: list[float], over: threading.Event, seconds: float) -> None:
    while not over.wait(seconds):
        samples.append(watch.memory()[0])


PARTS: dict[str, Callable[[Launcher, Work, Size], Rows]] = {
    "cost": cost,
    "daemon": daemon,
    "start": start,
    "latency": latency,
    "rates": rates,
    "churn": churn,
}


def figures(part: str, launcher: Launcher, work: Work, size: Size) -> list[tuple[str, str]]:
    """The rows of a part; a watch that cannot do it is named and leaves its cells empty."""
    try:
        return list(PARTS[part](launcher, work, size))
    except (RuntimeError, OSError, queue.Empty) as failure:
        print(f"bench: {part}: {failure!r}"[:300], file=sys.stderr)
        return []


def main(arguments: Sequence[str]) -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description="Costs of watching the live kernel.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="less work, fewer repeats")
    parser.add_argument("--churn", type=int, metavar="SECONDS", help="how long the fork-and-open storm lasts")
    given = parser.parse_args(arguments)
    if not watched.may_watch():
        print("bench: live watching is not measured: it needs root, /sys/kernel/btf/vmlinux and cc", file=sys.stderr)
        return
    size = QUICK if given.quick else FULL
    if given.churn:
        size = size._replace(churn=given.churn)
    falco = os.environ.get("VIGIE_PEER_FALCO") or shutil.which("falco") or ""
    if not falco:
        print("bench: no falco here, its column stays empty", file=sys.stderr)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is stopped, files are removed
    print("Added costs: median of rounds · of the cheapest runs. Others: median · minimum.\n")
    print("| work | Vigie | Falco |\n|---|---|---|")
    with watched.work() as work:
        for part in given.parts or PARTS:
            ours = figures(part, watched.vigie, work, size)
            theirs = figures(part, watched.falco(falco), work, size) if falco else []
            for place, (what, figure) in enumerate(ours):
                beside = theirs[place][1] if place < len(theirs) else ""
                print(f"| {what} | {figure} | {beside} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
