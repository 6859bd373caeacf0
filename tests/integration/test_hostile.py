"""Hostile targets, given to the whole program: it ends in time, within its memory, with a clear word, and cleans up."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import socket
import sqlite3
import tarfile
import tempfile
import time
from pathlib import Path

import pytest

from builders.hostile import (
    archive,
    crowd,
    diff_id_of_zeros,
    image_of,
    long_header,
    lying_layout,
    member,
    nested_archives,
    saved,
    sparse,
    xml_bomb,
    xml_outside,
    yaml_bomb,
    zeros,
)
from builders.image import archive as sample_archive
from builders.image import digest, entries, layout, saved_files, tar, write
from builders.sample_image import BASE, FOUND, IMAGE, OLD, OS_RELEASE, PYTHON, STATUS, SYSTEM, status
from program import Ended, Program, findings

pytestmark = pytest.mark.integration
superuser = pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can take rights away")

MOST_MEMORY = 600
LODASH = b'{"name": "lodash", "version": "4.17.4"}'
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def refused(ended: Ended, *words: str) -> None:
    """The run failed as it should: status 3, an error in one line and at most one hint, no traceback, no report."""
    assert ended.status == 3, ended
    assert ended.out == ""
    lines = ended.err.splitlines()
    assert lines[0].startswith("error: "), ended.err
    assert len(lines) == 1 or (len(lines) == 2 and lines[1].startswith("hint: ")), ended.err
    for word in words:
        assert word in ended.err
    assert ended.peak < MOST_MEMORY


def told(ended: Ended) -> dict[str, str]:
    """The problems of a JSON report that was made within bounds."""
    assert ended.status == 0, ended.err
    assert ended.err == ""
    assert ended.peak < MOST_MEMORY, ended.peak
    return {problem["Where"]: problem["What"] for problem in ended.report.get("Problems", [])}


# layers


def test_a_layer_that_inflates_to_ten_gigabytes(vigie: Program, tmp_path: Path) -> None:
    name = "srv/node_modules/lodash/package.json"
    layer = zeros(10, name)
    assert len(layer) < 12 << 20
    target = saved(tmp_path / "bomb.tar", layer, diff_ids=[f"sha256:{'0' * 64}"])
    start = time.monotonic()
    refused(vigie.run("image", "--input", target, "--timeout", "2s"), "took longer than allowed", "--timeout")
    assert time.monotonic() - start < 20
    # read to its end it is only found to be another layer than was promised
    saved(target, zeros(4, name), diff_ids=[f"sha256:{'0' * 64}"])
    refused(vigie.run("image", "--input", target, timeout=120), "holds something else")


@pytest.mark.parametrize("name", ["srv/node_modules/lodash/package.json", "var/lib/dpkg/status", "opt/big.jar"])
def test_a_wanted_file_of_a_gigabyte(vigie: Program, tmp_path: Path, name: str) -> None:
    target = saved(tmp_path / "big.tar", zeros(1, name), diff_ids=[diff_id_of_zeros(1, name)])
    problems = told(vigie.run("image", "--input", target, "-f", "json"))
    assert set(problems) == {name}


def test_files_that_claim_to_be_huge(vigie: Program, tmp_path: Path) -> None:
    wanted = (
        "opt/a.jar",
        "var/lib/rpm/rpmdb.sqlite",
        "srv/node_modules/a/package.json",
        "srv/node_modules/b/package.json",
    )
    sizes = (1 << 62, 1 << 40, 1 << 40, 60 << 20)
    layer = b"".join(map(sparse, wanted, sizes)) + entries(*BASE.items())
    ended = vigie.run("image", "--input", saved(tmp_path / "sparse.tar", layer), "-f", "json")
    assert set(told(ended)) == set(wanted)
    assert {found[1] for found in findings(ended.report)} == {"openssl", "zlib"}


@pytest.mark.parametrize("kind", [b"x", b"g", b"L", b"K"])
def test_headers_without_end(vigie: Program, tmp_path: Path, kind: bytes) -> None:
    target = saved(tmp_path / "long.tar", long_header(kind, 1), diff_ids=[f"sha256:{'0' * 64}"])
    refused(vigie.run("image", "--input", target), "an extended tar header is damaged or too long")


@pytest.mark.skipif(shutil.which("zstd") is None, reason="not installed: zstd")
def test_a_compressed_layer_that_asks_for_two_gigabytes_of_memory(vigie: Program, tmp_path: Path) -> None:
    import subprocess

    command = f"head -c 1G /dev/zero | zstd --long=31 -q -o {tmp_path}/layer.zst"
    subprocess.run(command, shell=True, check=True, timeout=60)
    layer = (tmp_path / "layer.zst").read_bytes()
    target = saved(tmp_path / "window.tar", layer, diff_ids=[f"sha256:{'0' * 64}"])
    refused(vigie.run("image", "--input", target), "too much memory")


def test_a_million_entries(vigie: Program, tmp_path: Path) -> None:
    target = saved(tmp_path / "crowd.tar", crowd("d/{}", 1_000_000))
    assert told(vigie.run("image", "--input", target, "-f", "json")) == {}


def test_a_hundred_thousand_broken_files(vigie: Program, tmp_path: Path) -> None:
    target = saved(tmp_path / "broken.tar", crowd("{}/node_modules/a/package.json", 100_000), entries(*BASE.items()))
    problems = told(vigie.run("image", "--input", target, "-f", "json"))
    assert len(problems) == 1001
    assert problems["the layer"] == "99000 more problems are not listed"
    table = vigie.run("image", "--input", target)
    assert table.status == 0
    assert "CVE-2099-1001" in table.out
    assert len(table.out.splitlines()) < 100
    assert "and 971 more, which --format json lists" in table.out
    assert vigie.run("image", "--input", target, "--strict").status == 3


def test_what_leaves_the_root_is_not_read(vigie: Program, tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"package.json": LODASH, "status": status(openssl=OLD)})
    layer = entries(
        ("etc/os-release", OS_RELEASE),
        ("../../../srv/node_modules/a/package.json", LODASH),
        member("var/lib/dpkg/status", tarfile.SYMTYPE, f"{outside}/status"),
        member("srv/node_modules/a/package.json", tarfile.LNKTYPE, f"../../../../..{outside}/package.json"),
        member("srv/node_modules/b", tarfile.SYMTYPE, str(outside)),
        member("srv/node_modules/c", tarfile.SYMTYPE, "c"),
        member("srv/node_modules/d", tarfile.SYMTYPE, "e"),
        member("srv/node_modules/e", tarfile.SYMTYPE, "d"),
        member("srv/node_modules/f/package.json", tarfile.FIFOTYPE),
        member("srv/node_modules/g/package.json", tarfile.CHRTYPE),
        member("dev/sda", tarfile.BLKTYPE),
        ("srv/node_modules/h/package.json", LODASH),
    )
    ended = vigie.run("image", "--input", saved(tmp_path / "evil.tar", layer), "-f", "json")
    assert "leaves the root" in told(ended)["../../../srv/node_modules/a/package.json"]
    assert findings(ended.report) == {("CVE-2099-3001", "lodash", "4.17.4")}
    assert "srv/node_modules/h/package.json" in ended.out


@pytest.mark.parametrize("compressed", [True, False])
def test_a_layer_that_is_cut_off(vigie: Program, tmp_path: Path, compressed: bool) -> None:
    content = entries(*BASE.items(), *PYTHON.items())
    stored = gzip.compress(content) if compressed else content[: -len(content) % 10240 - 5000]
    for part in (0.01, 0.3, 0.6, 0.99):
        layer = stored[: int(len(stored) * part)]
        refused(vigie.run("image", "--input", saved(tmp_path / "cut.tar", layer, diff_ids=[digest(content)])))
    assert not list(vigie.cache.rglob("*.db")) or findings_of_cache(vigie) == 0


def findings_of_cache(vigie: Program) -> int:
    """Layers that the cache holds."""
    with sqlite3.connect(vigie.cache / "scan" / "parts.db") as connection:
        count: int = connection.execute("SELECT count(*) FROM part").fetchone()[0]
    connection.close()
    return count


def test_an_archive_that_is_cut_off(vigie: Program, tmp_path: Path) -> None:
    whole = tar(saved_files((IMAGE, ["app:1"])))
    used = len(whole.rstrip(b"\0"))
    for cut in (100, 700, 1500, used // 2, used - 600):
        (tmp_path / "cut.tar").write_bytes(whole[:cut])
        refused(vigie.run("image", "--input", tmp_path / "cut.tar"))
    packed = gzip.compress(whole)
    for cut in (1, 15, len(packed) // 2, len(packed) - 4):
        (tmp_path / "cut.tar.gz").write_bytes(packed[:cut])
        refused(vigie.run("image", "--input", tmp_path / "cut.tar.gz"))


def test_archives_that_are_none(vigie: Program, tmp_path: Path) -> None:
    root = tar({"etc/os-release": OS_RELEASE, "bin/sh": b""})
    for number, content in enumerate(
        (b"", b"text\n" * 400, bytes(20480), gzip.compress(b"x"), archive(("a", b"b")), root)
    ):
        (tmp_path / f"{number}.tar").write_bytes(content)
        refused(vigie.run("image", "--input", tmp_path / f"{number}.tar"), f"{number}.tar", "hint: ")
    refused(vigie.run("image", "--input", tmp_path), "no OCI layout")
    os.mkfifo(tmp_path / "fifo")
    refused(vigie.run("image", "--input", tmp_path / "fifo", timeout=20), "fifo")
    refused(vigie.run("image", "--input", "/dev/zero", timeout=20), "/dev/zero")
    manifest = json.dumps([{"Config": "../../etc/passwd", "Layers": ["/etc/shadow"], "RepoTags": None}]).encode()
    (tmp_path / "outside.tar").write_bytes(tar({"manifest.json": manifest}))
    refused(vigie.run("image", "--input", tmp_path / "outside.tar"), "missing")


def test_an_archive_that_inflates_without_end(vigie: Program, tmp_path: Path) -> None:
    (tmp_path / "bomb.tar.gz").write_bytes(zeros(3, "x")[:3_000_000])
    refused(vigie.run("image", "--input", tmp_path / "bomb.tar.gz", timeout=120), "could not be inflated")


def test_blobs_that_are_not_what_their_names_say(vigie: Program, tmp_path: Path) -> None:
    other = image_of(entries(*SYSTEM.items(), (STATUS, status(bash="5.2.15-2"))))
    config = digest(IMAGE.config)
    for number, (blob, content) in enumerate(
        (
            (digest(IMAGE.manifest), other.manifest),
            (config, IMAGE.config.replace(b"amd64", b"arm64")),
            (digest(IMAGE.stored[0]), gzip.compress(other.stored[0], mtime=0)),
            (digest(IMAGE.stored[1]), IMAGE.stored[1][:-1] + b"\1"),
        )
    ):
        folder = lying_layout(tmp_path / str(number), IMAGE, blob, content)
        names = dict(zip(map(digest, IMAGE.stored), IMAGE.diff_ids, strict=True))
        ended = vigie.run("image", "--input", folder)
        refused(ended)
        assert blob.removeprefix("sha256:") in ended.err or names[blob] in ended.err
    # what was refused must not answer later
    assert findings(vigie.json("image", "--input", layout(tmp_path / "true", IMAGE))) == FOUND


# files

DEEP = 100_000
NESTED = {
    "package-lock.json": b'{"packages":' * DEEP,
    "b/composer.lock": b"[" * DEEP + b"]" * DEEP,
    "c/Pipfile.lock": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "d/Cargo.lock": b"a=" + b"[" * DEEP,
    "e/poetry.lock": b"a=" + b"{a=" * DEEP,
    "f/pnpm-lock.yaml": b"[" * DEEP,
    "g/pnpm-lock.yaml": b"\n".join(b" " * depth + b"a:" for depth in range(2000)),
}


def test_documents_nested_without_end(vigie: Program, tmp_path: Path) -> None:
    folder = write(tmp_path / "deep", NESTED | {"ok/package-lock.json": LOCK})
    ended = vigie.run("fs", folder, "-f", "json")
    problems = told(ended)
    assert {where.partition(":")[0] for where in problems} == set(NESTED)
    assert {found[1] for found in findings(ended.report)} == {"lodash"}


LOCK = b'{"lockfileVersion": 3, "packages": {"node_modules/lodash": {"version": "4.17.4"}}}'


def test_a_lock_file_of_two_hundred_megabytes(vigie: Program, tmp_path: Path) -> None:
    entry = '"node_modules/p{}":{{"version":"1.0.0","integrity":"sha512-' + "A" * 88 + '"}},'
    block = "".join(entry.format(number) for number in range(10_000))
    with (tmp_path / "package-lock.json").open("w") as file:
        file.write('{"lockfileVersion":3,"packages":{')
        for _ in range((200 << 20) // len(block)):
            file.write(block)
        file.write('"":{}}}')
    problems = told(vigie.run("fs", tmp_path, "-f", "json"))
    assert re.search(r"\d+ bytes are more than the \d+ that are read", problems["package-lock.json"])


def test_bombs_of_references(vigie: Program, tmp_path: Path) -> None:
    files = {
        "pnpm-lock.yaml": yaml_bomb(),
        "self/pnpm-lock.yaml": b'lockfileVersion: "9.0"\npackages: &p\n  a: *p\n',
        "bomb/pom.xml": xml_bomb(),
        "outside/pom.xml": xml_outside("/etc/passwd"),
        "ok/package-lock.json": LOCK,
    }
    ended = vigie.run("fs", write(tmp_path / "bombs", files), "-f", "json")
    problems = told(ended)
    assert {"pnpm-lock.yaml", "self/pnpm-lock.yaml"} <= {where.partition(":")[0] for where in problems}
    assert "root:" not in ended.out
    assert {found[1] for found in findings(ended.report)} == {"lodash"}


def test_archives_within_archives(vigie: Program, tmp_path: Path) -> None:
    thing = archive(
        ("META-INF/maven/org.example/thing/pom.properties", b"groupId=org.example\nartifactId=thing\nversion=1.0\n")
    )
    large = archive(("META-INF/MANIFEST.MF", bytes(1 << 28)))
    files = {
        "42.jar": nested_archives(6, 16),
        "large.jar": large,
        "larger.war": archive(*((f"WEB-INF/lib/{n}.jar", large) for n in range(50))),
        "cut.jar": large[: len(large) // 2],
        "no.war": b"PK\x03\x04" + b"\xff" * 5000,
        "thing.jar": thing,
    }
    ended = vigie.run("rootfs", write(tmp_path / "jars", files), "-f", "json", timeout=120)
    problems = told(ended)
    for name in ("42.jar", "large.jar", "larger.war", "cut.jar", "no.war"):
        assert any(where.startswith(name) for where in problems), (name, sorted(problems)[:20])
    assert {found[1] for found in findings(ended.report)} == {"org.example:thing"}


@pytest.mark.skipif(shutil.which("rpm") is None, reason="not installed: rpm")
def test_a_damaged_database_of_rpm(vigie: Program, tmp_path: Path) -> None:
    import subprocess

    folder = tmp_path / "rpm"
    command = ["rpm", "--dbpath", str(folder), "--define", "_db_backend sqlite", "--initdb"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    whole = (folder / "rpmdb.sqlite").read_bytes()
    release = b'ID=rocky\nVERSION_ID="9.3"\n'
    for number, content in enumerate(
        (b"", b"SQLite format 3\0", whole[:50], whole[: len(whole) // 2], os.urandom(9999))
    ):
        root = write(tmp_path / str(number), {"etc/os-release": release, "var/lib/rpm/rpmdb.sqlite": content})
        problems = told(vigie.run("rootfs", root, "-f", "json"))
        assert "var/lib/rpm/rpmdb.sqlite" in problems, (number, problems)


# folders


def test_what_is_no_file_in_a_folder(vigie: Program, tmp_path: Path) -> None:
    folder = write(tmp_path / "odd", {"ok/package-lock.json": LOCK})
    for name in ("a", "b", "c", "d"):
        (folder / name).mkdir()
    os.mkfifo(folder / "a/package-lock.json")
    (folder / "b/package-lock.json").symlink_to("/dev/zero")
    (folder / "c/package-lock.json").symlink_to("package-lock.json")
    (folder / "up").symlink_to("..")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "d/package-lock.json"))
        if os.geteuid() == 0:
            os.mknod(folder / "Cargo.lock", 0o600 | 0o020000, os.makedev(1, 5))
        ended = vigie.run("fs", folder, "-f", "json", timeout=20)
    assert {found[1] for found in findings(ended.report)} == {"lodash"}
    assert ended.status == 0
    refused(vigie.run("fs", folder / "a/package-lock.json", timeout=20), "neither a folder nor a regular file")
    refused(vigie.run("fs", "/dev/zero", timeout=20), "neither a folder nor a regular file")


@superuser
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="not installed: setpriv")
def test_what_may_not_be_read(database: Path) -> None:
    with tempfile.TemporaryDirectory() as place:
        shutil.copy(database, place)
        vigie = Program(Path(place) / "person", Path(place) / database.name)
        folder = write(
            Path(place) / "mine", {"ok/package-lock.json": LOCK, "no/package-lock.json": LOCK, "Cargo.lock": b""}
        )
        (folder / "no").chmod(0)
        (folder / "Cargo.lock").chmod(0)
        Path(place).chmod(0o755)
        for path in (vigie.folder, *vigie.folder.rglob("*")):
            os.chown(path, 65534, 65534)
        somebody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
        ended = vigie.run("fs", folder, "-f", "json", prefix=somebody)
        problems = told(ended)
        assert set(problems) == {"no", "Cargo.lock"}
        assert all("ermission denied" in what for what in problems.values())
        assert {found[1] for found in findings(ended.report)} == {"lodash"}
        assert vigie.run("fs", folder, "--strict", prefix=somebody).status == 3
        refused(vigie.run("fs", folder / "no", prefix=somebody), "permission denied")


def test_names_cannot_steer_the_terminal(vigie: Program, tmp_path: Path) -> None:
    name = "a\x1b[31m\x1b]0;title\x07\nb\r\u202ec\u2066"
    files = {
        f"{name}/package-lock.json": LOCK,
        f"{name}/Cargo.lock": b"broken \x1b[2J = [",
        "requirements.txt": b"Jinja2==2.4.1\n\x1b[31mred\x1b]0;t\x07==1\n",
        "web/package-lock.json": json.dumps(
            {"lockfileVersion": 3, "packages": {"node_modules/\x1b[2J\u202elodash": {"version": "1\x1b[31m\n2"}}}
        ).encode(),
    }
    folder = write(tmp_path / f"target {name}", files)
    for options in ((), ("--table-mode", "summary"), ("--dependency-tree",), ("--debug",)):
        ended = vigie.run("fs", folder, *options)
        assert ended.status == 0
        assert not CONTROL.search(ended.out + ended.err), options
        assert "CVE-2099-3001" in ended.out or options == ("--table-mode", "summary")
    missing = vigie.run("fs", f"{folder}/none {name}")
    assert missing.status == 3
    assert not CONTROL.search(missing.err)
    assert missing.err.count("\n") == 2


def test_names_and_versions_without_end(vigie: Program, tmp_path: Path) -> None:
    deep = "/".join(["a" * 200] * 200)
    layer = entries(*SYSTEM.items(), (f"{deep}/package.json", LODASH))
    ended = vigie.run("image", "--input", saved(tmp_path / "deep.tar", layer), timeout=30)
    assert "CVE-2099-3001" in ended.out
    files = {
        "a/Gemfile.lock": b"GEM\n  specs:\n    rack (" + b"1." * 300_000 + b"1)\n",
        "b/Cargo.lock": b'[[package]]\nname = "smallvec"\nversion = "' + b"9" * 300_000 + b'.0.0"\n',
        "c/package-lock.json": LOCK.replace(b"4.17.4", b"4." + b"1" * 1_000_000),
        "d/requirements.txt": b"Jinja2==" + b"1." * 300_000 + b"1\n",
    }
    ended = vigie.run("fs", write(tmp_path / "long", files), timeout=30)
    assert (ended.status, ended.err) == (0, "")
    assert ended.peak < MOST_MEMORY
    assert len(ended.out) < 200_000
    for name in ("b/Cargo.lock", "c/package-lock.json", "d/requirements.txt"):
        assert re.search(rf"^  - {name}", ended.out, re.MULTILINE), name


def test_images_whose_configuration_is_written_by_strangers(vigie: Program, tmp_path: Path) -> None:
    image = sample_archive(tmp_path / "app.tar", IMAGE, "app:\x1b[31m\n1")
    ended = vigie.run("image", "--input", image)
    assert ended.status == 0
    assert not CONTROL.search(ended.out)
    layer = entries(*BASE.items())
    broken = [
        b"",
        b"[]",
        b"null",
        b'{"rootfs": 1}',
        b'{"rootfs": {"diff_ids": [1]}}',
        b'{"rootfs": {"diff_ids": ["../../x"]}}',
        b'{"a":' * 100_000,
    ]
    for number, config in enumerate(broken):
        made = image_of(layer)
        made.config = config
        path = tmp_path / f"{number}.tar"
        path.write_bytes(tar(saved_files((made, ["app:1"]))))
        refused(vigie.run("image", "--input", path))
