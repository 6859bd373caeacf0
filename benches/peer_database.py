"""The facts of the shipped database in the layout of Trivy's, so that both programs look packages up in files of like
size.

Source of the layout: docs/database.md, "Trivy's database".
"""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from vigie.model.advisory import SEVERITIES, Advisory
from vigie.vulnerabilities.database.native import NativeDatabase
from vigie.vulnerabilities.database.snapshot import SNAPSHOT

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from builders.bolt import write

BUCKETS = {
    "Debian:11": "debian 11",
    "Debian:12": "debian 12",
    "PyPI": "pip::GitHub Security Advisory Pip",
    "npm": "npm::GitHub Security Advisory Npm",
    "Go": "go::GitHub Security Advisory Go",
    "crates.io": "cargo::Open Source Vulnerability",
    "Maven": "maven::GitHub Security Advisory Maven",
    "RubyGems": "rubygems::GitHub Security Advisory RubyGems",
    "Packagist": "composer::GitHub Security Advisory Composer",
}
FUTURE = "2099-01-01T00:00:00Z"


def cache(folder: Path) -> Path:
    """A cache folder of Trivy's with a database in it."""
    target = folder / "db" / "trivy.db"
    if target.exists():
        return folder
    target.parent.mkdir(parents=True, exist_ok=True)
    database = NativeDatabase(SNAPSHOT)
    tree: dict[bytes, Any] = {b"data-source": {}, b"vulnerability": {}}
    ids: set[str] = set()
    for ecosystem, bucket in BUCKETS.items():
        names = database._rows(
            "SELECT package.name FROM package JOIN ecosystem ON number = ecosystem WHERE ecosystem.name = ?",
            (ecosystem,),
        )
        packages: dict[bytes, dict[bytes, bytes]] = {}
        for (name,) in names:
            advisories = [a for a in database._look_up([(ecosystem, name)]) if not a.malicious]
            ids.update(advisory.id for advisory in advisories)
            entries = {a.id.encode(): _advisory(a, language="::" in bucket) for a in advisories}
            if entries:
                packages[str(name).encode()] = entries
        tree[bucket.encode()] = packages
        tree[b"data-source"][bucket.encode()] = _json({"ID": "ghsa", "Name": bucket, "URL": "https://example.org"})
    for id, details in database.details(ids).items():
        stated: dict[str, Any] = {"Title": id, "Severity": details.severity, "References": list(details.references)}
        stated["VendorSeverity"] = {source: SEVERITIES.index(word) for source, word in details.severities.items()}
        tree[b"vulnerability"][id.encode()] = _json(stated)
    write(target, tree)
    _java(folder / "java-db")
    metadata = {"Version": 2, "NextUpdate": FUTURE, "UpdatedAt": FUTURE, "DownloadedAt": FUTURE}
    target.with_name("metadata.json").write_text(json.dumps(metadata))
    return folder


def _java(folder: Path) -> None:
    """A Java database without archives: Trivy scans no image with a JAR in it unless there is one."""
    folder.mkdir(exist_ok=True)
    with closing(sqlite3.connect(folder / "trivy-java.db")) as connection:
        connection.execute("CREATE TABLE artifacts (id INTEGER PRIMARY KEY, group_id TEXT, artifact_id TEXT)")
        connection.execute("CREATE TABLE indices (artifact_id INTEGER, version TEXT, sha1 BLOB, archive_type TEXT)")
    metadata = {"Version": 1, "NextUpdate": FUTURE, "UpdatedAt": FUTURE, "DownloadedAt": FUTURE}
    (folder / "metadata.json").write_text(json.dumps(metadata))


def _advisory(advisory: Advisory, *, language: bool) -> bytes:
    if not language:
        return _json({"FixedVersion": next((part.fixed for part in advisory.ranges if part.fixed), advisory.fixed)})
    affected = [f"={version}" for version in advisory.versions]
    for part in advisory.ranges:
        lower = f">={part.introduced}" if part.introduced != "0" else ""
        upper = f"<{part.fixed}" if part.fixed else f"<={part.last_affected}" if part.last_affected else ""
        affected.append(", ".join(filter(None, (lower, upper))) or ">=0")
    fixed = [part.fixed for part in advisory.ranges if part.fixed]
    return _json({"VulnerableVersions": affected, "PatchedVersions": fixed})


def _json(value: object) -> bytes:
    return json.dumps(value).encode()
