"""Comments that accept findings, by the peer's rules (iac reference, inline ignores) and by ours."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from vigie.compose import scan
from vigie.misconfig.ignore import parse
from vigie.model.report import Report
from vigie.settings.groups import MisconfigOptions, Options, ReportOptions, ScanOptions

TODAY = date(2026, 11, 22)

BUCKET = """\
resource "aws_s3_bucket" "logs" {
  bucket = "logs"
  acl    = "public-read"
}
"""


def report_of(folder: Path, **files: str) -> Report:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_tf", ".tf").replace("_yaml", ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    options = Options(scan=ScanOptions(scanners=("misconfig",)), report=ReportOptions(show_suppressed=True))
    return scan(str(folder), "config", options)


def found(report: Report) -> set[str]:
    return {finding.id for result in report.results for finding in result.misconfigurations}


def accepted(report: Report) -> dict[str, tuple[str, str]]:
    return {one.finding.id: (one.statement, one.source) for result in report.results for one in result.suppressed}


@pytest.mark.parametrize(
    ("comment", "counts"),
    [
        ("#trivy:ignore:AWS-0092", True),
        ("# trivy:ignore:aws-0092", True),
        ("// trivy:ignore:AVD-AWS-0092", True),
        ("/* trivy:ignore:aws-s3-no-public-access-with-acl */", True),
        ("#trivy:ignore:no-public-access-with-acl", True),
        ("#tfsec:ignore:aws-s3-no-public-access-with-acl", True),
        ("#trivy:ignore:AWS-00*", True),
        ("#trivy:ignore:*", True),
        ("#trivy:ignore:AWS-0093", False),
        ("#trivy:ignore:AWS-0092:exp:2999-01-01", True),
        ("#trivy:ignore:AWS-0092:exp:2020-01-01", False),
        ("#trivy:ignore:AWS-0092:exp:soon", False),
        ("#trivy:ignore:AWS-0092:ws:default", True),
        ("#trivy:ignore:AWS-0092:ws:prod-*", False),
        ("#trivy:ignore:AWS-0092[bucket=logs]", True),
        ("#trivy:ignore:AWS-0092[bucket=other]", False),
        ("#trivy:ignore:AWS-0093 trivy:ignore:AWS-0092", True),
        ("# vigie:ignore=AWS-0092 public on purpose", True),
        ("# checkov:skip=AWS-0092:public on purpose", True),
        ("# checkov:skip=CKV_AWS_20:public on purpose", True),
        ("# checkov:skip=CKV_AWS_18:public on purpose", False),
        ("# checkov:skip=CKV_AWS_99999:public on purpose", False),
        ("# ignore AWS-0092", False),
    ],
)
def test_comment_above_a_block(comment: str, counts: bool, tmp_path: Path) -> None:
    report = report_of(tmp_path, main_tf=f"{comment}\n{BUCKET}")
    assert ("AWS-0092" not in found(report)) is counts
    assert ("AWS-0092" in accepted(report)) is counts


def test_reasons_are_told(tmp_path: Path) -> None:
    comments = "# vigie:ignore=AWS-0092,AWS-0089 a public mirror\n# checkov:skip=AWS-0090:rebuilt each night\n"
    told = accepted(report_of(tmp_path, main_tf=comments + BUCKET))
    # the upper comment stands two lines above the block, so it does not count
    assert told == {"AWS-0090": ("rebuilt each night", "main.tf:2")}
    inside = BUCKET.replace("  bucket =", "  # vigie:ignore=AWS-0092,AWS-0089 a public mirror\n  bucket =")
    told = accepted(report_of(tmp_path, main_tf=inside))
    assert told == dict.fromkeys(("AWS-0092", "AWS-0089"), ("a public mirror", "main.tf:2"))


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        (BUCKET.replace('"public-read"', '"public-read" #trivy:ignore:AWS-0092'), True),
        (BUCKET.replace("  acl", "  #trivy:ignore:AWS-0092\n  acl"), True),
        (BUCKET.replace("  bucket", "  #trivy:ignore:AWS-0092\n  bucket"), False),
        ("#trivy:ignore:AWS-0092\n\n" + BUCKET, False),
        ("#trivy:ignore:AWS-0092\n#trivy:ignore:AWS-0089\n" + BUCKET, True),
        ("#trivy:ignore:AWS-0092\n# said\n" + BUCKET, False),
    ],
)
def test_where_a_comment_counts(text: str, counts: bool, tmp_path: Path) -> None:
    assert ("AWS-0092" not in found(report_of(tmp_path, main_tf=text))) is counts


def test_above_a_module_call_it_counts_for_all_inside(tmp_path: Path) -> None:
    root = '#trivy:ignore:AWS-0092\nmodule "a" {\n  source = "./m"\n}\nmodule "b" {\n  source = "./m"\n}\n'
    report = report_of(tmp_path, main_tf=root, m__main_tf=BUCKET)
    resources = [f.resource for r in report.results for f in r.misconfigurations if f.id == "AWS-0092"]
    assert resources == ["module.b"]


def test_of_a_whole_file(tmp_path: Path) -> None:
    report = report_of(
        tmp_path, main_tf=BUCKET + "\n# vigie:ignore-file=AWS-* generated\n", b_tf=BUCKET.replace("logs", "b")
    )
    assert {
        f.occurrences[-1].file if f.occurrences else r.target for r in report.results for f in r.misconfigurations
    } == {"b.tf"}
    assert accepted(report)["AWS-0089"] == ("generated", "main.tf:6")


def test_in_manifests(tmp_path: Path) -> None:
    text = """\
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
    #trivy:ignore:KSV-0014
    - name: a
      image: a:1
