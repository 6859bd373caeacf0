"""Gathering: files reach their analyzers, errors become problems, companions are waited for."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

from vigie import _core
from vigie.model.inventory import Fact, PartFacts
from vigie.model.package import Package
from vigie.scanner.analyzer import Analyzer, File, Group, ParseError, analyzer
from vigie.scanner.gather import Gathering


@analyzer("list", "**/*.list", group=Group.ANYWHERE, type="list", companions=("**/extra",))
def listed(file: File) -> Iterator[Fact]:
    for line in file.text().split():
        if line == "!":
            raise ParseError("is wrong here", 7)
        yield Package(name=line, version=(file.beside("extra") or b"0").decode())


def gathered(folder: Path, members: list[tuple[str, bytes]], one: Analyzer = listed) -> PartFacts:
    path = folder / "layer.tar"
    with tarfile.open(path, "w") as tar:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    selection = _core.Selection([(one.globs, (), one.reader.value), (one.companions, (), "keep")])
    reader = _core.LayerReader(str(path), selection, _core.Limits())
    gathering = Gathering([one], None)
    while batch := reader.next_batch():
        for found in batch:
            gathering.add(found)
    return gathering.facts(reader.finish(), ())


def packages(facts: PartFacts) -> list[tuple[str, str, str]]:
    return [(found.path, p.name, p.version) for found in facts.applications for p in found.packages]


def test_a_companion_may_come_after_the_file_that_needs_it(tmp_path: Path) -> None:
    facts = gathered(tmp_path, [("a/x.list", b"one"), ("a/extra", b"5")])
    assert packages(facts) == [("a/x.list", "one", "5")]


def test_what_was_read_before_an_error_is_kept_and_the_error_told_with_its_line(tmp_path: Path) -> None:
    facts = gathered(tmp_path, [("x.list", b"one two ! three")])
    assert packages(facts) == [("x.list", "one", "0"), ("x.list", "two", "0")]
    assert [(p.where, p.what) for p in facts.problems] == [("x.list:7", "is wrong here")]


def test_of_a_path_that_stands_twice_in_a_layer_the_later_entry_counts(tmp_path: Path) -> None:
    assert packages(gathered(tmp_path, [("x.list", b"old"), ("x.list", b"new")])) == [("x.list", "new", "0")]
    assert packages(gathered(tmp_path, [("x.list", b"old"), ("x.list", b"")])) == []


def test_a_crash_of_an_analyzer_is_the_problem_of_its_file(tmp_path: Path) -> None:
    @analyzer("careless", "**/*.list", group=Group.ANYWHERE, type="list", companions=("**/extra",))
    def careless(file: File) -> Iterator[Fact]:
        yield Package(name={}[file.path], version="1")

    facts = gathered(tmp_path, [("x.list", b"one")], careless)
    assert packages(facts) == []
    assert [p.where for p in facts.problems] == ["x.list"]


def test_facts_come_in_the_order_of_paths_whatever_the_order_in_the_layer(tmp_path: Path) -> None:
    facts = gathered(tmp_path, [("b.list", b"b"), ("a.list", b"a")])
    assert [found.path for found in facts.applications] == ["a.list", "b.list"]
