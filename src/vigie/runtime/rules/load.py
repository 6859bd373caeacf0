"""Rule files to rules that run: all steps, and what came of them."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from vigie.errors import RuleError
from vigie.runtime.rules import read, schema
from vigie.runtime.rules.collect import Collection
from vigie.runtime.rules.compile import Compiler, Known
from vigie.runtime.rules.document import Source
from vigie.runtime.rules.items import CompiledRule
from vigie.runtime.rules.problems import Problem, Problems
from vigie.runtime.rules.resolve import Resolver
from vigie.runtime.rules.settings import RuleSettings

if TYPE_CHECKING:
    from vigie._core import Rules


class Result(Struct, frozen=True):
    """What is to be said of one file. schema: `ok`, `failed`, or `none` when it was not compared."""

    name: str
    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    schema: str = "none"
    schema_warnings: tuple[str, ...] = ()

    @property
    def successful(self) -> bool:
        """Whether the file can be used."""
        return not self.errors


class Ruleset(Struct, frozen=True):
    """Rules that can run. sets: for each source of events the compiled rules, in the order in which they are tried,
    and by index what alerts say of them."""

    sets: tuple[tuple[Rules, tuple[CompiledRule, ...]], ...]


class Loaded(Struct, kw_only=True):
    """Rule files, read and, when nothing is wrong, compiled."""

    files: Sequence[Source]
    results: Sequence[Result]
    problems: Sequence[Problem]
    collection: Collection
    resolver: Resolver | None
    compiler: Compiler | None

    @property
    def known(self) -> dict[str, Known]:
        """Rules that compiled, by name."""
        return self.compiler.known if self.compiler else {}

    @property
    def ruleset(self) -> Ruleset:
        """The rules, to be run once. Raises RuleError when a file has errors."""
        if self.compiler is None or any(problem.fatal for problem in self.problems):
            from vigie.runtime.rules.report import refusal

            raise RuleError(*refusal(self))
        return Ruleset(tuple(self.compiler.sets))


def load(files: Sequence[Source], *, settings: RuleSettings | None = None) -> Loaded:
    """Loads rule files in this order. Never raises: what is wrong is told by `results`, by file, and by `problems`."""
    settings = settings or RuleSettings()
    # Nothing becomes garbage here, and looking for it takes longer than all the rest when a file is large.
    collects = gc.isenabled()
    gc.disable()
    try:
        return _load(files, settings)
    finally:
        if collects:
            gc.enable()


def _load(files: Sequence[Source], settings: RuleSettings) -> Loaded:
    problems = Problems()
    collection = Collection(problems, settings.sources)
    for source in files:
        for item in read.read(source, problems):
            collection.take(item)
    resolver = compiler = None
    # Once an item is left out, names of it would be reported as unknown.
    if not problems.fatal:
        resolver = Resolver(collection, problems)
        compiler = Compiler(collection, resolver, settings, problems)
        compiler.run()
        if not problems.fatal:
            _unused(collection, resolver, problems)
    order = {source.name: index for index, source in reversed(list(enumerate(files)))}
    problems.all.sort(key=lambda problem: (order.get(problem.file, 0), _line(problem)))
    by_file: dict[str, list[Problem]] = {}
    for problem in problems.all:
        by_file.setdefault(problem.file, []).append(problem)
    results = [_result(source, by_file.get(source.name, []), settings) for source in files]
    return Loaded(
        files=files,
        results=results,
        problems=problems.all,
        collection=collection,
        resolver=resolver,
        compiler=compiler,
    )


def _line(problem: Problem) -> int:
    """The line of the item that a problem is about."""
    chain = problem.where.chain()
    return chain[1].line if len(chain) > 1 else chain[0].line


def _unused(collection: Collection, resolver: Resolver, problems: Problems) -> None:
    for macro in collection.macros.values():
        if macro.name not in resolver.used_macros:
            problems.add("LOAD_UNUSED_MACRO", f"no rule or macro names the macro '{macro.name}'", macro.where)
    for one in collection.lists.values():
        if one.name not in resolver.used_lists:
            problems.add("LOAD_UNUSED_LIST", f"no rule, macro or list names the list '{one.name}'", one.where)


def _result(source: Source, own: list[Problem], settings: RuleSettings) -> Result:
    errors = tuple(problem for problem in own if problem.fatal)
    warnings = tuple(problem for problem in own if not problem.fatal)
    unreadable = any(problem.code in ("LOAD_ERR_FILE_READ", "LOAD_ERR_YAML_PARSE") for problem in errors)
    if not settings.schema or unreadable:
        return Result(source.name, errors, warnings)
    failures = tuple(schema.failures(source))
    return Result(source.name, errors, warnings, "failed" if failures else "ok", failures)
