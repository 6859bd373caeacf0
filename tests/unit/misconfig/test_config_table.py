"""What people see: nothing is said twice, no line is too long, causes are marked, colours change nothing else."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path

import pytest

from vigie.compose import scan
from vigie.formats.table import write
from vigie.model.report import Report
from vigie.scanner.advice import advise
from vigie.scanner.writer import View
from vigie.settings.groups import Options, ReportOptions, ScanOptions

PROJECTS = Path(__file__).parents[2] / "data" / "misconfig" / "projects"
OPTIONS = Options(scan=ScanOptions(scanners=("misconfig",), offline=True))


def report_of(name: str) -> Report:
    return scan(str(PROJECTS / name / "input"), "config", OPTIONS)


def shown(report: Report, width: int, colour: bool = False) -> str:
    out = io.StringIO()
    write(report, View(ReportOptions(), advise(report, lambda _: None), date(2026, 1, 1), width, colour), out)
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 120, 200])
@pytest.mark.parametrize("name", ["eks_lab", "environments", "kubernetes_cluster"])
def test_lines_fit(name: str, width: int) -> None:
    text = shown(report_of(name), width)
    details = text[text.index("\n====") :]
    assert [line for line in details.split("\n") if len(line) > width and "https://" not in line] == []


def test_colours_change_nothing_else() -> None:
    report = report_of("environments")
    coloured = shown(report, 120, colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == shown(report, 120)


def test_explained_once() -> None:
    text = shown(report_of("environments"), 120)
    assert text.count("AWS-0080  RDS instances should be encrypted") == 2  # in two files
    assert text.count("https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html") == 1


def test_a_place_with_what_leads_there() -> None:
    text = shown(report_of("environments"), 120)
    start = text.index('  The ACL "public-read"')
    assert text[start:].split("\n\n")[0].split("\n") == [
        '  The ACL "public-read" lets strangers into the bucket.',
        "  modules/bucket/main.tf:25 in aws_s3_bucket_acl.this",
        '    via module.bucket["assets"] (envs/prod/main.tf:33)',
        '    value from module.bucket["assets"].acl (envs/prod/main.tf:39)',
        "    value from var.buckets (envs/prod/terraform.tfvars:2)",
        '     23   resource "aws_s3_bucket_acl" "this" {',
        "     24     bucket = aws_s3_bucket.this.id",
        "     25 ▌   acl    = var.acl",
        "     26   }",
    ]


def test_instances_share_a_place() -> None:
    """Three module calls lead to one bucket without a log."""
    text = shown(report_of("environments"), 120)
    start = text.index("  The bucket writes no access log.")
    place = text[start:].split("\n\n")[0].split("\n")
    assert [line for line in place if line.startswith("    via")] == [
        '    via module.backup["reports"] (envs/prod/main.tf:43)',
        '    via module.bucket["assets"] (envs/prod/main.tf:33)',
        '    via module.bucket["reports"] (envs/prod/main.tf:33)',
    ]
    assert sum("▌" in line for line in place) == 3


def test_a_long_block_is_cut() -> None:
    """The whole resource is the cause: its first lines tell which it is."""
    text = shown(report_of("eks_lab"), 120)
    start = text.index("  The metadata service answers requests without a token.")
    assert text[start:].split("\n\n")[0].split("\n")[-4:] == [
        '      1 ▌ resource "aws_launch_template" "node" {',
        '      2 ▌   name_prefix = "${var.name}-"',
        "      3 ▌",
        "         ⋮",
    ]
