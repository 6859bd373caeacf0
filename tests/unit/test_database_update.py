"""Fetching databases from registries, good and bad."""

from __future__ import annotations

import errno
import fcntl
import gzip
import io
import json
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from builders import bolt
from builders.image import OCI_MANIFEST, digest
from servers.fake_registry import Answer, Registry, running
from vigie.errors import KnowledgeError
from vigie.scanner.distro import Platform
from vigie.settings.groups import DatabaseOptions, GlobalOptions, Options
from vigie.vulnerabilities.database import open_archive_index, open_database, update
from vigie.vulnerabilities.database.update import JAVA, VULNERABILITIES, Artifact, status

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def no_docker_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))


@pytest.fixture
def registry() -> Iterator[Registry]:
    with running() as server:
        yield server


def stamp(hours: float) -> str:
    return (NOW + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S.%f") + "123Z"


def metadata(version: int = 2, following: float = 20, **more: str) -> bytes:
    return json.dumps({"Version": version, "NextUpdate": stamp(following), "UpdatedAt": stamp(-4), **more}).encode()


def database(tmp_path: Path, fix: str = "1") -> bytes:
    path = tmp_path / "made.db"
    bolt.write(path, {b"debian 12": {b"curl": {b"CVE-2023-1": json.dumps({"FixedVersion": fix}).encode()}}})
    return path.read_bytes()


def packed(members: dict[str, bytes | str]) -> bytes:
    """A tar.gz; a text is a link to that path."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            if isinstance(content, str):
                entry.type, entry.linkname = tarfile.SYMTYPE, content
                tar.addfile(entry)
            else:
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def publish(
    registry: Registry, layer: bytes, name: str = "db", artifact: Artifact = VULNERABILITIES, media_type: str = ""
) -> str:
    """Puts the artifact up; returns the repository without a tag."""
    described = {"mediaType": media_type or artifact.media_type, "digest": digest(layer), "size": len(layer)}
    config = {"mediaType": "application/vnd.aquasec.trivy.config.v1+json", "digest": digest(b"{}"), "size": 2}
    manifest = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": [described]}
    registry.manifests[f"{name}/manifests/{artifact.schema}"] = (OCI_MANIFEST, json.dumps(manifest).encode())
    registry.blobs[f"{name}/blobs/{digest(layer)}"] = layer
    return f"{registry.host}/{name}"


def options(*repositories: str, database: str = "trivy", skip: bool = False, java: tuple[str, ...] = ()) -> Options:
    chosen = DatabaseOptions(
        database=database, repositories=repositories, java_repositories=java, skip_update=skip, skip_java_update=skip
    )
    return Options(database=chosen, general=GlobalOptions(timeout=20))


def fix(cache: Path, chosen: Options) -> str:
    """The fixed version of the one advisory, with the database fetched if need be."""
    with closing(open_database(chosen, cache)) as found:
        return found.of_release(Platform("debian 12"), "curl", "curl")[0].fixed


def left(cache: Path) -> list[str]:
    return sorted(path.name for path in (cache / "db").iterdir())


def test_it_is_fetched_once_and_used(registry: Registry, tmp_path: Path) -> None:
    layer = packed({"./trivy.db": database(tmp_path), "metadata.json": metadata(), "other": b"ignored"})
    repository = publish(registry, layer)
    cache = tmp_path / "cache"
    assert fix(cache, options(repository)) == "1"
    assert fix(cache, options(repository)) == "1"
    assert len(registry.asked("/manifests/")) == 1
    assert left(cache) == [".lock", "metadata.json", "trivy.db"]
    (known,) = status(cache)
    assert (known.version, known.updated[:10]) == (2, stamp(-4)[:10])
    assert abs(datetime.fromisoformat(known.downloaded) - datetime.now(UTC)) < timedelta(minutes=1)
    assert known.size == (cache / "db" / "trivy.db").stat().st_size


@pytest.mark.parametrize(
    ("following", "downloaded", "fetched"),
    [(1, -100, False), (-1, -0.5, False), (-1, -2, True), (-1, 5, True)],
    ids=["next update to come", "just fetched", "out of date", "fetched in the future"],
)
def test_when_it_is_fetched_again(
    registry: Registry, tmp_path: Path, following: float, downloaded: float, fetched: bool
) -> None:
    folder = tmp_path / "cache" / "db"
    folder.mkdir(parents=True)
    (folder / "trivy.db").write_bytes(database(tmp_path, "old"))
    (folder / "metadata.json").write_bytes(metadata(following=following, DownloadedAt=stamp(downloaded)))
    repository = publish(registry, packed({"trivy.db": database(tmp_path, "new"), "metadata.json": metadata()}))
    assert fix(tmp_path / "cache", options(repository, skip=True)) == "old"
    assert fix(tmp_path / "cache", options(repository)) == ("new" if fetched else "old")
    assert bool(registry.requests) == fetched


def test_force_fetches_what_is_fresh(registry: Registry, tmp_path: Path) -> None:
    repository = publish(registry, packed({"trivy.db": database(tmp_path), "metadata.json": metadata()}))
    chosen = options(repository)
    assert [update.update(VULNERABILITIES, chosen, tmp_path, force=force) for force in (False, False, True)] == [
        True,
        False,
        True,
    ]


def test_a_newer_schema_is_refused(registry: Registry, tmp_path: Path) -> None:
    repository = publish(registry, packed({"trivy.db": database(tmp_path), "metadata.json": metadata(version=3)}))
    with pytest.raises(KnowledgeError, match="holds schema 3"):
        fix(tmp_path / "cache", options(repository))
    folder = tmp_path / "other" / "db"
    folder.mkdir(parents=True)
    (folder / "trivy.db").write_bytes(database(tmp_path))
    (folder / "metadata.json").write_bytes(metadata(version=3))
    with pytest.raises(KnowledgeError, match="has schema 3"):
        fix(tmp_path / "other", options(repository))


@pytest.mark.parametrize("busy", [429, 500, 503])
def test_a_busy_registry_is_passed_over(
    registry: Registry, tmp_path: Path, busy: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vigie.http.time.sleep", lambda seconds: None)
    repository = publish(registry, packed({"trivy.db": database(tmp_path), "metadata.json": metadata()}))
    registry.hook = lambda request: Answer(busy) if "/busy/" in request.path else None
    dead = "127.0.0.1:9/nobody:2"
    assert fix(tmp_path / "cache", options(f"{registry.host}/busy", dead, repository)) == "1"


def test_when_all_are_busy_each_is_named(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vigie.http.time.sleep", lambda seconds: None)
    registry.hook = lambda request: Answer(503)
    with pytest.raises(KnowledgeError, match=r"could not be fetched: .*one.*; .*two") as caught:
        fix(tmp_path / "cache", options(f"{registry.host}/one", f"{registry.host}/two"))
    assert "--database vigie" in caught.value.hint
    assert left(tmp_path / "cache") == [".lock"]


@pytest.mark.parametrize("refusal", [401, 403, 404])
def test_a_refusal_stops(registry: Registry, tmp_path: Path, refusal: int) -> None:
    repository = publish(registry, packed({"trivy.db": database(tmp_path), "metadata.json": metadata()}))
    registry.hook = lambda request: Answer(refusal, b"{}") if "/first/" in request.path else None
    with pytest.raises(KnowledgeError, match="first"):
        fix(tmp_path / "cache", options(f"{registry.host}/first", repository))
    assert not registry.asked("/v2/db/")


def bad_layers(tmp_path: Path) -> dict[str, tuple[bytes, str]]:
    good = database(tmp_path)
    whole = packed({"trivy.db": good, "metadata.json": metadata()})
    return {
        "no metadata": (packed({"trivy.db": good}), "has no metadata.json"),
        "no database": (packed({"metadata.json": metadata()}), "has no trivy.db"),
        "outside": (packed({"../trivy.db": good, "metadata.json": metadata()}), "has no trivy.db"),
        "link": (packed({"trivy.db": "/etc/passwd", "metadata.json": metadata()}), "has no trivy.db"),
        "cut": (whole[: len(whole) // 2], "is damaged"),
        "not gzip": (b"hello" * 1000, "is damaged"),
        "not tar": (gzip.compress(b"x" * 5000), "is damaged"),
        "metadata no object": (packed({"trivy.db": good, "metadata.json": b"[]"}), "holds schema None"),
        "many": (packed({str(n): b"" for n in range(200)}), "too many members"),
    }


@pytest.mark.parametrize(
    "kind",
    ["no metadata", "no database", "outside", "link", "cut", "not gzip", "not tar", "metadata no object", "many"],
)
def test_a_bad_archive_changes_nothing(registry: Registry, tmp_path: Path, kind: str) -> None:
    cache = tmp_path / "cache"
    good = publish(registry, packed({"trivy.db": database(tmp_path, "old"), "metadata.json": metadata(following=-9)}))
    fix(cache, options(good))
    (cache / "db" / "metadata.json").write_bytes(metadata(following=-9))
    layer, message = bad_layers(tmp_path)[kind]
    with pytest.raises(KnowledgeError, match=message):
        fix(cache, options(publish(registry, layer, "bad")))
    assert fix(cache, options(skip=True)) == "old"
    assert left(cache) == [".lock", "metadata.json", "trivy.db"]


def test_bounds_hold_while_unpacking(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = publish(registry, packed({"trivy.db": bytes(100_000), "metadata.json": metadata()}))
    for bound, message in (("most_bytes", "too large"), ("most_packed", "more than trivy.db can have")):
        small = VULNERABILITIES.__class__(
            **{name: getattr(VULNERABILITIES, name) for name in VULNERABILITIES.__struct_fields__} | {bound: 50}
        )
        with pytest.raises(KnowledgeError, match=message):
            update.update(small, options(repository), tmp_path / "cache")
        assert left(tmp_path / "cache") == [".lock"]


def test_another_kind_of_artifact_is_refused(registry: Registry, tmp_path: Path) -> None:
    layer = packed({"trivy.db": database(tmp_path), "metadata.json": metadata()})
    repository = publish(registry, layer, media_type="application/vnd.oci.image.layer.v1.tar+gzip")
    with pytest.raises(KnowledgeError, match=r"holds no trivy.db: application/vnd.oci.image.layer"):
        fix(tmp_path / "cache", options(repository))


def test_changed_content_is_refused(registry: Registry, tmp_path: Path) -> None:
    layer = packed({"trivy.db": database(tmp_path), "metadata.json": metadata()})
    repository = publish(registry, layer)
    registry.blobs[f"db/blobs/{digest(layer)}"] = layer[:-1] + bytes([layer[-1] ^ 1])
    with pytest.raises(KnowledgeError, match="digest"):
        fix(tmp_path / "cache", options(repository))
    assert left(tmp_path / "cache") == [".lock"]


@pytest.mark.parametrize("where", ["copyfileobj", "fsync"])
def test_a_full_disk_is_one_clear_error_and_nothing_stays(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(update.shutil if where == "copyfileobj" else update.os, where, full)
    repository = publish(registry, packed({"trivy.db": database(tmp_path), "metadata.json": metadata()}))
    with pytest.raises(KnowledgeError, match="no space left on device") as caught:
        fix(tmp_path / "cache", options(repository))
    assert "--cache-dir" in caught.value.hint
    assert left(tmp_path / "cache") == [".lock"]


def test_what_a_killed_run_left_is_cleared_and_does_not_block(registry: Registry, tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "db"
    (folder / ".new-killed").mkdir(parents=True)
    (folder / ".new-killed" / "layer").write_bytes(b"half")
    (folder / ".lock").write_bytes(b"")
    repository = publish(registry, packed({"trivy.db": database(tmp_path), "metadata.json": metadata()}))
    assert fix(tmp_path / "cache", options(repository)) == "1"
    assert left(tmp_path / "cache") == [".lock", "metadata.json", "trivy.db"]


def test_a_run_that_fetches_is_waited_for_but_not_for_ever(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(update, "LOCK_SECONDS", 0.1)
    folder = tmp_path / "cache" / "db"
    folder.mkdir(parents=True)
    repository = publish(registry, packed({"trivy.db": database(tmp_path), "metadata.json": metadata()}))
    with (folder / ".lock").open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(KnowledgeError, match="another run"):
            fix(tmp_path / "cache", options(repository))
    assert fix(tmp_path / "cache", options(repository)) == "1"


def java_database(tmp_path: Path) -> bytes:
    path = tmp_path / "java.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE artifacts (id INTEGER PRIMARY KEY, group_id TEXT, artifact_id TEXT);"
            "CREATE TABLE indices (artifact_id INTEGER, version TEXT, sha1 BLOB, archive_type TEXT);"
            "INSERT INTO artifacts VALUES (1, 'org.one', 'lib'), (2, 'org.two', 'lib'), (3, 'org.aar', 'lib');"
            "INSERT INTO indices VALUES (1, '1.0', x'aa', 'jar'), (2, '1.0', x'bb', 'jar'), (2, '1.1', x'cc', 'jar'),"
            "(3, '1.0', x'dd', 'aar'), (3, '1.1', x'de', 'aar'), (3, '1.2', x'df', 'aar');"
        )
    return path.read_bytes()


def test_the_java_database(registry: Registry, tmp_path: Path) -> None:
    layer = packed({"trivy-java.db": java_database(tmp_path), "metadata.json": metadata(version=1)})
    repository = publish(registry, layer, "java", JAVA)
    cache = tmp_path / "cache"
    index = open_archive_index(options(java=(repository,)), cache)
    assert index is not None
    assert index.by_sha1("cc") == ("org.two", "lib", "1.1")
    assert index.by_sha1("ee") is None
    assert index.by_sha1("no digest") is None
    assert index.has("org.one", "lib")
    assert not index.has("org.one", "other")
    assert index.group_of("lib", "1.0") == "org.two"
    assert index.group_of("lib", "1.2") is None
    assert [known.name for known in status(cache)] == ["the Java database"]
    (cache / "java-db" / "trivy-java.db").write_bytes(b"SQLite format 3\x00damaged")
    damaged = open_archive_index(options(java=(repository,), skip=True), cache)
    assert damaged is not None
    with pytest.raises(KnowledgeError, match="Java database cannot be read"):
        damaged.has("org.one", "lib")


def test_without_repositories_there_is_nothing_to_ask(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="no repository"):
        fix(tmp_path, options())
