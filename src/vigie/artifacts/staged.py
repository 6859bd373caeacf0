"""What is staged for the next commit, as a part: secrets that `HEAD` does not have in the same files."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

from vigie import _core
from vigie.artifacts.checkout import run_git
from vigie.artifacts.filesystem import find
from vigie.artifacts.history import RepositoryPart
from vigie.errors import TargetError
from vigie.model.artifact import ArtifactFacts
from vigie.scanner.part import Artifact

Staged = tuple[str, int, str, str]
"""Path, mode, the content's id, and that of the version before, "" for none."""


def open_staged(target: str) -> Artifact:
    """The staged files of a work tree whose top is `target`. Raises TargetError."""
    root = find(target)
    part = StagedPart(root, list(staged_files(root)))
    facts = ArtifactFacts(kind="repository", name=target)
    return Artifact(facts=facts, parts=[part], groups=frozenset(), closing=nullcontext())


class StagedPart(RepositoryPart):
    """Files of the index that `HEAD` does not have as they are."""

    def __init__(self, root: Path, files: list[Staged]) -> None:
        super().__init__(root)
        self._files = files

    def reader(self, selection: _core.Selection, limits: _core.Limits) -> _core.HistoryReader:
        """Starts reading. Raises ValueError for what is no repository, or one that cannot be read."""
        return _core.HistoryReader(str(self.root), selection, limits, staged=self._files)


def staged_files(root: Path) -> Iterator[Staged]:
    """What differs between the index and `HEAD`; a file that was renamed is compared with what it was. Raises
    TargetError."""
    if not (root / ".git").exists():
        raise TargetError(f"{root} is not the top of a git work tree", "give the folder that holds .git")
    diff = ("diff", "--cached", "--raw", "-z", "--no-abbrev", "--find-renames", "--no-ext-diff")
    output = _answer(root, *diff, "--ignore-submodules=all", "--diff-filter=ACMRT", environment=_index(root))
    fields = iter(output.split(b"\0"))
    for head in fields:
        if not head:
            continue
        _, mode, old, new, change = head.decode("ascii", "replace").removeprefix(":").split(" ")
        path = next(fields)
        if change[:1] in ("R", "C"):
            path = next(fields)
        yield path.decode("utf-8", "replace"), int(mode, 8), new, old


def _index(root: Path) -> dict[str, str]:
    """The index that git means when it runs a hook (`git commit --all` makes one of its own), if it is this
    repository's."""
    given = os.environ.get("GIT_INDEX_FILE", "")
    if not given:
        return {}
    folder = Path(os.fsdecode(_answer(root, "rev-parse", "--absolute-git-dir").strip())).resolve()
    index = Path(given).resolve()
    return {"GIT_INDEX_FILE": str(index)} if index.is_relative_to(folder) else {}


def _answer(root: Path, *arguments: str, environment: dict[str, str] | None = None) -> bytes:
    try:
        done = run_git(root, *arguments, environment=environment)
    except FileNotFoundError as error:
        raise TargetError("what is staged cannot be asked for: git is not installed", "install git") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TargetError(f"{root}: git did not say what is staged: {error}") from error
    if done.returncode:
        lines = done.stderr[:4096].decode("utf-8", "replace").strip().splitlines() or ["git gave no reason"]
        reason = "".join(sign for sign in lines[-1].removeprefix("fatal: ") if sign.isprintable())
        raise TargetError(f"{root}: git did not say what is staged: {reason}")
    return done.stdout
