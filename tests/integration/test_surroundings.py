"""A hostile or poor place to run in: registries that lie, disks that are full, caches that break, signals, pipes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from builders import bolt
from builders.hostile import saved, zeros
from builders.image import Image, archive, digest, write
from builders.sample_image import FOUND, IMAGE, SYSTEM
from program import Ended, Program, findings, wait
from servers import fake_registry
from servers.fake_registry import Answer, Registry, Request
from vigie.artifacts.temporary import PREFIX

pytestmark = pytest.mark.integration
superuser = pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can mount and take rights away")

LAYER = digest(IMAGE.stored[0])


@pytest.fixture
def registry() -> Iterator[Registry]:
    with fake_registry.running() as running:
        running.add("team/app", "1", IMAGE)
        yield running


def refused(ended: Ended, *words: str) -> None:
    """The run failed as it should: status 3, one line of error, at most one of hint."""
    assert (ended.status, ended.out) == (3, ""), ended
    assert ended.err.startswith("error: "), ended.err
    assert len(ended.err.splitlines()) <= 2, ended.err
    for word in words:
        assert word in ended.err.lower()


# registries


def test_a_registry_that_stalls(vigie: Program, registry: Registry) -> None:
    registry.hook = lambda request: Answer(stall=True) if LAYER in request.path else None
    refused(vigie.run("image", f"{registry.host}/team/app:1", "--timeout", "2s", timeout=60))


def test_a_registry_that_dribbles(vigie: Program, registry: Registry) -> None:
    """A byte now and then never counts as dead; the time allowed for the whole ends it."""
    drip = Answer(200, IMAGE.stored[0], drip=0.3)
    registry.hook = lambda request: drip if LAYER in request.path else None
    start = time.monotonic()
    refused(vigie.run("image", f"{registry.host}/team/app:1", "--timeout", "2s", timeout=60), "--timeout")
    assert time.monotonic() - start < 30


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, IMAGE.stored[0], declared=len(IMAGE.stored[0]) + 1000),
        Answer(200, IMAGE.stored[0][:-5]),
        Answer(200, IMAGE.stored[0] + b"more"),
        Answer(200, IMAGE.stored[0][:-1] + b"\xff"),
        Answer(404),
        Answer(401, headers={"WWW-Authenticate": 'Bearer realm="http://169.254.169.254/latest"'}),
        Answer(200, IMAGE.stored[0], declared=1 << 60),
    ],
    ids=["too-long", "too-short", "more", "changed", "absent", "elsewhere", "huge"],
)
def test_a_registry_that_lies_about_a_layer(vigie: Program, registry: Registry, answer: Answer) -> None:
    registry.hook = lambda request: answer if LAYER in request.path else None
    refused(vigie.run("image", f"{registry.host}/team/app:1", "--timeout", "20s", timeout=60))
    registry.hook = lambda request: None
    assert findings(vigie.json("image", f"{registry.host}/team/app:1")) == FOUND


def test_redirects_in_circles(vigie: Program, registry: Registry) -> None:
    def around(request: Request) -> Answer | None:
        return Answer(307, headers={"Location": request.path}) if LAYER in request.path else None

    registry.hook = around
    refused(vigie.run("image", f"{registry.host}/team/app:1"), "redirects more than")
    assert len(registry.asked(LAYER)) < 20


def test_credentials_go_to_no_other_host(vigie: Program, registry: Registry) -> None:
    with fake_registry.running() as other:
        other.blobs[f"team/app/blobs/{LAYER}"] = IMAGE.stored[0]

        def guarded(request: Request) -> Answer | None:
            if not request.headers.get("authorization", "").startswith("Basic "):
                return Answer(401, headers={"WWW-Authenticate": 'Basic realm="r"'})
            if LAYER in request.path:
                return Answer(307, headers={"Location": f"http://{other.host}{request.path}"})
            return None

        registry.hook = guarded
        report = vigie.json("image", f"{registry.host}/team/app:1", "--username", "me", "--password", "secret")
        assert findings(report) == FOUND
        assert len(other.asked(LAYER)) == 1
        assert not any("authorization" in request.headers for request in other.requests)


# disks


@superuser
def test_a_full_disk(vigie: Program, registry: Registry, tmp_path: Path) -> None:
    place = tmp_path / "small"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", place], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        big = Image({"srv/noise": os.urandom(1 << 20), **SYSTEM})
        registry.add("team/big", "1", big)
        ended = vigie.run("image", f"{registry.host}/team/big:1", environment={"TMPDIR": str(place)})
        refused(ended, "no space left on device", "tmpdir")
        assert list(place.iterdir()) == []
        target = archive(tmp_path / "app.tar", IMAGE)
        output = vigie.run("image", "--input", target, "-f", "json", "-o", place / "report.json")
        assert output.status in (0, 3)
        with suppress(OSError), (place / "filled").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(1024))
        refused(
            vigie.run("image", "--input", target, "-f", "json", "-o", place / "other.json"),
            "no space left on device",
        )
        assert sorted(path.name for path in place.iterdir() if path.name != "report.json") == ["filled"]
        # a cache that cannot be written costs a warning, not the scan
        cached = vigie.run("image", "--input", target, "-f", "json", "--cache-dir", place / "cache")
        assert cached.status == 0
        assert findings(cached.report) == FOUND
        assert "the scan cache" in cached.err
    finally:
        subprocess.run(["umount", place], check=True)


@superuser
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="not installed: setpriv")
def test_a_cache_that_may_not_be_written(database: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        place.chmod(0o755)
        shutil.copy(database, place)
        vigie = Program(place / "person", place / database.name)
        target = archive(place / "app.tar", IMAGE)
        for path in (vigie.folder, *vigie.folder.rglob("*")):
            os.chown(path, 65534, 65534)
        somebody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
        cache = place / "cache"
        empty = vigie.run("image", "--input", target, "-f", "json", "--cache-dir", cache, prefix=somebody)
        assert empty.status == 0
        assert findings(empty.report) == FOUND
        assert empty.err.startswith("warning: the scan cache ")
        # one that somebody else filled is read
        assert vigie.run("image", "--input", target, "--cache-dir", cache, clean=False).status == 0
        full = vigie.run("image", "--input", target, "-f", "json", "--cache-dir", cache, prefix=somebody)
        assert full.status == 0
        assert findings(full.report) == FOUND


# caches


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0", b"nonsense" * 1000])
def test_a_cache_file_that_is_damaged(vigie: Program, tmp_path: Path, content: bytes) -> None:
    target = archive(tmp_path / "app.tar", IMAGE)
    first = vigie.json("image", "--input", target)
    path = vigie.cache / "scan/parts.db"
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    path.write_bytes(content)
    again = vigie.run("image", "--input", target, "-f", "json")
    assert again.status == 0
    assert again.report["Results"] == first["Results"]
    third = vigie.run("image", "--input", target, "-f", "json")
    assert (third.status, third.err) == (0, "")
    assert third.report["Results"] == first["Results"]


def test_a_cache_entry_that_is_damaged(vigie: Program, tmp_path: Path) -> None:
    import sqlite3

    target = archive(tmp_path / "app.tar", IMAGE)
    first = vigie.json("image", "--input", target)
    connection = sqlite3.connect(vigie.cache / "scan/parts.db")
    with connection:
        connection.execute("UPDATE part SET facts = substr(facts, 1, 20)")
    connection.close()
    assert vigie.json("image", "--input", target)["Results"] == first["Results"]


def test_many_at_once_on_one_cache(vigie: Program, registry: Registry) -> None:
    target = f"{registry.host}/team/app:1"
    runs = [vigie.start("image", target, "-f", "json") for _ in range(4)]
    ended = [wait(run) for run in runs]
    assert [(each.status, each.err) for each in ended] == [(0, "")] * 4
    assert all(findings(each.report) == FOUND for each in ended)
    assert vigie.left_behind() == []


@pytest.mark.parametrize("size", [0, 1, 4096, 100_000])
def test_a_database_that_is_cut_off(vigie: Program, tmp_path: Path, database: Path, size: int) -> None:
    target = archive(tmp_path / "app.tar", IMAGE)
    (tmp_path / "cut.db").write_bytes(database.read_bytes()[:size])
    if size < database.stat().st_size:
        refused(vigie.run("image", "--input", target, "--database", tmp_path / "cut.db"))


@pytest.mark.parametrize("size", [64, 4096, 8192, 12000])
def test_trivys_database_when_it_is_cut_off(vigie: Program, tmp_path: Path, size: int) -> None:
    whole = tmp_path / "trivy.db"
    bolt.write(whole, {b"debian 12": {b"openssl": {b"CVE-1": b'{"FixedVersion": "3"}'}}, b"vulnerability": {}})
    (tmp_path / "cut.db").write_bytes(whole.read_bytes()[:size])
    target = archive(tmp_path / "app.tar", IMAGE)
    refused(vigie.run("image", "--input", target, "--database", tmp_path / "cut.db"))


# signals


SIGNALS = [(signal.SIGINT, 130, "error: interrupted\n"), (signal.SIGTERM, 143, "error: terminated\n")]


@pytest.mark.parametrize(("number", "status", "said"), SIGNALS)
def test_a_signal_in_the_middle_of_a_download(
    vigie: Program, registry: Registry, number: int, status: int, said: str
) -> None:
    asked = threading.Event()

    def slow(request: Request) -> Answer | None:
        if LAYER in request.path:
            asked.set()
            return Answer(stall=True)
        return None

    registry.hook = slow
    run = vigie.start("image", f"{registry.host}/team/app:1")
    assert asked.wait(30)
    interrupt(vigie, run, number, status, said)


@pytest.mark.parametrize(("number", "status", "said"), SIGNALS)
def test_a_signal_in_the_middle_of_a_scan(vigie: Program, tmp_path: Path, number: int, status: int, said: str) -> None:
    target = saved(tmp_path / "long.tar", zeros(4, "x"), diff_ids=[f"sha256:{'0' * 64}"])
    run = vigie.start("image", "--input", target)
    time.sleep(1)
    interrupt(vigie, run, number, status, said)
    packed = tmp_path / "long.tar.gz"
    packed.write_bytes(zeros(4, "x"))
    run = vigie.start("image", "--input", packed)
    # Not the file by which Python finds out whether the folder can be written to: that one a signal may leave there.
    while not any(name.startswith(PREFIX) for name in vigie.left_behind()):
        assert run.poll() is None
        time.sleep(0.02)
    interrupt(vigie, run, number, status, said)


@pytest.mark.skipif(shutil.which("git") is None, reason="not installed: git")
@pytest.mark.parametrize(("number", "status", "said"), SIGNALS)
def test_a_signal_in_the_middle_of_a_clone(
    vigie: Program, registry: Registry, number: int, status: int, said: str
) -> None:
    asked = threading.Event()

    def slow(request: Request) -> Answer | None:
        asked.set()
        return Answer(stall=True)

    registry.hook = slow
    run = vigie.start("repo", f"http://{registry.host}/team/app.git", start_new_session=True)
    assert asked.wait(30)
    interrupt(vigie, run, number, status, said)
    assert [name for name in running(str(registry.host)) if "git" in name] == []


def running(word: str) -> list[str]:
    """Command lines of processes that hold a word."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
        except OSError:
            continue
    return [line for line in lines if word in line]


