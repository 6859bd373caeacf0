"""The layout of our own database: one SQLite file. `docs/database.md` describes it for people who want to read it
themselves."""

from __future__ import annotations

import re

import msgspec
from msgspec import Struct

from vigie.model.advisory import Cvss, Severity, Status
from vigie.vulnerabilities.database.cvss import rating

APPLICATION_ID = 0x56494745
"""`VIGE`, in the header of the file."""

SCHEMA_VERSION = 1
PAGE_SIZE = 4096

TABLES = """
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE source (number INTEGER PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL, url TEXT NOT NULL,
  file TEXT NOT NULL, date TEXT NOT NULL, licence TEXT NOT NULL, attribution TEXT NOT NULL);
CREATE TABLE ecosystem (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE answer (ecosystem INTEGER, source INTEGER, date TEXT NOT NULL, statements INTEGER NOT NULL,
  malicious INTEGER NOT NULL, PRIMARY KEY (ecosystem, source)) WITHOUT ROWID;
CREATE TABLE package (ecosystem INTEGER, name TEXT, statements BLOB NOT NULL, PRIMARY KEY (ecosystem, name)) WITHOUT
ROWID;
CREATE TABLE record (number INTEGER PRIMARY KEY, record BLOB NOT NULL);
CREATE TABLE vector (number INTEGER PRIMARY KEY, vector TEXT NOT NULL, score REAL NOT NULL);
CREATE TABLE cve (number INTEGER PRIMARY KEY, details BLOB NOT NULL);
CREATE TABLE other (id TEXT PRIMARY KEY, details BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE end_of_life (product TEXT, cycle TEXT, day TEXT NOT NULL, PRIMARY KEY (product, cycle)) WITHOUT ROWID;
"""

Code = int | str
"""An id: a CVE as a number (`encode_id`), any other as its text."""


class Record(Struct, frozen=True, array_like=True, omit_defaults=True):
    """What a source says once about all packages it names.

    own: the source's id. ids: the vulnerabilities it is reported as; empty means `own`. source: number in `source`.
    aliases: further names, when it is one vulnerability.
    """

    own: Code
    source: int
    ids: tuple[Code, ...] = ()
    aliases: tuple[Code, ...] = ()
    malicious: bool = False


class Statement(Struct, frozen=True, array_like=True, omit_defaults=True):
    """One record about one package: what stands in `package.statements`.

    record: number in `record`, or the record itself when it speaks of this package alone.
    fixed: affected below it. ranges: (introduced, fixed, last_affected), instead of `fixed`. versions: exact ones.
    status, severity: indices into STATUSES and SEVERITIES, severity one higher and 0 for none.
    """

    record: int | Record
    fixed: str = ""
    ranges: tuple[tuple[str, str, str], ...] = ()
    versions: tuple[str, ...] = ()
    status: int = 0
    severity: int = 0
    end_unknown: bool = False


class StoredDetails(Struct, frozen=True, array_like=True, omit_defaults=True):
    """What is known about one id. vectors: (source, vector number) one after the other; words: source * 8 + index into
    SEVERITIES; times: seconds since 1970, 0 for unknown; epss and percentile: millionths, -1 for unknown;
    flags: 1 exploited, 2 rejected, 4 unmaintained package, 8 unsound package, 16 notice."""

    vectors: tuple[int, ...] = ()
    words: tuple[int, ...] = ()
    weaknesses: tuple[int, ...] = ()
    references: tuple[str, ...] = ()
    published: int = 0
    modified: int = 0
    epss: int = -1
    percentile: int = -1
    flags: int = 0


EXPLOITED, REJECTED, UNMAINTAINED, UNSOUND, NOTICE = 1, 2, 4, 8, 16

encode = msgspec.msgpack.Encoder().encode
_statements = msgspec.msgpack.Decoder(tuple[Statement, ...]).decode
decode_record = msgspec.msgpack.Decoder(Record).decode
decode_details = msgspec.msgpack.Decoder(StoredDetails).decode

COMPRESSED_FROM = 256
_ZLIB = b"\x78"
MOST_STATEMENTS_BYTES = 16 << 20


def encode_statements(statements: list[Statement]) -> bytes:
    """MessagePack, compressed by zlib (first byte 0x78, which no array begins with) where that is worth a look-up's
    time."""
    data = encode(statements)
    if len(data) < COMPRESSED_FROM:
        return data
    import zlib

    return min(zlib.compress(data, 9), data, key=len)


