"""JAR files: what is kept of them, what lies inside them, and what cannot be read."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from vigie import _core

PROPERTIES = b"groupId=org.example\nartifactId=lib\nversion=1.0\n"


def jar(entries: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
        archive.comment = comment
    return stream.getvalue()


def read(content: bytes, folder: Path) -> _core.Archive:
    (folder / "app.jar").write_bytes(content)
    archive = _core.read_archive(str(folder / "app.jar"))
    assert archive.path == str(folder / "app.jar")
    return archive


def problems(content: bytes, folder: Path) -> list[tuple[str, str]]:
    return [(where.removeprefix(f"{folder}/"), what) for where, what in read(content, folder).problems]


KEPT = [
    "META-INF/MANIFEST.MF",
    "META-INF/maven/org.example/lib/pom.properties",
    "META-INF/maven/org.example/lib/pom.xml",
    "some/where/pom.properties",
    "some/where/MANIFEST.MF",
    "LICENSE",
    "licence.txt",
    "META-INF/LICENSE.md",
    "META-INF/Copyright",
]
LEFT = [
    "META-INF/",
    "META-INF/maven/pom.xml",
    "META-INF/maven/a/b/c/pom.xml",
    "pom.xml",
    "some/where/LICENSE",
    "META-INF/licenses/LICENSE",
    "License.class",
    "org/example/Main.class",
    "notes.jar.txt",
    ".jar",
]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_kept_files_in_order(method: int, tmp_path: Path) -> None:
    names = [name for pair in zip(KEPT, LEFT, strict=False) for name in pair] + LEFT[len(KEPT) :]
    content = jar({name: name.encode() * 50 for name in names}, method=method, comment=b"PK\x05\x06 not the end")
    archive = read(content, tmp_path)
    assert archive.files == [(name, name.encode() * 50) for name in KEPT]
    assert archive.sha1 == hashlib.sha1(content).hexdigest()
    assert (archive.nested, archive.problems) == ([], [])


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_nested_archives(method: int, tmp_path: Path) -> None:
    deepest = jar({"a/pom.properties": PROPERTIES})
    inner = jar({"lib/deep.WAR": deepest, "LICENSE": b"x"}, method=method)
    archive = read(jar({"BOOT-INF/lib/in.jar": inner, "e.ear": b""}, method=method), tmp_path)
    assert archive.problems == []
    first, empty = archive.nested
    assert first.path == f"{tmp_path}/app.jar/BOOT-INF/lib/in.jar"
    assert first.sha1 == hashlib.sha1(inner).hexdigest()
    assert first.files == [("LICENSE", b"x")]
    assert first.nested[0].path == f"{tmp_path}/app.jar/BOOT-INF/lib/in.jar/lib/deep.WAR"
    assert first.nested[0].sha1 == hashlib.sha1(deepest).hexdigest()
    assert first.nested[0].files == [("a/pom.properties", PROPERTIES)]
    assert (empty.path, empty.files, empty.problems) == (f"{tmp_path}/app.jar/e.ear", [], [])


def test_a_start_script_before_the_archive(tmp_path: Path) -> None:
    archive = read(b"#!/bin/sh\nexec java -jar $0\n" + jar({"LICENSE": b"x"}), tmp_path)
    assert (archive.files, archive.problems) == ([("LICENSE", b"x")], [])


def test_zip64(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        with archive.open("LICENSE", "w", force_zip64=True) as entry:
            entry.write(b"x")
        for index in range(70_000):
            archive.writestr(f"f{index}", b"")
    archive_read = read(stream.getvalue(), tmp_path)
    assert (archive_read.files, archive_read.problems) == ([("LICENSE", b"x")], [])


def test_no_archive(tmp_path: Path) -> None:
    assert problems(b"", tmp_path) == []
    assert problems(b"\x7fELF, for example", tmp_path) == [("app.jar", "not a ZIP archive")]
    assert problems(jar({"LICENSE": b"x"})[:-5], tmp_path) == [("app.jar", "not a ZIP archive")]
    assert problems(jar({"in.jar": b"text"}), tmp_path) == [("app.jar/in.jar", "not a ZIP archive")]


def patched(content: bytes, offset: int, value: bytes) -> bytes:
    """Writes `value` at `offset` of the only entry of the central directory."""
    at = content.index(b"PK\x01\x02") + offset
    return content[:at] + value + content[at + len(value) :]


@pytest.mark.parametrize(
    ("offset", "value", "what"),
    [
        (8, b"\x01", "it is encrypted"),
        (10, b"\x63", "it is compressed in the unknown way 99"),
        (16, b"\0\0\0\0", "its checksum is wrong"),
        (20, b"\xff\xff\xff\x7f", "its bytes lie outside the archive"),
        (24, b"\x01\0\0\0", "its size is not what the archive says"),
        (24, b"\0\0\0\x7f", "its 2130706432 bytes are more than the 10485760 that are read"),
        (42, b"\x01\0\0\0", "it has no local header"),
        (42, b"\xff\xff\xff\x7f", "its bytes lie outside the archive"),
    ],
)
def test_a_damaged_entry_is_told(offset: int, value: bytes, what: str, tmp_path: Path) -> None:
    content = patched(jar({"LICENSE": b"x" * 100}), offset, value)
    assert problems(content, tmp_path) == [("app.jar/LICENSE", what)]


def test_a_damaged_directory_is_told(tmp_path: Path) -> None:
    content = jar({"LICENSE": b"x"})
    assert problems(patched(content, 0, b"XX"), tmp_path) == [("app.jar", "1 entries are announced, 0 are there")]
    assert problems(patched(content, 28, b"\xff\xff"), tmp_path) == [
        ("app.jar", "the directory of the archive is damaged")
    ]
    end = content.index(b"PK\x05\x06")
    wild = content[: end + 12] + struct.pack("<I", 0x7FFFFFFF) + content[end + 16 :]
    assert problems(wild, tmp_path) == [("app.jar", "a directory of 2147483647 bytes")]


def test_paths_that_leave_the_archive(tmp_path: Path) -> None:
    inner = jar({"LICENSE": b"x"})
    archive = read(jar({"../a.jar": inner, "/b.jar": inner, "c/../../d.jar": inner, "good.jar": inner}), tmp_path)
    assert [nested.path for nested in archive.nested] == [f"{tmp_path}/app.jar/good.jar"]
    assert len(archive.problems) == 3


def test_bombs_are_refused(tmp_path: Path) -> None:
    manifest = "META-INF/MANIFEST.MF"
    (_, what), *_ = problems(jar({manifest: b"\0" * (11 << 20)}), tmp_path)
    assert "more than the 10485760 that are read" in what
    lying = patched(jar({manifest: b"\0" * (11 << 20)}), 24, b"\1\0\0\0")
    assert problems(lying, tmp_path) == [(f"app.jar/{manifest}", "its size is not what the archive says")]
    many = jar({f"{index}/MANIFEST.MF": b"\0" * (10 << 20) for index in range(30)})
    assert problems(many, tmp_path)[0][1] == "the archive needs more than 268435456 bytes of memory"


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    content = jar({"LICENSE": b"x"})
    for _ in range(12):
        content = jar({"in.jar": content})
    archive, depth = read(content, tmp_path), 0
    assert [what for _, what in archive.problems] == ["archives are nested deeper than 8 levels"]
    while archive.nested:
        archive, depth = archive.nested[0], depth + 1
    assert depth == 8


def test_an_archive_inside_itself_ends(tmp_path: Path) -> None:
    """Entries that all point at the same stored archive are bounded by what is read altogether."""
    inner = jar({f"{index}.jar": jar({"LICENSE": b"x" * 1000}, method=zipfile.ZIP_STORED) for index in range(500)})
    content = jar({f"{index}.jar": inner for index in range(250)}, method=zipfile.ZIP_STORED)
    archive = read(content, tmp_path)
    assert any("more than" in what for _, what in archive.problems)


def test_problems_are_bounded(tmp_path: Path) -> None:
    assert len(problems(jar({f"{index}.jar": b"text" for index in range(500)}), tmp_path)) == 51


def test_cut_off_files_are_told(tmp_path: Path) -> None:
    content = jar({"LICENSE": b"x", "in.jar": jar({"a/pom.properties": PROPERTIES})})
    for length in range(1, len(content)):
        assert problems(content[:length], tmp_path)
