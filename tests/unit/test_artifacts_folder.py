"""Folders and files as targets."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from artifact_contents import contents
from vigie.artifacts.checkout import clean_url, is_scp_form, read_checkout
from vigie.artifacts.filesystem import FolderTree, compile_glob, open_folder
from vigie.artifacts.repository import _login, open_repository
from vigie.errors import TargetError, UsageError
from vigie.scanner.analyzer import Group
from vigie.scanner.part import Artifact, Silent
from vigie.settings.groups import GlobalOptions, RepositoryOptions


def paths(artifact: Artifact) -> list[str]:
    (files,) = contents(artifact, "**/*.txt")
    return sorted(files)


def test_a_folder_and_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.txt").write_text("x")
    (tmp_path / "y.txt").write_text("y")
    artifact = open_folder(str(tmp_path), "fs")
    assert artifact.facts.kind == "filesystem"
    assert artifact.facts.name == str(tmp_path)
    assert artifact.facts.repository is None
    assert paths(artifact) == ["a/x.txt", "y.txt"]
    assert paths(open_folder(str(tmp_path / "y.txt"), "fs")) == ["y.txt"]
    tree = open_folder(str(tmp_path / "y.txt"), "fs").parts[0].tree()
    assert tree is not None
    assert (tree.read("y.txt"), tree.read("a/x.txt"), tree.read("../y.txt")) == (b"y", None, None)
    assert list(tree.glob("*.txt")) == ["y.txt"]


def test_what_each_command_reads(tmp_path: Path) -> None:
    """The peer's table: fs leaves installed packages out, rootfs lock files, repo the system too."""
    assert open_folder(str(tmp_path), "fs").groups == {Group.SYSTEM, Group.LOCKFILE, Group.ANYWHERE}
    assert open_folder(str(tmp_path), "rootfs").groups == {Group.SYSTEM, Group.INSTALLED, Group.ANYWHERE}
    artifact = open_repository(str(tmp_path), RepositoryOptions(), GlobalOptions(), Silent())
    assert artifact.groups == {Group.LOCKFILE, Group.ANYWHERE}
    assert artifact.facts.kind == "repository"


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_text("")
    for path, why in (
        (tmp_path / "none", "no such file or folder"),
        (tmp_path / "pipe", "neither a folder nor a regular file"),
        (tmp_path / "file" / "x", "Not a directory"),
        ("a\0b", "null"),
        ("x" * 5000, "too long"),
    ):
        with pytest.raises(TargetError, match=why):
            open_folder(str(path), "fs")
    with pytest.raises(TargetError) as caught:
        open_folder("alpine:3.19", "fs")
    assert "vigie image" in caught.value.hint


def test_a_folder_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("os.scandir", refuse)  # file modes do not stop the superuser, who may be running this
    with pytest.raises(TargetError, match="permission denied"):
        open_folder(str(tmp_path), "fs")


