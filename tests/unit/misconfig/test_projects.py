"""Whole projects: every finding with its place, what passed, and what could not be judged.

A case is a folder in `tests/data/misconfig/projects`: `input/` is scanned; `options.json` (fields of MisconfigOptions,
files relative to the case) may say how; `expected.json` holds the findings of each target as `[id, resource, start,
end]`, the modules called on the way as `via`, the number of passes per target, and the problems. The expected values
were compared, row by row, with those of the peer; `docs/differences.md` says where they differ and why.
`VIGIE_GOLDEN=1` writes `expected.json` anew; read the difference.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from vigie.compose import scan
from vigie.misconfig.languages.helm import renderer
from vigie.model.misconfiguration import Misconfiguration
from vigie.model.report import Report
from vigie.settings.groups import MisconfigOptions, Options, ReportOptions, ScanOptions

CASES = sorted(
    path for path in (Path(__file__).parents[2] / "data" / "misconfig" / "projects").iterdir() if path.is_dir()
)
FILES = ("terraform_vars", "cloudformation_params", "helm_values")


def options_of(case: Path) -> Options:
    """The options a case asks for."""
    given: dict[str, Any] = {}
    if (case / "options.json").exists():
        given = json.loads((case / "options.json").read_bytes())
    for name in FILES:
        if name in given:
            given[name] = [str(case / file) for file in given[name]]
    misconfig = msgspec.convert(given, MisconfigOptions)
    scan_options = ScanOptions(scanners=("misconfig",), offline=True)
    return Options(scan=scan_options, misconfig=misconfig, report=ReportOptions(show_suppressed=True))


def summary(report: Report) -> dict[str, Any]:
    """A report as `expected.json` has it."""
    targets: dict[str, Any] = {}
    for result in report.results:
        rows = []
        for finding in result.findings:
            assert isinstance(finding, Misconfiguration)
            via = [f"{o.resource} {o.file}:{o.start}" for o in finding.occurrences if o.resource.startswith("module.")]
            row: list[Any] = [finding.id, finding.resource, finding.start, finding.end]
            rows.append([*row, *([{"via": via}] if via else [])])
        accepted = [
            [one.finding.id, one.finding.start, one.source, one.statement]
            for one in result.suppressed
            if isinstance(one.finding, Misconfiguration)
        ]
        targets[f"{result.target} ({result.type})"] = {
            "findings": sorted(rows, key=str),
            "accepted": sorted(accepted),
            "passes": len(result.passes),
        }
    return {"targets": targets, "problems": sorted([problem.where, problem.what] for problem in report.problems)}


def written(found: dict[str, Any]) -> str:
    """JSON with a row a line, so that a difference can be read."""

    def rows(values: list[Any], indent: str) -> str:
        inner = ",\n".join(f"{indent}  {json.dumps(value, ensure_ascii=False)}" for value in values)
        return f"[\n{inner}\n{indent}]" if values else "[]"

    targets = ",\n".join(
        f"    {json.dumps(name)}: {{\n"
        f'      "findings": {rows(one["findings"], "      ")},\n'
        f'      "accepted": {rows(one["accepted"], "      ")},\n'
        f'      "passes": {one["passes"]}\n'
        "    }"
        for name, one in found["targets"].items()
    )
    return f'{{\n  "targets": {{\n{targets}\n  }},\n  "problems": {rows(found["problems"], "  ")}\n}}\n'


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_project(case: Path) -> None:
    if case.name.startswith("helm") and not renderer.installed():
        pytest.skip("the Helm engine is not installed")
    found = summary(scan(str(case / "input"), "config", options_of(case)))
    expected = case / "expected.json"
    if os.environ.get("VIGIE_GOLDEN"):
        expected.write_text(written(found))
    assert found == json.loads(expected.read_bytes())


def test_library() -> None:
    """`vigie.scan(path, "config")` looks for misconfiguration without being told so again."""
    report = scan(str(next(case for case in CASES if case.name == "eks_lab") / "input"), "config")
    assert report.scanners == ("misconfig",)
    assert report.findings
