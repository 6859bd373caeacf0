"""The reader of git repositories against git itself: contents, and since when and until when values were there."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from builders.repositories import START, Work, git, random_history
from vigie import _core

pytestmark = [pytest.mark.integration, pytest.mark.skipif(shutil.which("git") is None, reason="not installed: git")]

SEARCHER = _core.SecretSearcher([("value-(?P<secret>[0-9]+)", ("value-",))])
SELECTION = _core.Selection([((), (), "secrets")], (), (), SEARCHER)


class Life(NamedTuple):
    """First and last commit of a value, and whether it is still there."""

    first: str
    last: str
    present: bool


class Read(NamedTuple):
    """What a reader found: by path and value. problems: what could not be read."""

    found: dict[tuple[str, str], Life]
    problems: list[tuple[str, str]]


def read(folder: Path, selection: _core.Selection = SELECTION, **options: Any) -> Read:
    reader = _core.HistoryReader(str(folder), selection, _core.Limits(seconds=60), **options)
    found: dict[tuple[str, str], Life] = {}
    while batch := reader.next_batch():
        for file in batch:
            assert isinstance(file.content, (list, tuple))
            for one in file.content:
                assert isinstance(one, _core.SecretSighting)
                seen = one.seen or ("", "", "", 0, "", "", 0, True)
                key = file.path, one.secret.decode()
                assert key not in found
                found[key] = Life(seen[0], seen[5], seen[7])
    reader.finish()
    return Read(found, reader.problems())


def said_by_git(folder: Path, *refs: str) -> dict[tuple[str, str], Life]:
    """The same from git's own lists of trees: a content counts where it was first, a value by all contents."""
    lines = git(folder, "log", "--format=%ct %H", *(refs or ("--all",))).splitlines()
    commits = [line.split()[1] for line in sorted(lines, key=lambda line: int(line.split()[0]))]
    first: dict[str, tuple[int, str]] = {}
    last: dict[str, int] = {}
    for number, commit in enumerate(commits):
        for line in git(folder, "ls-tree", "-r", "-z", commit).split("\0"):
            if line:
                about, path = line.split("\t")
                id_ = about.split()[2]
                first.setdefault(id_, (number, path))
                last[id_] = number
    head = {line.split()[2] for line in git(folder, "ls-tree", "-r", refs[0] if refs else "HEAD").splitlines()}
    lives: dict[tuple[str, str], tuple[int, int, bool]] = {}
    for id_, (number, path) in first.items():
        for line in git(folder, "cat-file", "blob", id_).splitlines():
            if "value-" in line:
                key = path, line.partition("value-")[2]
                was = lives.get(key, (number, last[id_], False))
                lives[key] = min(was[0], number), max(was[1], last[id_]), was[2] or id_ in head
    return {key: Life(commits[one], commits[other], here) for key, (one, other, here) in lives.items()}


def made(folder: Path, seed: int, commits: int = 60) -> Path:
    folder.mkdir()
    git(folder, "init", "-q", "--bare", "-b", "b1")
    git(folder, "fast-import", "--quiet", feed=b"".join(random_history(seed, commits)))
    git(folder, "symbolic-ref", "HEAD", f"refs/heads/b{commits}")
    return folder


@pytest.mark.parametrize("seed", range(6))
def test_random_histories_are_read_as_git_reads_them(tmp_path: Path, seed: int) -> None:
    folder = made(tmp_path / "r", seed)
    expected = said_by_git(folder)
    assert len(expected) > 30
    assert read(folder) == Read(expected, [])
    git(folder, "repack", "-adfq", "--depth=50", "--window=50")
    assert read(folder) == Read(expected, [])
    assert read(folder, threads=1) == Read(expected, [])
    branch = "b30"
    assert read(folder, tip=branch) == Read(said_by_git(folder, branch), [])