def interrupt(vigie: Program, run: subprocess.Popen[bytes], number: int, status: int, said: str) -> None:
    run.send_signal(number)
    start = time.monotonic()
    ended = wait(run, 30)
    assert time.monotonic() - start < 5
    assert (ended.status, ended.out, ended.err) == (status, "", said)
    assert vigie.left_behind() == []
    left = [path.name for path in vigie.cache.rglob("*") if path.is_file() and path.suffix != ".db"]
    assert set(left) <= {".lock"}  # the file that a run locks; the kernel forgets locks


@pytest.mark.parametrize(("number", "status", "said"), SIGNALS)
def test_a_signal_in_the_middle_of_fetching_a_database(
    vigie: Program, registry: Registry, number: int, status: int, said: str
) -> None:
    asked = threading.Event()
    content = os.urandom(1000)
    layer = {
        "mediaType": "application/vnd.aquasec.trivy.db.layer.v1.tar+gzip",
        "digest": digest(content),
        "size": len(content),
        "annotations": {"org.opencontainers.image.title": "db.tar.gz"},
    }
    image = Image()
    image.document["layers"] = [layer]
    registry.add("team/trivy-db", "2", image)

    def slow(request: Request) -> Answer | None:
        if layer["digest"] in request.path:
            asked.set()
            return Answer(200, content, drip=0.1)
        return None

    registry.hook = slow
    run = vigie.start("db", "update", "--db-repository", f"{registry.host}/team/trivy-db:2")
    assert asked.wait(30)
    time.sleep(0.5)
    interrupt(vigie, run, number, status, said)
    assert not list(vigie.cache.rglob("trivy.db"))
    # nothing that is left keeps the next one from trying
    registry.hook = lambda request: Answer(404) if layer["digest"] in request.path else None
    refused(vigie.run("db", "update", "--db-repository", f"{registry.host}/team/trivy-db:2"))


