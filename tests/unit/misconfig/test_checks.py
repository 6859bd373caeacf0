"""Every check meets its examples: `tests/data/misconfig/checks/<ID>/{bad,good}*.*`.

A bad example is found, in each format that feeds the check; a good one is not, and leaves no doubt. Lines of a bad
example that end in the comment `vigie:expect` are exactly those where its findings start. `vigie:k8s-version=V` says
which cluster a manifest is meant for.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from vigie.artifacts.filesystem import compile_glob
from vigie.misconfig import catalog
from vigie.misconfig.check import Check
from vigie.misconfig.detector import judge_unit
from vigie.misconfig.files import ScannedFiles
from vigie.misconfig.judge import Chosen
from vigie.misconfig.language import Language
from vigie.misconfig.outcome import Outcome
from vigie.model.inventory import Configuration
from vigie.plugs import languages
from vigie.settings.groups import MisconfigOptions

EXAMPLES = Path(__file__).parents[2] / "data/misconfig/checks"
FRAMEWORKS = frozenset(
    {"default", "aws-cis-1.2", "aws-cis-1.4", "cis-aws-1.2", "cis-aws-1.4", "k8s-cis-1.23", "rke2-cis-1.24"}
)


@cache
def known() -> dict[str, Check]:
    """All checks by id."""
    return {check.id: check for owner in catalog.index().modules for check in catalog.checks(owner)}


def cases() -> list[Path]:
    return sorted(path for path in EXAMPLES.glob("*/*") if path.is_file())


def example_name(path: Path) -> str:
    """The file's name in a project: `bad-2.Dockerfile` is a Dockerfile."""
    return "Dockerfile" if path.suffix == ".Dockerfile" else path.name


def judged(path: Path) -> list[Outcome]:
    """The outcomes of a file that stands alone."""
    name, data = example_name(path), path.read_bytes()
    found: list[Language] = [
        language
        for language in languages().values()
        if language.name not in ("helm", "terraformplan-json", "terraformplan-snapshot")
        and any(compile_glob(pattern).fullmatch(name) for pattern in language.globs)
        and language.recognise(name, data)
    ]
    assert found, f"no language takes {path.name}"
    files = ScannedFiles([Configuration(language.name, name, data) for language in found], None)
    version = re.search(rb"vigie:k8s-version=(\S+)", data)
    options = MisconfigOptions(kubernetes_version=version[1].decode() if version else "")
    chosen = Chosen(FRAMEWORKS, deprecated=True)
    return [judge_unit(unit, language, files, options, chosen) for language in found for unit in language.split(files)]


@pytest.mark.parametrize("path", cases(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_examples(path: Path) -> None:
    check = known()[path.parent.name]
    outcomes = judged(path)
    starts = sorted(
        placed.finding.start for one in outcomes for placed in one.findings if placed.finding.id == check.id
    )
    problems = [str(problem) for one in outcomes for problem in one.problems if "could not decide" not in problem.what]
    assert not problems
    assert any(check.id in one.checks for one in outcomes), "the check did not run"
    if path.name.startswith("bad"):
        assert starts, "nothing was found"
        lines = path.read_text().split("\n")
        expected = [number for number, line in enumerate(lines, 1) if "vigie:expect" in line]
        if expected:
            assert sorted(set(starts)) == expected
    else:
        assert not starts, f"found at {starts}"
        assert any(check.id in one.passed for one in outcomes), [p for one in outcomes for p in one.problems]
