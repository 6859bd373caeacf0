"""Writes the SQLite file of our own database."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from msgspec import Struct

from vigie.errors import KnowledgeError
from vigie.vulnerabilities.database import schema
from vigie.vulnerabilities.database.details import Gathered
from vigie.vulnerabilities.database.merge import simple
from vigie.vulnerabilities.database.osv import Draft
from vigie.vulnerabilities.database.schema import Record, Statement, encode, encode_id
from vigie.vulnerabilities.database.sources import Feed


class SourceRow(Struct):
    """A row of `source`."""

    number: int
    id: str
    name: str
    url: str = ""
    file: str = ""
    date: str = ""
    licence: str = ""
    credit: str = ""


class Contents(Struct):
    """All rows, before they are written. packages: (ecosystem, name) → statements; answers: (ecosystem, file) → date,
    statements, of which malicious."""

    details: dict[str, Gathered]
    packages: dict[tuple[str, str], list[Statement]] = {}
    records: list[Record] = []
    sources: dict[str, SourceRow] = {}
    answers: dict[tuple[str, str], list[str | int]] = {}
    end_of_life: dict[tuple[str, str], str] = {}

    @property
    def date(self) -> str:
        """The newest day any of the advisories is from."""
        return max((str(answer[0]) for answer in self.answers.values()), default="")

    def add_source(self, feed: Feed, file: str, date: str, licence: str) -> None:
        """A file of advisories or a companion."""
        row = SourceRow(
            len(self.sources) + 1, feed.id, feed.name, feed.url, file, date, licence or feed.licence, feed.credit
        )
        self.sources[file] = row

    def number(self, file: str) -> int:
        """The number of a file's source."""
        return self.sources[file].number

    def add_record(self, record: Record) -> int:
        """A record that several packages share; returns its number."""
        self.records.append(record)
        return len(self.records)

    def add_statement(self, ecosystem: str, name: str, draft: Draft, record: int | Record) -> None:
        """A statement about a package."""
        below = simple(draft)
        open_end = draft.ranges == (("0", "", ""),) and not draft.versions
        statement = Statement(
            record=record,
            fixed=draft.ranges[0][1] if below else "",
            ranges=() if below or open_end else draft.ranges,
            versions=draft.versions,
            status=draft.status,
            severity=draft.severity,
            end_unknown=draft.end_unknown,
        )
        self.packages.setdefault((ecosystem, name), []).append(statement)

    def count(self, ecosystem: str, file: str, date: str, malicious: bool) -> None:
        """One statement of the file about a package of the ecosystem, whose data is of that day."""
        answer = self.answers.setdefault((ecosystem, file), [date or self.sources[file].date, 0, 0])
        answer[1] = int(answer[1]) + 1
        answer[2] = int(answer[2]) + malicious


def write(contents: Contents, target: Path) -> None:
    """Writes a temporary file beside `target` and puts it in place when it is complete. Raises KnowledgeError."""
    import sqlite3

    handle, name = -1, ""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
        connection = sqlite3.connect(name, isolation_level=None)
        try:
            _fill(connection, contents)
        finally:
            connection.close()
        os.fchmod(handle, 0o644)
        os.fsync(handle)
        Path(name).replace(target)
        name = ""
    except (OSError, sqlite3.Error) as error:
        raise KnowledgeError(
            f"{target}: the database could not be written: {error}", "is there room, and may it be written?"
        ) from error
    finally:
        if handle >= 0:
            os.close(handle)
        if name:
            Path(name).unlink(missing_ok=True)


def _fill(connection: object, contents: Contents) -> None:
    import sqlite3

    assert isinstance(connection, sqlite3.Connection)
    run, many = connection.execute, connection.executemany
    for pragma in (
        f"page_size={schema.PAGE_SIZE}",
        "journal_mode=OFF",
        "synchronous=OFF",
        f"application_id={schema.APPLICATION_ID}",
        f"user_version={schema.SCHEMA_VERSION}",
    ):
        run(f"PRAGMA {pragma}")
    connection.executescript(schema.TABLES)
    run("BEGIN")
    many("INSERT INTO about VALUES (?, ?)", [("date", contents.date), ("schema", str(schema.SCHEMA_VERSION))])
    ecosystems = {name: number for number, name in enumerate(sorted({place[0] for place in contents.packages}), 1)}
    many("INSERT INTO ecosystem VALUES (?, ?)", [(number, name) for name, number in ecosystems.items()])
    many(
        "INSERT INTO answer VALUES (?, ?, ?, ?, ?)",
        sorted((ecosystems[eco], contents.number(file), *answer) for (eco, file), answer in contents.answers.items()),
    )
    many(
        "INSERT INTO package VALUES (?, ?, ?)",
        (
            (ecosystems[eco], name, schema.encode_statements(rows))
            for (eco, name), rows in sorted(contents.packages.items())
        ),
    )
    many(
        "INSERT INTO record VALUES (?, ?)",
        ((number, encode(record)) for number, record in enumerate(contents.records, 1)),
    )
    raters = {row.id: row.number for row in contents.sources.values()}
    for name in sorted({name for g in contents.details.values() for name in [*g.words, *(r for r, _ in g.vectors)]}):
        if name not in raters:
            raters[name] = len(contents.sources) + 1
            contents.sources[f"rater {name}"] = SourceRow(raters[name], name, name)
    many(
        "INSERT INTO source VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [(s.number, s.id, s.name, s.url, s.file, s.date, s.licence, s.credit) for s in contents.sources.values()],
    )
    vectors: dict[tuple[str, float], int] = {}
    details = sorted(
        (encode_id(name), gathered.stored(raters, vectors))
        for name, gathered in sorted(contents.details.items())
        if isinstance(encode_id(name), int)
    )
    many("INSERT INTO cve VALUES (?, ?)", ((number, encode(row)) for number, row in details))
    others = [
        (name, g.stored(raters, vectors))
        for name, g in sorted(contents.details.items())
        if isinstance(encode_id(name), str)
    ]
    many("INSERT INTO other VALUES (?, ?)", ((name, encode(row)) for name, row in others))
    many(
        "INSERT INTO vector VALUES (?, ?, ?)", ((number, vector, score) for (vector, score), number in vectors.items())
    )
    many(
        "INSERT INTO end_of_life VALUES (?, ?, ?)", sorted((*place, day) for place, day in contents.end_of_life.items())
    )
    run("COMMIT")
    run("VACUUM")
