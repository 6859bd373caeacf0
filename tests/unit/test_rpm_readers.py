"""The three kinds of rpm database, laid out around headers that rpm itself wrote."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from builders.rpm import KINDS
from vigie import _core

DATA = Path(__file__).parent.parent / "data" / "rpm_headers"
EXPECTED: dict[str, dict[str, Any]] = json.loads((DATA / "expected.json").read_text())
HEADERS = {name: (DATA / f"{name}.header").read_bytes() for name in EXPECTED}


def as_dict(package: _core.RpmPackage) -> dict[str, Any]:
    return {field: getattr(package, field) for field in EXPECTED["alpha"]}


@pytest.mark.parametrize("kind", KINDS)
def test_packages_are_what_rpm_says(kind: str, tmp_path: Path) -> None:
    KINDS[kind](list(HEADERS.values()), tmp_path / "db")
    packages, problems = _core.read_rpm_database(str(tmp_path / "db"))
    assert [as_dict(package) for package in packages] == list(EXPECTED.values())
    assert problems == []


@pytest.mark.parametrize("kind", KINDS)
def test_many_packages(kind: str, tmp_path: Path) -> None:
    """Enough rows for interior pages, several slot pages and several hash pages."""
    headers = [HEADERS[name] for name in ("alpha", "beta", "gamma")] * 200
    KINDS[kind](headers, tmp_path / "db")
    packages, problems = _core.read_rpm_database(str(tmp_path / "db"))
    assert [package.name for package in packages] == ["alpha", "beta", "gamma"] * 200
    assert problems == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_package_leaves_the_others(kind: str, tmp_path: Path) -> None:
    headers = [HEADERS["alpha"], b"\xff" * 3000, HEADERS["gamma"]]
    KINDS[kind](headers, tmp_path / "db")
    packages, problems = _core.read_rpm_database(str(tmp_path / "db"))
    assert [package.name for package in packages] == ["alpha", "gamma"]
    assert problems == ["a package header is cut off"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_database(kind: str, tmp_path: Path) -> None:
    KINDS[kind]([], tmp_path / "db")
    assert _core.read_rpm_database(str(tmp_path / "db")) == ([], [])


@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_off_file_is_never_silent(kind: str, tmp_path: Path) -> None:
    """Whatever is missing, it is either an error, a problem, or all packages are there nevertheless."""
    KINDS[kind](list(HEADERS.values()), tmp_path / "db")
    whole = (tmp_path / "db").read_bytes()
    for length in (*range(0, 200, 7), *range(200, len(whole), max(1, len(whole) // 60))):
        (tmp_path / "cut").write_bytes(whole[:length])
        try:
            packages, problems = _core.read_rpm_database(str(tmp_path / "cut"))
        except ValueError as error:
            assert str(error)
        else:
            assert problems or len(packages) == len(HEADERS), length


def test_what_is_no_database(tmp_path: Path) -> None:
    for content in (b"", b"nothing of the kind, but long enough", b"SQLite format 3\0", b"RpmP" + bytes(100)):
        (tmp_path / "db").write_bytes(content)
        with pytest.raises(ValueError):
            _core.read_rpm_database(str(tmp_path / "db"))
    with pytest.raises(FileNotFoundError):
        _core.read_rpm_database(str(tmp_path / "absent"))


def test_a_sqlite_file_of_another_kind(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "db") as connection:
        connection.execute("CREATE TABLE Other (a, b)")
    connection.close()
    with pytest.raises(ValueError, match="no table Packages"):
        _core.read_rpm_database(str(tmp_path / "db"))
