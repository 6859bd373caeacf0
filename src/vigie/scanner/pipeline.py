"""The pipeline: an opened artifact becomes an inventory. Read this first.

    parts (layers, or one folder) ─▶ Rust reads each once and hands over wanted files in batches
        ─▶ analyzers turn them into facts ─▶ cache per part ─▶ merge ─▶ Inventory

Detection and filtering come after; they never see bytes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from threading import Event

from msgspec import Struct

from vigie import _core
from vigie.errors import TargetError, UsageError, VigieError
from vigie.model.inventory import Inventory, PartFacts
from vigie.scanner.analyzer import Analyzer, ContentSearch, Group
from vigie.scanner.cache import Cache, cache_key
from vigie.scanner.gather import Gathering
from vigie.scanner.merge import merge
from vigie.scanner.parallel import run_all
from vigie.scanner.part import Artifact, Part, Progress
from vigie.settings.groups import ScanOptions

MAX_FILE = 64 << 20
"""Bytes of one wanted file. What is read of it takes ten times as much memory; a larger lock file is an attack or a
mistake. Databases of packages and archives are read in pieces and know other bounds."""
MAX_LAYER = 256 << 30
"""Raw bytes of one layer."""
MAX_ENTRIES = 20_000_000
"""Entries of one layer or folder."""


class Reading(Struct, frozen=True):
    """What to read: the analyzers, the options of the walk, the moment (`time.monotonic`) at which to give up, what is
    searched for in contents, and which facts may be kept in the cache (None: all)."""

    analyzers: tuple[Analyzer, ...]
    options: ScanOptions
    deadline: float = 0.0
    search: ContentSearch | None = None
    may_keep: Callable[[PartFacts], bool] | None = None


def read(
    artifact: Artifact, reading: Reading, cache: Cache, progress: Progress
) -> tuple[Inventory, tuple[PartFacts, ...]]:
    """Reads every part that the cache does not know, at most `options.parallel` at once, and merges the facts.

    Raises TargetError when a part cannot be opened or is damaged, or when time runs out. What is wrong with single
    files stands in `Inventory.problems`.
    """
    selection = _Selection(reading)
    parts = artifact.parts
    done: list[PartFacts | None] = [None] * len(parts)
    keys = [cache_key(part.cache_key, reading.analyzers, reading.options) for part in parts]
    for index, facts in cache.load_all(keys).items():
        done[index] = facts
    missing = [index for index, facts in enumerate(done) if facts is None]
    read_count = len(parts) - len(missing)
    stopped = Event()
    progress.step("layers", read_count, len(parts))

    def work(index: int) -> None:
        nonlocal read_count
        facts = _read_part(parts[index], selection, reading, stopped)
        done[index] = facts
        if keys[index] and (not reading.may_keep or (not facts.configurations and reading.may_keep(facts))):
            cache.store(keys[index], facts)
        read_count += 1
        progress.step("layers", read_count, len(parts))

    try:
        run_all(work, missing, _workers(reading.options.parallel))
    except BaseException:
        stopped.set()
        raise
    complete = tuple(facts for facts in done if facts is not None)
    if reading.may_keep:  # files that are kept whole may hold secrets of other parts
        for index in missing:
            if keys[index] and complete[index].configurations and reading.may_keep(complete[index]):
                cache.store(keys[index], complete[index])
    return merge(parts, complete), complete


def _workers(parallel: int) -> int:
    """How many parts are read at once: more threads than cores only cost memory."""
    cores = os.cpu_count() or 1
    return min(parallel or cores, cores + 1)


class _Selection:
    """The rules given to Rust and what each rule index means: an analyzer, or a companion to keep for one."""

    def __init__(self, reading: Reading) -> None:
        self.analyzers = reading.analyzers
        patterns = file_patterns(reading.options.file_patterns)
        rules: list[tuple[Sequence[str], Sequence[str], str]] = [
            (a.globs, (*a.expressions, *patterns.get(a.name, ())), a.reader.value) for a in self.analyzers
        ]
        companions = sorted({glob for a in self.analyzers for glob in a.companions})
        self.companion_rule = len(rules)
        skipped = reading.options.skip_files, reading.options.skip_dirs
        search = reading.search or ContentSearch(None)
        asked = search.searcher, (search.skipped, search.passed_over)
        try:
            self.for_folder = _core.Selection(rules, *skipped, *asked)
            kept = [*rules, (companions, (), "keep")]
            self.for_layer = _core.Selection(kept, *skipped, *asked) if companions else self.for_folder
        except ValueError as error:  # only what the user wrote can be wrong
            hint = "see --skip-dirs, --skip-files and --file-patterns"
            raise UsageError(" ".join(str(error).split()), hint) from error


def file_patterns(patterns: Iterable[str]) -> dict[str, list[str]]:
    """`analyzer:regex` settings by analyzer. Raises UsageError for anything else."""
    found: dict[str, list[str]] = {}
    for pattern in patterns:
        name, colon, regex = pattern.partition(":")
        if not (colon and name and regex):
            raise UsageError(
                f"--file-patterns {pattern!r} is not of the form analyzer:regex",
                "for example pip:requirements-.*\\.txt",
            )
        found.setdefault(name, []).append(regex)
    return found


def _read_part(part: Part, selection: _Selection, reading: Reading, stopped: Event) -> PartFacts:
    """Reads one part from first to last byte, or until nobody waits for it any more."""
    limits = _core.Limits(
        max_file=MAX_FILE, max_bytes=MAX_LAYER, max_entries=MAX_ENTRIES, seconds=_seconds_left(reading.deadline)
    )
    tree = part.tree()
    gathering = Gathering(selection.analyzers, tree)
    digest = part.reference.diff_id or part.reference.digest
    try:
        with part.open(selection.for_layer if tree is None else selection.for_folder, limits) as reader:
            while batch := reader.next_batch():
                for found in batch:
                    if stopped.is_set() or (reading.deadline and time.monotonic() > reading.deadline):
                        raise TimeoutError
                    gathering.add(found)
            walked = reader.finish()
    except TimeoutError as error:
        raise TargetError("the scan took longer than allowed", "raise --timeout") from error
    except VigieError:
        raise
    except (ValueError, OSError) as error:
        raise TargetError(
            f"{f'layer {digest}' if digest else 'the target'} could not be read: {error}",
            "the image is damaged; fetch or save it again" if digest and isinstance(error, ValueError) else "",
        ) from error
    return gathering.facts(walked, part.problems)


def _seconds_left(deadline: float) -> float:
    """Seconds until the deadline, at least a moment, so that 0 keeps meaning "no deadline"."""
    return max(deadline - time.monotonic(), 0.001) if deadline else 0.0


def choose(
    analyzers: Iterable[Analyzer], groups: frozenset[Group], package_types: Sequence[str]
) -> tuple[Analyzer, ...]:
    """The analyzers that make sense for a target's groups and for `--pkg-types`, in a fixed order."""
    return tuple(
        sorted(
            (a for a in analyzers if a.group in groups and ("library" in package_types or a.group is Group.SYSTEM)),
            key=lambda a: (a.order, a.name),
        )
    )