# where and how it is run


def test_odd_places(vigie: Program, tmp_path: Path) -> None:
    target = archive(tmp_path / "app.tar", IMAGE)
    odd = tmp_path / "a folder with „quotes“ 'and' 100 % \u732b"
    write(odd, {"Cargo.lock": b'[[package]]\nname = "smallvec"\nversion = "1.6.0"\n'})
    assert findings(vigie.json("image", "--input", target, "--cache-dir", odd / "cache")) == FOUND
    assert (odd / "cache/scan/parts.db").is_file()
    assert {found[1] for found in findings(vigie.json("fs", odd))} == {"smallvec"}
    for environment in ({"HOME": None}, {"HOME": "/nonexistent"}, {"HOME": ""}, {"PATH": "", "LANG": "C"}):
        ended = vigie.run("image", "--input", target, "-f", "json", environment=environment)
        assert ended.status == 0, (environment, ended.err)
        assert findings(ended.report) == FOUND
    missing = vigie.run("image", "localhost:1/a/b:1", environment={"TMPDIR": "/nonexistent"})
    assert missing.status == 3


def test_terminals_and_encodings(vigie: Program, tmp_path: Path) -> None:
    target = archive(tmp_path / "app.tar", IMAGE)
    for environment in (
        {"TERM": "dumb"},
        {"LANG": "C", "PYTHONIOENCODING": "ascii"},
        {"PYTHONUTF8": "0", "LC_ALL": "C"},
    ):
        ended = vigie.run("image", "--input", target, environment=environment)
        assert (ended.status, ended.err) == (0, ""), environment
        assert "\x1b" not in ended.out
        assert "CVE-2099-1001" in ended.out


