"""AWS: what examples cannot show. Values that are not known leave a doubt, never a pass or a finding, unless one that
is known decides; and parts find what they belong to, or share a placeholder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vigie.misconfig.check import Check
from vigie.misconfig.checks.aws.iam import users
from vigie.misconfig.detector import judge_unit
from vigie.misconfig.files import ScannedFiles
from vigie.misconfig.judge import Chosen
from vigie.misconfig.languages.cloudformation import language as cloudformation
from vigie.misconfig.languages.terraform import language as terraform
from vigie.misconfig.outcome import Outcome
from vigie.misconfig.resources.aws.iam import AccessKey, MfaDevice, User
from vigie.misconfig.value import UNMANAGED, Attribute
from vigie.model.inventory import Configuration
from vigie.settings.groups import MisconfigOptions


def judged(text: str, *frameworks: str) -> Outcome:
    """The outcome of a Terraform module of one file, or of a CloudFormation template."""
    language, name = (cloudformation, "t.yaml") if text.lstrip().startswith("Resources:") else (terraform, "main.tf")
    files = ScannedFiles([Configuration(language.name, name, text.encode())], None)
    [unit] = language.split(files)
    return judge_unit(unit, language, files, MisconfigOptions(), Chosen(frozenset(frameworks or ("default",))))


def found(outcome: Outcome, id_: str) -> list[int]:
    return sorted(placed.finding.start for placed in outcome.findings if placed.finding.id == id_)


def state(outcome: Outcome, id_: str) -> str:
    """What became of a check: `found`, `passed`, or `doubt`."""
    if found(outcome, id_):
        return "found"
    if id_ in outcome.passed:
        return "passed"
    assert any(id_ in problem.what for problem in outcome.problems), "neither found nor passed, and no word why"
    return "doubt"


UNKNOWN = 'variable "x" {}\n'


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "found"),
        ({"protocol": "-1", "from_port": "0", "to_port": "0"}, "found"),
        ({"protocol": '"17"', "from_port": "3389", "to_port": "3389"}, "found"),
        ({"protocol": "var.x"}, "doubt"),
        ({"from_port": "var.x"}, "doubt"),
        ({"cidr_blocks": "var.x"}, "doubt"),
        ({"cidr_blocks": '[var.x, "0.0.0.0/0"]'}, "found"),
        # One part that is known not to fit decides.
        ({"cidr_blocks": "var.x", "protocol": '"icmp"'}, "passed"),
        ({"cidr_blocks": "var.x", "from_port": "80", "to_port": "443"}, "passed"),
        ({"cidr_blocks": "var.x", "from_port": "var.x", "to_port": "21"}, "passed"),
        ({"cidr_blocks": "var.x", "from_port": "8080", "to_port": "var.x"}, "passed"),
        ({"protocol": "var.x", "cidr_blocks": '["10.0.0.0/8"]'}, "passed"),
        ({"from_port": "var.x", "to_port": "var.x", "cidr_blocks": "[]"}, "passed"),
    ],
)
def test_open_ports(changes: dict[str, str], expected: str) -> None:
    rule = {"protocol": '"tcp"', "from_port": "22", "to_port": "22", "cidr_blocks": '["0.0.0.0/0"]', **changes}
    body = "\n".join(f"{name} = {value}" for name, value in rule.items())
    assert (
        state(judged(f'{UNKNOWN}resource "aws_security_group" "g" {{\n ingress {{\n{body}\n}}\n}}'), "AWS-0107")
        == expected
    )
    head = 'resource "aws_security_group_rule" "r" {\n security_group_id = "sg-1"\n type = "ingress"\n'
    separate = f"{UNKNOWN}{head}{body}\n}}"
    assert state(judged(separate), "AWS-0107") == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("launch_template { id = var.x }", "doubt"),
        ('launch_template { name = "elsewhere" }', "doubt"),
        ('launch_template { id = var.x }\n metadata_options { http_tokens = "required" }', "passed"),
        ('launch_template { id = var.x }\n metadata_options { http_tokens = "optional" }', "found"),
        ('launch_template { name = "strict" }', "passed"),
        ("launch_template { id = aws_launch_template.lax.id }", "found"),
        ("metadata_options { http_tokens = var.x }", "doubt"),
        ('metadata_options {\n http_tokens = var.x\n http_endpoint = "disabled"\n}', "passed"),
    ],
)
def test_metadata_of_instances(arguments: str, expected: str) -> None:
    templates = """
    resource "aws_launch_template" "strict" {
      name = "strict"
      metadata_options { http_tokens = "required" }
    }
    resource "aws_launch_template" "lax" {
      name = "lax"
    }
    """
    assert state(judged(f'{UNKNOWN}{templates}resource "aws_instance" "i" {{\n{arguments}\n}}'), "AWS-0028") == expected


def test_parts_of_one_bucket_elsewhere_belong_together() -> None:
    parts = """
    resource "aws_s3_bucket_acl" "a" {
      bucket = "elsewhere"
      acl    = "public-read"
    }
    resource "aws_s3_bucket_public_access_block" "b" {
      bucket             = "%s"
      ignore_public_acls = true
    }
    """
    assert found(judged(parts % "elsewhere"), "AWS-0092") == []
    assert found(judged(parts % "another"), "AWS-0092") == [4]


def test_placeholders_are_never_reported() -> None:
    outcome = judged('resource "aws_s3_bucket_acl" "a" {\n bucket = "elsewhere"\n acl = "private"\n}')
    assert not outcome.findings


def test_every_instance_has_its_own_block() -> None:
    text = """
    resource "aws_s3_bucket" "b" {
      for_each = toset(["one", "two"])
      bucket   = each.key
    }
    resource "aws_s3_bucket_public_access_block" "b" {
      for_each          = aws_s3_bucket.b
      bucket            = each.value.id
      block_public_acls = each.key == "one"
    }
    """
    outcome = judged(text)
    assert found(outcome, "AWS-0094") == []
    assert found(outcome, "AWS-0086") == [9]


@pytest.mark.parametrize(
    ("attachment", "expected"),
    [
        ("policy_arn = aws_iam_policy.p.arn", "found"),
        ('policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"', "passed"),
        ('policy_arn = "arn:${var.x}:iam::aws:policy/ReadOnlyAccess"', "passed"),
        ("policy_arn = data.aws_iam_policy.elsewhere.arn", "doubt"),
        ('policy_arn = "arn:aws:iam::123456789012:policy/elsewhere"', "doubt"),
        ("policy_arn = var.x", "doubt"),
    ],
)
def test_attached_policies(attachment: str, expected: str) -> None:
    policy = """
    data "aws_iam_policy_document" "p" {
      statement {
        actions   = ["s3:*"]
        resources = ["*"]
      }
    }
    resource "aws_iam_policy" "p" {
      policy = data.aws_iam_policy_document.p.json
    }
    """
    if expected != "found":
        policy = ""
    text = f'{UNKNOWN}{policy}resource "aws_iam_role_policy_attachment" "a" {{\n role = "r"\n {attachment}\n}}'
    assert state(judged(text), "AWS-0345") == expected


@pytest.mark.parametrize(
    ("arns", "expected"),
    [
        ("[aws_iam_policy.p.arn]", "found"),
        ("concat([aws_iam_policy.p.arn], var.x)", "found"),
        ('["arn:aws:iam::aws:policy/ReadOnlyAccess"]', "passed"),
        ('["arn:aws:iam::aws:policy/ReadOnlyAccess", var.x]', "doubt"),
        ("var.x", "doubt"),
        ("[]", "passed"),
    ],
)
def test_listed_policies(arns: str, expected: str) -> None:
    policy = """
    resource "aws_iam_policy" "p" {
      policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
    }
    """
    role = f'resource "aws_iam_role" "r" {{\n managed_policy_arns = {arns}\n}}'
    outcome = judged(f"{UNKNOWN}{policy if expected == 'found' else ''}{role}")
    assert state(outcome, "AWS-0345") == expected


def test_a_denial_takes_back_what_is_allowed() -> None:
    text = """
    resource "aws_iam_policy" "p" {
      policy = jsonencode({ Statement = [
        { Effect = "Allow", Action = "iam:PassRole", Resource = "*" },
        { Effect = "Deny", Action = "iam:PassRole", Resource = "*" },
      ] })
    }
    """
    assert state(judged(text), "AWS-0342") == "passed"


def test_policy_that_is_not_known_is_a_doubt() -> None:
    text = f'{UNKNOWN}resource "aws_iam_policy" "p" {{\n policy = var.x\n}}'
    assert {state(judged(text), id_) for id_ in ("AWS-0342", "AWS-0345", "AWS-0346")} == {"doubt"}
    group = """
    variable "x" {}
    resource "aws_iam_group" "g" {
      name = "g"
    }
    resource "aws_iam_group_policy" "p" {
      group  = "g"
      policy = var.x
    }
    """
    assert state(judged(group), "AWS-0123") == "doubt"


@pytest.mark.parametrize(("days", "expected"), [("90", "passed"), ("91", "found"), ("0", "found"), ("var.x", "doubt")])
def test_age_of_passwords(days: str, expected: str) -> None:
    text = f'{UNKNOWN}resource "aws_iam_account_password_policy" "p" {{\n max_password_age = {days}\n}}'
    assert state(judged(text), "AWS-0062") == expected


CHANGES = ("CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging")


def events(*names: str) -> str:
    """A filter's pattern, quoted."""
    return '"{ ' + " || ".join(f"($.eventName = {name})" for name in names) + ' }"'


