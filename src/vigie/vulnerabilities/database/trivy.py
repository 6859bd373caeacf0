"""Reads Trivy's database as it is: a bbolt file with JSON values (schema 2), and `metadata.json` beside it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from vigie.errors import KnowledgeError
from vigie.model.advisory import SEVERITIES, STATUSES, Advisory, Cvss, DataSource, Details, Severity, Status
from vigie.model.inventory import BuildInfo
from vigie.model.report import Knowledge, KnowledgeAge
from vigie.scanner.distro import Platform
from vigie.scanner.ecosystem import Ecosystem
from vigie.vulnerabilities.database.kept import Kept

SCHEMA = 2
_CPES = b"Red Hat CPE"


class _Source(Struct, frozen=True):
    id: str = field(name="ID", default="")
    name: str = field(name="Name", default="")
    url: str = field(name="URL", default="")
    base_id: str = field(name="BaseID", default="")


class _Cve(Struct, frozen=True):
    id: str = field(name="ID", default="")
    severity: int = field(name="Severity", default=0)


class _Entry(Struct, frozen=True, rename="pascal"):
    fixed_version: str = ""
    affected_version: str = ""
    vulnerable_versions: list[str] | None = None
    patched_versions: list[str] | None = None
    unaffected_versions: list[str] | None = None
    arches: list[str] | None = None
    severity: int = 0
    status: int = 0
    affected: list[int] | None = None
    cves: list[_Cve] | None = None
    vendor_ids: list[str] | None = field(name="VendorIDs", default=None)
    data_source: _Source | None = None
    entries: list[_Entry] | None = None


class _Scores(Struct, frozen=True):
    v2_vector: str = field(name="V2Vector", default="")
    v3_vector: str = field(name="V3Vector", default="")
    v40_vector: str = field(name="V40Vector", default="")
    v2_score: float = field(name="V2Score", default=0.0)
    v3_score: float = field(name="V3Score", default=0.0)
    v40_score: float = field(name="V40Score", default=0.0)


class _Vulnerability(Struct, frozen=True):
    title: str = field(name="Title", default="")
    description: str = field(name="Description", default="")
    severity: str = field(name="Severity", default="")
    weaknesses: list[str] | None = field(name="CweIDs", default=None)
    ratings: dict[str, int] | None = field(name="VendorSeverity", default=None)
    cvss: dict[str, _Scores] | None = field(name="CVSS", default=None)
    references: list[str] | None = field(name="References", default=None)
    published: str | None = field(name="PublishedDate", default=None)
    modified: str | None = field(name="LastModifiedDate", default=None)


_decode_entry = msgspec.json.Decoder(_Entry | None).decode
_decode_source = msgspec.json.Decoder(_Source | None).decode
_decode_vulnerability = msgspec.json.Decoder(_Vulnerability | None).decode
_decode_numbers = msgspec.json.Decoder(list[int] | None).decode


class TrivyDatabase:
    """An `AdvisoryDatabase` over `trivy.db`. Opened at the first look-up."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._bolt: Any = None
        self._sources: dict[bytes, DataSource | None] = {}
        self._prefixes: dict[str, tuple[bytes, ...]] = {}
        self._kept: Kept[tuple[bytes, str]] = Kept()

    def of_release(self, platform: Platform, name: str, binary: str) -> Sequence[Advisory]:
        """Advisories of `name` in the release's bucket."""
        return self._of(platform.trivy.encode(), name) if name else ()

    def of_ecosystem(self, ecosystem: Ecosystem, name: str) -> Sequence[Advisory]:
        """Advisories of `name` from all sources of the ecosystem."""
        answers = [found for bucket in self._buckets(ecosystem) if (found := self._of(bucket, name))]
        if len(answers) == 1:
            return answers[0]
        return tuple(advisory for answer in answers for advisory in answer)

    def covers(self, where: Platform | Ecosystem) -> bool:
        """Whether there is a bucket for it."""
        if isinstance(where, Ecosystem):
            return bool(self._buckets(where))
        bucket = where.trivy.encode()
        return bool(bucket) and bucket in self._call("buckets", (), bucket)

    def red_hat_cpes(self, build: BuildInfo, release: str) -> frozenset[int] | None:
        """CPE numbers of the content sets and of the image's name-version-release; empty when neither is known here, so
        that nothing can be said about the packages."""
        keys = [(b"repository", name) for name in build.content_sets]
        if build.nvr or build.arch:
            keys.append((b"nvr", f"{build.nvr}-{build.arch}"))
        numbers: set[int] = set()
        for bucket, key in keys:
            value = self._call("get", (_CPES, bucket), key.encode())
            numbers.update(self._decode(_decode_numbers, value, key) or () if value else ())
        return frozenset(numbers)

    def details(self, ids: Iterable[str]) -> dict[str, Details]:
        """Details by id, from the bucket `vulnerability`."""
        found: dict[str, Details] = {}
        for name in ids:
            value = self._call("get", (b"vulnerability",), name.encode())
            stored = self._decode(_decode_vulnerability, value, name) if value else None
            if stored is not None:
                found[name] = _details(name, stored)
        return found

    def describe(self, used: Iterable[Platform | Ecosystem]) -> Knowledge:
        """The day of the database; all its sources are of that day."""
        built = self.built
        names: dict[str, None] = {}
        for where in used:
            buckets = self._buckets(where) if isinstance(where, Ecosystem) else (where.trivy.encode(),)
            for bucket in buckets:
                source = self._source(bucket)
                names.setdefault(source.name if source else bucket.decode("utf-8", "replace"))
        sources = tuple(KnowledgeAge(source=name, date=built) for name in names)
        return Knowledge(kind="trivy", date=built, location=str(self.path), sources=sources)

    def contents(self) -> list[tuple[str, KnowledgeAge, int]]:
        """All it knows: (bucket, source and day, number of packages), in order of names."""
        found = []
        for bucket in self._bolt.buckets():
            if (source := self._source(bucket)) is not None:
                age = KnowledgeAge(source.name, self.built)
                found.append((bucket.decode("utf-8", "replace"), age, len(self._bolt.buckets([bucket]))))
        return found

    @property
    def built(self) -> str:
        """The day it was built (`YYYY-MM-DD`), "" when `metadata.json` does not say."""
        try:
            document = json.loads(self.path.with_name("metadata.json").read_bytes()[:65536])
            return str(document["UpdatedAt"])[:10]
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def end_of_life(self, family: str, release: str) -> date | None:
        """This database has no such dates; those that come with the program answer."""
        from contextlib import closing

        from vigie.vulnerabilities.database.native import NativeDatabase
        from vigie.vulnerabilities.database.snapshot import SNAPSHOT

        with closing(NativeDatabase(SNAPSHOT)) as shipped:
            return shipped.end_of_life(family, release)

    def close(self) -> None:
        """Releases the file."""
        with self._lock:
            self._bolt = None

    def _of(self, bucket: bytes, name: str) -> tuple[Advisory, ...]:
        key = bucket, name
        known = self._kept.get(key)
        return known if known is not None else self._kept.keep(key, tuple(self._read(bucket, name)))

    def _read(self, bucket: bytes, name: str) -> Iterator[Advisory]:
        for key, value in self._call("items", (bucket, name.encode())):
            stored = self._decode(_decode_entry, value, key) if value else None
            if stored is None:
                continue
            identifier = key.decode("utf-8", "replace")
            for entry in stored.entries if stored.entries is not None else (stored,):
                yield from self._advisories(identifier, entry, _model(stored.data_source) or self._source(bucket))

    def _advisories(self, key: str, entry: _Entry, source: DataSource | None) -> Iterator[Advisory]:
        """One advisory; for Red Hat one for each CVE of an erratum, whose own id becomes the vendor's."""
        if entry.cves is None:
            yield _advisory(key, entry, source, tuple(entry.vendor_ids or ()), entry.severity)
            return
        for cve in entry.cves:
            if key.startswith("CVE-"):
                yield _advisory(key, entry, source, (), cve.severity)
            elif cve.id:
                yield _advisory(cve.id, entry, source, (key,), cve.severity)

    def _buckets(self, ecosystem: Ecosystem) -> tuple[bytes, ...]:
        prefix = f"{ecosystem.trivy or ecosystem.name}::"
        if prefix not in self._prefixes:
            self._prefixes[prefix] = tuple(self._call("buckets", (), prefix.encode()))
        return self._prefixes[prefix]

    def _source(self, bucket: bytes) -> DataSource | None:
        if bucket not in self._sources:
            value = self._call("get", (b"data-source",), bucket)
            self._sources[bucket] = _model(self._decode(_decode_source, value, bucket)) if value else None
        return self._sources[bucket]

    def _call(self, method: str, *arguments: object) -> Any:
        """A question to the file, opened at the first one."""
        try:
            if self._bolt is None:
                self._open()
            return getattr(self._bolt, method)(*arguments)
        except (OSError, ValueError) as error:
            raise self._damaged(str(error)) from error

    def _open(self) -> None:
        from vigie import _core

        with self._lock:
            if self._bolt is None:
                self._check_schema()
                self._bolt = _core.Bolt(str(self.path))

    def _check_schema(self) -> None:
        try:
            version = json.loads(self.path.with_name("metadata.json").read_bytes()[:65536])["Version"]
        except (OSError, ValueError, KeyError, TypeError):
            return  # a file alone is taken as it is
        if version != SCHEMA:
            raise KnowledgeError(
                f"{self.path} has schema {version}, and this version of vigie reads schema {SCHEMA}",
                "fetch it anew with `vigie db update`, or use --database vigie",
            )

    def _decode(self, decode: Any, value: bytes, key: object) -> Any:
        try:
            return decode(value)
        except ValueError as error:
            raise self._damaged(f"the value of {key!r}: {error}") from error

    def _damaged(self, why: str) -> KnowledgeError:
        return KnowledgeError(
            f"{self.path}: the database cannot be read: {why}",
            "fetch it anew with `vigie db update`, or use --database vigie",
        )


