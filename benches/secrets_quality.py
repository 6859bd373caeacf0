"""What the rules of secrets find and what they take for secrets, as tables, beside the peers that are here.

Planted: `planted.py` writes secrets of every rule into files of many kinds, `look_alikes.py` files without any; found
is what is told at the lines of the secret under its own rule, or one that is told in its place (`over`). Trees:
ordinary source of this machine, in which every alarm is listed, masked, so that a person can look; apart from them
those in files that a scan reads unless it is told to read all, which leaves out tests, examples and what others
maintain. Searching, judging and telling are those of a scan.

Peers are whole programs, `gitleaks`, `kingfisher`, `trivy` and `detect-secrets`, on the path or in
VIGIE_PEER_GITLEAKS, VIGIE_PEER_KINGFISHER, VIGIE_PEER_TRIVY, VIGIE_PEER_DETECT_SECRETS, over the same files written to
disk; whatever they tell at the lines of a secret counts. One that is not here, or is not ready after `--patience`
seconds, is left out and named.

    python benches/secrets_quality.py                the planted ones and the trees, with peers
    python benches/secrets_quality.py --alone        without the peers
    python benches/secrets_quality.py --rules        a line for every rule, not only for those that miss or alarm
    python benches/secrets_quality.py FOLDER …       the alarms in other trees

The whole table and the list of alarms stand in build/bench/secrets/*.txt afterwards.
"""

from __future__ import annotations

import argparse
import os
import shutil
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import secret_peers
from look_alikes import LookAlike, look_alikes
from planted import Planted, planted

from vigie.model.secret import Secret
from vigie.secrets.analyzer import SecretReading
from vigie.secrets.detector import detect
from vigie.secrets.rule_set import builtin
from vigie.secrets.rules import read_folder
from vigie.settings.groups import SecretOptions

OUTPUT = Path(__file__).parent.parent / "build" / "bench" / "secrets"
TREES = {
    "Python of the system": tuple(sorted(Path("/usr/lib").glob("python3*"))),
    "Rust crates": (Path.home() / ".cargo/registry/src",),
    "Go's library": (Path("/usr/local/go/src"),),
    "Go modules": (Path.home() / "go/pkg/mod",),
    "Node modules": (Path("/usr/lib/node_modules"),),
    "documentation": (Path("/usr/share/doc"),),
}
LARGEST = 4_000_000
"""Bytes of a file of a tree; data, not source, is larger."""
GOAL_FOUND, GOAL_ALARMS = 0.99, 1.0
"""Of each rule's planted secrets; alarms in 10 MB of source."""


class Searcher:
    """What a scan does with the content of a file, with our own rules. over: of each rule, whose place it takes."""

    def __init__(self) -> None:
        options = SecretOptions(all_paths=True)
        self._rule_set = builtin()
        self._reading = SecretReading(self._rule_set, options)
        self.over = {rule.id: rule.over for rule in self._rule_set.rules}

    def findings(self, path: str, content: bytes) -> list[Secret]:
        """What is told of a file."""
        candidates, _ = self._reading.of_text(path, content)
        results = detect(candidates, self._reading.rules).results if candidates else ()
        return [finding for result in results for finding in result.findings]

    def passes_over(self, path: str) -> bool:
        """Whether a scan does not look into such files unless it is told to."""
        return self._rule_set.passes_over(path) is not None


class Count(NamedTuple):
    """Of a rule. other: found, but told under the names of other rules alone."""

    planted: int
    found: int
    other: int
    false: int