ALARM = """
resource "aws_cloudtrail" "t" {{
  is_multi_region_trail      = true
  cloud_watch_logs_group_arn = {arn}
}}
resource "aws_cloudwatch_log_group" "g" {{
  name = "trail"
}}
resource "aws_cloudwatch_log_metric_filter" "f" {{
  log_group_name = "trail"
  pattern        = {pattern}
  metric_transformation {{
    name = "changes"
  }}
}}
resource "aws_cloudwatch_metric_alarm" "a" {{
  metric_query {{
    id = "m"
    metric {{
      metric_name = {metric}
    }}
  }}
}}
variable "x" {{}}
"""


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "passed"),
        ({"arn": '"arn:aws:logs:eu-west-1:123456789012:log-group:trail:*"'}, "passed"),
        ({"arn": '"arn:aws:logs:eu-west-1:123456789012:log-group:other:*"'}, "doubt"),
        ({"arn": "var.x"}, "doubt"),
        ({"arn": '""'}, "found"),
        # The order of the events does not matter, that one is missing does.
        ({"pattern": events(*reversed(CHANGES))}, "passed"),
        ({"pattern": events(*CHANGES[:-1])}, "found"),
        ({"pattern": "var.x"}, "doubt"),
        ({"metric": '"another"'}, "found"),
        ({"metric": "var.x"}, "doubt"),
    ],
)
def test_alarms(changes: dict[str, str], expected: str) -> None:
    written = {
        "arn": '"${aws_cloudwatch_log_group.g.arn}:*"',
        "pattern": events(*CHANGES),
        "metric": '"changes"',
        **changes,
    }
    assert state(judged(ALARM.format(**written), "aws-cis-1.4"), "AWS-0151") == expected