def test_readers_that_go_away(vigie: Program, tmp_path: Path) -> None:
    target = archive(tmp_path / "app.tar", IMAGE)
    command = f"{sys.executable} -m vigie image --input {target}"
    for tail, out in (("| head -1", f"{target} (debian 12.4)\n"), ("| true", "")):
        for kind in ("json", "table"):
            ended = subprocess.run(
                f"{command} -f {kind} {tail}",
                shell=True,
                capture_output=True,
                text=True,
                env=vigie.environment,
                timeout=60,
                check=False,
            )
            assert ended.stderr == ""
            assert kind == "json" or ended.stdout == out


def test_outputs_that_take_nothing(vigie: Program, tmp_path: Path) -> None:
    target, report = archive(tmp_path / "app.tar", IMAGE), tmp_path / "report.json"

    def shell(redirection: str) -> subprocess.CompletedProcess[str]:
        command = f"{sys.executable} -m vigie image --input {target} -f table -f json -o {report} {redirection}"
        return subprocess.run(
            command, shell=True, capture_output=True, text=True, env=vigie.environment, timeout=60, check=False
        )

    for redirection, said in (
        (">&-", "error: bad file descriptor\n"),
        (">/dev/full", "error: no space left on device\n"),
    ):
        ended = shell(redirection)
        assert ended.returncode == 3
        assert ended.stderr.startswith(said), ended.stderr
        assert "Traceback" not in ended.stderr
        # what could be written was
        assert report.stat().st_size > 1000
        report.unlink()
    assert shell("<&- >&- 2>&-").returncode == 3
    assert shell("2>&-").returncode == 0
