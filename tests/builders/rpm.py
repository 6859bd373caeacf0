"""Rpm databases of every kind, laid out around headers: `KINDS["ndb"]([header({"name": "bash"})], path)`.

Headers: https://rpm.org/docs/latest/manual/format_header.html. Layouts: SQLite
writes itself; NDB as rpm's lib/backend/ndb describes it; Berkeley DB hash files as its db_page.h does.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

STRING, BINARY, STRINGS, INT32 = 6, 7, 8, 4
TAGS = {
    "name": (1000, STRING),
    "version": (1001, STRING),
    "release": (1002, STRING),
    "epoch": (1003, INT32),
    "vendor": (1011, STRING),
    "license": (1014, STRING),
    "arch": (1022, STRING),
    "source_rpm": (1044, STRING),
    "provides": (1047, STRINGS),
    "requires": (1049, STRINGS),
    "indexes": (1116, INT32),
    "names": (1117, STRINGS),
    "folders": (1118, STRINGS),
    "modularity": (5096, STRING),
    "md5": (261, BINARY),
}


def header(tags: dict[str, Any]) -> bytes:
    """An rpm header blob, as the database stores it."""
    index, data = [], b""
    for key, value in sorted(tags.items(), key=lambda item: TAGS[item[0]][0]):
        tag, kind = TAGS[key]
        if kind == INT32:
            data += b"\0" * (-len(data) % 4)
            numbers = value if isinstance(value, list) else [value]
            raw, count = struct.pack(f">{len(numbers)}i", *numbers), len(numbers)
        elif kind == BINARY:
            raw, count = value, len(value)
        else:
            texts = value if isinstance(value, list) else [value]
            raw, count = b"".join(text.encode() + b"\0" for text in texts), len(texts)
        index.append(struct.pack(">iIiI", tag, kind, len(data), count))
        data += raw
    return struct.pack(">II", len(index), len(data)) + b"".join(index) + data


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
