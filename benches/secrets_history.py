"""The search for secrets in all commits of a repository, beside gitleaks and kingfisher when they are here.

The repository is made: real source (the crates in Cargo's registry, the Python libraries of the system) written in
5,500 commits that add files, insert and remove passages and merge side branches, with a secret in every hundredth and,
some commits later, its removal. Git packs it as `git gc` does. Peers are `gitleaks` and `kingfisher` on the path, or in
VIGIE_PEER_GITLEAKS and VIGIE_PEER_KINGFISHER; those that are missing are named.

    python benches/secrets_history.py                 make it and measure
    python benches/secrets_history.py --keep FOLDER   make it there, or use what is there
    python benches/secrets_history.py --commits 500
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from vigie.secrets.examples import fill

SOURCES = (Path.home() / ".cargo/registry/src", *sorted(Path("/usr/lib").glob("python3*")))
SUFFIXES = frozenset({".rs", ".py", ".toml", ".md", ".json", ".txt", ".c", ".h", ".pyi"})
ADDED = 2500
"""Bytes of lines that a commit adds on average."""
LARGEST = 60_000
"""Bytes of a file that a passage is inserted into; larger ones are left alone."""
SECRET = 'token = "${github:ghp_}"'
START = 1_600_000_000


def passages(seed: random.Random) -> Iterator[list[bytes]]:
    """Lines of source, file after file, without end."""
    files = [path for top in SOURCES for path in top.rglob("*") if path.suffix in SUFFIXES and path.is_file()]
    files.sort()
    seed.shuffle(files)
    while files:
        for path in files:
            text = path.read_bytes()[:400_000]
            if b"\0" not in text:
                yield text.splitlines(keepends=True)
    sys.exit("no source in " + ", ".join(map(str, SOURCES)))


class Repository:
    """A made repository, as input of `git fast-import`."""

    def __init__(self, commits: int) -> None:
        self._seed = random.Random(7)
        self._source = passages(self._seed)
        self._lines: list[bytes] = []
        self._files: dict[str, list[bytes]] = {}
        self._leaked: dict[str, int] = {}
        self._pending: set[str] = set()
        self._commits = commits
        self.added = 0
        self.secrets = 0

    def _take(self, size: int) -> list[bytes]:
        """Lines of some bytes."""
        taken: list[bytes] = []
        while size > 0:
            while not self._lines:
                lines = next(self._source)
                self._lines = lines[self._seed.randrange(len(lines) // 2 + 1) :]
            line = self._lines.pop(0)
            taken.append(line if line.endswith(b"\n") else line + b"\n")
            size -= len(line) + 1
        self.added += sum(map(len, taken))
        return taken

    def _path(self) -> str:
        area = self._seed.choice(("core", "web", "tools", "api", "jobs"))
        inner = f"part{self._seed.randrange(12)}/unit{self._seed.randrange(6)}"
        return f"{area}/{inner}/file{len(self._files)}.{self._seed.choice(('py', 'rs', 'js', 'toml'))}"

    def _change(self, number: int) -> set[str]:
        """Changes some files."""
        changed = set()
        budget = self._seed.expovariate(1 / ADDED)
        if not self._files or self._seed.random() < 0.18:
            path = self._path()
            self._files[path] = self._take(int(budget))
            changed.add(path)
        else:
            # Work goes on where work was done.
            recent = list(self._files)[-400:]
            for path in self._seed.sample(recent, min(len(recent), self._seed.choice((1, 1, 1, 2, 2, 3, 5)))):
                lines = self._files[path]
                at = self._seed.randrange(len(lines) + 1)
                if self._seed.random() < 0.6:
                    gone = self._seed.randrange(min(30, len(lines) - at + 1))
                    del lines[at : at + gone]
                if sum(map(len, lines)) < LARGEST:
                    lines[at:at] = self._take(int(budget / 2))
                changed.add(path)
        if number % 100 == 30:
            path = self._seed.choice(sorted(changed))
            line = fill(SECRET, f"history {number}").encode() + b"\n"
            self._files[path].insert(len(self._files[path]) // 2, line)
            self.secrets += 1
            self._leaked[path] = number
        for path, since in list(self._leaked.items()):
            if number > since + 20:
                self._files[path] = [line for line in self._files[path] if not line.startswith(SECRET[:9].encode())]
                changed.add(path)
                del self._leaked[path]
        return changed

    def stream(self) -> Iterator[bytes]:
        """The input, commit after commit. Now and then one goes to a side branch, which the next commit merges."""
        side = False
        for number in range(1, self._commits + 1):
            changed = self._change(number)
            branch = b"side" if number % 25 == 24 else b"main"
            who = b"A U Thor <author@example.com> %d +0000\n" % (START + 3600 * number)
            yield b"commit refs/heads/%s\nmark :%d\nauthor %scommitter %s" % (branch, number, who, who)
            yield b"data 12\nChange %05d" % number + b"\n"
            if number > 1:
                yield b"from :%d\n" % (number - 2 if side else number - 1)
            if side:
                yield b"merge :%d\n" % (number - 1)
            paths = sorted(changed | self._pending) if side else sorted(changed)
            self._pending = changed if branch == b"side" else set()
            for path in paths:
                text = b"".join(self._files[path])
                yield b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(text), text)
            side = branch == b"side"


def make(folder: Path, commits: int) -> None:
    """Makes the repository."""
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", folder], check=True)
    repository = Repository(commits)
    importer = subprocess.Popen(["git", "-C", folder, "fast-import", "--quiet"], stdin=subprocess.PIPE)
    assert importer.stdin is not None
    for part in repository.stream():
        importer.stdin.write(part)
    importer.stdin.close()
    if importer.wait():
        sys.exit("git fast-import failed")
    subprocess.run(["git", "-C", folder, "gc", "--quiet", "--prune=now"], check=True)
    print(f"made: {commits:,} commits, {repository.added / 1e6:.1f} MB of added lines, {repository.secrets} secrets")


def measure(name: str, command: list[str]) -> None:
    """Runs a command and prints what it took, with all that it started: CPU seconds, wall seconds, MB."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{name:30} {spent:6.2f} CPU s  {wall:6.2f} s  {_peak(command):5} MB  status {done.returncode}")


def _peak(command: list[str]) -> str:
    """The peak memory of one more run, which `getrusage` tells of all children together only."""
    timer = shutil.which("time")
    if not timer:
        return "?"
    done = subprocess.run([timer, "-f", "%M", *command], capture_output=True, check=False)
    return str(int(done.stderr.split()[-1]) // 1024)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commits", type=int, default=5500)
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary, "history.git")
        if not (folder / "HEAD").exists():
            make(folder, options.commits)
        vigie = [sys.executable, "-m", "vigie", "repo", "--scanners", "secret", "--quiet", "--format", "json"]
        measure("vigie repo --history", [*vigie, "--history", str(folder)])
        peers = {
            "gitleaks": ["git", "--no-banner", "--exit-code", "0", "--log-level", "error"],
            "kingfisher": ["scan", "--no-validate", "--no-update-check", "--git-history", "full"],
        }
        for peer, words in peers.items():
            program = os.environ.get(f"VIGIE_PEER_{peer.upper()}") or shutil.which(peer)
            if program:
                measure(peer, [program, *words, str(folder)])
            else:
                print(f"{peer} is not here and left out")
        measure("git log -p", ["git", "-C", str(folder), "log", "-p", "--all"])


if __name__ == "__main__":
    main()
