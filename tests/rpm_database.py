"""Writes small rpm databases for the cases of the rpm analyzer: `python tests/rpm_database.py` makes them anew.

Header format: https://rpm.org/docs/latest/manual/format_header.html; database: SQLite, table `Packages`, column `blob`.
"""

from __future__ import annotations

import sqlite3
import struct
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

RED_HAT: list[dict[str, Any]] = [
    {
        "name": "bash",
        "version": "5.1.8",
        "release": "6.el9_1",
        "arch": "x86_64",
        "vendor": "Red Hat, Inc.",
        "license": "GPLv3+",
        "source_rpm": "bash-5.1.8-6.el9_1.src.rpm",
        "provides": ["/bin/sh", "bash", "bash(x86-64)"],
        "requires": ["libc.so.6()(64bit)", "filesystem", "not-there"],
        "folders": ["/etc/skel/", "/usr/bin/"],
        "names": [".bashrc", "bash", "sh"],
        "indexes": [0, 1, 1],
        "md5": bytes(range(16)),
    },
    {
        "name": "glibc",
        "version": "2.34",
        "release": "83.el9.7",
        "arch": "x86_64",
        "vendor": "Red Hat, Inc.",
        "license": "LGPLv2+ and LGPLv2+ with exceptions",
        "source_rpm": "glibc-2.34-83.el9.7.src.rpm",
        "provides": ["libc.so.6()(64bit)", "glibc"],
        "requires": ["libc.so.6()(64bit)", "/bin/sh"],
    },
    {
        "name": "npm",
        "version": "10.2.4",
        "release": "1.18.19.0.1.module+el9.3.0+20792+b8ea1a3e",
        "epoch": 1,
        "arch": "x86_64",
        "vendor": "Red Hat, Inc.",
        "license": "Artistic 2.0",
        "source_rpm": "nodejs-18.19.0-1.module+el9.3.0+20792+b8ea1a3e.src.rpm",
        "modularity": "nodejs:18:9030020231205120541:rhel9",
    },
    {
        "name": "gpg-pubkey",
        "version": "fd431d51",
        "release": "4ae0493b",
        "license": "pubkey",
        "vendor": "(none)",
        "source_rpm": "(none)",
    },
    {
        "name": "docker-ce",
        "version": "24.0.7",
        "release": "1.el9",
        "epoch": 3,
        "arch": "x86_64",
        "vendor": "Docker",
        "license": "ASL 2.0",
        "source_rpm": "docker-ce-24.0.7-1.el9.src.rpm",
        "folders": ["/usr/bin/"],
        "names": ["dockerd"],
        "indexes": [0],
    },
    {
        "name": "acl",
        "version": "2.2.49",
        "release": "6.11.amzn1",
        "arch": "x86_64",
        "license": "GPLv2+",
        "source_rpm": "acl.src.rpm",
    },
]


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


def write(path: Path, packages: list[dict[str, Any]]) -> None:
    """A database in SQLite's format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
        connection.executemany("INSERT INTO Packages (blob) VALUES (?)", [(header(tags),) for tags in packages])
    connection.close()


if __name__ == "__main__":
    cases = Path(__file__).parent / "data" / "analyzers" / "rpm"
    write(cases / "red-hat-9" / "root" / "var" / "lib" / "rpm" / "rpmdb.sqlite", RED_HAT)
