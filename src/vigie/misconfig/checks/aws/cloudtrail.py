"""Checks of CloudTrail trails and of the buckets they write to."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.cloudtrail import Trail
from vigie.misconfig.resources.aws.s3 import S3, Bucket

GUIDE = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide"


@check(
    "AWS-0014",
    "aws.cloudtrail.trails",
    severity="MEDIUM",
    code="enable-all-regions",
    title="Trails should cover all regions",
    why="What happens in a region without a trail stays unseen, which attackers make use of.",
    fix="Set `is_multi_region_trail = true` (CloudFormation: `IsMultiRegionTrail`).",
    references=(f"{GUIDE}/receive-cloudtrail-log-files-from-multiple-regions.html",),
)
def covers_all_regions(trail: Trail) -> Flaws:
    if not trail.is_multi_region.is_true:
        yield flaw("The trail covers one region only.", trail.is_multi_region)


@check(
    "AWS-0015",
    "aws.cloudtrail.trails",
    severity="HIGH",
    code="encryption-customer-managed-key",
    title="Trails should be encrypted with a key of your own",
    why="With the keys of S3, whoever may read the bucket reads all that happens in the account. A key of your own "
    "adds a second permission, and its use is logged.",
    fix="Name a KMS key in `kms_key_id` (CloudFormation: `KmsKeyId`).",
    references=(f"{GUIDE}/encrypting-cloudtrail-log-files-with-aws-kms.html",),
)
def encrypted_with_own_key(trail: Trail) -> Flaws:
    if trail.kms_key_id.is_empty:
        yield flaw("The logs of the trail are not encrypted with a KMS key of your own.", trail.kms_key_id)


@check(
    "AWS-0016",
    "aws.cloudtrail.trails",
    severity="HIGH",
    code="enable-log-validation",
    title="Trails should write digests of their logs",
    why="Without digests nobody can tell whether an attacker removed or changed lines of the log.",
    fix="Set `enable_log_file_validation = true` (CloudFormation: `EnableLogFileValidation`).",
    references=(f"{GUIDE}/cloudtrail-log-file-validation-intro.html",),
)
def writes_digests(trail: Trail) -> Flaws:
    if not trail.enable_log_file_validation.is_true:
        yield flaw("Changes of the trail's log files would not be noticed.", trail.enable_log_file_validation)


@check(
    "AWS-0161",
    "aws.cloudtrail.trails",
    severity="CRITICAL",
    code="no-public-log-access",
    title="The bucket of a trail should not be public",
    why="The log names every user, key, address and resource of the account: a map for attackers.",
    fix="Give the bucket the ACL `private` and a public access block.",
    references=(f"{GUIDE}/create-s3-bucket-policy-for-cloudtrail.html",),
    needs=("aws.s3",),
)
def bucket_is_private(trail: Trail, s3: S3) -> Flaws:
    for bucket in _buckets(trail, s3):
        if bucket.public_by_acl:
            yield flaw("The bucket of a trail is public by its ACL.", bucket if bucket.cause.managed else bucket.acl)


@check(
    "AWS-0162",
    "aws.cloudtrail.trails",
    severity="LOW",
    code="ensure-cloudwatch-integration",
    title="Trails should forward to CloudWatch Logs",
    why="In a bucket the log is evidence for later; only in CloudWatch Logs can it raise an alarm at once.",
    fix="Name a log group in `cloud_watch_logs_group_arn` (CloudFormation: `CloudWatchLogsLogGroupArn`).",
    references=(f"{GUIDE}/send-cloudtrail-events-to-cloudwatch-logs.html",),
)
def forwards_to_cloudwatch(trail: Trail) -> Flaws:
    if trail.cloud_watch_logs_log_group_arn.is_empty:
        yield flaw("The trail does not forward to CloudWatch Logs.", trail.cloud_watch_logs_log_group_arn)


@check(
    "AWS-0163",
    "aws.cloudtrail.trails",
    severity="LOW",
    code="require-bucket-access-logging",
    title="The bucket of a trail should log access",
    why="Without access logs nobody can tell who read the trail, or took from it.",
    fix="Name another bucket for the access logs of the trail's bucket: `aws_s3_bucket_logging` (CloudFormation: "
    "`LoggingConfiguration`).",
    references=("https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html",),
    needs=("aws.s3",),
)
def bucket_logs_access(trail: Trail, s3: S3) -> Flaws:
    for bucket in _buckets(trail, s3):
        if not bucket.logging.enabled.is_true:
            yield flaw("The bucket of a trail writes no access log.", bucket.logging.enabled)


def _buckets(trail: Trail, s3: S3) -> list[Bucket]:
    """The buckets that the trail writes to: by reference, or by a name that is the same."""
    if trail.bucket.managed:
        return [bucket for bucket in s3.buckets if bucket.cause is trail.bucket]
    if not trail.bucket_name.certain():
        return []
    name = trail.bucket_name.value
    return [bucket for bucket in s3.buckets if name and bucket.name.value == name]
