"""`--history`, `--since` and `--staged` with the whole program, on repositories made with git."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from builders.repositories import Work, git
from vigie.artifacts.history import moment
from vigie.cli.main import main
from vigie.errors import UsageError
from vigie.secrets.examples import fill

pytestmark = [pytest.mark.integration, pytest.mark.skipif(shutil.which("git") is None, reason="not installed: git")]
FIRST, SECOND, THIRD = (fill("${github:ghp_}", seed) for seed in ("first", "second", "third"))


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Work:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("GIT_INDEX_FILE", raising=False)
    return Work(tmp_path / "w")


def scan(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    status = main([*words, "--format", "json", "--scanners", "secret"])
    out = capsys.readouterr().out
    assert not any(secret in out for secret in (FIRST, SECOND, THIRD))
    return status, json.loads(out) if out else {}


def found(report: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    results = report.get("Results", [])
    return {one["Target"]: one["Secrets"] for one in results if one["Class"] == "secret" and one.get("Secrets")}


def test_a_secret_of_an_old_commit_is_told_with_who_and_when(work: Work, capsys: pytest.CaptureFixture[str]) -> None:
    work.commit({"src/app.py": "print()\n"})
    first = work.commit({"src/app.py": f'print()\ntoken = "{FIRST}"\n'})
    when = datetime.fromtimestamp(work.time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    last = work.commit({"other.py": "x = 1\n"})
    work.commit({"src/app.py": "print()\n"})
    assert found(scan(capsys, "repo", str(work.folder))[1]) == {}
    for command in ("repo", "secret"):
        status, report = scan(capsys, command, "--history", str(work.folder))
        assert status == 0
        (one,) = found(report)["src/app.py"]
        assert one["StartLine"] == 2
        commit = one["Commit"]
        assert (commit["ID"], commit["LastID"], commit["Present"]) == (first, last, False)
        assert (commit["Author"], commit["Email"], commit["Date"]) == ("Ada L", "ada@example.org", when)
        assert commit["Subject"] == "A change"


def test_what_is_still_there_is_one_finding_with_its_line_here(work: Work, capsys: pytest.CaptureFixture[str]) -> None:
    first = work.commit({"app.py": f'token = "{FIRST}"\n'})
    work.commit({"app.py": f'import os\n\ntoken = "{FIRST}"\n'})
    _, report = scan(capsys, "repo", "--history", str(work.folder))
    (one,) = found(report)["app.py"]
    assert (one["StartLine"], one["Commit"]["ID"], one["Commit"]["Present"]) == (3, first, True)
    # A fingerprint of gitleaks has the line of the first commit.
    work.write({".gitleaksignore": f"{first}:app.py:github-pat:1\n"})
    assert found(scan(capsys, "repo", "--history", str(work.folder))[1]) == {}


def test_a_bare_repository_and_a_url(work: Work, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    work.commit({"a.py": f'token = "{FIRST}"\n'})
    work.commit({"a.py": "x = 1\n"})
    work.git("switch", "-q", "-c", "side")
    work.commit({"b.py": f'token = "{SECOND}"\n'})
    work.git("switch", "-q", "main")
    git(tmp_path, "clone", "-q", "--bare", str(work.folder), "bare.git")
    assert found(scan(capsys, "repo", "--history", str(tmp_path / "bare.git"))[1]).keys() == {"a.py", "b.py"}
    url = work.folder.as_uri()
    assert found(scan(capsys, "repo", "--history", url)[1]).keys() == {"a.py", "b.py"}
    assert found(scan(capsys, "repo", "--history", "--branch", "main", url)[1]).keys() == {"a.py"}
    assert found(scan(capsys, "repo", "--history", "--branch", "main", str(work.folder))[1]).keys() == {"a.py"}
    commit = work.git("rev-parse", "side")
    assert found(scan(capsys, "repo", "--history", "--commit", commit, url)[1]).keys() == {"a.py", "b.py"}


def test_since(work: Work, capsys: pytest.CaptureFixture[str]) -> None:
    work.commit({"a.py": f'token = "{FIRST}"\n'})
    work.commit({"a.py": f'token = "{FIRST}"\nother = "{SECOND}"\n'})
    when = datetime.fromtimestamp(work.time, UTC).isoformat()
    work.commit({"a.py": "x = 1\n"})
    assert [len(one) for one in found(scan(capsys, "repo", "--history", str(work.folder))[1]).values()] == [2]
    _, report = scan(capsys, "repo", "--history", "--since", when, str(work.folder))
    assert [one["StartLine"] for one in found(report)["a.py"]] == [2]
    assert main(["repo", "--history", "--since", "yesterdayish", str(work.folder)]) == 2
    assert main(["repo", "--since", "2026-01-01", str(work.folder)]) == 2


def test_moments() -> None:
    assert moment("") is None
    assert moment("2026-01-31") == int(datetime(2026, 1, 31, tzinfo=UTC).timestamp())
    assert moment("2026-01-31T12:00:00+02:00") == int(datetime(2026, 1, 31, 10, tzinfo=UTC).timestamp())
    ago = moment("90d")
    assert ago is not None
    assert abs(datetime.now(UTC).timestamp() - 90 * 86400 - ago) < 60
    for wrong in ("2026-13-01", "soon", "-1d", "2026-01-31x"):
        with pytest.raises(UsageError):
            moment(wrong)


def test_what_is_missing_makes_the_scan_partial(work: Work, capsys: pytest.CaptureFixture[str]) -> None:
    work.commit({"a.py": f'token = "{FIRST}"\n'})
    work.commit({"a.py": "x = 1\n"})
    assert scan(capsys, "repo", "--history", str(work.folder))[0] == 0
    blob = work.git("rev-parse", "HEAD~:a.py")
    (work.folder / ".git/objects" / blob[:2] / blob[2:]).unlink()
    status = main(["repo", "--history", "--scanners", "secret", str(work.folder)])
    output = capsys.readouterr()
    assert status == 3
    assert blob in output.out + output.err


def test_a_folder_that_is_no_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["repo", "--history", "--scanners", "secret", str(tmp_path)]) == 3
    assert "no git repository" in capsys.readouterr().err


def test_staged_secrets_count_when_head_does_not_have_them(work: Work, capsys: pytest.CaptureFixture[str]) -> None:
    work.write({"a.py": f'token = "{FIRST}"\n'})
    work.git("add", ".")
    for command in ("secret", "repo"):
        status, report = scan(capsys, command, "--staged", "--exit-code", "1", str(work.folder))
        assert (status, list(found(report))) == (1, ["a.py"])
    work.commit({})
    assert found(scan(capsys, "secret", "--staged", str(work.folder))[1]) == {}
    # Work that is not staged, a move, and a secret that was there before do not count.
    work.write({"a.py": f'x = 1\ntoken = "{FIRST}"\nother = "{SECOND}"\n'})
    work.git("add", ".")
    work.write({"a.py": f'x = 1\ntoken = "{FIRST}"\nother = "{SECOND}"\nthird = "{THIRD}"\n', "new": THIRD})
    _, report = scan(capsys, "secret", "--staged", str(work.folder))
    assert [one["StartLine"] for one in found(report)["a.py"]] == [3]
    assert found(report).keys() == {"a.py"}
    work.git("checkout", "-q", "HEAD", "--", "a.py")
    work.git("mv", "a.py", "b.py")
    assert found(scan(capsys, "secret", "--staged", str(work.folder))[1]) == {}


def test_a_hook_of_commit_all_sees_the_index_that_git_made(work: Work, tmp_path: Path) -> None:
    work.commit({"a.py": "x = 1\n"})
    work.write({"a.py": f'token = "{FIRST}"\n'})
    hook = work.folder / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    command = f"'{sys.executable}' -m vigie secret --staged --exit-code 1 --quiet . > '{tmp_path}/told'"
    hook.write_text(f"#!/bin/sh\n{command}\n")
    hook.chmod(0o755)
    environment = os.environ | {"HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    person = ("-c", "user.name=A", "-c", "user.email=a@b.c")
    commit = ["git", "-C", str(work.folder), *person, "commit", "-q", "-a", "-m", "x"]
    assert subprocess.run(commit, env=environment, check=False).returncode == 1
    assert "a.py" in (tmp_path / "told").read_text()
    work.write({"a.py": "y = 2\n"})
    assert subprocess.run(commit, env=environment, check=False).returncode == 0


def test_staged_outside_of_a_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["secret", "--staged", str(tmp_path)]) == 3
    assert "not the top of a git work tree" in capsys.readouterr().err
    assert main(["secret", "--staged", "--history", str(tmp_path)]) == 2
