"""The cache of layers: bounded, shared, and never a reason to fail."""

from __future__ import annotations

import logging
import sqlite3
import threading
from pathlib import Path

import pytest

from vigie.model.inventory import OperatingSystem, PartFacts
from vigie.scanner.analyzer import Analyzer, Group
from vigie.scanner.cache import MemoryCache, cache_key
from vigie.scanner.cache_file import FileCache
from vigie.settings.groups import ScanOptions

FACTS = PartFacts(systems=(OperatingSystem("debian", "12.5"),), size=1024)


def file_cache(folder: Path, size: int = 1 << 20) -> FileCache:
    return FileCache(folder / "scan" / "parts.db", size)


@pytest.mark.parametrize("make", [lambda folder: MemoryCache(), file_cache])
def test_what_is_stored_is_found_by_its_position(tmp_path: Path, make) -> None:
    cache = make(tmp_path)
    cache.store("k", FACTS)
    assert cache.load_all(["", "other", "k"]) == {2: FACTS}


def test_facts_survive_the_process(tmp_path: Path) -> None:
    file_cache(tmp_path).store("k", FACTS)
    assert file_cache(tmp_path).load_all(["k"]) == {0: FACTS}


def test_the_least_recently_used_goes_first(tmp_path: Path) -> None:
    large = PartFacts(whiteouts=("x" * 1000,))
    cache = file_cache(tmp_path, size=2500)
    cache.store("old", large)
    cache.store("used", large)
    assert set(cache.load_all(["old"])) == {0}
    cache.store("new", large)
    assert set(cache.load_all(["old", "used", "new"])) == {0, 2}


def test_a_damaged_file_is_made_anew_with_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache = file_cache(tmp_path)
    cache.path.parent.mkdir(parents=True)
    cache.path.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    with caplog.at_level(logging.WARNING):
        cache.store("k", FACTS)
    assert "damaged" in caplog.text
    assert cache.load_all(["k"]) == {0: FACTS}


def test_a_damaged_entry_counts_as_absent(tmp_path: Path) -> None:
    cache = file_cache(tmp_path)
    cache.store("k", FACTS)
    with sqlite3.connect(cache.path) as connection:
        connection.execute("UPDATE part SET facts = x'c1'")
    assert cache.load_all(["k"]) == {}


def test_a_place_that_cannot_be_written_is_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "scan").write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        file_cache(tmp_path).store("k", FACTS)
    assert "is not used" in caplog.text


def test_many_threads_write_at_once(tmp_path: Path) -> None:
    cache = file_cache(tmp_path)
    threads = [threading.Thread(target=cache.store, args=(f"k{n}", FACTS)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(cache.load_all([f"k{n}" for n in range(16)])) == 16


def test_a_new_file_is_made_by_many_at_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Each of them switches the file to write-ahead logging; SQLite does not wait for that."""
    for attempt in range(20):
        path = tmp_path / str(attempt) / "parts.db"
        ready = threading.Barrier(6)

        def store(number: int, path: Path = path, ready: threading.Barrier = ready) -> None:
            ready.wait()
            FileCache(path, 1 << 20).store(str(number), PartFacts())

        threads = [threading.Thread(target=store, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(FileCache(path, 1 << 20).load_all([str(number) for number in range(6)])) == 6
    assert caplog.text == ""


def test_the_key_depends_on_everything_that_decides_what_is_read() -> None:
    def analyzer(version: int) -> Analyzer:
        return Analyzer(name="a", run=lambda file: (), group=Group.SYSTEM, type="", globs=(), version=version)

    keys = {
        cache_key("sha256:1", [analyzer(1)], ScanOptions()),
        cache_key("sha256:2", [analyzer(1)], ScanOptions()),
        cache_key("sha256:1", [analyzer(2)], ScanOptions()),
        cache_key("sha256:1", [], ScanOptions()),
        cache_key("sha256:1", [analyzer(1)], ScanOptions(skip_dirs=("a",))),
        cache_key("sha256:1", [analyzer(1)], ScanOptions(skip_files=("a",))),
        cache_key("sha256:1", [analyzer(1)], ScanOptions(file_patterns=("a:b",))),
    }
    assert len(keys) == 7
    assert cache_key("", [analyzer(1)], ScanOptions()) == ""
