"""Standard input of all kinds, and what stands in its way."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from vigie import _core
from vigie.errors import TargetError
from vigie.secrets.stream import search

SEARCHER = _core.SecretSearcher([("key_(?P<secret>[a-z]{8})", ["key_"])])


def test_a_folder_is_no_stream(tmp_path: Path) -> None:
    number = os.open(tmp_path, os.O_RDONLY)
    try:
        (problem,) = search(SEARCHER, 0.0, number)[1]
        assert "cannot be read" in problem and "directory" in problem
    finally:
        os.close(number)


def test_an_end_that_never_comes() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"key_abcdwxyz\n")
    start = time.monotonic()
    with pytest.raises(TargetError, match="longer than allowed"):
        search(SEARCHER, start + 0.2, reading)
    assert time.monotonic() - start < 5
    os.close(writing)


def test_what_came_is_searched() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"a\nkey_abcdwxyz\n")
    os.close(writing)
    found, problems = search(SEARCHER, time.monotonic() + 60, reading)
    assert ([(one.start, one.secret) for one in found], problems) == ([((2, 1), b"abcdwxyz")], [])
