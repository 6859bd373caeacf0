"""The pipeline over parts made up here: what is read, cached, stopped and told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from builders.hostile import crowd
from builders.image import digest, entries, tar
from vigie import _core
from vigie.errors import TargetError, UsageError
from vigie.model.artifact import ArtifactFacts, LayerReference
from vigie.model.inventory import Fact, Inventory, Problem
from vigie.model.package import Package
from vigie.scanner.analyzer import Analyzer, File, Group, ParseError, analyzer
from vigie.scanner.cache import Cache, MemoryCache
from vigie.scanner.gather import MOST_PROBLEMS
from vigie.scanner.parallel import interruptible, run_all
from vigie.scanner.part import Artifact, PartReader, Silent
from vigie.scanner.pipeline import Reading, choose, read
from vigie.settings.groups import ScanOptions


class Layer:
    """A layer in a file. opened: how often it was read."""

    def __init__(self, folder: Path, content: bytes, *, key: str = "", fails: Exception | None = None) -> None:
        self.reference = LayerReference(diff_id=digest(content))
        self.cache_key = key
        self.problems: Sequence[Problem] = ()
        self.opened, self._fails = 0, fails
        self._path = folder / digest(content)[7:19]
        self._path.write_bytes(content)

    def tree(self) -> None:
        return None

    def open(self, selection: _core.Selection, limits: _core.Limits) -> AbstractContextManager[PartReader]:
        self.opened += 1
        if self._fails is not None:
            raise self._fails
        return nullcontext(_core.LayerReader(str(self._path), selection, limits))


@analyzer("list", "**/list.txt", group=Group.INSTALLED, type="list")
def names(file: File) -> Iterator[Fact]:
    """A package on each line; `!` is no line of such a file, `?` a mistake in this analyzer."""
    for number, line in enumerate(file.text().splitlines(), 1):
        if line == "!":
            raise ParseError("is damaged", number)
        if line == "?":
            raise LookupError("what")
        if line == "deep":
            raise RecursionError
        name, _, version = line.partition(" ")
        yield Package(name=name, version=version)


@analyzer("with-licence", "**/pair.txt", group=Group.INSTALLED, type="pair", companions=("**/pair.licence",))
def pairs(file: File) -> Iterator[Fact]:
    beside = file.beside("pair.licence")
    yield Package(name=file.text(), version="1", licenses=(beside.decode(),) if beside is not None else ())


ANALYZERS = (names, pairs)


def scanned(
    *parts: Layer,
    cache: Cache | None = None,
    analyzers: tuple[Analyzer, ...] = ANALYZERS,
    deadline: float = 0.0,
    **more: Any,
) -> Inventory:
    facts = ArtifactFacts(kind="container_image", name="x")
    groups = frozenset({Group.INSTALLED})
    artifact = Artifact(facts=facts, parts=parts, groups=groups, closing=nullcontext())
    reading = Reading(analyzers, ScanOptions(**more), deadline)
    return read(artifact, reading, cache or MemoryCache(), Silent())[0]


def packages(inventory: Inventory) -> dict[str, list[str]]:
    return {found.path: [package.name for package in found.packages] for found in inventory.applications}


def test_facts_of_layers_come_together(tmp_path: Path) -> None:
    lower = Layer(tmp_path, tar({"a/list.txt": b"one 1\ntwo 2\n", "b/list.txt": b"three 3\n", "other": b"x 1"}))
    upper = Layer(tmp_path, tar({"a/list.txt": b"one 1\nfour 4\n", "b/.wh.list.txt": b""}))
    inventory = scanned(lower, upper)
    assert packages(inventory) == {"a/list.txt": ["one", "four"]}
    one, four = inventory.applications[0].packages
    assert (one.found_by, one.layer) == ("list", lower.reference)
    assert four.layer == upper.reference
    assert inventory.problems == ()


def test_companions_count_wherever_they_stand_in_the_layer(tmp_path: Path) -> None:
    pair, licence = ("a/pair.txt", b"name"), ("a/pair.licence", b"MIT")
    for order in ((pair, licence), (licence, pair)):
        inventory = scanned(Layer(tmp_path, entries(*order)))
        (package,) = inventory.applications[0].packages
        assert package.licenses == ("MIT",)
    # in another layer they do not
    inventory = scanned(Layer(tmp_path, entries(licence)), Layer(tmp_path, entries(pair)))
    assert inventory.applications[0].packages[0].licenses == ()


def test_what_goes_wrong_with_a_file_is_told_and_the_rest_is_kept(tmp_path: Path) -> None:
    inventory = scanned(
        Layer(
            tmp_path,
            tar(
                {
                    "a/list.txt": b"one 1\n!\ntwo 2\n",
                    "b/list.txt": b"?\n",
                    "c/list.txt": b"deep\n",
                    "d/list.txt": b"three 3\n",
                }
            ),
        )
    )
    assert packages(inventory) == {"a/list.txt": ["one"], "d/list.txt": ["three"]}
    assert [(problem.where, problem.what) for problem in inventory.problems] == [
        ("a/list.txt:2", "is damaged"),
        ("b/list.txt", "could not be read: what"),
        ("c/list.txt", "is nested too deeply"),
    ]


def test_problems_without_number_are_counted(tmp_path: Path) -> None:
    broken = crowd("{}/list.txt", 2500).removesuffix(bytes(1024))
    layer = Layer(tmp_path, broken + tar({"ok/list.txt": b"one 1\n"}))

    @analyzer("broken", "**/list.txt", group=Group.INSTALLED, type="list")
    def refuse(file: File) -> Iterator[Fact]:
        yield Package(name="x", version="1")
        raise ParseError("is damaged")

    inventory = scanned(layer, analyzers=(refuse,))
    assert len(inventory.applications) == 2501
    assert len(inventory.problems) == MOST_PROBLEMS + 1
    assert inventory.problems[-1] == Problem("the layer", "1501 more problems are not listed")


def test_a_known_layer_is_not_opened_again(tmp_path: Path) -> None:
    cache = MemoryCache()
    known, unknown = (
        Layer(tmp_path, tar({"a/list.txt": b"one 1\n"}), key="k"),
        Layer(tmp_path, tar({"b/list.txt": b"two 2\n"})),
    )
    first, second = scanned(known, unknown, cache=cache), scanned(known, unknown, cache=cache)
    assert first == second
    assert (known.opened, unknown.opened) == (1, 2)
    # what is left out, or another analyzer, makes another question
    scanned(known, cache=cache, skip_dirs=("a",))
    scanned(known, cache=cache, analyzers=(names,))
    assert known.opened == 3


def test_the_first_failure_ends_the_scan(tmp_path: Path) -> None:
    good = Layer(tmp_path, tar({"a/list.txt": b"one 1\n"}))
    with pytest.raises(TargetError, match="gone"):
        scanned(good, Layer(tmp_path, b"x" * 512, fails=TargetError("gone")))
    with pytest.raises(TargetError, match=r"layer sha256:[0-9a-f]+ could not be read: no such thing"):
        scanned(Layer(tmp_path, tar({}), fails=OSError("no such thing")))
    with pytest.raises(TargetError, match="could not be read") as caught:
        scanned(Layer(tmp_path, b"x" * 5120))
    assert caught.value.hint == "the image is damaged; fetch or save it again"


def test_time_runs_out(tmp_path: Path) -> None:
    @analyzer("slow", "**/list.txt", group=Group.INSTALLED, type="list")
    def slow(file: File) -> Iterator[Fact]:
        time.sleep(0.05)
        yield Package(name="x", version="1")

    layer = Layer(tmp_path, crowd("{}/list.txt", 1000))
    start = time.monotonic()
    with pytest.raises(TargetError, match="took longer than allowed") as caught:
        scanned(layer, analyzers=(slow,), deadline=start + 0.2)
    assert caught.value.hint == "raise --timeout"
    assert time.monotonic() - start < 10
    with pytest.raises(TargetError, match="took longer than allowed"):
        scanned(layer, analyzers=(names,), deadline=start)


def test_patterns_name_an_analyzer(tmp_path: Path) -> None:
    layer = Layer(tmp_path, tar({"list.txt": b"one 1\n", "mine.lst": b"two 2\n"}))
    assert packages(scanned(layer, file_patterns=(r"list:.*\.lst$",))) == {"list.txt": ["one"], "mine.lst": ["two"]}
    for wrong in ("list", ":x", "list:"):
        with pytest.raises(UsageError, match="not of the form analyzer:regex"):
            scanned(layer, file_patterns=(wrong,))


def test_choice_of_analyzers() -> None:
    def kind(name: str, group: Group, order: int = 0) -> Analyzer:
        return Analyzer(name=name, run=lambda _: (), group=group, type="", globs=(), order=order)

    everything = (
        kind("z", Group.SYSTEM),
        kind("a", Group.SYSTEM, 1),
        kind("b", Group.INSTALLED),
        kind("c", Group.LOCKFILE),
    )

    def chosen(groups: set[Group], types: tuple[str, ...]) -> list[str]:
        return [a.name for a in choose(everything, frozenset(groups), types)]

    image = {Group.SYSTEM, Group.INSTALLED}
    assert chosen(image, ("os", "library")) == ["b", "z", "a"]
    # the system decides how libraries are judged, so it is always found out
    assert chosen(image, ("os",)) == ["z", "a"]
    assert chosen(image, ("library",)) == ["b", "z", "a"]
    assert chosen({Group.LOCKFILE}, ("os", "library")) == ["c"]


# threads


@contextmanager
def within(seconds: float) -> Iterator[None]:
    start = time.monotonic()
    yield
    assert time.monotonic() - start < seconds


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_all_work_is_done_once(workers: int) -> None:
    done: list[int] = []
    run_all(done.append, range(50), workers)
    assert sorted(done) == list(range(50))
    run_all(done.append, [], workers)
    assert len(done) == 50


def test_a_failure_waits_for_nothing_and_drops_the_rest() -> None:
    begun: list[int] = []
    held = threading.Event()

    def work(index: int) -> None:
        begun.append(index)
        if index == 1:
            raise OSError("no")
        held.wait(30)

    with within(5), pytest.raises(OSError, match="no"):
        run_all(work, range(100), 2)
    held.set()
    assert set(begun) <= {0, 1, 2}


def test_answers_of_calls_in_threads() -> None:
    assert interruptible(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        interruptible(lambda: 1 // 0)
