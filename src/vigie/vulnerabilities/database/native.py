"""Reads our own database."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vigie.errors import KnowledgeError
from vigie.model.advisory import SEVERITIES, STATUSES, Advisory, DataSource, Details, Range, Severity
from vigie.model.inventory import BuildInfo
from vigie.model.report import Knowledge, KnowledgeAge
from vigie.scanner.distro import Platform
from vigie.scanner.ecosystem import Ecosystem
from vigie.vulnerabilities.database import schema
from vigie.vulnerabilities.database.end_of_life import cycles, day
from vigie.vulnerabilities.database.kept import Kept
from vigie.vulnerabilities.database.osv import is_made_up, names_binaries, packaging
from vigie.vulnerabilities.database.pages import pages_of
from vigie.vulnerabilities.database.schema import Record, Statement, StoredDetails, decode_id, encode_id, package_key
from vigie.vulnerabilities.severity import PREFERENCE

if TYPE_CHECKING:
    import sqlite3


_TITLES = {
    schema.UNMAINTAINED: "No longer maintained",
    schema.UNSOUND: "Unsound: safe code can cause undefined behaviour",
    schema.NOTICE: "Notice about this package",
}


class NativeDatabase:
    """An `AdvisoryDatabase` over the file that `build` writes. Opened at the first look-up; each thread has a
    connection."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._lock = threading.Lock()
        self._open: list[sqlite3.Connection] = []
        self._ecosystems: dict[str, int] | None = None
        self._sources: dict[int, DataSource] = {}
        self._vectors: dict[int, tuple[str, float]] = {}
        self._records: dict[int, Record] = {}
        self._kept: Kept[tuple[int, str]] = Kept()
        self._closed = False

    def of_release(self, platform: Platform, name: str, binary: str) -> Sequence[Advisory]:
        """Advisories of `name` in the release's ecosystems and of `binary` in those that list binary packages, there
        also of its name inside a module (`nodejs:18::npm`)."""
        places = [(osv, name) for osv in platform.osv]
        for osv in platform.osv_binary:
            places.append((osv, binary))
            if "::" in name and name != binary:
                places.append((osv, name))
        return self._look_up(places)

    def of_ecosystem(self, ecosystem: Ecosystem, name: str) -> Sequence[Advisory]:
        """Advisories of a language's package."""
        return self._look_up([(osv, name) for osv in ecosystem.osv])

    def covers(self, where: Platform | Ecosystem) -> bool:
        """Whether there is any advisory (malicious packages apart) for one of its ecosystem names."""
        names = _names(where)
        numbers = [number for name in names if (number := self._numbers().get(name)) is not None]
        marks = ",".join("?" * len(numbers))
        query = f"SELECT 1 FROM answer WHERE ecosystem IN ({marks}) AND statements > malicious LIMIT 1"  # noqa: S608
        return bool(numbers) and bool(self._rows(query, numbers))

    def red_hat_cpes(self, build: BuildInfo, release: str) -> frozenset[int] | None:
        """None: OSV data does not use them."""
        return None

    def details(self, ids: Iterable[str]) -> dict[str, Details]:
        """Details by id. Malware has a rating and a page; what is unknown is left out."""
        found: dict[str, Details] = {}
        for name in ids:
            code = encode_id(name)
            table, column = ("cve", "number") if isinstance(code, int) else ("other", "id")
            rows = self._rows(f"SELECT details FROM {table} WHERE {column} = ?", (code,))  # noqa: S608
            if rows:
                found[name] = self._details(name, self._decode(schema.decode_details, rows[0][0]))
            elif name.startswith(("MAL-", "IOC:")):
                found[name] = Details(id=name, severity="CRITICAL", references=pages_of(name))
        return found

    def describe(self, used: Iterable[Platform | Ecosystem]) -> Knowledge:
        """The database's day, and that of each source with at least a tenth of the advisories of an ecosystem used."""
        ages: dict[KnowledgeAge, None] = {}
        for where in used:
            for name in _names(where):
                number = self._numbers().get(name)
                if number is None:
                    continue
                rows = self._rows(
                    "SELECT source.name, answer.date, statements - malicious FROM answer JOIN source "
                    "ON number = source WHERE ecosystem = ? AND statements > malicious ORDER BY 3 DESC, 1",
                    (number,),
                )
                total = sum(row[2] for row in rows)
                for source, published, count in rows:
                    if count * 10 >= total:
                        ages.setdefault(KnowledgeAge(source=f"{source} ({name})", date=published))
        return Knowledge(kind="vigie", date=self.built, location=str(self.path), sources=tuple(ages))

    def contents(self) -> list[tuple[str, KnowledgeAge, int]]:
        """All it knows: (ecosystem or release, source and day, number of statements), in order of names."""
        rows = self._rows(
            "SELECT ecosystem.name, source.name, answer.date, statements FROM answer"
            " JOIN source ON source.number = source JOIN ecosystem ON ecosystem.number = ecosystem ORDER BY 1, 2",
            (),
        )
        return [(str(name), KnowledgeAge(str(source), str(day)), int(count)) for name, source, day, count in rows]

    @property
    def built(self) -> str:
        """The newest day any of its advisories is from, `YYYY-MM-DD`."""
        rows = self._rows("SELECT value FROM about WHERE key = 'date'", ())
        return str(rows[0][0]) if rows else ""

    def end_of_life(self, family: str, release: str) -> date | None:
        """The last day of support of a distribution's release; None when it is not known."""
        for product, cycle in cycles(family, release):
            rows = self._rows("SELECT day FROM end_of_life WHERE product = ? AND cycle = ?", (product, cycle))
            if rows:
                return day(rows[0][0])
        return None

    def close(self) -> None:
        """Closes the connections of all threads."""
        with self._lock:
            self._closed = True
            for connection in self._open:
                connection.close()
            self._open.clear()

    def _look_up(self, places: Iterable[tuple[str, str]]) -> tuple[Advisory, ...]:
        answers: list[tuple[Advisory, ...]] = []
        numbers = self._numbers()
        for osv, name in places:
            number = numbers.get(osv)
            if number is None:
                continue
            key = number, package_key(osv, name)
            known = self._kept.get(key)
            if known is None:
                known = self._read(osv, key)
            if known:
                answers.append(known)
        if len(answers) == 1:
            return answers[0]
        return tuple(advisory for answer in answers for advisory in answer)

    def _read(self, osv: str, key: tuple[int, str]) -> tuple[Advisory, ...]:
        rows = self._rows("SELECT statements FROM package WHERE ecosystem = ? AND name = ?", key)
        statements = self._decode(schema.decode_statements, rows[0][0]) if rows else ()
        return self._kept.keep(key, tuple(self._advisories(osv, statements)))

    def _advisories(self, osv: str, statements: Sequence[Statement]) -> Iterator[Advisory]:
        """One advisory per id, of the first statement that names it; the others add their vendor ids."""
        distribution = bool(packaging(osv))
        first: dict[schema.Code, tuple[Statement, Record]] = {}
        vendors: dict[schema.Code, list[str]] = {}
        for statement in statements:
            record = self._record(statement.record) if isinstance(statement.record, int) else statement.record
            for code in record.ids or (record.own,):
                first.setdefault(code, (statement, record))
                own = decode_id(record.own)
                if (distribution or len(record.ids) > 1) and code != record.own and not is_made_up(own):
                    vendors.setdefault(code, []).append(own)
        for code, (statement, record) in first.items():
            yield self._advisory(code, statement, record, tuple(vendors.get(code, ())), osv)

    def _advisory(
        self, code: schema.Code, statement: Statement, record: Record, vendors: tuple[str, ...], osv: str
    ) -> Advisory:
        distribution = bool(packaging(osv))
        ranges = tuple(Range(*triple) for triple in statement.ranges)
        fixed = statement.fixed
        if not distribution and not ranges and not (statement.versions and not fixed):
            ranges, fixed = (Range(fixed=fixed),), ""
        severity: Severity | None = SEVERITIES[statement.severity - 1] if statement.severity else None
        own = decode_id(record.own)
        hidden = code == record.own or own in vendors or is_made_up(own)
        return Advisory(
            id=decode_id(code),
            source=self._sources.get(record.source),
            fixed=fixed,
            ranges=ranges,
            versions=statement.versions,
            status=STATUSES[statement.status],
            severity="CRITICAL" if record.malicious else severity,
            vendor_ids=vendors,
            aliases=(() if hidden else (own,)) + tuple(decode_id(alias) for alias in record.aliases),
            malicious=record.malicious,
            end_unknown=statement.end_unknown,
            binary=names_binaries(osv),
        )

    def _record(self, number: int) -> Record:
        record = self._records.get(number)
        if record is None:
            rows = self._rows("SELECT record FROM record WHERE number = ?", (number,))
            if not rows:
                raise self._damaged(f"record {number} is missing")
            record = self._records[number] = self._decode(schema.decode_record, rows[0][0])
        return record

    def _details(self, name: str, stored: StoredDetails) -> Details:
        by_source: dict[str, list[tuple[str, float]]] = {}
        for at in range(0, len(stored.vectors) - 1, 2):
            vector = self._vector(stored.vectors[at + 1])
            by_source.setdefault(self._source(stored.vectors[at]), []).append(vector)
        cvss = {source: schema.cvss_of(vectors) for source, vectors in by_source.items()}
        severities = {source: schema.severity_of_cvss(scored) for source, scored in cvss.items()}
        for word in stored.words:
            severities[self._source(word >> 3)] = SEVERITIES[word & 7]
        flags = stored.flags
        return Details(
            id=name,
            title=next((title for flag, title in _TITLES.items() if flags & flag), ""),
            severity=_chosen(severities),
            severities=severities,
            cvss=cvss,
            weaknesses=tuple(f"CWE-{number}" for number in stored.weaknesses),
            references=pages_of(name) + stored.references,
            published=_time(stored.published),
            modified=_time(stored.modified),
            epss=stored.epss / 1e6 if stored.epss >= 0 else None,
            epss_percentile=stored.percentile / 1e6 if stored.percentile >= 0 else None,
            exploited=bool(flags & schema.EXPLOITED),
            rejected=bool(flags & schema.REJECTED),
        )

    def _vector(self, number: int) -> tuple[str, float]:
        if number not in self._vectors:
            rows = self._rows("SELECT vector, score FROM vector WHERE number = ?", (number,))
            if not rows:
                raise self._damaged(f"vector {number} is missing")
            self._vectors[number] = rows[0]
        return self._vectors[number]

    def _source(self, number: int) -> str:
        source = self._sources.get(number)
        return source.id if source else "unknown"

    def _numbers(self) -> dict[str, int]:
        if self._ecosystems is None:
            rows = self._rows("SELECT number, id, name, url FROM source", ())
            self._sources = {number: DataSource(id=ident, name=name, url=url) for number, ident, name, url in rows}
            self._ecosystems = {name: number for number, name in self._rows("SELECT number, name FROM ecosystem", ())}
        return self._ecosystems

    def _rows(self, query: str, values: Sequence[object]) -> list[Any]:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect()
        try:
            return connection.execute(query, values).fetchall()
        except Exception as error:
            raise self._damaged(str(error)) from error

    def _connect(self) -> sqlite3.Connection:
        import sqlite3

        with self._lock:
            if self._closed:
                raise KnowledgeError(f"{self.path}: the database was closed")
        try:
            address = f"{self.path.absolute().as_uri()}?mode=ro&immutable=1"
            connection = sqlite3.connect(address, uri=True, check_same_thread=False, isolation_level=None)
            try:
                size = self.path.stat().st_size
                connection.execute(f"PRAGMA mmap_size={size}")
                version = connection.execute("PRAGMA user_version").fetchone()[0]
                kind = connection.execute("PRAGMA application_id").fetchone()[0]
            except BaseException:
                connection.close()
                raise
        except (OSError, sqlite3.Error) as error:
            raise self._damaged(str(error)) from error
        if kind != schema.APPLICATION_ID or version != schema.SCHEMA_VERSION:
            connection.close()
            raise KnowledgeError(
                f"{self.path} is no database of this version of vigie (schema {version}, not {schema.SCHEMA_VERSION})",
                "build it anew with `vigie db build`, or use `--database auto`",
            )
        self._local.connection = connection
        with self._lock:
            self._open.append(connection)
        return connection

    def _decode(self, decode: Any, data: bytes) -> Any:
        try:
            return decode(data)
        except ValueError as error:  # msgspec's errors are ValueErrors
            raise self._damaged(str(error)) from error

    def _damaged(self, why: str) -> KnowledgeError:
        return KnowledgeError(
            f"{self.path}: the database cannot be read: {why}", "fetch or build it anew, or use `--database auto`"
        )


def _names(where: Platform | Ecosystem) -> tuple[str, ...]:
    return where.osv + where.osv_binary if isinstance(where, Platform) else where.osv


def _chosen(severities: dict[str, Severity]) -> Severity:
    for source in PREFERENCE:
        if severities.get(source, "UNKNOWN") != "UNKNOWN":
            return severities[source]
    return max(severities.values(), key=SEVERITIES.index, default="UNKNOWN")


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if seconds else ""
