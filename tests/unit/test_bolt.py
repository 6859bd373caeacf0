"""bbolt files: what was written is read, and damage is an error."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.bolt import Tree, write
from vigie import _core

names = st.binary(min_size=1, max_size=40)
values = st.one_of(st.binary(max_size=60), st.binary(min_size=900, max_size=3000))
trees = st.recursive(
    st.dictionaries(names, values, max_size=40),
    lambda inner: st.dictionaries(names, st.one_of(values, inner), max_size=12),
    max_leaves=6,
)


def compare(bolt: _core.Bolt, tree: Tree, path: list[bytes]) -> None:
    items = {key: value for key, value in tree.items() if isinstance(value, bytes)}
    inner = {key: value for key, value in tree.items() if not isinstance(value, bytes)}
    assert bolt.items(path) == sorted(items.items())
    assert bolt.buckets(path) == sorted(inner)
    for key, value in items.items():
        assert bolt.get(path, key) == value
    for key in [*list(tree)[:5], b"", b"\xff" * 50]:
        assert bolt.get(path, key + b"!") == items.get(key + b"!")
        assert bolt.buckets(path, key[:1]) == sorted(name for name in inner if name.startswith(key[:1]))
    for key, value in inner.items():
        assert bolt.get(path, key) is None
        compare(bolt, value, [*path, key])


@settings(max_examples=60)
@given(tree=trees, size=st.sampled_from([1024, 4096]), inline=st.booleans())
def test_what_was_written_is_read(
    tree: Tree, size: int, inline: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("bolt") / "db"
    write(path, tree, page_size=size, inline=inline)
    compare(_core.Bolt(str(path)), tree, [])


def test_branch_pages_overflow_and_prefixes(tmp_path: Path) -> None:
    packages: dict[bytes, bytes | Tree] = {f"package-{index:05}".encode(): {b"CVE-1": b"{}"} for index in range(3000)}
    tree: Tree = {
        **{f"npm::source {index}".encode(): packages for index in range(3)},
        b"pip::one": {b"django": {b"CVE-2": b"x" * 100_000}},
        b"vulnerability": {f"CVE-{index}".encode(): b"y" * 50 for index in range(5000)},
    }
    write(tmp_path / "db", tree)
    bolt = _core.Bolt(str(tmp_path / "db"))
    assert bolt.buckets() == sorted(tree)
    assert bolt.buckets(prefix=b"npm::") == [b"npm::source 0", b"npm::source 1", b"npm::source 2"]
    assert bolt.buckets(prefix=b"zz") == []
    assert bolt.buckets([b"npm::source 1"], prefix=b"package-0299") == [
        f"package-0299{digit}".encode() for digit in range(10)
    ]
    assert bolt.get([b"pip::one", b"django"], b"CVE-2") == b"x" * 100_000
    assert bolt.get((b"vulnerability",), b"CVE-4999") == b"y" * 50
    assert bolt.items([b"npm::source 2", b"package-02999"]) == [(b"CVE-1", b"{}")]
    assert len(bolt.items([b"vulnerability"])) == 5000
    assert bolt.items([b"absent"]) == [] and bolt.get([b"absent", b"x"], b"y") is None
    assert bolt.get([b"vulnerability", b"CVE-1"], b"") is None, "a value is no bucket"


def test_the_newer_valid_root_counts(tmp_path: Path) -> None:
    path = tmp_path / "db"
    write(path, {b"a": {b"k": b"v"}}, page_size=1024)
    whole = bytearray(path.read_bytes())
    whole[16] ^= 1  # root 0, the newer one
    path.write_bytes(whole)
    assert _core.Bolt(str(path)).buckets() == [], "the older root is of an empty database"
    whole[1024 + 40] ^= 1
    path.write_bytes(whole)
    with pytest.raises(ValueError, match="roots"):
        _core.Bolt(str(path))


def test_an_open_file_outlives_its_name(tmp_path: Path) -> None:
    write(tmp_path / "db", {b"a": {b"k": b"old"}})
    write(tmp_path / "new", {b"a": {b"k": b"new"}})
    bolt = _core.Bolt(str(tmp_path / "db"))
    (tmp_path / "new").rename(tmp_path / "db")
    assert bolt.get([b"a"], b"k") == b"old"
    assert _core.Bolt(str(tmp_path / "db")).get([b"a"], b"k") == b"new"


def test_damage_is_an_error_and_never_more(tmp_path: Path) -> None:
    tree: Tree = {b"a": {f"key {index}".encode(): b"v" * 30 for index in range(200)}, b"b": {b"c": {b"d": b"e"}}}
    path = tmp_path / "db"
    write(path, tree, page_size=1024)
    whole = path.read_bytes()
    generator = random.Random(7)
    errors = 0
    for _ in range(2000):
        damaged = bytearray(whole)
        for _ in range(generator.randint(1, 4)):
            damaged[generator.randrange(2048, len(whole))] = generator.choice(
                (0, 1, 0x7F, 0xFF, generator.randrange(256))
            )
        path.write_bytes(damaged)
        bolt = _core.Bolt(str(path))
        try:
            bolt.buckets()
            bolt.items([b"a"])
            bolt.get([b"b", b"c"], b"d")
        except ValueError:
            errors += 1
    assert errors > 50
    for length in (0, 10, 100, 1024, 3000):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError):
            _core.Bolt(str(path)).items([b"a"])
    with pytest.raises(FileNotFoundError):
        _core.Bolt(str(tmp_path / "absent"))
