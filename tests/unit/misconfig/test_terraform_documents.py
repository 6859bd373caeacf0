"""Where findings about policies stand: at the data source that renders them, and both places may accept them. And what
messages keep to themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from vigie.compose import scan
from vigie.model.misconfiguration import Misconfiguration
from vigie.settings.groups import Options, ScanOptions

POLICY = """\
{above}
data "aws_iam_policy_document" "deployer" {{
  statement {{
    actions   = ["s3:*"]
    resources = ["*"]
  }}
}}
locals {{
  document = data.aws_iam_policy_document.deployer.json
}}
resource "aws_iam_policy" "deployer" {{
  name   = "deployer"
  policy = local.document{beside}
}}
"""


@pytest.mark.parametrize(
    ("above", "beside", "starts"),
    [("", "", [2]), ("#trivy:ignore:AWS-0345", "", []), ("", " #trivy:ignore:AWS-0345", [])],
    ids=["no comment", "at the document", "at the policy"],
)
def test_rendered_policies(tmp_path: Path, above: str, beside: str, starts: list[int]) -> None:
    (tmp_path / "main.tf").write_text(POLICY.format(above=above, beside=beside))
    report = scan(str(tmp_path), "config", Options(scan=ScanOptions(scanners=("misconfig",))))
    found = [f for f in report.findings if isinstance(f, Misconfiguration) and f.id == "AWS-0345"]
    assert [finding.start for finding in found] == starts
    assert all(finding.resource == "data.aws_iam_policy_document.deployer" for finding in found)


def test_sensitive_values_are_not_shown(tmp_path: Path) -> None:
    """Neither a sensitive variable, nor a local made of it."""
    (tmp_path / "terraform.tfvars").write_text('acl = "public-read"\n')
    (tmp_path / "main.tf").write_text(
        'variable "acl" {\n  type      = string\n  sensitive = true\n}\n'
        'locals {\n  acl = "${var.acl}-write"\n}\n'
        'resource "aws_s3_bucket" "a" {\n  acl = var.acl\n}\n'
        'resource "aws_s3_bucket" "b" {\n  acl = local.acl\n}\n'
    )
    report = scan(str(tmp_path), "config", Options(scan=ScanOptions(scanners=("misconfig",))))
    found = [f for f in report.findings if isinstance(f, Misconfiguration) and f.id == "AWS-0092"]
    assert [finding.start for finding in found] == [9, 12]
    assert all("(sensitive)" in finding.message and "public-read" not in finding.message for finding in found)
