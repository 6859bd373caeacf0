"""Repositories made with git: by commands, or at random through `git fast-import`."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

START = 1_700_000_000


def git(folder: Path, *arguments: str, at: int = START, feed: bytes | None = None) -> str:
    """What a git command writes. at: the time of a commit that it makes. Nothing of the user's settings counts."""
    person = {"NAME": "Ada L", "EMAIL": "ada@example.org", "DATE": f"{at} +0000"}
    people = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in person.items()}
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", **people}
    command = ["git", "-c", "protocol.file.allow=always", "-C", str(folder), *arguments]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, input=feed, timeout=60)
    return done.stdout.decode("utf-8", "replace").strip()


class Work:
    """A work tree. Each commit is an hour after the one before."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        git(folder, "init", "-q", "-b", "main", *words)
        self._time = START

    def git(self, *arguments: str, feed: bytes | None = None) -> str:
        """What a command writes."""
        return git(self.folder, *arguments, at=self._time, feed=feed)

    def write(self, files: dict[str, str | bytes | None]) -> None:
        """Writes files; those with None are removed."""
        for name, content in files.items():
            path = self.folder / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, files: dict[str, str | bytes | None], *words: str) -> str:
        """Commits files; the commit's id."""
        self.write(files)
        self._time += 3600
        self.git("add", "-A", ".")
        self.git("commit", "-q", "--allow-empty", "-m", "A change", *words)
        return self.git("rev-parse", "HEAD")

    def merge(self, *others: str) -> str:
        """Merges branches; the commit's id."""
        self._time += 3600
        self.git("merge", "-q", "--no-ff", "--allow-unrelated-histories", "-m", "A merge", *others)
        return self.git("rev-parse", "HEAD")

    @property
    def time(self) -> int:
        """Of the last commit, in seconds since 1970."""
        return self._time


def random_history(seed: int, commits: int) -> Iterator[bytes]:
    """Input of `git fast-import`: branches that part and merge, files that come, change, move, are copied and go. Lines
    are `one value-N`, a few of them shared by many files. Every third commit merges."""
    rng = random.Random(seed)
    states: dict[int, dict[str, tuple[str, ...]]] = {}
    tips: list[int] = []
    for number in range(1, commits + 1):
        fresh = not tips or rng.random() < 0.04
        parents = [] if fresh else [rng.choice(tips)]
        if parents and len(tips) > 1 and rng.random() < 0.3:
            others = [tip for tip in tips if tip not in parents]
            parents += rng.sample(others, min(len(others), rng.choice((1, 1, 2))))
        files: dict[str, tuple[str, ...]] = {}
        for parent in reversed(parents):
            files |= states[parent]
        for _ in range(rng.choice((0, 1, 1, 2, 4))):
            _change(files, rng)
        states[number] = files
        who = b"Ada <ada@example.org> %d +0000\n" % (START + 60 * number)
        yield b"commit refs/heads/b%d\nmark :%d\nauthor %scommitter %sdata 1\nx" % (number, number, who, who)
        for place, parent in enumerate(parents):
            yield b"\n%s :%d" % (b"merge" if place else b"from", parent)
        yield b"\ndeleteall\n"
        for path, lines in files.items():
            text = "".join(lines).encode()
            yield b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(text), text)
        kept = [tip for tip in tips if tip not in parents or rng.random() < 0.2]
        tips = [*kept, number][-5:]


def _change(files: dict[str, tuple[str, ...]], rng: random.Random) -> None:
    folder = "/".join(rng.choice(("a", "b", "b.c", "b-c")) for _ in range(rng.randrange(4)))
    path = f"{folder}/f{rng.randrange(6)}".lstrip("/")
    if any(path.startswith(f"{other}/") or other.startswith(f"{path}/") for other in files):
        return
    known = rng.choice(sorted(files)) if files else ""
    kind = rng.random()
    if known and kind < 0.15:
        del files[known]
    elif known and kind < 0.3:
        files[path] = files.pop(known)
    elif known and kind < 0.4:
        files[path] = files[known]
    elif known and kind < 0.8:
        lines = list(files[known])
        at = rng.randrange(len(lines) + 1)
        del lines[at : at + rng.randrange(3)]
        lines[at:at] = _lines(rng, rng.randrange(4))
        files[known] = tuple(lines)
    else:
        files[path] = tuple(_lines(rng, rng.randrange(1, 30)))


def _lines(rng: random.Random, count: int) -> list[str]:
    values = (rng.randrange(40) if rng.random() < 0.2 else rng.randrange(10**6) for _ in range(count))
    return [f"one value-{value}\n" if rng.random() < 0.5 else f"text of no weight {value}\n" for value in values]
