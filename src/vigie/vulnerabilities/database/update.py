"""Fetches Trivy's database and the Java database as OCI artifacts, and puts them in place whole or not at all."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from msgspec import Struct

from vigie.errors import KnowledgeError, VigieError
from vigie.scanner.part import Progress
from vigie.settings.groups import DatabaseOptions, Options, RegistryOptions

METADATA = "metadata.json"
MOST_METADATA = 1 << 20
LOCK_SECONDS = 900.0


class Artifact(Struct, frozen=True):
    """One kind of database that is published as an OCI artifact: a single layer, a tar with `file` and `metadata.json`.

    folder: below the cache folder. schema: `Version` in the metadata, and the tag of repositories named without one.
    media_type: of the layer. most_packed, most_bytes: of the layer and of the unpacked file. again: not fetched again
    so soon after the last time, whatever it says of its next update.
    """

    name: str
    folder: str
    file: str
    schema: int
    media_type: str
    most_packed: int
    most_bytes: int
    again: timedelta


VULNERABILITIES = Artifact(
    name="the vulnerability database",
    folder="db",
    file="trivy.db",
    schema=2,
    media_type="application/vnd.aquasec.trivy.db.layer.v1.tar+gzip",
    most_packed=2 << 30,
    most_bytes=8 << 30,
    again=timedelta(hours=1),
)
JAVA = Artifact(
    name="the Java database",
    folder="java-db",
    file="trivy-java.db",
    schema=1,
    media_type="application/vnd.aquasec.trivy.javadb.layer.v1.tar+gzip",
    most_packed=4 << 30,
    most_bytes=16 << 30,
    again=timedelta(days=1),
)


class Status(Struct, frozen=True):
    """What stands in the cache. Times are RFC 3339 as the metadata has them, "" when unknown; size in bytes."""

    name: str
    path: str
    version: int = 0
    updated: str = ""
    downloaded: str = ""
    size: int = 0


def status(cache: Path) -> list[Status]:
    """The fetched databases that are there."""
    found = []
    for artifact in (VULNERABILITIES, JAVA):
        path = cache / artifact.folder / artifact.file
        if path.is_file():
            known = _metadata(path.parent)
            version = known.get("Version")
            found.append(
                Status(
                    name=artifact.name,
                    path=str(path),
                    version=version if isinstance(version, int) else 0,
                    updated=str(known.get("UpdatedAt", "")),
                    downloaded=str(known.get("DownloadedAt", "")),
                    size=path.stat().st_size,
                )
            )
    return found


def update(
    artifact: Artifact, options: Options, cache: Path, progress: Progress | None = None, *, force: bool = False
) -> bool:
    """Makes sure that the database is there and not out of date; returns whether it was fetched.

    It is fetched when it is absent, when its `NextUpdate` has passed and it was not just fetched, or with `force`. With
    `--skip-db-update` (`--skip-java-db-update`) it has to be there. Raises KnowledgeError; then nothing has changed.
    """
    java = artifact is JAVA
    skip = options.database.skip_java_update if java else options.database.skip_update
    folder = cache / artifact.folder
    if skip and not force:
        if not (folder / artifact.file).is_file():
            flag = "--skip-java-db-update" if java else "--skip-db-update"
            raise KnowledgeError(
                f"{artifact.name} is not in {folder}, and {flag} forbids to fetch it",
                f"leave {flag} out once, or use --database vigie, which needs no download",
            )
        return False
    if not force and _fresh(artifact, folder, datetime.now(UTC)):
        return False
    try:
        with _locked(folder):
            if not force and _fresh(artifact, folder, datetime.now(UTC)):
                return False  # another run fetched it while this one waited
            _fetch(artifact, options, folder, progress)
    except OSError as error:
        raise KnowledgeError(
            f"{artifact.name} could not be stored in {folder}: {(error.strerror or str(error)).lower()}",
            "make room or name another folder with --cache-dir; the database that was there is untouched",
        ) from error
    return True


def _fresh(artifact: Artifact, folder: Path, now: datetime) -> bool:
    """Whether what is there may be used without asking for a newer one. Raises KnowledgeError for one that is too
    new."""
    if not (folder / artifact.file).is_file():
        return False
    known = _metadata(folder)
    version = known.get("Version")
    if isinstance(version, int) and version > artifact.schema:
        raise KnowledgeError(
            f"{artifact.name} in {folder} has schema {version}, this version of vigie reads {artifact.schema}",
            "use a newer vigie, or delete the folder",
        )
    if version != artifact.schema:
        return False
    following, fetched = _time(known.get("NextUpdate")), _time(known.get("DownloadedAt"))
    if following is not None and now < following:
        return True
    return fetched is not None and fetched <= now < fetched + artifact.again


def _credentials_for(repositories: tuple[str, ...], artifact: Artifact, options: Options) -> RegistryOptions:
    """The credentials given on the command line are for the image; they go to a database's repository only when that
    was named by the user too, never to the public ones."""
    default = DatabaseOptions().java_repositories if artifact is JAVA else DatabaseOptions().repositories
    return RegistryOptions(mirrors=options.registry.mirrors) if repositories == default else options.registry


def _fetch(artifact: Artifact, options: Options, folder: Path, progress: Progress | None) -> None:
    """Asks the repositories in order. Only busy, broken or unreachable ones are passed over."""
    from vigie.oci.client import Client, RegistryError

    general = options.general
    java = artifact is JAVA
    repositories = options.database.java_repositories if java else options.database.repositories
    if not repositories:
        raise KnowledgeError(f"no repository for {artifact.name} was named", "give one with --db-repository")
    registry = _credentials_for(repositories, artifact, options)
    with (
        Client(registry, insecure=general.insecure, cacert=general.cacert, seconds=general.timeout) as client,
        tempfile.TemporaryDirectory(prefix=".new-", dir=folder) as new,
    ):
        failures: list[str] = []
        for repository in repositories:
            try:
                _fetch_from(client, artifact, repository, Path(new), progress)
                break
            except RegistryError as error:
                failures.append(error.message)
                if not error.temporary:
                    raise KnowledgeError(f"{artifact.name}: {error.message}", error.hint) from error
            except KnowledgeError:
                raise
            except VigieError as error:
                if isinstance(error.__cause__, OSError):
                    raise error.__cause__ from error
                raise KnowledgeError(f"{artifact.name}: {error.message}", error.hint) from error
        else:
            raise KnowledgeError(
                f"{artifact.name} could not be fetched: {'; '.join(failures)}",
                "try again later, name a mirror with --db-repository, or use --database vigie, which needs no download",
            )
        for name in (artifact.file, METADATA):
            (Path(new) / name).replace(folder / name)
        _sync(folder)


def _fetch_from(client: Any, artifact: Artifact, repository: str, new: Path, progress: Progress | None) -> None:
    from vigie.oci.manifests import MANIFESTS, descriptors
    from vigie.oci.references import parse_reference

    last = repository.rpartition("/")[2]
    reference = parse_reference(repository if ":" in last or "@" in last else f"{repository}:{artifact.schema}")
    _, manifest = client.manifest(reference, MANIFESTS)
    layers = descriptors(manifest, "layers", repository)
    if len(layers) != 1 or layers[0].media_type != artifact.media_type:
        found = ", ".join(layer.media_type for layer in layers[:3]) or "no layer"
        raise KnowledgeError(
            f"{repository} holds no {artifact.file}: {found}", f"a layer of {artifact.media_type} was expected"
        )
    layer = layers[0]
    if layer.size > artifact.most_packed:
        raise KnowledgeError(f"{repository}: {layer.size} bytes are more than {artifact.file} can have")
    packed = new / "layer"
    client.blob_to_file(reference, layer.digest, packed, layer.size, progress=progress, what=artifact.name)
    _unpack(artifact, packed, new, repository)
    packed.unlink()
    metadata = _metadata(new)
    if metadata.get("Version") != artifact.schema:
        raise KnowledgeError(
            f"{repository} holds schema {metadata.get('Version')}, this version of vigie reads {artifact.schema}"
        )
    metadata["DownloadedAt"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    (new / METADATA).write_text(json.dumps(metadata), encoding="utf-8")
    _sync(new / METADATA)


def _unpack(artifact: Artifact, packed: Path, new: Path, where: str) -> None:
    """Takes the two files out of the tar, by name, within bounds; links and everything else in it are ignored."""
    wanted = {artifact.file: artifact.most_bytes, METADATA: MOST_METADATA}
    try:
        with tarfile.open(packed, "r|gz") as tar:
            for count, member in enumerate(tar):
                name = member.name.removeprefix("./")
                if count > 100:
                    raise KnowledgeError(f"{where}: the archive has too many members")
                if not member.isreg() or name not in wanted:
                    continue
                most = wanted.pop(name)
                content = tar.extractfile(member)
                if member.size > most or content is None:
                    raise KnowledgeError(f"{where}: {name} is too large ({member.size} bytes)")
                with (new / name).open("xb") as file:
                    shutil.copyfileobj(content, _Bounded(file, most), 1 << 20)
                    file.flush()
                    os.fsync(file.fileno())
    except (tarfile.TarError, EOFError) as error:
        raise KnowledgeError(f"{where}: the archive is damaged: {error}") from error
    except OSError as error:
        if error.errno is None or "gzip" in type(error).__name__.lower():
            raise KnowledgeError(f"{where}: the archive is damaged: {error}") from error
        raise
    if wanted:
        raise KnowledgeError(f"{where}: the archive has no {' and no '.join(sorted(wanted))}")


class _Bounded:
    """A file that refuses to grow beyond `left` bytes."""

    def __init__(self, file: BinaryIO, left: int) -> None:
        self._file, self._left = file, left

    def write(self, data: bytes) -> int:
        self._left -= len(data)
        if self._left < 0:
            raise KnowledgeError("the archive unpacks to more than it may")
        return self._file.write(data)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One run at a time fetches; the kernel drops the lock of a run that was killed, and its leavings are deleted
    here."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("ab") as file:
        until = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise KnowledgeError(
                        f"another run has been fetching into {folder} for {LOCK_SECONDS / 60:.0f} minutes",
                        "end it, or wait",
                    ) from None
                time.sleep(0.2)
        for left in folder.glob(".new-*"):
            shutil.rmtree(left, ignore_errors=True)
        yield


def _metadata(folder: Path) -> dict[str, Any]:
    try:
        with (folder / METADATA).open("rb") as file:
            document = json.loads(file.read(MOST_METADATA))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def _time(value: object) -> datetime | None:
    """An RFC 3339 time; fractions of a second may have nine digits. None for anything else, and for Go's zero time."""
    if not isinstance(value, str) or value.startswith("0001-"):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
