"""Folders and single files: projects (`fs`) and root file systems (`rootfs`)."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path

from vigie import _core
from vigie.errors import TargetError
from vigie.model.artifact import ArtifactFacts, LayerReference, RepositoryFacts
from vigie.model.inventory import Problem
from vigie.scanner.analyzer import Group
from vigie.scanner.part import Artifact, PartReader

GROUPS = {
    "fs": frozenset({Group.SYSTEM, Group.LOCKFILE, Group.ANYWHERE}),
    "rootfs": frozenset({Group.SYSTEM, Group.INSTALLED, Group.ANYWHERE}),
    "repo": frozenset({Group.LOCKFILE, Group.ANYWHERE}),
}
"""What each command reads: a project is what it asks for, a root file system what is installed in it."""

MAX_FILE = 128 << 20
_MOST_FILES = 10_000_000


def open_folder(path: str, kind: str) -> Artifact:
    """A folder or file. kind: `fs` or `rootfs`. Raises TargetError when it is not there or may not be read."""
    from vigie.artifacts.checkout import read_checkout

    root = find(path)
    return folder_artifact(path, root, kind, read_checkout(root) if kind == "fs" else None)


def folder_artifact(name: str, root: Path, kind: str, repository: RepositoryFacts | None) -> Artifact:
    """An artifact of one part. kind: `fs`, `rootfs` or `repo`."""
    facts = ArtifactFacts(kind="repository" if kind == "repo" else "filesystem", name=name, repository=repository)
    return Artifact(facts=facts, parts=[FolderPart(root)], groups=GROUPS[kind], closing=nullcontext())


def find(path: str) -> Path:
    """The path of a folder or regular file that can be read. Raises TargetError."""
    root = Path(path)
    try:
        mode = root.stat().st_mode
        if stat.S_ISDIR(mode):
            with os.scandir(root):
                pass
        elif stat.S_ISREG(mode):
            with root.open("rb"):
                pass
        else:
            raise TargetError(f"{path} is neither a folder nor a regular file")
    except FileNotFoundError as error:
        hint = "an image is scanned with vigie image" if ":" in path or "/" not in path else "check the path"
        raise TargetError(f"{path}: no such file or folder", hint) from error
    except PermissionError as error:
        raise TargetError(f"{path}: permission denied", "run as a user who may read it") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise TargetError(f"{path[:200]}: {reason}", "check the path") from error
    return root


def below(patterns: Iterable[str], target: str) -> tuple[str, ...]:
    """Those of `patterns` that, taken as paths from the working folder, lead into `target`, as paths from there. So a
    path that a shell completes can be left out, where patterns otherwise begin at the target."""
    relative = (os.path.relpath(pattern, target) for pattern in patterns)
    return tuple("**" if path == "." else path for path in relative if path.partition("/")[0] != "..")


class FolderPart:
    """The whole folder. See `vigie.scanner.part.Part`. It is never cached: it may change at any time."""

    reference = LayerReference()
    cache_key = ""
    problems: Sequence[Problem] = ()

    def __init__(self, root: Path) -> None:
        self._root = root
        self._tree = FolderTree(root) if root.is_dir() else SingleFile(root)

    def tree(self) -> FolderTree | SingleFile:
        """The files around a file."""
        return self._tree

    @contextmanager
    def open(self, selection: _core.Selection, limits: _core.Limits) -> Iterator[PartReader]:
        """Starts walking."""
        try:
            reader = _core.FolderReader(str(self._root), selection, limits)
        except OSError as error:
            raise TargetError(f"{self._root}: {error.strerror or error}") from error
        yield reader


class FolderTree:
    """Files below a folder; no link leads out of it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str) -> bytes | None:
        """The bytes of a regular file below the root."""
        return _core.read_beneath(str(self._root), path, MAX_FILE)

    def glob(self, pattern: str) -> Iterable[str]:
        """Paths that match, in order. Only folders that the pattern can reach are visited, links to folders never."""
        clean = pattern.strip("/")
        return [] if ".." in clean.split("/") else sorted(self._matching(clean))

    def _matching(self, pattern: str) -> Iterator[str]:
        # What stands before the first wildcard need not be searched for; the rest is the same for many folders.
        fixed = re.split(r"[*?\[{]", pattern, maxsplit=1)[0].rpartition("/")[0]
        cut = len(fixed) + 1 if fixed else 0
        matches = compile_glob(pattern[cut:]).fullmatch
        deepest = None if "**" in pattern else pattern.count("/")
        waiting, seen = [fixed], 0
        while waiting:
            folder = waiting.pop()
            if folder and any((self._root / part).is_symlink() for part in _prefixes(folder)):
                continue
            try:
                entries = list(os.scandir(self._root / folder))
            except OSError:
                continue
            seen += len(entries)
            if seen > _MOST_FILES:
                return
            for entry in entries:
                path = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_dir(follow_symlinks=False):
                    if deepest is None or path.count("/") < deepest:
                        waiting.append(path)
                elif entry.is_file(follow_symlinks=False) and matches(path[cut:]):
                    yield path


class SingleFile:
    """A target that is one file: there is nothing around it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, path: str) -> bytes | None:
        """The file itself."""
        return _core.read_beneath(str(self._path.parent), path, MAX_FILE) if path == self._path.name else None

    def glob(self, pattern: str) -> Iterable[str]:
        """The file itself, when it matches."""
        return [self._path.name] if compile_glob(pattern).fullmatch(self._path.name) else []


def _prefixes(path: str) -> Iterator[str]:
    parts = path.split("/")
    return ("/".join(parts[: count + 1]) for count in range(len(parts)))


@lru_cache(maxsize=256)
def compile_glob(pattern: str) -> re.Pattern[str]:
    """A glob as a regular expression: `*` and `?` stay inside a folder name, `**/` is any number of folders or none."""
    out, at = "", 0
    while at < len(pattern):
        if pattern.startswith("**/", at):
            out, at = out + "(?:[^/]+/)*", at + 3
        elif pattern.startswith("**", at):
            out, at = out + ".*", at + 2
        elif pattern[at] == "*":
            out, at = out + "[^/]*", at + 1
        elif pattern[at] == "?":
            out, at = out + "[^/]", at + 1
        elif pattern[at] == "[" and (end := pattern.find("]", at + 2)) > 0:
            inside = pattern[at + 1 : end].replace("\\", r"\\")
            out, at = out + ("[^" + inside[1:] if inside[0] in "!^" else "[" + inside) + "]", end + 1
        else:
            out, at = out + re.escape(pattern[at]), at + 1
    return re.compile(out, re.DOTALL)