def _model(source: _Source | None) -> DataSource | None:
    if source is None or not source.id:
        return None
    return DataSource(id=source.id, name=source.name, url=source.url, base_id=source.base_id)


def _advisory(
    identifier: str, entry: _Entry, source: DataSource | None, vendors: tuple[str, ...], severity: int
) -> Advisory:
    return Advisory(
        id=identifier,
        source=source,
        fixed=entry.fixed_version,
        affected_from=entry.affected_version,
        vulnerable=tuple(entry.vulnerable_versions or ()),
        patched=tuple(entry.patched_versions or ()),
        unaffected=tuple(entry.unaffected_versions or ()),
        status=_status(entry.status),
        severity=_severity(severity),
        vendor_ids=vendors,
        arches=tuple(entry.arches or ()),
        cpes=tuple(entry.affected or ()),
    )


def _status(number: int) -> Status:
    return STATUSES[number] if 0 <= number < len(STATUSES) else "unknown"


def _severity(number: int) -> Severity | None:
    """0 is UNKNOWN in the file, and also what stands there when nobody rated the package: then nothing overrides."""
    return SEVERITIES[number] if 0 < number < len(SEVERITIES) else None


def _details(identifier: str, stored: _Vulnerability) -> Details:
    severity = stored.severity.upper()
    return Details(
        id=identifier,
        title=stored.title,
        description=stored.description,
        severity=severity if severity in SEVERITIES else "UNKNOWN",
        severities={source: _severity(number) or "UNKNOWN" for source, number in (stored.ratings or {}).items()},
        cvss={
            source: Cvss(s.v2_vector, s.v3_vector, s.v40_vector, s.v2_score, s.v3_score, s.v40_score)
            for source, s in (stored.cvss or {}).items()
        },
        weaknesses=tuple(stored.weaknesses or ()),
        references=tuple(stored.references or ()),
        published=stored.published or "",
        modified=stored.modified or "",
    )
