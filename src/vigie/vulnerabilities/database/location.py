"""Which database answers, and where it lies."""

from __future__ import annotations

import logging
from datetime import date
from pathlib import Path
from typing import Protocol

from vigie.errors import KnowledgeError
from vigie.model.report import KnowledgeAge
from vigie.scanner.identify import ArchiveIndex
from vigie.scanner.knowledge import AdvisoryDatabase
from vigie.scanner.part import Progress
from vigie.settings.groups import Options

log = logging.getLogger(__name__)

_SQLITE = b"SQLite format 3\x00"
_BOLT = (0xED0CDAED).to_bytes(4, "little")


class Database(AdvisoryDatabase, Protocol):
    """Advisories, and the ends of support that a distribution's own table may lack."""

    def end_of_life(self, family: str, release: str) -> date | None:
        """The last day of support of a distribution's release; None when it is not known."""
        ...

    def contents(self) -> list[tuple[str, KnowledgeAge, int]]:
        """All it knows: (ecosystem or release, source and its day, how much), in order of names."""
        ...


def trivy_database(cache: Path) -> Path:
    """Where Trivy's database lies: in our cache folder, else where Trivy itself keeps it for this user."""
    own = cache / "db" / "trivy.db"
    theirs = cache.with_name("trivy") / "db" / "trivy.db"
    return theirs if theirs.is_file() and not own.is_file() else own


def built_database(cache: Path) -> Path:
    """Where a database lies that was built on this machine."""
    return cache / "vigie-db" / "vigie.db"


def open_database(options: Options, cache: Path, progress: Progress | None = None) -> Database:
    """The database that `--database` asks for. Nothing is read before the first look-up.

    `auto`: Trivy's in the cache when it is there and usable, else one that was built here and is not older than the one
    that comes with the program, else that one. `trivy`: Trivy's, fetched when it is absent or out of date and fetching
    is allowed. `vigie`: as `auto` without Trivy's. Anything else is a path, whose content decides what it is. Raises
    KnowledgeError.
    """
    choice = options.database.database
    trivy = trivy_database(cache)
    if choice == "trivy":
        from vigie.vulnerabilities.database.update import VULNERABILITIES, update

        update(VULNERABILITIES, options, cache, progress)
        return _open_file(trivy)
    if choice not in ("auto", "vigie", ""):
        return _open_file(_inside(Path(choice)))
    if choice != "vigie" and trivy.is_file():
        if kind_of(trivy) == "trivy":
            return _open_file(trivy)
        log.warning("%s is not a database that can be read, and is not used", trivy)
    return _own(cache)


def open_archive_index(options: Options, cache: Path, progress: Progress | None = None) -> ArchiveIndex | None:
    """The Java database of the cache, None when there is none. It is fetched or refreshed only with `--database trivy`,
    and not with `--skip-java-db-update`. Raises KnowledgeError."""
    from vigie.vulnerabilities.database.java import JavaIndex
    from vigie.vulnerabilities.database.update import JAVA, update

    if options.database.database == "trivy" and not options.database.skip_java_update:
        update(JAVA, options, cache, progress)
    path = cache / JAVA.folder / JAVA.file
    return JavaIndex(path) if path.is_file() else None


def kind_of(path: Path) -> str:
    """`trivy` or `vigie` by a file's first bytes; "" for anything else. Raises KnowledgeError when it cannot be
    read."""
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except OSError as error:
        raise KnowledgeError(
            f"{path}: {(error.strerror or str(error)).lower()}", "name a database file, or use --database auto"
        ) from error
    if head.startswith(_SQLITE):
        return "vigie"
    return "trivy" if head[16:20] == _BOLT else ""


def _inside(path: Path) -> Path:
    """A folder stands for the database in it, as unpacked or as in a cache folder."""
    for name in ("trivy.db", "db/trivy.db", "vigie.db", "vigie-db/vigie.db"):
        if path.is_dir() and (path / name).is_file():
            return path / name
    return path


def _open_file(path: Path) -> Database:
    kind = kind_of(path)
    if kind == "vigie":
        from vigie.vulnerabilities.database.native import NativeDatabase

        return NativeDatabase(path)
    if kind == "trivy":
        from vigie.vulnerabilities.database.trivy import TrivyDatabase

        return TrivyDatabase(path)
    raise KnowledgeError(
        f"{path} is neither a database of Trivy nor one of vigie",
        "fetch one with `vigie db update`, or use --database auto",
    )


def _own(cache: Path) -> Database:
    from vigie.vulnerabilities.database.native import NativeDatabase
    from vigie.vulnerabilities.database.snapshot import SNAPSHOT

    shipped = NativeDatabase(SNAPSHOT)
    built = built_database(cache)
    if not built.is_file():
        return shipped
    own = NativeDatabase(built)
    try:
        newer = own.built >= shipped.built
    except KnowledgeError as error:
        log.warning("%s; the database that comes with vigie is used", error.message)
        newer = False
    (shipped if newer else own).close()
    return own if newer else shipped
