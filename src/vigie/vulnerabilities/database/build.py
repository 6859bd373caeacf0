"""Builds our own database from a folder of OSV records and their companions: `vigie db build`, `make snapshot`."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from vigie.errors import KnowledgeError
from vigie.vulnerabilities.database import end_of_life, sources
from vigie.vulnerabilities.database.details import Gathered
from vigie.vulnerabilities.database.merge import Voice, keep
from vigie.vulnerabilities.database.osv import (
    Draft,
    OsvRecord,
    decode_record,
    drafts,
    ghsa_aliases,
    is_malicious,
    not_affected,
    packaging,
    reported_ids,
)
from vigie.vulnerabilities.database.schema import EXPLOITED, Record, encode_id, package_key
from vigie.vulnerabilities.database.store import Contents, write

MOST_LINE = 64 << 20


class Built(Struct, frozen=True):
    """What was built: statements per ecosystem, rows of details, records that could not be read, size in bytes."""

    path: str
    date: str
    ecosystems: dict[str, int]
    packages: int
    details: int
    unreadable: int
    size: int


def build(folder: Path, target: Path, *, shipped: bool = False) -> Built:
    """Reads `folder` and writes the database `target`, atomically. The same input gives the same bytes.

    shipped: leave out what must not be shipped (`sources.Feed.withheld`), for the snapshot.
    Raises KnowledgeError when the folder has no records, or the file cannot be written.
    """
    if not folder.is_dir():
        raise KnowledgeError(
            f"{folder} is not a folder", "name a folder with OSV records (*.jsonl, *.jsonl.gz, *.json)"
        )
    builder = _Builder(folder, shipped)
    contents = builder.contents()
    if not contents.packages:
        raise KnowledgeError(
            f"{folder}: no advisories were found", "expected OSV records in *.jsonl, *.jsonl.gz or *.json files"
        )
    write(contents, target)
    counts: Counter[str] = Counter()
    for (ecosystem, _), statements in contents.packages.items():
        counts[ecosystem] += len(statements)
    return Built(
        path=str(target),
        date=contents.date,
        ecosystems=dict(sorted(counts.items())),
        packages=len(contents.packages),
        details=len(contents.details),
        unreadable=builder.unreadable,
        size=target.stat().st_size,
    )


class _Builder:
    def __init__(self, folder: Path, shipped: bool) -> None:
        self.folder, self.shipped = folder, shipped
        self.unreadable = 0
        self.manifest = _manifest(folder)
        self.rejected: set[str] = set()
        self.known: dict[str, str] = {}
        self.files = [path for path in sorted(folder.rglob("*")) if self._wanted(path)]
        self.read_files: dict[str, sources.Feed] = {}

    def _wanted(self, path: Path) -> bool:
        stem = _stem(path)
        if not path.is_file() or not path.name.endswith((".jsonl", ".jsonl.gz", ".json", ".json.gz")):
            return False
        if stem in sources.NOT_ADVISORIES or stem in sources.companions():
            return False
        return not (self.shipped and (stem not in sources.feeds() or sources.feeds()[stem].withheld))

    def contents(self) -> Contents:
        """Everything that goes into the file."""
        self._learn()
        by_package: dict[tuple[str, str], list[Draft]] = {}
        records: list[OsvRecord] = []
        feeds: list[tuple[str, sources.Feed]] = []
        voices: dict[int, Voice] = {}
        absent: dict[tuple[str, str], list[tuple[str, int]]] = {}
        newest: dict[str, str] = {}
        for path in self.files:
            name = _group(path, self.folder)
            feed = sources.feed_of(name)
            for record in self._records(path):
                found = list(drafts(record))
                ids = reported_ids(record, self.known, self.rejected)
                number = len(records)
                for place in not_affected(record) if not record.withdrawn else ():
                    for cve in ids:
                        absent.setdefault(place, []).append((cve, number))
                newest[name] = max(newest.get(name, ""), record.modified[:10] or record.published[:10])
                if not found or not ids:
                    continue
                records.append(record)
                feeds.append((name, feed))
                voices[number] = Voice(ids, feed.rank, _shows_own_id(found[0].ecosystem, record.id, ids))
                for draft in found:
                    draft.record = number
                    by_package.setdefault((draft.ecosystem, package_key(draft.ecosystem, draft.name)), []).append(draft)
        packages: dict[tuple[str, str], list[tuple[Draft, tuple[str, ...] | None]]] = {}
        for place in sorted(by_package):
            gone = absent.get(place, ())
            kept = []
            for draft in keep(place[0], by_package.pop(place), voices):
                wrong = {cve for cve, number in gone if number != draft.record}
                ids = tuple(cve for cve in voices[draft.record].ids if cve not in wrong)
                if ids:
                    kept.append((draft, ids if wrong & set(voices[draft.record].ids) else None))
            if kept:
                packages[place] = kept
        return self._assemble(packages, records, feeds, voices, newest)

    def _assemble(
        self,
        packages: dict[tuple[str, str], list[tuple[Draft, tuple[str, ...] | None]]],
        records: list[OsvRecord],
        feeds: list[tuple[str, sources.Feed]],
        voices: dict[int, Voice],
        newest: dict[str, str],
    ) -> Contents:
        used = Counter(draft.record for kept in packages.values() for draft, _ in kept)
        told = {name for kept in packages.values() for draft, ids in kept for name in ids or voices[draft.record].ids}
        gathered = {name: Gathered() for name in sorted(told) if not is_malicious(name)}
        # Also of records whose statements gave way to better ones: their ratings and links are worth as much.
        for number in sorted(voices, key=lambda n: (feeds[n][1].rank, n)):
            for name in voices[number].ids:
                if found := gathered.get(name):
                    found.hear(name, records[number], feeds[number][1].id)
        self._companions(gathered)
        contents = Contents(details=gathered)
        for name, feed in sorted({pair[0]: pair[1] for pair in feeds}.items()):
            entry = self.manifest.get(name, {})
            contents.add_source(
                feed, name, sources.date_of(entry) or newest.get(name, ""), str(entry.get("licence", ""))
            )
        for name, feed in sorted(sources.companions().items()):
            entry = self.manifest.get(name, {})
            contents.add_source(feed, name, sources.date_of(entry), str(entry.get("licence", "")))
        shared: dict[int, int] = {}
        for (ecosystem, key), kept in packages.items():
            for draft, ids in kept:
                record, (name, _) = records[draft.record], feeds[draft.record]
                date = sources.date_of(self.manifest.get(name, {}), ecosystem)
                contents.count(ecosystem, name, date, is_malicious(record.id))
                stored: int | Record
                if ids is None and used[draft.record] > 1:
                    if draft.record not in shared:
                        shared[draft.record] = contents.add_record(
                            _stored(record, voices[draft.record], contents.number(name))
                        )
                    stored = shared[draft.record]
                else:
                    voice = Voice(ids, 0, voices[draft.record].vendor) if ids else voices[draft.record]
                    stored = _stored(record, voice, contents.number(name))
                contents.add_statement(ecosystem, key, draft, stored)
        contents.end_of_life = end_of_life.rows(_array(self.folder / "eol.json"))
        return contents

    def _learn(self) -> None:
        """Which CVEs were rejected, and which GHSA id is which CVE."""
        for path in self._companion("cvss"):
            for record in self._records(path):
                if isinstance(record.database_specific, dict) and record.database_specific.get("rejected") is True:
                    self.rejected.add(record.id)
        learnt: dict[str, set[str]] = {}
        for path in self.files:
            for record in self._records(path, quiet=True):
                for advisory, cve in ghsa_aliases(record):
                    learnt.setdefault(advisory, set()).add(cve)
        self.known = {advisory: next(iter(numbers)) for advisory, numbers in learnt.items() if len(numbers) == 1}

    def _companions(self, gathered: dict[str, Gathered]) -> None:
        withheld = sources.WITHHELD_VECTORS if self.shipped else frozenset()
        for path in self._companion("cvss"):
            for record in self._records(path, quiet=True):
                if found := gathered.get(record.id):
                    found.hear_scores(record, withheld)
        for path in self._companion("kev"):
            for line in _lines(path):
                row = msgspec.json.decode(line)
                if isinstance(row, dict) and (found := gathered.get(str(row.get("cve") or row.get("cveID")))):
                    found.flags |= EXPLOITED
        for path in self._companion("epss"):
            for line in _lines(path):
                cells = line.decode("utf-8", "replace").strip().split(",")
                if len(cells) >= 3 and (found := gathered.get(cells[0])):
                    found.epss, found.percentile = round(float(cells[1]) * 1e6), round(float(cells[2]) * 1e6)

    def _companion(self, stem: str) -> list[Path]:
        return [path for path in sorted(self.folder.glob(f"{stem}.*")) if path.is_file()]

    def _records(self, path: Path, *, quiet: bool = False) -> Iterator[OsvRecord]:
        whole = path.name.endswith((".json", ".json.gz"))
        for text in _documents(path) if whole else _lines(path):
            try:
                yield decode_record(text)
            except msgspec.MsgspecError:
                self.unreadable += not quiet


def _stored(record: OsvRecord, voice: Voice, source: int) -> Record:
    ids = voice.ids if voice.ids != (record.id,) else ()
    single = not record.upstream and len(voice.ids) == 1
    names = [name for name in dict.fromkeys(record.aliases) if name not in voice.ids and name != record.id]
    return Record(
        own=encode_id(record.id),
        source=source,
        ids=tuple(encode_id(name) for name in ids),
        aliases=tuple(encode_id(name) for name in names) if single else (),
        malicious=is_malicious(record.id),
    )


def _shows_own_id(ecosystem: str, own: str, ids: tuple[str, ...]) -> bool:
    """Distributions' advisories (DSA-…) stand beside the CVE; ids made from the CVE (`ALPINE-CVE-…`) say nothing."""
    return packaging(ecosystem) == "deb" and own not in ids and not any(own.endswith(name) for name in ids)


