"""Checks of Amazon MQ."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.mq import Broker

GUIDE = "https://docs.aws.amazon.com/amazon-mq/latest/developer-guide"


@check(
    "AWS-0070",
    "aws.mq.brokers",
    severity="MEDIUM",
    code="enable-audit-logging",
    title="MQ brokers should write audit logs",
    why="The audit log shows who managed the broker. Without it, changes by an attacker stay unseen.",
    fix="Set `logs.audit = true` (CloudFormation: `Audit` of the `Logs`).",
    references=(f"{GUIDE}/configure-logging-monitoring-activemq.html",),
)
def audit_log(broker: Broker) -> Flaws:
    if broker.logging.audit.is_false:
        yield flaw("The broker writes no audit log.", broker.logging.audit)


@check(
    "AWS-0071",
    "aws.mq.brokers",
    severity="LOW",
    code="enable-general-logging",
    title="MQ brokers should write general logs",
    why="Without the general log, failures and refused connections leave no trace.",
    fix="Set `logs.general = true` (CloudFormation: `General` of the `Logs`).",
    references=(f"{GUIDE}/security-logging-monitoring.html",),
)
def general_log(broker: Broker) -> Flaws:
    if broker.logging.general.is_false:
        yield flaw("The broker writes no general log.", broker.logging.general)


@check(
    "AWS-0072",
    "aws.mq.brokers",
    severity="HIGH",
    code="no-public-access",
    title="MQ brokers should be private",
    why="A broker on the internet can be attacked by everybody: with guessed passwords and with vulnerabilities of the "
    "broker.",
    fix="Set `publicly_accessible = false` (CloudFormation: `PubliclyAccessible`) and reach the broker from within "
    "the VPC.",
    references=(f"{GUIDE}/using-amazon-mq-securely.html",),
)
def public(broker: Broker) -> Flaws:
    if broker.public_access.is_true:
        yield flaw("The broker can be reached from the internet.", broker.public_access)
