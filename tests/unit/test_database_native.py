"""Our own database: ids, names, damage, threads."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.errors import KnowledgeError
from vigie.model.advisory import Range
from vigie.model.inventory import BuildInfo
from vigie.scanner.distro import Platform
from vigie.scanner.ecosystem import Ecosystem
from vigie.versions.deb import ORDERING
from vigie.vulnerabilities.database.build import build
from vigie.vulnerabilities.database.native import NativeDatabase
from vigie.vulnerabilities.database.schema import (
    Statement,
    decode_id,
    decode_statements,
    encode_id,
    encode_statements,
    package_key,
    severity_of,
    status_of,
)

CASES = Path(__file__).parent.parent / "data" / "database" / "build"
NPM = Ecosystem(name="npm", osv=("npm",), types=("npm",), ordering=ORDERING)
PYPI = Ecosystem(name="pypi", osv=("PyPI", "absent"), types=("pip",), ordering=ORDERING)


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("databases") / "distributions.db"
    build(CASES / "distributions", path)
    return path


@given(st.one_of(st.text(), st.from_regex(r"(CVE|GHSA|CAN)-\d{1,5}-\d{1,9}", fullmatch=True)))
def test_ids_survive(text: str) -> None:
    assert decode_id(encode_id(text)) == text


def test_cves_are_numbers() -> None:
    assert isinstance(encode_id("CVE-1999-0001"), int)
    assert isinstance(encode_id("CVE-2026-1000000"), int)
    assert encode_id("CVE-2020-01234") == "CVE-2020-01234"  # not the canonical form: it stays a text


@given(st.lists(st.builds(Statement, record=st.integers(1, 99), fixed=st.text(max_size=40)), max_size=60))
def test_statements_survive(statements: list[Statement]) -> None:
    assert list(decode_statements(encode_statements(statements))) == statements


@pytest.mark.parametrize("data", [b"", b"\x78damaged", b"\x93\x01", b"\xff\xff", b'{"a": 1}'])
def test_damaged_statements_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        decode_statements(data)


@pytest.mark.parametrize(
    ("ecosystem", "name", "key"),
    [
        ("PyPI", "Zope.Interface__x", "zope-interface-x"),
        ("npm", "@Scope/Name_x", "@scope/name_x"),
        ("crates.io", "Ansi_Term", "ansi-term"),
        ("Maven", "Org.Apache:Log4j", "org.apache:log4j"),
        ("Go", "github.com/BurntSushi/toml", "github.com/BurntSushi/toml"),
        ("SwiftURL", "https://github.com/Vapor/Vapor.git", "github.com/vapor/vapor"),
        ("Debian:12", "libX11", "libX11"),
    ],
)
def test_names_are_folded_as_their_registry_does(ecosystem: str, name: str, key: str) -> None:
    assert package_key(ecosystem, name) == key
    assert package_key(ecosystem, key) == key


def test_words_of_sources() -> None:
    words = ("Moderate", "Important", "negligible", "LOW", "low (only with JavaScript)", "Critical", "untriaged", "")
    assert [severity_of(word) for word in words] == ["MEDIUM", "HIGH", "LOW", "LOW", "LOW", "CRITICAL", None, None]
    assert status_of("Will not fix") == "will_not_fix"
    assert status_of("never heard") == "unknown"


def test_a_package_of_a_module_meets_the_records_of_its_stream_only(distributions: Path) -> None:
    platform = Platform("alma 8", osv_binary=("AlmaLinux:8",))
    with closing(NativeDatabase(distributions)) as database:
        assert [a.id for a in database.of_release(platform, "nodejs:18::npm", "npm")] == ["CVE-2021-3000"]
        assert database.of_release(platform, "nodejs:20::npm", "npm") == ()
        assert database.of_release(platform, "npm", "npm") == ()
        found = database.of_release(platform, "openssl", "openssl")
        assert [(a.id, a.binary) for a in found] == [("CVE-2021-3001", True), ("CVE-2021-3002", True)]


def test_source_and_binary_names_are_asked_in_their_own_ecosystems(distributions: Path) -> None:
    platform = Platform("x", osv=("Debian:11",), osv_binary=("AlmaLinux:8", "absent:1"))
    with closing(NativeDatabase(distributions)) as database:
        found = database.of_release(platform, "curl", "openssl")
        assert {a.id for a in found} == {"CVE-2021-1000", "CVE-2021-1001", "CVE-2021-3001", "CVE-2021-3002"}
        assert database.red_hat_cpes(BuildInfo(), "8") is None


def test_languages(tmp_path: Path) -> None:
    build(CASES / "aliases", tmp_path / "vigie.db")
    with closing(NativeDatabase(tmp_path / "vigie.db")) as database:
        (advisory,) = database.of_ecosystem(PYPI, "some-package")
        assert (advisory.id, advisory.fixed) == ("CVE-2020-1001", "")
        assert advisory.ranges == (Range(fixed="1.2"), Range(introduced="2.0", fixed="2.1"))
        assert database.of_ecosystem(PYPI, "Some.Package") == (advisory,)
        assert database.of_ecosystem(NPM, "some-package") == ()
        assert database.covers(PYPI)
        assert not database.covers(NPM)
        assert not database.covers(Platform("debian 12", osv=("Debian:12",)))


def test_malicious_packages_alone_do_not_cover_a_language(tmp_path: Path) -> None:
    build(CASES / "malicious", tmp_path / "vigie.db")
    with closing(NativeDatabase(tmp_path / "vigie.db")) as database:
        assert database.covers(NPM)
        assert not database.covers(PYPI)
        assert [a.malicious for a in database.of_ecosystem(PYPI, "some")] == [True]
        assert database.describe([PYPI]).sources == ()


def test_ends_of_support(tmp_path: Path) -> None:
    build(CASES / "details", tmp_path / "vigie.db")
    with closing(NativeDatabase(tmp_path / "vigie.db")) as database:
        assert database.end_of_life("alpine", "3.21.3") == date(2026, 11, 1)
        assert database.end_of_life("debian", "12.5") == date(2028, 6, 30)
        assert database.end_of_life("ubuntu", "22.04-ESM") == date(2032, 4, 9)
        assert database.end_of_life("alpine", "3.99") is None
        assert database.end_of_life("plan9", "4") is None


def test_many_threads_share_one_database(distributions: Path) -> None:
    platform = Platform("debian 11", osv=("Debian:11",))
    wrong: list[object] = []
    with closing(NativeDatabase(distributions)) as database:

        def ask() -> None:
            for number in range(200):
                found = database.of_release(platform, "curl" if number % 2 else f"absent-{number}", "")
                if len(found) != (2 if number % 2 else 0):
                    wrong.append(found)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []
    with pytest.raises(KnowledgeError, match="closed"):
        NativeDatabase.built.fget(database)  # type: ignore[attr-defined]


def test_damage_and_other_schemas_are_one_clear_error(tmp_path: Path, distributions: Path) -> None:
    platform = Platform("debian 11", osv=("Debian:11",))
    data = distributions.read_bytes()
    path = tmp_path / "vigie.db"
    for damaged in (b"", b"SQLite format 3\x00", data[:4096], data[:100] + b"\xff" * (len(data) - 100)):
        path.write_bytes(damaged)
        with pytest.raises(KnowledgeError), closing(NativeDatabase(path)) as database:
            database.of_release(platform, "curl", "curl")
    with pytest.raises(KnowledgeError, match="cannot be read"):
        NativeDatabase(tmp_path / "absent.db").covers(platform)
    for pragma in ("user_version = 99", "application_id = 1"):
        path.write_bytes(data)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"PRAGMA {pragma}")
            connection.commit()
        with pytest.raises(KnowledgeError, match="no database of this version"):
            NativeDatabase(path).covers(platform)
    path.write_bytes(data)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE package SET statements = ?", (b"\x91\x92\xce\x00\x01\x00\x00\xa1x",))
        connection.commit()
    with closing(NativeDatabase(path)) as database, pytest.raises(KnowledgeError, match="record 65536 is missing"):
        database.of_release(platform, "curl", "curl")


def test_a_database_that_may_not_be_written_can_be_read(tmp_path: Path, distributions: Path) -> None:
    folder = tmp_path / "a folder with ? and #"
    folder.mkdir()
    path = folder / "vigie.db"
    path.write_bytes(distributions.read_bytes())
    path.chmod(0o444)
    folder.chmod(0o555)
    try:
        with closing(NativeDatabase(path)) as database:
            assert database.built == "2021-06-01"
        assert [entry.name for entry in folder.iterdir()] == ["vigie.db"]
    finally:
        folder.chmod(0o755)


def test_sources_and_their_days(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    entry = {
        "file": "alpine.jsonl",
        "source": {
            "commit_date": "2020-06-08T15:44:53+02:00",
            "also": [{"ref": "v3.17.2", "date": "2023-02-10T16:44:39+00:00"}, {"ref": "HEAD", "date": "2026-08-22"}],
        },
    }
    quiet = {"file": "npm.jsonl", "published": {"last": "2020-04-27"}, "source": {"commit_date": "2026-04-08"}}
    (folder / "manifest.json").write_text(json.dumps({"files": [entry, quiet]}))
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1-r0"}]}]
    affected = [
        {"package": {"ecosystem": f"Alpine:{release}", "name": "a"}, "ranges": ranges}
        for release in ("v3.9", "v3.17", "edge")
    ]
    (folder / "alpine.jsonl").write_text(json.dumps({"id": "A-1", "upstream": ["CVE-2020-0001"], "affected": affected}))
    affected = [{"package": {"ecosystem": "npm", "name": "a"}, "ranges": ranges}]
    (folder / "npm.jsonl").write_text(json.dumps({"id": "N-1", "affected": affected}))
    build(folder, tmp_path / "vigie.db")
    with closing(NativeDatabase(tmp_path / "vigie.db")) as database:
        releases = [Platform("", osv=(f"Alpine:{release}",)) for release in ("v3.9", "v3.17", "edge")]
        knowledge = database.describe([*releases, NPM])
    assert (knowledge.kind, knowledge.date) == ("vigie", "2026-08-22")
    assert [age.date for age in knowledge.sources] == ["2020-06-08", "2023-02-10", "2026-08-22", "2020-04-27"]
    assert knowledge.sources[0].source == "Alpine Secdb (Alpine:v3.9)"
