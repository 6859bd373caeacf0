"""Checks of CloudWatch: encryption of logs, and the alarms of the CIS benchmark."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from vigie.misconfig.check import Check, Flaws, check, flaw
from vigie.misconfig.resources.aws.cloudtrail import Trail
from vigie.misconfig.resources.aws.cloudwatch import CloudWatch, LogGroup, MetricFilter
from vigie.misconfig.value import Attribute, doubts

LOGS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs"
CIS_12, CIS_14 = ("aws-cis-1.2", "cis-aws-1.2"), ("aws-cis-1.4", "cis-aws-1.4")


@check(
    "AWS-0017",
    "aws.cloudwatch.log_groups",
    severity="LOW",
    code="log-group-customer-key",
    title="Log groups should be encrypted with a key of your own",
    why="Logs often hold more than was meant to be logged. A key of your own can be revoked and kept to few users, and "
    "its use is logged.",
    fix="Name a KMS key in `kms_key_id` (CloudFormation: `KmsKeyId`).",
    references=(f"{LOGS}/encrypt-log-data-kms.html",),
)
def encrypted_with_own_key(group: LogGroup) -> Flaws:
    if group.kms_key_id.is_empty:
        yield flaw("The log group is not encrypted with a KMS key of your own.", group.kms_key_id)


def alarm_on(
    what: str, why: str, *terms: str, id: str, code: str, frameworks: tuple[str, ...] = (*CIS_12, *CIS_14)
) -> Check:
    """The check that there is an alarm on some events: trails of all regions forward to a log group, a metric filter
    counts the events there, an alarm watches the count. terms: conditions that the filter's pattern must have."""

    @check(
        id,
        "aws.cloudtrail.trails",
        service="cloudwatch",
        severity="LOW",
        code=code,
        title=f"There should be an alarm on {what}",
        why=why,
        fix=f"Add a metric filter to the log group of the trail whose pattern tests {', '.join(terms)}; and an alarm "
        "on its metric.",
        references=(
            "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudwatch-alarms-for-cloudtrail.html",
        ),
        frameworks=frameworks,
        needs=("aws.cloudwatch",),
    )
    def has_alarm(trail: Trail, cloudwatch: CloudWatch) -> Flaws:
        if not (trail.is_multi_region.is_true and trail.is_logging.is_true):
            return
        group = _group(trail, cloudwatch)
        if group is None:
            # The group of another configuration may have all it needs.
            if trail.cloud_watch_logs_log_group_arn.is_empty:
                yield flaw(f"Without a log group there can be no alarm on {what}.", trail)
            else:
                doubts.append(trail.cloud_watch_logs_log_group_arn)
            return
        filters = [item for item in group.metric_filters if _counts(item, terms)]
        if filters and not any(_watched(item, cloudwatch) for item in filters):
            if all(name.known for item in filters for name in (item.metric_name, *_watched_names(cloudwatch))):
                yield flaw(f"No alarm watches the metric of {what}.", filters[0])
        elif not filters and all(item.filter_pattern.known for item in group.metric_filters):
            yield flaw(f"No metric filter of the trail's log group counts {what}.", trail)

    return has_alarm


def _group(trail: Trail, cloudwatch: CloudWatch) -> LogGroup | None:
    """The log group that the trail forwards to: by reference, or by the name in the ARN."""
    arn = trail.cloud_watch_logs_log_group_arn
    for group in cloudwatch.log_groups:
        if group.cause.managed and group.cause is trail.log_group:
            return group
    name = arn.value.removesuffix(":*").partition(":log-group:")[2]
    for group in cloudwatch.log_groups:
        if name and group.name.known and group.name.value == name:
            return group
    return None


def _counts(item: MetricFilter, terms: Iterable[str]) -> bool:
    """Whether the filter's pattern has all of the terms, in whatever order, brackets, quotes and spaces. Trivy wants
    them as one text."""
    if not item.filter_pattern.certain():
        return False
    return {_plain(term) for term in terms} <= set(re.split(r"\|\||&&", _plain(item.filter_pattern.value)))


def _plain(pattern: str) -> str:
    return re.sub(r"[\s(){}\"']", "", pattern).replace("==", "=")


def _watched(item: MetricFilter, cloudwatch: CloudWatch) -> bool:
    """Whether an alarm watches the filter's metric. Trivy compares with the name of the filter, which need not be that
    of the metric."""
    return item.metric_name.certain() and any(
        name.equals(item.metric_name.value) for name in _watched_names(cloudwatch)
    )


def _watched_names(cloudwatch: CloudWatch) -> Iterator[Attribute[str]]:
    for alarm in cloudwatch.alarms:
        yield alarm.metric_name
        for metric in alarm.metrics:
            yield metric.metric_name


def _events(*names: str) -> Iterator[str]:
    return (f"$.eventName = {name}" for name in names)


