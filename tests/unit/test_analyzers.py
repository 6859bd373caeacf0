"""Every analyzer over its cases: a tree below `tests/data/analyzers/<analyzer>/<case>/root/`, and `expected.json`
beside it.

`VIGIE_GOLDEN=1` writes `expected.json` anew; read the difference.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from builders.tree import matcher
from vigie import _core
from vigie.model.inventory import Problem
from vigie.registry import collect
from vigie.scanner.analyzer import Analyzer, Content, File, ParseError, Reader

DATA = Path(__file__).parent.parent / "data" / "analyzers"
ANALYZERS = collect(Analyzer, ("vigie.distros", "vigie.ecosystems"))
CASES = sorted(path.parent for path in DATA.glob("*/*/root"))


class Folder:
    """The tree around a file of a case."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.paths = sorted(
            path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file() and not path.is_symlink()
        )

    def read(self, path: str) -> bytes | None:
        return (self.root / path).read_bytes() if path in self.paths else None

    def glob(self, pattern: str) -> Iterable[str]:
        wanted = matcher(pattern)
        return [path for path in self.paths if wanted.fullmatch(path)]


def contents(analyzer: Analyzer, tree: Folder) -> Iterable[tuple[str, Content]]:
    """The files an analyzer wants, as it gets them."""
    for path in tree.paths:
        file = tree.root / path
        if analyzer.reader is Reader.EXECUTABLE:
            if (os.access(file, os.X_OK) or path.endswith(".exe")) and (program := _core.read_executable(str(file))):
                yield path, program
        elif any(matcher(glob).fullmatch(path) for glob in analyzer.globs):
            match analyzer.reader:
                case Reader.ARCHIVE:
                    yield path, _core.read_archive(str(file))
                case Reader.RPM:
                    yield path, _core.read_rpm_database(str(file))[0]
                case _:
                    yield path, file.read_bytes()


def facts(analyzer: Analyzer, file: File) -> list[Any]:
    """What the analyzer yields for one file, as plain values; an error is the problem that the report would show."""
    found: list[Any] = []
    try:
        found.extend(analyzer.run(file))
    except ParseError as error:
        found.append(file.problem(error.what, error.line))
    except (ValueError, KeyError, TypeError) as error:
        found.append(Problem(file.path, f"{type(error).__name__}: {error}"))
    return [msgspec.json.decode(msgspec.json.encode(fact)) for fact in found]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_analyzer(case: Path) -> None:
    analyzer = ANALYZERS[case.parent.name]
    tree = Folder(case / "root")
    result = {
        path: facts(analyzer, File(path, content, tree, size=(tree.root / path).stat().st_size))
        for path, content in contents(analyzer, tree)
    }
    assert result, f"{analyzer.name} wants no file of {case}"
    expected = case / "expected.json"
    if os.environ.get("VIGIE_GOLDEN") == "1":
        expected.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")
    assert result == msgspec.json.decode(expected.read_bytes())


@pytest.mark.parametrize("name", sorted(ANALYZERS))
def test_every_analyzer_has_a_case(name: str) -> None:
    assert any(case.parent.name == name for case in CASES)
