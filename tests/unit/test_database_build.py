"""Databases built from the folders of `tests/data/database/build`: every row that can be asked for, as JSON."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from vigie.errors import KnowledgeError
from vigie.scanner.distro import Platform
from vigie.vulnerabilities.database.build import build, main
from vigie.vulnerabilities.database.native import NativeDatabase

CASES = sorted((Path(__file__).parent.parent / "data" / "database" / "build").iterdir())


def dump(path: Path, unreadable: int) -> dict[str, Any]:
    """Everything that the database answers."""
    with closing(sqlite3.connect(path)) as connection:
        places = connection.execute(
            "SELECT e.name, p.name FROM package p JOIN ecosystem e ON number = ecosystem ORDER BY 1, 2"
        ).fetchall()
        ends = connection.execute("SELECT product, cycle, day FROM end_of_life ORDER BY 1, 2").fetchall()
        answers = connection.execute(
            "SELECT e.name, s.file, a.date, statements, malicious FROM answer a "
            "JOIN ecosystem e ON e.number = ecosystem JOIN source s ON s.number = source ORDER BY 1, 2"
        ).fetchall()
    with closing(NativeDatabase(path)) as database:
        found: dict[str, list[Any]] = {}
        ids: dict[str, None] = {}
        for ecosystem, name in places:
            advisories = database.of_release(Platform(trivy="", osv=(ecosystem,)), name, name)
            rows = found.setdefault(f"{ecosystem} {name}", [])
            for advisory in advisories:
                ids.setdefault(advisory.id)
                row = msgspec.to_builtins(advisory)
                row["source"] = row["source"]["id"] if "source" in row else ""
                rows.append(row)
        details = database.details(ids)
        return {
            "date": database.built,
            "packages": found,
            "details": {name: msgspec.to_builtins(details[name]) for name in sorted(details)},
            "answers": answers,
            "end_of_life": ends,
            "unreadable": unreadable,
        }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_build(case: Path, tmp_path: Path) -> None:
    target = tmp_path / "vigie.db"
    built = build(case, target)
    found = json.loads(json.dumps(dump(target, built.unreadable)))
    expected = case.parent.parent / "expected" / f"{case.name}.json"
    if os.environ.get("VIGIE_GOLDEN"):
        expected.parent.mkdir(exist_ok=True)
        expected.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == json.loads(expected.read_text("utf-8"))


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    for case in CASES:
        build(case, tmp_path / "one.db")
        build(case, tmp_path / "two.db")
        assert (tmp_path / "one.db").read_bytes() == (tmp_path / "two.db").read_bytes(), case.name


def test_a_folder_without_records_is_refused_and_the_database_before_it_stays(tmp_path: Path) -> None:
    target = tmp_path / "vigie.db"
    target.write_bytes(b"before")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(KnowledgeError, match="no advisories"):
        build(empty, target)
    with pytest.raises(KnowledgeError, match="not a folder"):
        build(tmp_path / "absent", target)
    (empty / "pypi.jsonl.gz").write_bytes(b"\x1f\x8bdamaged")
    with pytest.raises(KnowledgeError, match="damaged"):
        build(empty, target)
    assert target.read_bytes() == b"before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "vigie.db"]


def test_a_failing_write_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(KnowledgeError, match="could not be written"):
        build(CASES[0], tmp_path / "file" / "vigie.db")
    folder = tmp_path / "taken"
    (folder / "vigie.db" / "inside").mkdir(parents=True)
    with pytest.raises(KnowledgeError, match="could not be written"):
        build(CASES[0], folder / "vigie.db")
    assert [path.name for path in folder.iterdir()] == ["vigie.db"]


def test_records_that_are_files_of_their_own_are_read_from_any_depth(tmp_path: Path) -> None:
    for number in (1, 2):
        record = {
            "id": f"GHSA-0000-0000-000{number}",
            "affected": [{"package": {"ecosystem": "npm", "name": "a"}, "versions": [str(number)]}],
        }
        path = tmp_path / "osv" / "npm" / str(number) / f"{record['id']}.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(record))
    (tmp_path / "osv" / "list.json").write_text(json.dumps([{"id": "x", "affected": []}]))
    built = build(tmp_path / "osv", tmp_path / "vigie.db")
    assert built.ecosystems == {"npm": 2}


def test_what_must_not_be_shipped_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    row = {"affected": [{"package": {"ecosystem": "npm", "name": "a"}, "versions": ["1"]}]}
    for stem, name in (("npm", "CVE-2020-0001"), ("suse", "CVE-2020-0002"), ("maven-victims", "CVE-2020-0003")):
        (folder / f"{stem}.jsonl").write_text(json.dumps({"id": name, **row}) + "\n")
    (folder / "of-unknown-terms.jsonl").write_text(json.dumps({"id": "CVE-2020-0004", **row}) + "\n")
    score = {"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "source": "nvd-via-greenbone"}
    (folder / "cvss.jsonl").write_text(json.dumps({"id": "CVE-2020-0001", "severity": [score]}) + "\n")
    target = tmp_path / "out.db"
    assert main(["--snapshot", "--from", str(folder), "--to", str(target)]) == 0
    assert json.loads(capsys.readouterr().out)["ecosystems"] == {"npm": 1}
    with closing(NativeDatabase(target)) as database:
        assert set(database.details([f"CVE-2020-000{n}" for n in range(1, 5)])) == {"CVE-2020-0001"}
        assert database.details(["CVE-2020-0001"])["CVE-2020-0001"].cvss == {}
    assert main(["--from", str(folder), "--to", str(target)]) == 0
    assert json.loads(capsys.readouterr().out)["ecosystems"] == {"npm": 4}
    assert main(["--from", str(tmp_path / "no"), "--to", str(target)]) == 3
    assert "is not a folder" in capsys.readouterr().err
