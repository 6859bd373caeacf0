"""What integration tests share: the program in a home of its own, and a small database of invented advisories."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from live import Live
from program import Program
from vigie.vulnerabilities.database.build import build


def advisory(number: int, ecosystem: str, name: str, fixed: str = "", **more: Any) -> dict[str, Any]:
    """An OSV record of an invented vulnerability; without `fixed` there is no fix yet."""
    events = [{"introduced": "0"}, *([{"fixed": fixed}] if fixed else [])]
    affected = {
        "package": {"ecosystem": ecosystem, "name": name},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
    }
    return {
        "id": f"TEST-{number}",
        "upstream": [f"CVE-2099-{number}"],
        "modified": "2099-01-01T00:00:00Z",
        "published": "2099-01-01T00:00:00Z",
        "summary": f"Invented flaw {number}",
        "affected": [affected],
        **more,
    }


ADVISORIES = {
    "debian": [
        advisory(1001, "Debian:12", "openssl", "3.0.11-1~deb12u2"),
        advisory(1002, "Debian:12", "zlib"),
        advisory(1003, "Debian:7", "openssl", "1.0.1e-2+deb7u21"),
    ],
    "pypi": [advisory(2001, "PyPI", "jinja2", "2.11.3"), advisory(2002, "PyPI", "jinja2", "3.1.4")],
    "npm": [advisory(3001, "npm", "lodash", "4.17.21")],
    "rubygems": [advisory(4001, "RubyGems", "rack", "2.2.3")],
    "crates.io": [advisory(5001, "crates.io", "smallvec", "1.6.1")],
    "maven": [advisory(6001, "Maven", "org.example:thing", "2.0")],
}


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with these advisories alone."""
    folder = tmp_path_factory.mktemp("advisories")
    for name, records in ADVISORIES.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    target = tmp_path_factory.mktemp("database") / "vigie.db"
    build(folder, target)
    return target


@pytest.fixture
def vigie(tmp_path: Path, database: Path) -> Program:
    """The program with the small database and an empty cache."""
    return Program(tmp_path / "person", database)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """A test that fails because the machine was too busy for its watch is skipped: it says how much was dropped."""
    before = {id(live): live.lost() for live in Live.begun}
    try:
        return (yield)
    except AssertionError:
        if Live.begun:
            time.sleep(1.5)  # counters are read once a second
        lost = sum(live.lost() - before.get(id(live), 0) for live in Live.begun)
        if lost:
            pytest.skip(f"this machine is too busy: {lost:.0f} events were dropped meanwhile")
        raise