def test_the_tree_stays_in_its_folder(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "sub" / "deep").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("s")
    (root / "a.txt").write_text("a")
    (root / "sub" / "b.txt").write_text("b")
    (root / "sub" / "deep" / "c.txt").write_text("c")
    (root / "out").symlink_to(tmp_path)
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    (root / "loop").symlink_to(root)
    tree = FolderTree(root)
    assert tree.read("sub/b.txt") == b"b"
    for path in ("../secret.txt", "out/secret.txt", "link.txt", "sub", "none", "/etc/passwd"):
        assert tree.read(path) is None, path
    assert list(tree.glob("*.txt")) == ["a.txt"]
    assert list(tree.glob("**/*.txt")) == ["a.txt", "sub/b.txt", "sub/deep/c.txt"]
    assert list(tree.glob("sub/*.txt")) == ["sub/b.txt"]
    assert list(tree.glob("sub/**/*.txt")) == ["sub/b.txt", "sub/deep/c.txt"]
    assert list(tree.glob("*/*/c.txt")) == ["sub/deep/c.txt"]
    for pattern in ("out/*.txt", "../*.txt", "loop/*.txt", "none/*", "loop/sub/*.txt"):
        assert list(tree.glob(pattern)) == [], pattern


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("**/Cargo.lock", ["Cargo.lock", "a/b/Cargo.lock"], ["xCargo.lock", "Cargo.lock/x"]),
        ("*.txt", ["a.txt", ".txt"], ["a/b.txt", "a.txt\n/x"]),
        ("a/?/c", ["a/b/c"], ["a//c", "a/bb/c"]),
        ("[a-c].x", ["b.x"], ["d.x", "[a-c].x"]),
        ("[!a].x", ["b.x"], ["a.x"]),
        ("a[b", ["a[b"], ["ab"]),
        ("a.b+c", ["a.b+c"], ["aXb+c", "a.bbc"]),
        ("a/**", ["a/b", "a/b/c"], ["b/a"]),
    ],
)
def test_globs(pattern: str, yes: list[str], no: list[str]) -> None:
    assert [path for path in yes + no if compile_glob(pattern).fullmatch(path)] == yes


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://me:secret@host.org:8443/a/b.git?token=x#y", "https://host.org:8443/a/b.git"),
        ("https://token@host.org/a", "https://host.org/a"),
        ("ssh://git@host.org/a", "ssh://git@host.org/a"),
        ("ssh://git:secret@host.org/a", "ssh://git@host.org/a"),
        ("git@host.org:a/b", "git@host.org:a/b"),
        ("/srv/a", "/srv/a"),
    ],
)
def test_urls_lose_their_secrets(url: str, clean: str) -> None:
    assert clean_url(url) == clean


def test_the_short_form_of_ssh() -> None:
    assert is_scp_form("git@host.org:a/b")
    assert not any(is_scp_form(text) for text in ("https://h/a", "me:secret@host.org/a", "./a", "host/a:b"))


def test_tokens_go_to_their_own_host_only(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("GH_HOST", "GITHUB_SERVER_URL", "GITLAB_HOST", "CI_SERVER_HOST"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("GITHUB_TOKEN", "hub")
    monkeypatch.setenv("GITLAB_TOKEN", "lab")
    monkeypatch.setenv("GITLAB_HOST", "https://git.firm.org:8443")
    assert _login("https://github.com/a/b") == "x-access-token:hub"
    assert _login("https://gitlab.com/a/b") == "oauth2:lab"
    assert _login("https://git.firm.org:8443/a/b") == "oauth2:lab"
    assert _login("https://me:p%40ss@github.com/a") == "me:p@ss"
    for url in (
        "http://github.com/a",
        "https://github.com.evil.org/a",
        "https://evil.org/github.com",
        "git@github.com:a/b",
    ):
        assert _login(url) == "", url


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (RepositoryOptions(branch="a", tag="b"), "--branch and --tag cannot be given together"),
        (RepositoryOptions(branch="--upload-pack=touch x"), "not a name that git knows"),
        (RepositoryOptions(tag="a..b"), "not a name that git knows"),
        (RepositoryOptions(commit="HEAD"), "not a name that git knows"),
    ],
)
def test_revisions_that_cannot_be(options: RepositoryOptions, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        open_repository("https://127.0.0.1:1/x", options, GlobalOptions(), Silent())


@pytest.mark.parametrize(
    "target",
    ["none", "./none", "ext::sh -c x", "ext://x/y", "ftp://h/x", "--help", "https://", "a b/c.d", "x" * 5000, "a\0b"],
)
def test_targets_that_are_no_repository(target: str) -> None:
    with pytest.raises(TargetError):
        open_repository(target, RepositoryOptions(), GlobalOptions(), Silent())


def test_a_checkout_without_git_is_read_from_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    git, commit = tmp_path / ".git", "0123456789" * 4
    (git / "refs/heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "packed-refs").write_text(f"# pack-refs\n{commit} refs/heads/main\n")
    facts = read_checkout(tmp_path)
    assert facts is not None
    assert (facts.branch, facts.commit) == ("main", commit)
    (git / "refs/heads/main").write_text("f" * 40 + "\n")
    facts = read_checkout(tmp_path)
    assert facts is not None
    assert facts.commit == "f" * 40
    (git / "HEAD").write_text("ref: refs/heads/../../../secret")
    facts = read_checkout(tmp_path)
    assert facts is not None
    assert (facts.branch, facts.commit) == ("", "")
