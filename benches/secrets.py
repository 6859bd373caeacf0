"""The matching of secrets alone, over ordinary source: MB of text per CPU second, beside gitleaks when it is here.

The texts are the files without NUL bytes of the crates in Cargo's registry and of the Python libraries of the system.
Of Vigie it is `_core.SecretMatcher` that is measured, over texts in memory, in one thread and in two; of gitleaks the
whole program over the same folders, reading included: `gitleaks` on the path or in VIGIE_PEER_GITLEAKS, left out by
name otherwise.

    python benches/secrets.py              all
    python benches/secrets.py --most 100   MB of text at most
    python benches/secrets.py FOLDER …     other folders
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from vigie._core import SecretMatcher
from vigie.secrets.rules import load

FOLDERS = (str(Path.home() / ".cargo/registry/src"), *map(str, sorted(Path("/usr/lib").glob("python3*"))))
LARGEST = 4_000_000
"""Bytes of a file; data, not source, is larger."""
ROUNDS = 3


def texts(folders: tuple[str, ...], most: int) -> Iterator[bytes]:
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


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=400, metavar="MB")
    parser.add_argument("folders", nargs="*", default=FOLDERS)
    options = parser.parse_args()
    folders = tuple(options.folders)
    rules = load()
    started = time.process_time()
    matcher = SecretMatcher([(rule.pattern, rule.keywords) for rule in rules])
    ready = time.process_time() - started
    held = list(texts(folders, options.most * 1_000_000))
    size = sum(map(len, held)) / 1e6
    print(f"{len(held):,} texts, {size:.1f} MB; {len(rules)} rules, ready after {ready * 1000:.0f} ms of CPU")
    if not held:
        sys.exit("no text in " + ", ".join(folders))
    for threads in (1, 2):
        rates = []
        for _ in range(ROUNDS):
            started = time.process_time()
            with ThreadPoolExecutor(threads) as pool:
                found = sum(map(len, pool.map(matcher.find, held)))
            rates.append(size / (time.process_time() - started))
        line = ", ".join(f"{rate:.0f}" for rate in rates)
        print(f"Vigie, {threads} thread{'s'[: threads - 1]}: {line} MB per CPU second; {found} matches")
    gitleaks = os.environ.get("VIGIE_PEER_GITLEAKS") or shutil.which("gitleaks")
    if not gitleaks:
        print("gitleaks is not here and left out")
        return
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for folder in folders:
        command = [gitleaks, "dir", "--no-banner", "--exit-code", "0", "--log-level", "error", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"gitleaks, whole program over the same folders: {size / spent:.1f} MB per CPU second")


if __name__ == "__main__":
    main()