unauthorised_calls = alarm_on(
    "calls that were refused",
    "A burst of refused calls is what it looks like when stolen credentials are tried out.",
    '$.errorCode = "*UnauthorizedOperation"',
    '$.errorCode = "AccessDenied*"',
    id="AWS-0147",
    code="require-unauthorised-api-call-alarm",
)
logins_without_mfa = alarm_on(
    "console logins without MFA",
    "A login with a password alone may be that of a thief.",
    "$.eventName = ConsoleLogin",
    '$.additionalEventData.MFAUsed != "Yes"',
    id="AWS-0148",
    code="require-non-mfa-login-alarm",
)
use_of_root = alarm_on(
    "use of the root user",
    "The root user can do anything, and hardly ever has to.",
    '$.userIdentity.type = "Root"',
    "$.userIdentity.invokedBy NOT EXISTS",
    '$.eventType != "AwsServiceEvent"',  # Trivy looks for `&.eventType`, which no pattern can have
    id="AWS-0149",
    code="require-root-user-usage-alarm",
)
iam_policy_changes = alarm_on(
    "changes of IAM policies",
    "By a change of a policy attackers give rights to themselves.",
    *_events(
        *("DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy"),
        *("PutGroupPolicy", "PutRolePolicy", "PutUserPolicy"),
        *("CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion"),
        *("AttachRolePolicy", "DetachRolePolicy", "AttachUserPolicy", "DetachUserPolicy"),
        *("AttachGroupPolicy", "DetachGroupPolicy"),
    ),
    id="AWS-0150",
    code="require-iam-policy-change-alarm",
)
trail_changes = alarm_on(
    "changes of CloudTrail",
    "Turning the log off is among the first things attackers do.",
    *_events("CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"),
    id="AWS-0151",
    code="require-cloud-trail-change-alarm",
)
failed_logins = alarm_on(
    "failed console logins",
    "Many failed logins are a sign of guessing.",
    "$.eventName = ConsoleLogin",
    '$.errorMessage = "Failed authentication"',
    id="AWS-0152",
    code="require-console-login-failures-alarm",
)
disabled_keys = alarm_on(
    "KMS keys that are disabled or to be deleted",
    "Data under a key that is gone can never be read again.",
    "$.eventSource = kms.amazonaws.com",
    *_events("DisableKey", "ScheduleKeyDeletion"),
    id="AWS-0153",
    code="require-cmk-disabled-alarm",
)
bucket_policy_changes = alarm_on(
    "changes of S3 bucket policies",
    "One wrong policy opens a bucket to the world.",
    "$.eventSource = s3.amazonaws.com",
    *_events(
        *("PutBucketAcl", "PutBucketPolicy", "PutBucketCors", "PutBucketLifecycle", "PutBucketReplication"),
        *("DeleteBucketPolicy", "DeleteBucketCors", "DeleteBucketLifecycle", "DeleteBucketReplication"),
    ),
    id="AWS-0154",
    code="require-s3-bucket-policy-change-alarm",
)
config_changes = alarm_on(
    "changes of AWS Config",
    "When AWS Config is off, changes of resources are no longer recorded.",
    "$.eventSource = config.amazonaws.com",
    *_events("StopConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel", "PutConfigurationRecorder"),
    id="AWS-0155",
    code="require-config-configuration-changes-alarm",
)
group_changes = alarm_on(
    "changes of security groups",
    "One wrong rule opens machines to the internet.",
    *_events(
        *("AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"),
        *("RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress"),
        *("CreateSecurityGroup", "DeleteSecurityGroup"),
    ),
    id="AWS-0156",
    code="require-sg-change-alarms",
)
acl_changes = alarm_on(
    "changes of network ACLs",
    "One wrong rule opens subnets to the internet.",
    *_events(
        *("CreateNetworkAcl", "CreateNetworkAclEntry", "DeleteNetworkAcl", "DeleteNetworkAclEntry"),
        *("ReplaceNetworkAclEntry", "ReplaceNetworkAclAssociation"),
    ),
    id="AWS-0157",
    code="require-nacl-changes-alarm",
)
gateway_changes = alarm_on(
    "changes of gateways",
    "Through a new gateway traffic leaves by a way that nobody watches.",
    *_events(
        *("CreateCustomerGateway", "DeleteCustomerGateway", "AttachInternetGateway"),
        *("CreateInternetGateway", "DeleteInternetGateway", "DetachInternetGateway"),
    ),
    id="AWS-0158",
    code="require-network-gateway-changes-alarm",
)
route_changes = alarm_on(
    "changes of route tables",
    "A changed route sends traffic past firewalls, or to an attacker.",
    *_events(
        *("CreateRoute", "CreateRouteTable", "ReplaceRoute", "ReplaceRouteTableAssociation"),
        *("DeleteRouteTable", "DeleteRoute", "DisassociateRouteTable"),
    ),
    id="AWS-0159",
    code="require-network-gateway-changes-alarm",
)
vpc_changes = alarm_on(
    "changes of VPCs",
    "A new peering connects networks that were meant to be apart.",
    *_events(
        *("CreateVpc", "DeleteVpc", "ModifyVpcAttribute", "AcceptVpcPeeringConnection", "CreateVpcPeeringConnection"),
        *("DeleteVpcPeeringConnection", "RejectVpcPeeringConnection", "AttachClassicLinkVpc", "DetachClassicLinkVpc"),
        *("DisableVpcClassicLink", "EnableVpcClassicLink"),
    ),
    id="AWS-0160",
    code="require-vpc-changes-alarm",
)
organization_changes = alarm_on(
    "changes of AWS Organizations",
    "Who changes the organisation can take an account out of its guard rails.",
    "$.eventSource = organizations.amazonaws.com",
    id="AWS-0174",
    code="require-org-changes-alarm",
    frameworks=CIS_14,
)
