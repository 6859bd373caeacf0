"""`.gitleaksignore`: findings that are accepted, one fingerprint a line.

    src/settings.py:aws-access-token:12                  file, rule, line: in the files and in every commit
    4f1c…:src/settings.py:aws-access-token:12            the same in one commit
    # a whole line as a comment

Files inside of archives are `a.zip!b.txt`; `\\` in a path counts as `/`. Rules have their names here or in gitleaks.
Source: https://github.com/gitleaks/gitleaks#gitleaksignore
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from pathlib import Path

from vigie.errors import UsageError
from vigie.model.secret import SecretCandidate
from vigie.secrets.gitleaks_ids import our_ids
from vigie.secrets.rule_set import read_file

NAME = ".gitleaksignore"

_FINGERPRINT = re.compile(r"(?:([0-9a-fA-F]{7,64}):)?(.+):([^:]+):([0-9]{1,9})")


class GitleaksIgnore:
    """The fingerprints of any number of files, or of a gitleaks report.

    rules: ids of the rules that there are. root: the folder that is scanned, which paths may begin with. warnings:
    lines that mean nothing, for people.
    """

    def __init__(self, rules: Collection[str], root: str = "") -> None:
        self._rules, self._root = rules, root
        self._known: dict[tuple[str, str, str, int], str] = {}
        self.warnings: list[str] = []

    def read(self, data: bytes, name: str) -> None:
        """Adds the fingerprints of a file."""
        for number, raw in enumerate(data.decode("utf-8", "replace").removeprefix("\ufeff").splitlines(), 1):
            line = raw.strip()
            if line and not line.startswith("#") and not self.add(line, f"{name}:{number}"):
                self.warnings.append(f"{name}:{number}: is no fingerprint (`file:rule:line`) and accepts nothing")

    def add(self, fingerprint: str, source: str) -> bool:
        """Adds one fingerprint; False when it is none. source: what says so."""
        found = _FINGERPRINT.fullmatch(fingerprint.strip())
        if found is None:
            return False
        commit, file, rule, line = found.groups()
        for id_ in our_ids(rule, self._rules) or (rule,):
            self._known.setdefault(((commit or "").lower(), relative(file, self._root), id_, int(line)), source)
        return True

    def source(self, path: str, rule: str, line: int, commits: Iterable[str] = ()) -> str:
        """What accepts a finding; "" when nothing does. commits: ids of the commits in which it was seen."""
        for commit in ("", *commits):
            if found := self._known.get((commit.lower(), path, rule, line)):
                return found
        return ""

    def accepts(self, candidate: SecretCandidate) -> str:
        """What accepts a candidate, by where it is or where its first commit has it; "" when nothing does."""
        path, rule, seen = candidate.path, candidate.rule, candidate.seen
        here = self.source(path, rule, candidate.start)
        if here or seen is None:
            return here
        return self.source(path, rule, seen.line or candidate.start, (seen.commit, seen.last))

    def __bool__(self) -> bool:
        return bool(self._known)


def load(given: str, root: str, rules: Collection[str]) -> GitleaksIgnore:
    """What the file that was given accepts, or `.gitleaksignore` in the folder that was given; without one what the one
    in the root of the scanned folder accepts, if it is there. Raises UsageError for a given one that is not there."""
    ignore = GitleaksIgnore(rules, root)
    if given:
        path = Path(given)
        path = path / NAME if path.is_dir() else path
        if not path.is_file():
            raise UsageError(f"there is no file {path}", "see --gitleaks-ignore-path")
        ignore.read(read_file(str(path)), str(path))
    elif root and (path := Path(root) / NAME).is_file():
        ignore.read(read_file(str(path)), NAME)
    return ignore


def relative(path: str, root: str) -> str:
    """A path as gitleaks writes it, as it is seen from the folder that is scanned."""
    path = path.replace("\\", "/")
    for start in (root.rstrip("/"), os.path.abspath(root)) if root else ():  # noqa: PTH100 - as it is written
        if start and path.startswith(f"{start}/"):
            return path[len(start) + 1 :]
    return path.removeprefix("./")