@pytest.mark.parametrize("words", [(), ("--object-format=sha256",)])
def test_every_object_has_the_content_that_git_has(tmp_path: Path, words: tuple[str, ...]) -> None:
    work = Work(tmp_path / "w", *words)
    for number in range(30):
        work.commit(
            {
                "a": "line\n" * number + "text value-1\n" + "other\n" * (60 - number),
                f"d/{number}": bytes([number]) * 5000,
            }
        )
    work.git("tag", "-a", "-m", "A tag", "v1")
    work.git("repack", "-adfq", "--depth=50")
    work.commit({"loose": "x" * 100, "empty": ""})
    objects = _core.GitObjects(str(work.folder), _core.Limits())
    ids = [line.split()[0] for line in work.git("cat-file", "--batch-all-objects", "--batch-check").splitlines()]
    assert len(ids) > 60
    for id_ in ids:
        kind = work.git("cat-file", "-t", id_)
        raw = subprocess.run(["git", "-C", work.folder, "cat-file", kind, id_], check=True, capture_output=True)
        assert objects.read(id_) == (kind, raw.stdout)
    assert read(work.folder).found[("a", "1")].present


@pytest.mark.parametrize("version", ["1", "2"])
def test_both_versions_of_indexes_and_deltas_by_name(tmp_path: Path, version: str) -> None:
    work = Work(tmp_path / "w")
    for number in range(20):
        work.commit({"a": "line\n" * 100 + f"text value-{number}\n" + "other\n" * 100})
    expected = said_by_git(work.folder)
    work.git("-c", f"pack.indexVersion={version}", "-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq")
    pack = next(work.folder.glob(".git/objects/pack/*.pack")).read_bytes()
    assert len(expected) == 20
    assert read(work.folder) == Read(expected, [])
    assert pack[:4] == b"PACK"


def test_several_packs_alternates_and_work_trees(tmp_path: Path) -> None:
    work = Work(tmp_path / "w")
    work.commit({"a": "text value-1\n"})
    work.git("repack", "-dq")
    work.commit({"a": "text value-2\n"})
    work.git("repack", "-dq")
    assert len(list(work.folder.glob(".git/objects/pack/*.pack"))) == 2
    work.commit({"a": "text value-3\n"})
    expected = said_by_git(work.folder)
    assert read(work.folder) == Read(expected, [])
    git(tmp_path, "clone", "-q", "--shared", str(work.folder), "shared")
    assert read(tmp_path / "shared") == Read(expected, [])
    git(tmp_path, "clone", "-q", "--bare", str(work.folder), "bare.git")
    assert read(tmp_path / "bare.git") == Read(expected, [])
    work.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "tree"))
    assert (tmp_path / "tree/.git").is_file()
    assert read(tmp_path / "tree").found.keys() == expected.keys()
    work.git("pack-refs", "--all")
    assert read(tmp_path / "tree").found.keys() == expected.keys()


def test_what_has_no_branch_is_read_when_a_ref_names_it(tmp_path: Path) -> None:
    work = Work(tmp_path / "w")
    first = work.commit({"a": "text value-1\n"})
    blob = work.git("hash-object", "-w", "--stdin", feed=b"text value-7\n")
    work.git("tag", "blob", blob)
    work.git("tag", "-a", "-m", "Of a tree", "tree", f"{first}^{{tree}}")
    work.git("switch", "-q", "--orphan", "alone")
    orphan = work.commit({"b": "text value-2\n"})
    work.git("switch", "-q", "main")
    work.git("rm", "-q", "a")
    work.write({"kept": "text value-3\n"})
    work.git("add", ".")
    work.git("stash", "-q")
    result = read(work.folder)
    assert result.problems == []
    assert result.found[("refs/tags/blob", "7")].first == blob
    assert result.found[("b", "2")] == Life(orphan, orphan, present=False)
    assert ("kept", "3") in result.found


def test_links_and_submodules_are_no_files(tmp_path: Path) -> None:
    inner = Work(tmp_path / "inner")
    inner.commit({"secret": "text value-9\n"})
    work = Work(tmp_path / "w")
    work.git("submodule", "--quiet", "add", str(inner.folder), "module")
    (work.folder / "link").symlink_to("value-5")
    work.commit({"a": "text value-1\n"})
    assert read(work.folder).found.keys() == {("a", "1")}
    assert read(work.folder).problems == []


