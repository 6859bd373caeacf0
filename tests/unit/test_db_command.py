"""`vigie db`: a database built from a folder answers and is listed; Trivy's own folder is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vigie.cli.main import main
from vigie.vulnerabilities.database.location import trivy_database

RECORD = {
    "id": "PYSEC-2099-1",
    "aliases": ["CVE-2099-0001"],
    "published": "2026-01-01T00:00:00Z",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "sample"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2"}]}],
        }
    ],
}


@pytest.mark.parametrize("spelling", [["--from", "advisories"], ["--from=advisories"], ["advisories"]])
def test_what_was_built_is_listed_and_answers(
    spelling: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "advisories").mkdir()
    (tmp_path / "advisories" / "pypi.jsonl").write_text(json.dumps(RECORD) + "\n")
    (tmp_path / "requirements.txt").write_text("sample==1.1\n")
    assert main(["db", "build", *spelling, "--cache-dir", "cache"]) == 0
    database = str(tmp_path / "cache" / "vigie-db" / "vigie.db")
    capsys.readouterr()
    assert main(["db", "list", "--database", database]) == 0
    assert capsys.readouterr().out.split()[0] == "PyPI"
    assert main(["fs", "--database", database, "-f", "json", "requirements.txt"]) == 0
    (result,) = json.loads(capsys.readouterr().out)["Results"]
    assert [found["VulnerabilityID"] for found in result["Vulnerabilities"]] == ["CVE-2099-0001"]


def test_a_database_that_trivy_fetched_is_used_where_it_lies(tmp_path: Path) -> None:
    cache = tmp_path / "vigie"
    assert trivy_database(cache) == cache / "db" / "trivy.db"
    theirs = tmp_path / "trivy" / "db" / "trivy.db"
    theirs.parent.mkdir(parents=True)
    theirs.touch()
    assert trivy_database(cache) == theirs