def of_planted(searcher: Searcher, files: list[Planted], fakes: list[LookAlike]) -> tuple[dict[str, Count], list[str]]:
    """Counts by rule, and in words what was missed and what was a false alarm."""
    there, found, other, false = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    lines = []
    for file in files:
        there[file.rule] += 1
        told = searcher.findings(file.path, file.content)
        names = {name for one in told if one.start <= file.last and file.first <= one.end for name in one.names}
        names |= {less for name in names for less in searcher.over[name]}
        found[file.rule] += file.rule in names
        other[file.rule] += bool(names) and file.rule not in names
        false.update(one.id for one in told if one.start > file.last or file.first > one.end)
        if file.rule not in names:
            text = file.content.splitlines()[file.first - 1 : file.last]
            lines.append(
                f"missed {file.rule} ({file.form}): {text[0][-150:].decode(errors='replace')!r} {sorted(names)}"
            )
    for fake in fakes:
        for one in searcher.findings(fake.path, fake.content):
            false[one.id] += 1
            lines.append(f"false {one.id} {one.confidence} ({fake.kind}, {fake.path}): {one.match!r}: {one.reason}")
    return {id_: Count(there[id_], found[id_], other[id_], false[id_]) for id_ in there}, lines


def table(counts: dict[str, Count], every: bool) -> Iterator[str]:
    """The table of rules, and its sums."""
    yield "| rule | planted | found | recall | under another name | false alarms | precision |"
    yield "|---|---|---|---|---|---|---|"
    sums = Count(*map(sum, zip(*counts.values(), strict=True)))
    for id_, count in [*sorted(counts.items()), (f"all {len(counts)}", sums)]:
        recall, right = count.found / count.planted, count.found / max(1, count.found + count.false)
        if every or recall < 1 or right < 1 or id_.startswith("all "):
            figures = f"{count.planted} | {count.found} | {recall:.4f} | {count.other} | {count.false} | {right:.4f}"
            yield f"| {id_} | {figures} |"


def sources(folders: Iterable[Path], most: int) -> Iterator[tuple[Path, str]]:
    """Text files of folders, of at most so many bytes together, with their paths in the folder."""
    for folder in folders:
        for place, inner, names in os.walk(folder):
            inner.sort()
            for name in sorted(names):
                path = Path(place, name)
                if path.is_symlink() or not path.is_file() or (size := path.stat().st_size) > LARGEST:
                    continue
                if most < size:
                    return
                with path.open("rb") as file:
                    if b"\0" in file.read(8192):
                        continue
                most -= size
                yield path, path.relative_to(folder).as_posix()


def of_trees(searcher: Searcher, trees: dict[str, list[tuple[Path, str]]]) -> tuple[list[str], list[str]]:
    """The table of trees, and the list of alarms."""
    rows = ["| tree | files | MB | high | medium | low | in 10 MB | read unless told to: MB | alarms | in 10 MB |"]
    rows.append("|---" * 10 + "|")
    listed, sums = [], Counter[str]()
    for name, paths in [*trees.items(), ("all", [])]:
        seen = Counter[str]()
        for path, inner in paths:
            content = path.read_bytes()
            told = searcher.findings(str(path), content)
            over = searcher.passes_over(inner)
            seen.update(files=1, size=len(content), ordinary=0 if over else len(content), rest=0 if over else len(told))
            seen.update(one.confidence for one in told)
            mark = "passed over " if over else ""
            listed += [f"{mark}{path}:{one.start}: {one.id} {one.confidence} {one.reason}: {one.match}" for one in told]
        sums += seen
        rows.append(_row(name, seen if paths else sums))
    return rows, sorted(listed)


def _row(name: str, seen: Counter[str]) -> str:
    levels = [seen["high"], seen["medium"], seen["low"]]
    size, ordinary = max(1, seen["size"]) / 1e6, max(1, seen["ordinary"]) / 1e6
    figures = [*levels, f"{sum(levels) / size * 10:.2f}", f"{ordinary:.1f}", seen["rest"]]
    cells = [name, f"{seen['files']:,}", f"{size:.1f}", *figures, f"{seen['rest'] / ordinary * 10:.2f}"]
    return "| " + " | ".join(map(str, cells)) + " |"


def write(files: list[Planted], fakes: list[LookAlike]) -> Path:
    """The planted files and the look-alikes in a folder, each in a folder of its own."""
    root = OUTPUT / "corpus"
    shutil.rmtree(root, ignore_errors=True)
    for number, file in enumerate([*files, *fakes]):
        path = root / ("p" if isinstance(file, Planted) else "f") / f"{number:06d}" / file.path
        path.parent.mkdir(parents=True)
        path.write_bytes(file.content)
    return root


