"""Real git, over file:// only."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from vigie import _core
from vigie.artifacts.filesystem import open_folder
from vigie.artifacts.repository import open_repository
from vigie.errors import TargetError
from vigie.scanner.part import Artifact, Silent
from vigie.settings.groups import GlobalOptions, RepositoryOptions

pytestmark = [pytest.mark.integration, pytest.mark.skipif(shutil.which("git") is None, reason="not installed: git")]

PERSON = {"NAME": "Ada L", "EMAIL": "ada@example.org", "DATE": "2024-01-02T03:04:05Z"}


def git(folder: Path, *arguments: str) -> str:
    people = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in PERSON.items()}
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **people}
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(
        command, env=environment, check=True, capture_output=True, text=True, timeout=30
    ).stdout.strip()


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    folder = tmp_path / "the source"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    for number in (1, 2, 3):
        (folder / "version.txt").write_text(f"{number}\n")
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", f"Change {number}\n\nWith a body.\n")
        if number == 2:
            git(folder, "tag", "v2")
            git(folder, "branch", "side")
    git(folder, "remote", "add", "origin", "https://me:secret@example.org/team/app.git")
    return folder


def cloned(target: str | Path, **options: str) -> Artifact:
    return open_repository(str(target), RepositoryOptions(**options), GlobalOptions(timeout=30), Silent())


def version(artifact: Artifact) -> str:
    with artifact.closing:
        tree = artifact.parts[0].tree()
        assert tree is not None
        return (tree.read("version.txt") or b"").decode().strip()


def test_the_facts_of_a_checkout(source: Path) -> None:
    facts = open_folder(str(source), "fs").facts.repository
    assert facts is not None
    assert facts.url == "https://example.org/team/app.git"
    assert facts.branch == "main"
    assert facts.commit == git(source, "rev-parse", "HEAD")
    assert facts.message == "Change 3\n\nWith a body."
    assert facts.author == facts.committer == "Ada L <ada@example.org>"
    git(source, "checkout", "-q", "v2")
    facts = open_folder(str(source), "fs").facts.repository
    assert facts is not None
    assert (facts.branch, facts.tags) == ("", ("v2",))
    (source / "sub").mkdir()
    assert open_folder(str(source / "sub"), "fs").facts.repository is None


def test_an_empty_checkout(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    facts = open_folder(str(tmp_path), "fs").facts.repository
    assert facts is not None
    assert (facts.branch, facts.commit, facts.message) == ("main", "", "")


def test_cloning(source: Path, tmp_path: Path) -> None:
    url = source.as_uri()
    artifact = cloned(url)
    assert artifact.facts.name == url
    assert artifact.facts.kind == "repository"
    assert artifact.facts.repository is not None
    assert artifact.facts.repository.commit == git(source, "rev-parse", "HEAD")
    assert artifact.facts.repository.url == url
    with artifact.parts[0].open(_core.Selection([(["**/*.txt"], [], "bytes")]), _core.Limits()) as reader:
        assert [file.path for file in reader.next_batch()] == ["version.txt"]
    assert version(artifact) == "3"
    assert version(cloned(url, branch="side")) == "2"
    assert version(cloned(url, tag="v2")) == "2"
    first = git(source, "rev-parse", "HEAD~2")
    assert version(cloned(url, commit=first)) == "1"
    assert version(cloned(url, commit=first[:10])) == "1"
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_path_is_read_where_it_is_and_never_changed(source: Path) -> None:
    (source / "version.txt").write_text("changed\n")
    assert version(cloned(source)) == "changed"
    artifact = cloned(source, tag="v2")
    assert artifact.facts.name == str(source)
    assert version(artifact) == "2"
    assert (source / "version.txt").read_text() == "changed\n"
    assert git(source, "symbolic-ref", "--short", "HEAD") == "main"


def test_what_cannot_be_cloned_is_said_in_a_line(source: Path, tmp_path: Path) -> None:
    for target, options, why in (
        (f"file://{tmp_path}/none", {}, "no such repository"),
        (source.as_uri(), {"branch": "none"}, "no branch or tag of this name"),
        (source.as_uri(), {"tag": "none"}, "no branch or tag of this name"),
        (source.as_uri(), {"commit": "0" * 40}, "no such commit"),
        (source.as_uri(), {"commit": "0123456"}, "no such commit"),
        ("https://me:secret@127.0.0.1:1/team/app", {}, "the host cannot be reached"),
    ):
        with pytest.raises(TargetError, match=f"could not be cloned: {why}") as caught:
            cloned(target, **options)
        assert "secret" not in caught.value.message + caught.value.hint
        assert "\n" not in caught.value.message
    assert list((tmp_path / "tmp").iterdir()) == []


def test_nothing_of_a_hostile_repository_runs(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hooks, monitors, filters and helpers of the checkout's own configuration would all leave this mark."""
    mark = tmp_path / "mark"
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {mark}\n")
    evil.chmod(0o755)
    hooks = source / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-checkout", "reference-transaction", "post-index-change", "pre-auto-gc"):
        shutil.copy(evil, hooks / name)
    for key in (
        *("core.fsmonitor", "core.pager", "pager.tag", "gpg.program", "core.sshCommand", "core.editor"),
        *("diff.external", "filter.x.smudge", "filter.x.process", "credential.helper", "remote.origin.uploadpack"),
        *("core.alternateRefsCommand", "uploadpack.packObjectsHook"),
    ):
        git(source, "config", key, str(evil))
    git(source, "config", "log.showSignature", "true")
    (source / ".gitattributes").write_text("* filter=x\n")
    (source / ".gitmodules").write_text(f'[submodule "x"]\n\tpath = x\n\turl = {tmp_path}/none\n')
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    assert open_folder(str(source), "fs").facts.repository is not None
    assert version(cloned(source)) == "3"
    assert version(cloned(source.as_uri())) == "3"
    assert not mark.exists()


def test_tokens_are_in_no_argument_and_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A git of our own writes down what it was given."""
    fake = tmp_path / "git"
    fake.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/arguments\nenv >> {tmp_path}/environment\nexit 128\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("GITHUB_TOKEN", "t0ken")
    with pytest.raises(TargetError, match="git gave no reason"):
        cloned("https://github.com/team/app")
    with pytest.raises(TargetError, match="git gave no reason"):
        cloned("https://me:pa55@host.example/team/app")
    arguments, environment = (tmp_path / "arguments").read_text(), (tmp_path / "environment").read_text()
    assert "t0ken" not in arguments
    assert "pa55" not in arguments
    assert "-- https://github.com/team/app" in arguments
    assert "http.https://github.com/.extraHeader" in environment
    assert "GIT_TERMINAL_PROMPT=0" in environment


def test_a_clone_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "git"
    fake.write_text("#!/bin/sh\nsleep 20 & wait\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(TargetError, match=r"was not cloned within 0\.3 s"):
        open_repository("https://host.example/x", RepositoryOptions(), GlobalOptions(timeout=0.3), Silent())