def _manifest(folder: Path) -> dict[str, dict[str, Any]]:
    """The entries of `manifest.json` by file name without endings; empty when there is none."""
    try:
        document = json.loads((folder / "manifest.json").read_bytes())
        return {_stem(Path(entry["file"])): entry for entry in document["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _array(path: Path) -> list[dict[str, Any]]:
    try:
        rows = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return []
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _stem(path: Path) -> str:
    name = path.name.removesuffix(".gz")
    return name.rsplit(".", 1)[0] if name.endswith((".jsonl", ".json", ".csv")) else name


def _group(path: Path, folder: Path) -> str:
    """The name of a source: the file's, or the folder's when each record is a file of its own."""
    parts = path.relative_to(folder).parts
    return parts[0] if len(parts) > 1 else _stem(path) if ".jsonl" in path.name else folder.name


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            while line := file.readline(MOST_LINE):
                if line.strip():
                    yield line
    except (OSError, EOFError) as error:
        raise KnowledgeError(f"{path} is damaged or cannot be read: {error}", "take it out of the folder") from error


def _documents(path: Path) -> Iterable[bytes]:
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError) as error:
        raise KnowledgeError(f"{path} is damaged or cannot be read: {error}", "take it out of the folder") from error
    if not data.lstrip().startswith(b"["):
        return [data]
    try:
        return [bytes(raw) for raw in msgspec.json.decode(data, type=list[msgspec.Raw])]
    except msgspec.MsgspecError:
        return [b""]


def main(arguments: list[str] | None = None) -> int:
    """`python -m vigie.vulnerabilities.database.build --snapshot --from FOLDER [--to FILE]` writes the snapshot that is
    shipped, and `NOTICE` when it is written to its place; without `--snapshot` a database with everything there is."""
    import argparse
    import sys

    from vigie.vulnerabilities.database.notice import notice
    from vigie.vulnerabilities.database.snapshot import SNAPSHOT

    parser = argparse.ArgumentParser(prog="python -m vigie.vulnerabilities.database.build")
    parser.add_argument("--from", dest="folder", type=Path, required=True, help="folder of OSV records")
    parser.add_argument("--to", type=Path, help="file to write")
    parser.add_argument("--snapshot", action="store_true", help="leave out what must not be shipped")
    given = parser.parse_args(arguments)
    if not given.snapshot and not given.to:
        parser.error("--to is needed without --snapshot")
    try:
        built = build(given.folder, given.to or SNAPSHOT, shipped=given.snapshot)
    except KnowledgeError as error:
        sys.stderr.write(f"error: {error.message}\nhint: {error.hint}\n")
        return error.exit_status
    if given.snapshot and not given.to:
        (SNAPSHOT.parents[4] / "NOTICE").write_text(notice(SNAPSHOT), encoding="utf-8")
    sys.stdout.write(json.dumps(msgspec.to_builtins(built), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
