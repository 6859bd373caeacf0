"""Configuration made to do harm: it ends soon, says what it gave up on, and the good file beside it is judged."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.unit.misconfig.hostile_trees import CASES, SECRET, Case

from vigie.compose import scan
from vigie.misconfig.languages.helm import renderer
from vigie.model.misconfiguration import Misconfiguration
from vigie.model.report import Report
from vigie.settings.groups import Options, ScanOptions

GOOD = 'resource "aws_sqs_queue" "good" {\n  name                    = "good"\n  sqs_managed_sse_enabled = false\n}\n'
SECONDS = 20
"""For a case alone; each takes a few at most on a free machine."""
MEMORY = 700 << 20
"""Bytes for all cases at once, without the engine of Helm."""
OPTIONS = Options(scan=ScanOptions(scanners=("misconfig",), offline=True))

needs_engine = pytest.mark.skipif(not renderer.installed(), reason="the Helm engine is not installed")


def write(root: Path, case: Case) -> None:
    """Writes a case's tree, and what it must not reach: two folders above."""
    for name, data in case.files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    for name, target in case.links.items():
        (root / name).symlink_to(target)


def outside(folder: Path) -> None:
    """Files that only a reader that leaves the root can see."""
    (folder / "outside.txt").write_text(SECRET)
    (folder / "outside").mkdir()
    (folder / "outside" / "outside.txt").write_text(SECRET)
    (folder / "outside" / "main.tf").write_text('resource "aws_s3_bucket" "outside" { bucket = "outside" }\n')
    stack = "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  Outside:\n    Type: AWS::S3::Bucket\n"
    (folder / "outside" / "stack.yaml").write_text(stack)
    (folder / "outside" / "part.yaml").write_text("Resources:\n  Outside:\n    Type: AWS::S3::Bucket\n")


def good_is_judged(report: Report, target: str) -> bool:
    return any(
        isinstance(finding, Misconfiguration) and finding.id == "AWS-0096"
        for result in report.results
        if result.target == target
        for finding in result.findings
    )


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=[needs_engine] if case.helm else [], id=name) for name, case in CASES.items()]
)
def test_one_by_one(case: Case, tmp_path: Path) -> None:
    root = tmp_path / "a" / "root"
    (root / "good").mkdir(parents=True)
    outside(tmp_path)
    (root / "good" / "main.tf").write_text(GOOD)
    write(root, case)
    started = time.monotonic()
    report = scan(str(root), "config", OPTIONS)
    assert time.monotonic() - started < SECONDS
    assert good_is_judged(report, "good/main.tf")
    told = [(problem.where, problem.what) for problem in report.problems]
    for where, words in case.problems:
        assert any(w.startswith(where) and words in what for w, what in told), (where, words, told)
    assert not any("please report this" in problem.hint for problem in report.problems)
    assert all(len(what) <= 1000 for _, what in told)
    assert "outside" not in {f.resource.rpartition(".")[2].lower() for f in report.findings if hasattr(f, "resource")}
    assert SECRET not in str(report)


def test_all_at_once(tmp_path: Path) -> None:
    """One tree of them all, in a process of its own whose memory is measured."""
    root = tmp_path / "root"
    (root / "good").mkdir(parents=True)
    (root / "good" / "main.tf").write_text(GOOD)
    outside(tmp_path)
    cases = {name: case for name, case in CASES.items() if not case.helm}
    for name, case in cases.items():
        (root / name).mkdir()
        write(root / name, case)
    code = (
        "import resource, sys; from vigie.cli.main import main\n"
        "try: main(['config', '-q', '--offline-scan', '-f', 'json', '-o', sys.argv[2], sys.argv[1]])\n"
        "finally:\n"
        # Its own since it was started: getrusage counts what the process of all tests, its parent, had, too.
        "  own = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'))\n"
        "  print(max(int(own.split()[1]), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(root), str(tmp_path / "report.json")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "TF_VAR_a": "x" * 10_000},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30)),
    )
    report = json.loads((tmp_path / "report.json").read_bytes())
    good = next(result for result in report["Results"] if result["Target"] == "good/main.tf")
    assert "AWS-0096" in [finding["ID"] for finding in good["Misconfigurations"]]
    told = {problem["Where"].split("/")[0].split(":")[0] for problem in report["Problems"]}
    assert {name for name, case in cases.items() if case.problems} <= told
    assert int(done.stdout.split()[-1]) * 1024 < MEMORY, done.stdout


def test_files_that_vanish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was there when the folder was walked is gone when it is read again."""
    from vigie.misconfig import files

    (tmp_path / "main.tf").write_text('module "m" { source = "./m" }\n' + GOOD + 'locals { a = file("text.txt") }\n')
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text(GOOD.replace("good", "inner"))
    (tmp_path / "text.txt").write_text("x")
    read = files.ScannedFiles.read

    def vanished(self: files.ScannedFiles, path: str) -> bytes | None:
        return None if path.startswith(("m/", "text")) else read(self, path)

    monkeypatch.setattr(files.ScannedFiles, "read", vanished)
    report = scan(str(tmp_path), "config", OPTIONS)
    assert good_is_judged(report, "main.tf")
    assert any("m/main.tf" in problem.where or problem.where == "main.tf:1" for problem in report.problems)