def test_an_empty_repository_and_empty_commits(tmp_path: Path) -> None:
    work = Work(tmp_path / "w")
    assert read(work.folder) == Read({}, [])
    work.commit({})
    assert read(work.folder) == Read({}, [])


def test_a_folder_becomes_a_file_and_back(tmp_path: Path) -> None:
    work = Work(tmp_path / "w")
    work.commit({"a/b": "text value-1\n", "a.c": "text value-4\n"})
    work.commit({"a/b": None})
    (work.folder / "a").rmdir() if (work.folder / "a").exists() else None
    work.commit({"a": "text value-2\n"})
    work.commit({"a": None})
    work.commit({"a/b/c": "text value-3\n"})
    assert read(work.folder) == Read(said_by_git(work.folder), [])


def test_paths_that_are_left_out(tmp_path: Path) -> None:
    work = Work(tmp_path / "w")
    work.commit(
        {
            "dev/a": "text value-1\n",
            "vendor/a": "text value-2\n",
            "x.lock": "text value-3\n",
            "odd \xe9": "text value-4\n",
        }
    )
    selection = _core.Selection([((), (), "secrets")], ("**/*.lock",), ("vendor",), SEARCHER, ((), ()))
    assert read(work.folder, selection).found.keys() == {("dev/a", "1"), ("odd \xe9", "4")}
    # A content that was first under a path that is left out counts where it is not.
    work.commit({"vendor/a": None, "src/a": "text value-2\n"})
    assert ("src/a", "2") in read(work.folder, selection).found


def test_since(tmp_path: Path) -> None:
    work = Work(tmp_path / "w")
    work.commit({"a": "text value-1\n", "gone": "text value-4\n"})
    middle = work.commit({"a": "text value-1\ntext value-2\n"})
    since = work.time
    last = work.commit({"a": "text value-1\ntext value-2\ntext value-3\n", "gone": None})
    assert read(work.folder, since=since) == Read(
        {("a", "2"): Life(middle, last, present=True), ("a", "3"): Life(last, last, present=True)}, []
    )
    assert read(work.folder, since=work.time + 1) == Read({}, [])
    assert len(read(work.folder, since=START).found) == 4


def test_a_shallow_clone_tells_that_it_is_one(tmp_path: Path) -> None:
    work = Work(tmp_path / "w")
    work.commit({"a": "text value-1\n"})
    last = work.commit({"a": "text value-2\n"})
    git(tmp_path, "clone", "-q", "--depth=1", work.folder.as_uri(), "shallow")
    result = read(tmp_path / "shallow")
    assert result.found == {("a", "2"): Life(last, last, present=True)}
    assert [where for where, _ in result.problems] == ["history"]
    assert "shallow" in result.problems[0][1]


def test_a_partial_clone_tells_what_is_missing(tmp_path: Path) -> None:
    work = Work(tmp_path / "w")
    work.commit({"a": "text value-1\n"})
    work.commit({"a": "text value-2\n"})
    work.git("config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", "--bare", work.folder.as_uri(), "partial")
    result = read(tmp_path / "partial")
    assert result.found == {}
    assert any("partial clone: 2 contents" in what for _, what in result.problems)
    assert sum("is missing" in what for _, what in result.problems) == 2


def test_missing_objects_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    work = Work(tmp_path / "w")
    first = work.commit({"a": "text value-1\n"})
    second = work.commit({"a": "text value-2\n", "d/x": "text value-5\n"})
    third = work.commit({"a": "text value-3\n"})
    blob = work.git("rev-parse", f"{second}:a")
    tree = work.git("rev-parse", f"{second}:d")

    def remove(id_: str) -> None:
        (work.folder / ".git/objects" / id_[:2] / id_[2:]).unlink()

    remove(blob)
    result = read(work.folder)
    assert result.problems == [("a", f"its content {blob} is missing")]
    assert result.found.keys() == {("a", "1"), ("a", "3"), ("d/x", "5")}
    remove(tree)
    result = read(work.folder)
    assert ("commit " + second, f"its tree {tree} is missing") in result.problems
    assert result.found.keys() == {("a", "1"), ("a", "3")}
    remove(first)
    result = read(work.folder)
    assert ("commit " + second, f"its parent {first} is missing") in result.problems
    assert result.found.keys() == {("a", "3")}
    remove(third)
    result = read(work.folder)
    assert any(third in what and "is missing" in what for _, what in result.problems)