def decode_statements(data: bytes) -> tuple[Statement, ...]:
    """The inverse. Raises ValueError for anything else."""
    if data[:1] == _ZLIB:
        import zlib

        unpacker = zlib.decompressobj()
        try:
            data = unpacker.decompress(data, MOST_STATEMENTS_BYTES)
        except zlib.error as error:
            raise ValueError(str(error)) from error
        if unpacker.unconsumed_tail:
            raise ValueError("statements are too large")
    return _statements(data)


_CVE = re.compile(r"CVE-([0-9]{4})-([0-9]{4}|[1-9][0-9]{4,6})")
_FIRST_YEAR = 1990
_BITS = 24
_RUN = re.compile(r"[-_.]+")


def encode_id(text: str) -> Code:
    """A CVE as a number that its year and number can be read from, any other id as it is."""
    match = _CVE.fullmatch(text)
    if not match or not _FIRST_YEAR <= int(match[1]) < _FIRST_YEAR + 100:
        return text
    return (int(match[1]) - _FIRST_YEAR) << _BITS | int(match[2])


def decode_id(code: Code) -> str:
    """The id's text."""
    if isinstance(code, str):
        return code
    return f"CVE-{(code >> _BITS) + _FIRST_YEAR}-{code & ((1 << _BITS) - 1):04d}"


def package_key(ecosystem: str, name: str) -> str:
    """A package's name as `package.name` has it. Only what the registry of the ecosystem itself holds to be one name is
    folded (PyPI: PEP 503; crates.io: dash and underscore); distributions and Go tell case apart."""
    match ecosystem:
        case "PyPI":
            return _RUN.sub("-", name).lower()
        case "crates.io":
            return name.lower().replace("_", "-")
        case "SwiftURL":
            return name.lower().removeprefix("https://").removeprefix("http://").removesuffix(".git").strip("/")
        case (
            "npm" | "NuGet" | "Packagist" | "RubyGems" | "Hex" | "Pub" | "Maven" | "Bitnami" | "ConanCenter" | "VSCode"
        ):
            return name.lower()
    return name


def cvss_of(vectors: list[tuple[str, float]]) -> Cvss:
    """One source's vectors in their slots; the last one of a version counts."""
    slots: dict[str, str | float] = {}
    for vector, score in vectors:
        slot = "v3" if vector.startswith("CVSS:3") else "v40" if vector.startswith("CVSS:4") else "v2"
        slots[f"{slot}_vector"] = vector
        slots[f"{slot}_score"] = score
    return msgspec.convert(slots, Cvss)


def severity_of_cvss(cvss: Cvss) -> Severity:
    """The rating of the newest version of CVSS that has a score: 3, then 4, then 2 (whose top is HIGH)."""
    for version, score in (("3", cvss.v3_score), ("40", cvss.v40_score), ("2", cvss.v2_score)):
        if score > 0:
            return rating(score, version=version)
    return "UNKNOWN"


STATUS_OF_WORD: dict[str, Status] = {
    "needed": "affected",
    "pending": "affected",
    "needs-triage": "affected",
    "active": "affected",
    "unfixed": "affected",
    "open": "affected",
    "affected": "affected",
    "deferred": "fix_deferred",
    "fix-deferred": "fix_deferred",
    "postponed": "fix_deferred",
    "ignored": "will_not_fix",
    "will-not-fix": "will_not_fix",
    "wontfix": "will_not_fix",
    "end-of-life": "end_of_life",
    "eol": "end_of_life",
    "out-of-support-scope": "end_of_life",
    "under-investigation": "under_investigation",
    "undetermined": "under_investigation",
    "not-affected": "not_affected",
    "fixed": "fixed",
}

SEVERITY_OF_WORD: dict[str, Severity] = {
    "none": "UNKNOWN",
    "unknown": "UNKNOWN",
    "unimportant": "LOW",
    "negligible": "LOW",
    "informational": "LOW",
    "low": "LOW",
    "moderate": "MEDIUM",
    "medium": "MEDIUM",
    "important": "HIGH",
    "high": "HIGH",
    "critical": "CRITICAL",
    "urgent": "CRITICAL",
}


def status_of(word: str) -> Status:
    """One of our statuses for a source's word; `unknown` for a word nobody has listed."""
    return STATUS_OF_WORD.get(word.strip().lower().replace("_", "-").replace(" ", "-"), "unknown")


def severity_of(word: str) -> Severity | None:
    """One of our severities for a source's word, which may go on with a remark (`low (only with JavaScript)`)."""
    first = word.strip().lower().split(" ", 1)[0].rstrip(",;:")
    return SEVERITY_OF_WORD.get(first)