def test_scripts_known_in_part() -> None:
    script = f'{UNKNOWN}resource "aws_instance" "i" {{\n user_data = %s\n}}'
    assert state(judged(script % '"A=${var.x}\\nDB_PASSWORD=hunter2sunrise"'), "AWS-0029") == "found"
    assert state(judged(script % "var.x"), "AWS-0029") == "doubt"


def test_cloudformation_rules_find_their_group() -> None:
    text = """
Resources:
  Web:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: ""
  In:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: !Ref Web, IpProtocol: "-1", CidrIp: 0.0.0.0/0}
  Stray:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: sg-1, IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}
"""
    outcome = judged(text)
    assert len(found(outcome, "AWS-0107")) == 2
    assert found(outcome, "AWS-0099") == [6]


def ago(days: float) -> Attribute[str]:
    return Attribute((datetime.now(UTC) - timedelta(days=days)).isoformat(), UNMANAGED)


def user(**fields: Any) -> User:
    return User(name=Attribute("anna", UNMANAGED), **fields)


def key(**fields: Any) -> AccessKey:
    return AccessKey(active=Attribute(True, UNMANAGED), **fields)


@pytest.mark.parametrize(
    ("check", "target", "flaws"),
    [
        (users.root_is_not_used, User(name=Attribute("root", UNMANAGED), last_access=ago(0.5)), 1),
        (users.root_is_not_used, User(name=Attribute("root", UNMANAGED), last_access=ago(2)), 0),
        (users.root_is_not_used, user(last_access=ago(0.5)), 0),
        (users.used_within_90_days, user(last_access=ago(91)), 1),
        (users.used_within_90_days, user(last_access=ago(89)), 0),
        (users.used_within_90_days, user(access_keys=[key(last_access=ago(91)), key(last_access=ago(1))]), 1),
        (users.used_within_90_days, user(access_keys=[AccessKey(last_access=ago(91))]), 0),
        (users.used_within_45_days, user(last_access=ago(46)), 1),
        (users.users_have_mfa, user(last_access=ago(3)), 1),
        (users.users_have_mfa, user(last_access=ago(3), mfa_devices=[MfaDevice()]), 0),
        (users.users_have_mfa, user(), 0),
        (users.keys_are_young, key(creation_date=ago(91)), 1),
        (users.keys_are_young, key(creation_date=ago(89)), 0),
        (users.keys_are_young, key(creation_date=Attribute("0001-01-01T00:00:00Z", UNMANAGED)), 0),
        (users.keys_are_young, key(creation_date=Attribute("yesterday", UNMANAGED)), 0),
    ],
)
def test_what_accounts_tell(check: Check, target: Any, flaws: int) -> None:
    assert len(list(check.run(target))) == flaws
