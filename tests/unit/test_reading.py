"""Layers and folders: what `_core` delivers of archives that other programs wrote, and of damaged ones."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import os
import random
import shutil
import subprocess
import tarfile
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from vigie import _core

Rules = list[tuple[list[str], list[str], str]]

EVERYTHING: Rules = [(["**"], [], "bytes")]


def archive(fill: Callable[[tarfile.TarFile], None], *, format: int = tarfile.PAX_FORMAT) -> bytes:
    """A plain tar."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=format) as tar:
        fill(tar)
    return buffer.getvalue()


def add(tar: tarfile.TarFile, name: str, content: bytes = b"", mode: int = 0o644, **fields: object) -> None:
    """One member."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), mode
    for field, value in fields.items():
        setattr(member, field, value)
    tar.addfile(member, io.BytesIO(content))


def files(contents: Mapping[str, bytes]) -> bytes:
    """A plain tar of regular files."""

    def fill(tar: tarfile.TarFile) -> None:
        for name, content in contents.items():
            add(tar, name, content)

    return archive(fill)


def read(
    path: Path,
    rules: Rules | None = None,
    *,
    limits: _core.Limits | None = None,
    skip_files: tuple[str, ...] = (),
    skip_dirs: tuple[str, ...] = (),
) -> tuple[list[_core.Found], _core.Walked]:
    """All wanted files of a layer, and what the walk says."""
    selection = _core.Selection(EVERYTHING if rules is None else rules, skip_files, skip_dirs)
    reader = _core.LayerReader(str(path), selection, limits or _core.Limits())
    return list(drain(reader)), reader.finish()


def drain(reader: _core.LayerReader | _core.FolderReader) -> Iterator[_core.Found]:
    while batch := reader.next_batch():
        yield from batch


def sha256(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


@pytest.fixture
def blob(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(data: bytes) -> Path:
        path = tmp_path / "blob"
        path.write_bytes(data)
        return path

    return write


@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_names_and_contents(blob: Callable[[bytes], Path], format: int) -> None:
    long = "/".join(["directory"] * 20) + "/file"
    contents = {"etc/os-release": b"ID=x\n", long: b"long", "empty": b"", "big": bytes(range(256)) * 5000}
    if format != tarfile.USTAR_FORMAT:
        contents |= {"n" * 300: b"longer", "päckage/ü": b"unicode"}

    def fill(tar: tarfile.TarFile) -> None:
        for name, content in contents.items():
            add(tar, name, content, mode=0o4755, mtime=1.5)

    tar = archive(fill, format=format)
    stored = gzip.compress(tar)
    for data in (stored, tar):
        found, walked = read(blob(data))
        assert {file.path: file.content for file in found} == contents
        assert {file.mode for file in found} == {0o4755}
        assert all(file.size == len(contents[file.path]) and file.rules == [0] for file in found)
        assert (walked.digest, walked.diff_id, walked.size) == (sha256(data), sha256(tar), len(tar))
        assert (walked.files, walked.problems) == (len(contents), [])


def test_whiteouts_links_and_special_files(blob: Callable[[bytes], Path]) -> None:
    def fill(tar: tarfile.TarFile) -> None:
        add(tar, "usr", type=tarfile.DIRTYPE)
        add(tar, "usr/.wh.bin")
        add(tar, "opt/.wh..wh..opq")
        add(tar, "usr/file", b"content")
        add(tar, "usr/hard", type=tarfile.LNKTYPE, linkname="usr/file")
        add(tar, "usr/soft", type=tarfile.SYMTYPE, linkname="/etc/passwd")
        add(tar, "usr/null", type=tarfile.CHRTYPE, devmajor=1, devminor=3)
        add(tar, "usr/pipe", type=tarfile.FIFOTYPE)

    found, walked = read(blob(gzip.compress(archive(fill))))
    assert [(file.path, file.content) for file in found] == [("usr/file", b"content")]
    assert (walked.whiteouts, walked.opaque, walked.files) == (["usr/bin"], ["opt"], 1)


def test_escapes_are_problems_and_the_rest_is_read(blob: Callable[[bytes], Path]) -> None:
    def fill(tar: tarfile.TarFile) -> None:
        add(tar, "../../etc/passwd", b"1")
        add(tar, "/absolute", b"2")
        add(tar, "a/../../b", b"3")
        add(tar, "./a/./b//c", b"4")

    found, walked = read(blob(archive(fill)))
    assert [(file.path, file.content) for file in found] == [("absolute", b"2"), ("a/b/c", b"4")]
    assert [where for where, _ in walked.problems] == ["../../etc/passwd", "a/../../b"]


def test_rules_and_skips(blob: Callable[[bytes], Path]) -> None:
    names = [
        "Cargo.lock",
        "a/Cargo.lock",
        "node_modules/Cargo.lock",
        "a/.git/Cargo.lock",
        "proc/Cargo.lock",
        "a/x.lock",
    ]
    path = blob(files(dict.fromkeys(names, b"x")))
    rules = [(["**/Cargo.lock"], [], "bytes"), (["a/*"], [], "keep"), ([], ["^a/.*lock$"], "bytes")]
    found, walked = read(path, rules, skip_dirs=("node_modules",), skip_files=("**/x.*",))
    assert [(file.path, file.rules) for file in found] == [("Cargo.lock", [0]), ("a/Cargo.lock", [0, 1, 2])]
    assert walked.files == len(names)
    selection = _core.Selection(rules)
    assert selection.matches("a/Cargo.lock", 0o644) == [0, 1, 2]
    assert selection.matches("sys/Cargo.lock", 0o644) == []


@pytest.mark.parametrize(
    ("rules", "what"),
    [
        ([(["a["], [], "bytes")], "a\\["),
        ([([], ["("], "bytes")], "regex"),
        ([(["a"], [], "pickle")], 'unknown reader "pickle"'),
    ],
)
def test_bad_patterns_are_named(rules: Rules, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        _core.Selection(rules)


def test_readers_see_what_fits_them(blob: Callable[[bytes], Path]) -> None:
    def fill(tar: tarfile.TarFile) -> None:
        add(tar, "bin/script", b"#!/bin/sh\n", mode=0o755)
        add(tar, "bin/elf", b"\x7fELF" + bytes(100), mode=0o755)
        add(tar, "x.jar", b"no archive")
        add(tar, "rpmdb", b"no database")

    rules: Rules = [
        ([], [], "executable"),
        (["**/*.jar"], [], "archive"),
        (["rpmdb"], [], "rpm"),
        (["bin/script"], [], "bytes"),
    ]
    found, _ = read(blob(archive(fill)), rules)
    by_path = {file.path: file for file in found if 0 not in file.rules}
    assert by_path["bin/script"].content == b"#!/bin/sh\n"
    jar = by_path["x.jar"].content
    assert isinstance(jar, _core.Archive)
    assert (jar.path, jar.files) == ("x.jar", []) and jar.problems
    assert by_path["rpmdb"].content is None and by_path["rpmdb"].problem
    # a script is no executable in this sense, whatever its mode says
    assert [file.path for file in found if 0 in file.rules and "script" in file.path] == []


def test_every_cut_is_an_error(blob: Callable[[bytes], Path]) -> None:
    noise = random.Random(1)

    def fill(tar: tarfile.TarFile) -> None:
        for number in range(40):
            add(tar, f"file{number}", noise.randbytes(noise.randrange(1, 3000)))

    tar = archive(fill)
    stored = gzip.compress(tar)
    for end in range(997, len(stored), 997):
        with pytest.raises(ValueError, match=r"cut off|ends early"):
            read(blob(stored[:end]))
    for end in range(997, len(tar) - 10240, 997):
        if end % 512:
            with pytest.raises(ValueError, match="cut off"):
                read(blob(tar[:end]))


def test_flipped_bits_never_crash(blob: Callable[[bytes], Path]) -> None:
    noise = random.Random(2)

    def fill(tar: tarfile.TarFile) -> None:
        for number in range(10):
            add(tar, f"file{number}" * 20, noise.randbytes(700), pax_headers={"comment": "x"})

    tar = bytearray(archive(fill))
    for _ in range(400):
        damaged = bytearray(tar)
        for _ in range(noise.randrange(1, 4)):
            damaged[noise.randrange(len(damaged))] ^= 1 << noise.randrange(8)
        try:
            _, walked = read(blob(bytes(damaged)))
            assert walked.diff_id == sha256(bytes(damaged))
        except ValueError:
            pass
        try:
            read(blob(gzip.compress(bytes(tar), 1)[: -noise.randrange(1, 2000)]))
            pytest.fail("a cut stream was read")
        except ValueError:
            pass


def test_bounds(blob: Callable[[bytes], Path]) -> None:
    bomb = blob(gzip.compress(files({"zeros": bytes(20 << 20)})))
    with pytest.raises(ValueError, match="larger than 1000000 bytes raw"):
        read(bomb, limits=_core.Limits(max_bytes=1_000_000))
    found, _ = read(bomb, limits=_core.Limits(max_file=1_000_000))
    assert found[0].content is None
    assert found[0].problem == "20971520 bytes are more than the 1000000 that are read of one file"
    assert read(bomb, [(["**"], [], "keep")], limits=_core.Limits(max_file=1_000_000))[0] == []
    with pytest.raises(ValueError, match="more than 0 entries"):
        read(bomb, limits=_core.Limits(max_entries=0))
    with pytest.raises(TimeoutError):
        read(bomb, limits=_core.Limits(seconds=1e-9))
    with pytest.raises(FileNotFoundError) as missing:
        read(bomb.parent / "missing")
    assert missing.value.filename == str(bomb.parent / "missing")


def test_many_problems_are_counted(blob: Callable[[bytes], Path]) -> None:
    _, walked = read(blob(files({f"../{number}": b"" for number in range(1200)})))
    assert len(walked.problems) == 1001
    assert walked.problems[-1] == ("", "200 more problems are not listed")


ZSTD = (
    "KLUv/WQABy0CAOLCChGw6z+hXwSV1P9ukcBYGNhFCgbqbTQHOdOlt9BPK9Fy8d9j6L02LbZc2BYJIFA3DvT9hw7FQclb7MUOsoMGmE1rDghB+/4="
)
"""A tar of 2048 bytes with `os-release` (`ID=zstd`) as the zstd program stores it."""


def test_zstd(blob: Callable[[bytes], Path], tmp_path: Path) -> None:
    stored = base64.b64decode(ZSTD)
    path = blob(stored)
    found, walked = read(path)
    assert [(file.path, file.content) for file in found] == [("os-release", b"ID=zstd\n")]
    assert walked.digest == sha256(stored)
    assert walked.diff_id == "sha256:bdf29d3209b18804436eec65c13d73ed094b5208fdf2a8bc469fcfa259c53ade"
    assert _core.inflate_file(str(path), str(tmp_path / "raw"), 2048) == 2048
    assert sha256((tmp_path / "raw").read_bytes()) == walked.diff_id
    assert _core.floor(str(path)) == (2048, len(stored))
    for end in range(4, len(stored)):
        with pytest.raises(ValueError):
            read(blob(stored[:end]))


def test_layers_inside_an_archive(blob: Callable[[bytes], Path]) -> None:
    layers = [gzip.compress(files({"x": b"%d" % n})) for n in range(3)]

    def fill(tar: tarfile.TarFile) -> None:
        for number, layer in enumerate(layers):
            add(tar, f"./blobs/{number}", layer)
        add(tar, "manifest.json", type=tarfile.SYMTYPE, linkname="blobs/0")
        add(tar, "folder", type=tarfile.DIRTYPE)
        add(tar, "../outside", b"x")

    path = blob(archive(fill))
    members = _core.tar_index(str(path))
    assert [(name, size, kind, link) for name, _, size, kind, link in members] == [
        *((f"blobs/{number}", len(layer), "file", "") for number, layer in enumerate(layers)),
        ("manifest.json", 0, "symlink", "blobs/0"),
        ("folder", 0, "dir", ""),
    ]
    selection, limits = _core.Selection([(["x"], [], "bytes")]), _core.Limits()
    for number, (_, offset, size, _, _) in enumerate(members[:3]):
        reader = _core.LayerReader(str(path), selection, limits, offset=offset, length=size)
        assert [file.content for file in reader.next_batch()] == [b"%d" % number]
        assert reader.finish().digest == sha256(layers[number])
    with pytest.raises(ValueError, match="cut off"):
        _core.tar_index(str(blob(path.read_bytes()[:1000])))
    with pytest.raises(ValueError, match="neither gzip nor zstd"):
        _core.inflate_file(str(path), str(path) + ".raw", 1 << 20)


def test_readers_in_several_threads(tmp_path: Path) -> None:
    contents = {f"file{number}": os.urandom(5000) for number in range(600)}
    tar = files(contents)
    path = tmp_path / "layer"
    path.write_bytes(gzip.compress(tar, 1))
    selection, limits = _core.Selection(EVERYTHING), _core.Limits(seconds=60)
    results: list[bool] = []

    def work() -> None:
        reader = _core.LayerReader(str(path), selection, limits)
        found = {file.path: file.content for file in drain(reader)}
        results.append(found == contents and reader.finish().diff_id == sha256(tar))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 4


def test_folders(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/tool").write_bytes(b"x")
    (tmp_path / "a/b/tool").chmod(0o750)
    (tmp_path / "link").symlink_to("a")
    os.mkfifo(tmp_path / "pipe")
    reader = _core.FolderReader(str(tmp_path), _core.Selection(EVERYTHING), _core.Limits(), threads=2)
    found = list(drain(reader))
    assert [(file.path, file.content, file.size, file.mode & 0o777) for file in found] == [("a/b/tool", b"x", 1, 0o750)]
    walked = reader.finish()
    assert (walked.digest, walked.diff_id, walked.files, walked.size, walked.problems) == ("", "", 1, 1, [])
    single = _core.FolderReader(str(tmp_path / "a/b/tool"), _core.Selection(EVERYTHING), _core.Limits())
    assert [file.path for file in drain(single)] == ["tool"]
    assert _core.read_beneath(str(tmp_path), "link/b/tool", 10) == b"x"
    assert _core.read_beneath(str(tmp_path), "pipe", 10) is None
    with pytest.raises(FileNotFoundError):
        _core.FolderReader(str(tmp_path / "none"), _core.Selection([]), _core.Limits())


@pytest.mark.integration
@pytest.mark.skipif(shutil.which("tar") is None, reason="needs the program tar")
@pytest.mark.parametrize("version", ["0.0", "0.1", "1.0", ""])
def test_sparse_files_of_the_tar_program(tmp_path: Path, version: str) -> None:
    options = ["--format=pax", f"--sparse-version={version}"] if version else ["--format=gnu"]
    content = bytearray(3_000_000)
    for place in range(0, 3_000_000, 150_000):
        content[place : place + 5] = b"piece"
    with (tmp_path / "sparse").open("wb") as file:
        for place in range(0, 3_000_000, 150_000):
            file.seek(place)
            file.write(b"piece")
        file.truncate(3_000_000)
    (tmp_path / "next").write_bytes(b"next")
    help_text = subprocess.run(["tar", "--help"], capture_output=True, check=True).stdout
    if b"--sparse" not in help_text:
        pytest.skip("this tar knows no sparse files")
    subprocess.run(["tar", "-S", *options, "-cf", "x.tar", "sparse", "next"], cwd=tmp_path, check=True)
    found, walked = read(tmp_path / "x.tar")
    assert walked.size < 2_000_000
    assert {file.path: file.content for file in found} == {"sparse": bytes(content), "next": b"next"}
