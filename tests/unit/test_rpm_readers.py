"""The three kinds of rpm database, laid out around headers that rpm itself wrote."""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from vigie import _core

DATA = Path(__file__).parent.parent / "data" / "formats" / "rpm"
EXPECTED: dict[str, dict[str, Any]] = json.loads((DATA / "expected.json").read_text())
HEADERS = {name: (DATA / f"{name}.header").read_bytes() for name in EXPECTED}


def sqlite_file(headers: Sequence[bytes], path: Path, *, page_size: int = 4096) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA page_size = {page_size}")
        connection.execute("CREATE TABLE Name (key TEXT, hnum INTEGER)")
        connection.execute("CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
        connection.executemany("INSERT INTO Packages (blob) VALUES (?)", [(header,) for header in headers])
    connection.close()


def ndb_file(headers: Sequence[bytes], path: Path) -> None:
    """Slots of 16 bytes in pages of 4096, the first two of which are the file's header; blobs in blocks of 16."""
    pages = -(-(len(headers) + 2) // 256)
    slots, heap = [], b""
    for index, header in enumerate(headers, 1):
        slots.append(
            b"Slot" + struct.pack("<III", index, (pages * 4096 + len(heap)) // 16, -(-(len(header) + 28) // 16))
        )
        blob = b"BlbS" + struct.pack("<III", index, 1, len(header)) + header
        tail = struct.pack("<II", 0, len(header)) + b"BlbE"
        heap += blob + b"\0" * (-(len(blob) + len(tail)) % 16) + tail
    slots += [b"Slot" + bytes(12)] * (pages * 256 - 2 - len(slots))
    path.write_bytes(b"RpmP" + struct.pack("<III", 0, 1, pages) + bytes(16) + b"".join(slots) + heap)


def berkeley_file(headers: Sequence[bytes], path: Path, *, order: str = "<", size: int = 4096) -> None:
    """A hash page with up to 20 pairs, each value on a chain of overflow pages."""

    def page(kind: int, next_page: int, entries: int, free: int, body: bytes) -> bytes:
        return (bytes(16) + struct.pack(f"{order}IHHBB", next_page, entries, free, 0, kind) + body).ljust(size, b"\0")

    pages: list[bytes] = [b""]
    for start in range(0, len(headers), 20):
        part = headers[start : start + 20]
        hash_at = len(pages)
        pages.append(b"")
        offsets, items = [], b""
        for index, header in enumerate(part, start + 1):
            key = b"\x01" + struct.pack(f"{order}I", index)
            value = b"\x03\0\0\0" + struct.pack(f"{order}II", len(pages), len(header))
            for at in range(0, len(header), size - 26):
                chunk = header[at : at + size - 26]
                last = at + len(chunk) == len(header)
                pages.append(page(7, 0 if last else len(pages) + 1, 1, len(chunk), chunk))
            for item in (key, value):
                items = item + items
                offsets.append(size - len(items))
        body = struct.pack(f"{order}{len(offsets)}H", *offsets).ljust(size - 26 - len(items), b"\0") + items
        pages[hash_at] = page(13, 0, len(offsets), offsets[-1], body)
    head = bytes(8) + struct.pack(f"{order}III", 0, 0x061561, 9) + struct.pack(f"{order}I", size) + b"\0\x08\0\0"
    head += struct.pack(f"{order}II", 0, len(pages) - 1)
    pages[0] = head.ljust(size, b"\0")
    path.write_bytes(b"".join(pages))


KINDS: dict[str, Callable[[Sequence[bytes], Path], None]] = {
    "sqlite": sqlite_file,
    "sqlite-512": lambda headers, path: sqlite_file(headers, path, page_size=512),
    "sqlite-65536": lambda headers, path: sqlite_file(headers, path, page_size=65536),
    "ndb": ndb_file,
    "berkeley": berkeley_file,
    "berkeley-big-endian": lambda headers, path: berkeley_file(headers, path, order=">", size=512),
}


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
