"""`.gitleaksignore`."""

from __future__ import annotations

from pathlib import Path

import pytest

from vigie.errors import UsageError
from vigie.secrets.gitleaks_ignore import GitleaksIgnore, load, relative

RULES = {"github-pat", "aws-access-key-id", "aws-access-key-pair", "tok"}
COMMIT = "4f1c" * 10

FILE = f"""\ufeff# accepted by the team
  src/a.py:github-pat:3

{COMMIT}:src/b.py:tok:7
src\\win\\c.py:tok:1
./d.py:tok:2
e.py:aws-access-token:4
a.zip!b:c.txt:tok:5
f.py:tok:9 # not a comment, but part of the line
"""


@pytest.fixture
def ignore() -> GitleaksIgnore:
    made = GitleaksIgnore(RULES)
    made.read(FILE.encode(), ".gitleaksignore")
    return made


@pytest.mark.parametrize(
    ("path", "rule", "line", "commits", "source"),
    [
        ("src/a.py", "github-pat", 3, (), ".gitleaksignore:2"),
        # in the files and in every commit, as gitleaks 8.30.1 has it
        ("src/a.py", "github-pat", 3, (COMMIT,), ".gitleaksignore:2"),
        ("src/a.py", "github-pat", 4, (), ""),
        ("src/a.py", "tok", 3, (), ""),
        ("SRC/a.py", "github-pat", 3, (), ""),
        ("src/b.py", "tok", 7, (COMMIT,), ".gitleaksignore:4"),
        ("src/b.py", "tok", 7, ("0" * 40, COMMIT.upper()), ".gitleaksignore:4"),
        # of one commit only
        ("src/b.py", "tok", 7, (), ""),
        ("src/b.py", "tok", 7, ("0" * 40,), ""),
        ("src/win/c.py", "tok", 1, (), ".gitleaksignore:5"),
        ("d.py", "tok", 2, (), ".gitleaksignore:6"),
        # a rule of gitleaks that is two here
        ("e.py", "aws-access-key-id", 4, (), ".gitleaksignore:7"),
        ("e.py", "aws-access-key-pair", 4, (), ".gitleaksignore:7"),
        ("a.zip!b:c.txt", "tok", 5, (), ".gitleaksignore:8"),
        ("f.py", "tok", 9, (), ""),
    ],
)
def test_what_is_accepted(
    ignore: GitleaksIgnore, path: str, rule: str, line: int, commits: tuple[str, ...], source: str
) -> None:
    assert ignore.source(path, rule, line, commits) == source


def test_lines_that_mean_nothing_are_told(ignore: GitleaksIgnore) -> None:
    assert ignore.warnings == [".gitleaksignore:9: is no fingerprint (`file:rule:line`) and accepts nothing"]


def test_where_the_file_is_looked_for(tmp_path: Path) -> None:
    root, other = tmp_path / "root", tmp_path / "other"
    root.mkdir()
    other.mkdir()
    assert not load("", str(root), RULES)
    (root / ".gitleaksignore").write_text("a:tok:1\n")
    (other / ".gitleaksignore").write_text("b:tok:1\n")
    (other / "mine").write_text("c:tok:1\n")
    assert load("", str(root), RULES).source("a", "tok", 1)
    assert not load("", "", RULES)
    given = load(str(other), str(root), RULES)
    assert given.source("b", "tok", 1) and not given.source("a", "tok", 1)
    assert load(str(other / "mine"), str(root), RULES).source("c", "tok", 1) == f"{other / 'mine'}:1"
    with pytest.raises(UsageError, match="there is no file"):
        load(str(other / "none"), str(root), RULES)


@pytest.mark.parametrize(
    ("path", "root", "seen"),
    [
        ("/srv/repo/a/b", "/srv/repo", "a/b"),
        ("/srv/repo/a/b", "/srv/repo/", "a/b"),
        ("repo/a", "repo", "a"),
        ("./a", "/srv/repo", "a"),
        ("/srv/repository/a", "/srv/repo", "/srv/repository/a"),
        ("a", "", "a"),
    ],
)
def test_paths_as_gitleaks_writes_them(path: str, root: str, seen: str) -> None:
    assert relative(path, root) == seen