def damaged(folder: Path, at: int, change: bytes | None) -> None:
    """Changes a pack at an offset, or cuts it there."""
    pack = next(folder.glob(".git/objects/pack/*.pack"))
    data = pack.read_bytes()
    pack.chmod(0o644)
    pack.write_bytes(data[:at] if change is None else data[:at] + change + data[at + len(change) :])


def packed(folder: Path) -> Work:
    work = Work(folder)
    for number in range(20):
        lines = [f"line {other} of text\n" for other in range(200)]
        lines[number * 7] = f"text value-{number}\n"
        work.commit({"a": "".join(lines), f"other{number}": f"text value-{100 + number}\n"})
    work.git("repack", "-adfq", "--depth=50")
    return work


@pytest.mark.parametrize("part", [0.05, 0.3, 0.6, 0.95])
@pytest.mark.parametrize("cut", [False, True])
def test_damaged_packs(tmp_path: Path, part: float, cut: bool) -> None:
    work = packed(tmp_path / "w")
    whole = read(work.folder)
    size = next(work.folder.glob(".git/objects/pack/*.pack")).stat().st_size
    damaged(work.folder, int(size * part), None if cut else b"\xff\x00\xff\x55")
    result = read(work.folder)
    assert result.problems
    assert {what for _, what in result.problems if "damaged" in what or "missing" in what}
    assert result.found.keys() <= whole.found.keys()
    if not cut and part > 0.5:
        assert result.found


def test_a_delta_that_is_broken_is_named_with_all_that_depends_on_it(tmp_path: Path) -> None:
    work = packed(tmp_path / "w")
    index = next(work.folder.glob(".git/objects/pack/*.idx"))
    listed = [line.split() for line in work.git("verify-pack", "-v", str(index)).splitlines()]
    # id, kind, size, size in the pack, offset, depth, base
    deltas = [line for line in listed if len(line) == 7 and line[1] == "blob"]
    assert len(deltas) > 5
    victim = min(deltas, key=lambda line: int(line[5]))
    behind = {victim[0]}
    for _ in deltas:
        behind |= {line[0] for line in deltas if line[6] in behind}
    offset, length = int(victim[4]), int(victim[3])
    damaged(work.folder, offset + length - 2, b"\x55\xaa")
    result = read(work.folder)
    assert {what.split()[2] for _, what in result.problems} == behind
    assert all("damaged" in what for _, what in result.problems)
    assert len(result.found) == 40 - len(behind)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ("[core]\nrepositoryformatversion = 1\n[extensions]\n\trefStorage = reftable\n", "reftable"),
        ("[core]\nrepositoryformatversion = 1\n[extensions]\nnewThing = 1\n", "newthing"),
        ("[core]\nrepositoryformatversion = 7\n", "version 7"),
    ],
)
def test_unknown_forms_are_refused(tmp_path: Path, settings: str, reason: str) -> None:
    work = Work(tmp_path / "w")
    (work.folder / ".git/config").write_text(settings)
    with pytest.raises(ValueError, match=reason):
        read(work.folder)


def test_what_is_no_repository(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no git repository"):
        read(tmp_path)
    (tmp_path / ".git").write_text("gitdir: nowhere\n")
    with pytest.raises(ValueError, match="holds no objects"):
        read(tmp_path)
    work = Work(tmp_path / "w")
    work.commit({"a": "text value-1\n"})
    with pytest.raises(ValueError, match="there is no branch"):
        read(work.folder, tip="nothing")