"""
    report = report_of(tmp_path, a_yaml=text)
    assert "KSV-0014" not in found(report)
    assert "KSV-0001" in found(report)


def test_rules_of_a_line() -> None:
    rules = parse(b"x = 1 # trivy:ignore:A[b=c:d,e.f=2]:exp:2027-01-01:ws:dev\n", TODAY)
    assert [(r.ids, r.line, r.values, r.workspace) for r in rules] == [(("a",), 1, (("b", "c:d"), ("e.f", "2")), "dev")]
    assert parse(b"# trivy:ignore:\n# trivy:ignored:A\n", TODAY) == ()
    assert parse(b"no comments at all", TODAY) == ()


def test_ignore_file_takes_every_name(tmp_path: Path) -> None:
    for name in ("AWS-0092", "AVD-AWS-0092", "aws-s3-no-public-access-with-acl", "avd-aws-0092"):
        ignore = tmp_path / "ignore"
        ignore.write_text(f"{name}\n")
        (tmp_path / "p").mkdir(exist_ok=True)
        (tmp_path / "p/main.tf").write_text(BUCKET)
        options = Options(scan=ScanOptions(scanners=("misconfig",)), report=ReportOptions(ignore_file=str(ignore)))
        assert "AWS-0092" not in found(scan(str(tmp_path / "p"), "config", options))
    ignore = tmp_path / "ignore.yaml"
    ignore.write_text("misconfigurations:\n- id: AWS-0092\n  paths: [other/**]\n- id: AWS-0089\n  paths: ['*.tf']\n")
    options = Options(scan=ScanOptions(scanners=("misconfig",)), report=ReportOptions(ignore_file=str(ignore)))
    ids = found(scan(str(tmp_path / "p"), "config", options))
    assert "AWS-0092" in ids
    assert "AWS-0089" not in ids


def test_languages_that_were_not_chosen(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(BUCKET)
    (tmp_path / "Dockerfile").write_text("FROM debian\n")
    options = Options(scan=ScanOptions(scanners=("misconfig",)), misconfig=MisconfigOptions(languages=("dockerfile",)))
    assert found(scan(str(tmp_path), "config", options)) == {"DS-0001", "DS-0002", "DS-0026"}
