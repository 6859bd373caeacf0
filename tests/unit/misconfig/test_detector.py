"""The detector: what fails is named and spoils nothing else, what is unknown never passes, processes change nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from vigie.compose import scan
from vigie.misconfig import catalog, workers
from vigie.misconfig.check import Check, Flaw
from vigie.misconfig.detector import detect
from vigie.model.inventory import Configuration
from vigie.model.report import Judged, Report
from vigie.plugs import languages
from vigie.settings.groups import MisconfigOptions, Options, ReportOptions, ScanOptions

BUCKETS = """\
variable "acl" {}
resource "aws_s3_bucket" "a" {
  bucket = "a"
  acl    = var.acl
}
resource "aws_s3_bucket" "b" {
  bucket = "b"
  acl    = "public-read"
}
"""


def judged(**files: str) -> Judged:
    configurations = [
        Configuration(language.name, path, text.encode())
        for name, text in files.items()
        for path in [name.replace("__", "/").replace("_tf", ".tf").replace("_yaml", ".yaml")]
        for language in languages().values()
        if language.globs and language.name != "helm" and language.recognise(path, text.encode())
        if path.rpartition(".")[2] in language.globs[0] or "*" + path[path.rindex(".") :] in "".join(language.globs)
    ]
    return detect(configurations, None, languages().values(), MisconfigOptions())


def ids(result: Judged, target: str) -> set[str]:
    return {f.id for r in result.results if r.target == target for f in r.misconfigurations}


def test_an_unknown_value_is_a_problem_and_no_pass() -> None:
    alone = BUCKETS.split('resource "aws_s3_bucket" "b"', maxsplit=1)[0]
    result = judged(main_tf=alone)
    assert "AWS-0092" not in ids(result, "main.tf")
    passed = {one.id for r in result.results for one in r.passes}
    assert "AWS-0092" not in passed
    told = [p for p in result.problems if "AWS-0092" in p.what]
    assert [p.where for p in told] == ["main.tf:4"]
    assert "could not decide" in told[0].what
    # a known fault elsewhere is found all the same
    assert ids(judged(main_tf=BUCKETS), "main.tf") >= {"AWS-0092"}


def test_a_check_that_raises_silences_nothing_but_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = catalog.checks("aws.s3")

    def run(bucket: object) -> Iterator[Flaw]:
        if bucket.name.value == "a":  # type: ignore[attr-defined]
            raise KeyError("gone")
        yield Flaw("found", bucket.cause)  # type: ignore[attr-defined]

    broken: Check = msgspec.structs.replace(next(c for c in ours if c.id == "AWS-0089"), run=run)
    monkeypatch.setattr(
        catalog,
        "checks",
        lambda owner: tuple(broken if c.id == broken.id else c for c in ours) if owner == "aws.s3" else (),
    )
    result = judged(main_tf=BUCKETS)
    found = [(f.id, f.resource) for r in result.results for f in r.misconfigurations]
    assert ("AWS-0089", "aws_s3_bucket.b") in found
    assert ("AWS-0089", "aws_s3_bucket.a") not in found
    assert ("AWS-0090", "aws_s3_bucket.a") in found
    assert [p.where for p in result.problems if "AWS-0089 failed: KeyError" in p.what] == ["main.tf:2"]


def test_a_broken_file_leaves_the_others() -> None:
    result = judged(main_tf=BUCKETS, b_tf='resource "aws_s3_bucket" "c" {\n  bucket = \n}\n', k8s_yaml="a: [b\n")
    assert "AWS-0092" in ids(result, "main.tf")
    assert any(p.where.startswith("b.tf") for p in result.problems)


def test_passes_stand_at_the_root_and_failures_at_their_files() -> None:
    result = judged(m__main_tf=BUCKETS)
    assert [(r.target, bool(r.passes), bool(r.findings)) for r in result.results] == [
        ("m", True, False),
        ("m/main.tf", False, True),
    ]
    assert not {p.id for p in result.results[0].passes} & ids(result, "m/main.tf")


def test_manifests_are_one_batch() -> None:
    """A check that applies to a Pod counts as passed for the Service beside it (inputs reference, applicability)."""
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: []}\n"
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: a}]}\n"
    alone = next(r for r in judged(s_yaml=service).results if r.target == "s.yaml")
    beside = next(r for r in judged(s_yaml=service, p_yaml=pod).results if r.target == "s.yaml")
    assert "KSV-0001" not in {p.id for p in alone.passes}
    assert "KSV-0001" in {p.id for p in beside.passes}


def test_many_processes_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"m{number}__main_tf": BUCKETS for number in range(6)}
    here = judged(**files)
    monkeypatch.setattr(workers, "WORTH_FORKING", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert judged(**files) == here


def test_a_process_that_dies_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from vigie.misconfig import detector

    monkeypatch.setattr(workers, "WORTH_FORKING", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    whole = detector.judge_unit
    monkeypatch.setattr(
        detector, "judge_unit", lambda unit, *rest: os._exit(9) if unit.path == "m1" else whole(unit, *rest)
    )
    result = judged(**{f"m{number}__main_tf": BUCKETS for number in range(3)})
    assert any(p.where == "m1" and "was not judged" in p.what for p in result.problems)
    assert not any(r.target.startswith("m1") for r in result.results)


def scanned(folder: Path, **report: object) -> Report:
    options = Options(scan=ScanOptions(scanners=("misconfig",)), report=ReportOptions(**report))  # type: ignore[arg-type]
    return scan(str(folder), "config", options)


def test_severities_hold_for_passes_too(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(BUCKETS)
    report = scanned(tmp_path, severities=("HIGH",))
    kinds = {f.severity for r in report.results for f in (*r.misconfigurations, *r.passes)}
    assert kinds == {"HIGH"}


def test_nothing_to_judge(tmp_path: Path) -> None:
    (tmp_path / "notes.yaml").write_text("a: b\n")
    report = scanned(tmp_path)
    assert report.results == ()
    assert report.problems == ()


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "main.tf").write_text(BUCKETS)
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "main.tf").symlink_to("../outside/main.tf")
    (inside / "m").symlink_to("../outside")
    (inside / "root.tf").write_text('module "m" {\n  source = "../outside"\n}\n')
    report = scanned(inside)
    assert not any(r.misconfigurations for r in report.results)
    assert any("root.tf" in p.where for p in report.problems)


def test_a_file_that_is_named_as_of_a_language(tmp_path: Path) -> None:
    (tmp_path / "build.txt").write_text("FROM debian\n")
    scanners = ScanOptions(scanners=("misconfig",), file_patterns=(r"dockerfile:^build\.txt$",))
    report = scan(str(tmp_path), "config", Options(scan=scanners))
    assert [result.target for result in report.results] == ["build.txt"]
