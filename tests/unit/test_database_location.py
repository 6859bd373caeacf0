"""Which database answers, what comes with the program, and when its age is mentioned."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from builders import bolt
from vigie.errors import KnowledgeError
from vigie.model.report import Knowledge, KnowledgeAge
from vigie.scanner.distro import Platform
from vigie.settings.groups import DatabaseOptions, Options
from vigie.vulnerabilities.database import built_database, open_archive_index, open_database, stale, weakness_name
from vigie.vulnerabilities.database.build import build
from vigie.vulnerabilities.database.native import NativeDatabase
from vigie.vulnerabilities.database.snapshot import SNAPSHOT
from vigie.vulnerabilities.database.sources import feeds
from vigie.vulnerabilities.database.trivy import TrivyDatabase

CASES = Path(__file__).parent.parent / "data" / "database" / "build"


def options(database: str = "auto", **more: bool) -> Options:
    return Options(database=DatabaseOptions(database=database, **more))


def own(cache: Path, day: str = "2999-01-01") -> Path:
    """A database built on this machine."""
    path = built_database(cache)
    build(CASES / "distributions", path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE about SET value = ? WHERE key = 'date'", (day,))
        connection.commit()
    return path


def trivy(cache: Path) -> Path:
    path = cache / "db" / "trivy.db"
    path.parent.mkdir(parents=True)
    bolt.write(path, {b"debian 12": {b"curl": {b"CVE-2023-1": b"{}"}}})
    return path


def opened(cache: Path, database: str = "auto") -> Path:
    with closing(open_database(options(database), cache)) as found:
        assert isinstance(found, NativeDatabase | TrivyDatabase)
        return found.path


def test_auto_takes_trivys_then_our_own_then_what_came_with_the_program(tmp_path: Path) -> None:
    assert opened(tmp_path) == SNAPSHOT
    built = own(tmp_path)
    assert opened(tmp_path) == built
    other = trivy(tmp_path)
    assert opened(tmp_path) == other
    assert opened(tmp_path, "vigie") == built


def test_an_older_or_damaged_one_of_our_own_gives_way(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    built = own(tmp_path, "2020-01-01")
    assert opened(tmp_path) == SNAPSHOT
    built.write_bytes(b"SQLite format 3\x00 and then nothing")
    with caplog.at_level(logging.WARNING):
        assert opened(tmp_path) == SNAPSHOT
    assert "cannot be read" in caplog.text


def test_what_is_no_database_of_trivy_is_passed_over_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    trivy(tmp_path).write_bytes(b"\0" * 100)
    with caplog.at_level(logging.WARNING):
        assert opened(tmp_path) == SNAPSHOT
    assert "is not a database that can be read" in caplog.text


def test_a_path_is_what_its_content_is(tmp_path: Path) -> None:
    built = own(tmp_path / "one")
    other = trivy(tmp_path / "two")
    assert opened(tmp_path, str(built)) == built
    assert opened(tmp_path, str(other)) == other
    assert opened(tmp_path, str(tmp_path / "one")) == built
    assert opened(tmp_path, str(tmp_path / "two" / "db")) == other
    (tmp_path / "text").write_text("hello")
    for name in ("text", "absent"):
        with pytest.raises(KnowledgeError, match=name):
            opened(tmp_path, str(tmp_path / name))


def test_trivys_is_needed_when_it_is_asked_for_and_may_not_be_fetched(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="--skip-db-update forbids") as caught:
        open_database(options("trivy", skip_update=True), tmp_path)
    assert "--database vigie" in caught.value.hint
    path = trivy(tmp_path)
    with closing(open_database(options("trivy", skip_update=True), tmp_path)) as found:
        assert isinstance(found, TrivyDatabase)
        assert found.path == path


def test_without_a_java_database_nothing_is_looked_up(tmp_path: Path) -> None:
    assert open_archive_index(options(), tmp_path) is None


def test_what_is_shipped() -> None:
    """Small enough, readable in place, and nothing in it that must not be shipped."""
    assert SNAPSHOT.stat().st_size <= 15_000_000
    with closing(sqlite3.connect(f"{SNAPSHOT.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        files = {name for (name,) in connection.execute("SELECT file FROM source WHERE file != ''")}
        credits = dict(connection.execute("SELECT file, attribution FROM source WHERE file != ''"))
        raters = {name for (name,) in connection.execute("SELECT id FROM source")}
        ecosystems = {name.partition(":")[0] for (name,) in connection.execute("SELECT name FROM ecosystem")}
    assert not [name for name in files if name in feeds() and feeds()[name].withheld]
    assert all(credits.values())
    assert "nvd-via-greenbone" not in raters
    assert {"npm", "PyPI", "Maven", "Go", "crates.io", "RubyGems", "Packagist", "NuGet"} <= ecosystems
    assert {"Debian", "Alpine", "AlmaLinux", "Photon OS"} <= ecosystems
    assert not {"Ubuntu", "x_Ubuntu-binary", "x_SLES-binary", "x_RHEL-binary", "x_Fedora-binary"} & ecosystems


def test_every_shipped_source_is_credited_in_the_notice() -> None:
    notice = (Path(__file__).parents[2] / "NOTICE").read_text("utf-8")
    with closing(sqlite3.connect(f"{SNAPSHOT.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        rows = connection.execute("SELECT name, date, attribution FROM source WHERE file != ''").fetchall()
    for name, day, credit in rows:
        assert f"{name}, {day}" in notice, name
        assert credit in notice, name


def test_the_shipped_database_knows_log4shell() -> None:
    with closing(NativeDatabase(SNAPSHOT)) as database:
        found = database.of_release(Platform("", osv=("Maven",)), "org.apache.logging.log4j:log4j-core", "")
        details = database.details(["CVE-2021-44228"])["CVE-2021-44228"]
    assert "CVE-2021-44228" in {advisory.id for advisory in found}
    assert (details.severity, details.exploited) == ("CRITICAL", True)
    assert details.epss is not None
    assert details.epss > 0.9


def test_age_is_mentioned_past_thirty_days() -> None:
    today = date(2026, 8, 22)
    ages = [KnowledgeAge("A", "2026-07-23"), KnowledgeAge("B", "2026-07-22"), KnowledgeAge("C", "")]
    assert stale(Knowledge("vigie", "2026-08-22", sources=tuple(ages[:1])), today) == []
    (warning,) = stale(Knowledge("vigie", "2026-08-22", sources=tuple(ages)), today)
    assert "B (2026-07-22, 31 days)" in warning
    assert "C (of unknown age)" in warning
    assert "A (" not in warning
    many = tuple(KnowledgeAge(f"S{number}", "2020-01-01") for number in range(9))
    (warning,) = stale(Knowledge("vigie", "2026-08-22", sources=many), today)
    assert warning.endswith("and 4 more")
    assert stale(Knowledge("trivy", "2026-08-21"), today) == []
    assert len(stale(Knowledge("trivy", ""), today)) == 1


def test_names_of_weaknesses() -> None:
    assert weakness_name("CWE-79") == "Cross-site Scripting"
    assert weakness_name("CWE-787") == "Out-of-bounds Write"
    assert weakness_name("CWE-264") == "Permissions, Privileges, and Access Controls"
    assert weakness_name("CWE-99999") == ""