def beside(
    files: list[Planted], fakes: list[LookAlike], trees: dict[str, list[tuple[Path, str]]], patience: int
) -> Iterator[str]:
    """The table of the peers, over the same files."""
    peers = secret_peers.here()
    if not peers:
        return
    root = write(files, fakes)
    copies = OUTPUT / "trees"
    shutil.rmtree(copies, ignore_errors=True)
    size = 0
    for name, paths in trees.items():
        for number, (path, _) in enumerate(paths):
            place = copies / name.replace(" ", "-").replace("'", "") / f"{number:06d}" / path.name
            place.parent.mkdir(parents=True)
            try:
                place.hardlink_to(path)
            except OSError:  # another file system
                shutil.copyfile(path, place)
            size += path.stat().st_size
    yield "| program | planted | found | recall | rules it knows | recall of these | look-alikes | trees | in 10 MB |"
    yield "|---" * 9 + "|"
    for peer in peers:
        told = secret_peers.told(peer, root, patience)
        if told is None:
            yield f"| {peer.name} | {len(files)} | not ready after {patience} s | | | | | | |"
            continue
        at: dict[str, set[tuple[int, int]]] = defaultdict(set)
        for path, first, last in told:
            at[path.split("/")[1]].add((first, last))
        there, found = Counter(file.rule for file in files), Counter[str]()
        for number, file in enumerate(files):
            places = at[f"{number:06d}"]
            found[file.rule] += any(first <= file.last and file.first <= last for first, last in places)
        known = [id_ for id_ in there if found[id_]]
        recall = found.total() / sum(there[id_] for id_ in known) if known else 0
        false = sum(len(at[f"{number:06d}"]) for number in range(len(files), len(files) + len(fakes)))
        alarms = secret_peers.told(peer, copies, patience)
        rest = "not ready |" if alarms is None else f"{len(alarms)} | {len(alarms) / size * 1e7:.2f}"
        whole = f"{len(files)} | {found.total()} | {found.total() / len(files):.4f} | {len(known)} | {recall:.4f}"
        yield f"| {peer.name} | {whole} | {false} | {rest} |"


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--alone", action="store_true", help="without the peers")
    parser.add_argument("--rules", action="store_true", help="a line for every rule")
    parser.add_argument("--most", type=int, default=200, metavar="MB", help="of each tree")
    parser.add_argument("--patience", type=int, default=900, metavar="SECONDS", help="for each run of a peer")
    parser.add_argument("--salt", default="", help="other planted secrets than those of a run without it")
    parser.add_argument("folders", nargs="*", type=Path)
    options = parser.parse_args()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    rules = read_folder()
    searcher = Searcher()
    wanted = {str(folder): (folder,) for folder in options.folders} or TREES
    trees = {name: list(sources(folders, options.most * 1_000_000)) for name, folders in wanted.items()}
    files, fakes = list(planted(rules, options.salt)), list(look_alikes(rules))
    if not options.folders:
        counts, lines = of_planted(searcher, files, fakes)
        (OUTPUT / "rules.txt").write_text("\n".join(table(counts, True)) + "\n")
        (OUTPUT / "planted.txt").write_text("\n".join(lines) + "\n")
        print(*table(counts, options.rules), sep="\n")
        short = [id_ for id_, count in counts.items() if count.found < GOAL_FOUND * count.planted]
        print(f"\n{len(short)} of {len(counts)} rules find fewer than {GOAL_FOUND:.0%}: {', '.join(short) or 'none'}\n")
    started = time.process_time()
    rows, listed = of_trees(searcher, trees)
    print(*rows, sep="\n")
    print(f"\nGoal: at most {GOAL_ALARMS:.0f} in 10 MB. {time.process_time() - started:.1f} CPU s. Alarms:")
    print(*listed, sep="\n")
    (OUTPUT / "trees.txt").write_text("\n".join(listed) + "\n")
    if not options.alone and not options.folders:
        print()
        for row in beside(files, fakes, trees, options.patience):
            print(row, flush=True)


if __name__ == "__main__":
    main()
