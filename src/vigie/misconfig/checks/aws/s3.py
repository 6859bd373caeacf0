"""Checks of S3 buckets."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.cloudtrail import CloudTrail
from vigie.misconfig.resources.aws.policy import statements
from vigie.misconfig.resources.aws.s3 import Bucket, Versioning
from vigie.misconfig.value import Attribute

GUIDE = "https://docs.aws.amazon.com/AmazonS3/latest/userguide"
LOG_DELIVERY_GROUP = "http://acs.amazonaws.com/groups/s3/LogDelivery"
LOG_DELIVERY_SERVICE = "logging.s3.amazonaws.com"


@check(
    "AWS-0086",
    "aws.s3.buckets",
    severity="HIGH",
    code="block-public-acls",
    title="S3 buckets should refuse public ACLs",
    why="Without this block anybody who may write ACLs can open an object or the whole bucket to the world, often by "
    "accident and one object at a time.",
    fix="Give the bucket a public access block with `block_public_acls = true` (CloudFormation: `BlockPublicAcls`).",
    references=(f"{GUIDE}/access-control-block-public-access.html",),
)
def blocks_public_acls(bucket: Bucket) -> Flaws:
    block = bucket.public_access_block
    if block is None:
        yield flaw("The bucket has no public access block, so public ACLs are not refused.", bucket)
    elif not block.block_public_acls.is_true:
        yield flaw("The public access block does not refuse public ACLs.", block.block_public_acls)


@check(
    "AWS-0087",
    "aws.s3.buckets",
    severity="HIGH",
    code="block-public-policy",
    title="S3 buckets should refuse public bucket policies",
    why="Without this block a bucket policy that grants access to everybody is accepted and takes effect at once.",
    fix="Give the bucket a public access block with `block_public_policy = true` (CloudFormation: "
    "`BlockPublicPolicy`).",
    references=(f"{GUIDE}/access-control-block-public-access.html",),
)
def blocks_public_policy(bucket: Bucket) -> Flaws:
    block = bucket.public_access_block
    if block is None:
        yield flaw("The bucket has no public access block, so public policies are not refused.", bucket)
    elif not block.block_public_policy.is_true:
        yield flaw("The public access block does not refuse public policies.", block.block_public_policy)


@check(
    "AWS-0088",
    "aws.s3.buckets",
    severity="HIGH",
    code="enable-bucket-encryption",
    title="S3 buckets should be encrypted",
    why="Retired: since January 2023 S3 encrypts every new object with keys of its own, whatever the bucket says. "
    "AWS-0132 asks for a key that you control.",
    fix="Write an encryption rule for the bucket if you want the algorithm to be stated.",
    references=(f"{GUIDE}/bucket-encryption.html",),
    deprecated=True,
)
def encrypted(bucket: Bucket) -> Flaws:
    if bucket.encryption.enabled.is_false:
        yield flaw("The bucket states no encryption.", bucket.encryption.enabled)


@check(
    "AWS-0089",
    "aws.s3.buckets",
    severity="LOW",
    code="enable-logging",
    title="S3 buckets should log access",
    why="Without access logs nobody can tell after an incident who read, changed or deleted what.",
    fix="Name a bucket for the access logs of this one, with an `aws_s3_bucket_logging` resource or a "
    "`LoggingConfiguration`. Buckets that receive logs are left out.",
    references=(f"{GUIDE}/ServerLogs.html",),
    aliases=("s3-bucket-logging",),
)
def logs_access(bucket: Bucket) -> Flaws:
    logging = bucket.logging.enabled
    if logging.is_false and not _receives_logs(bucket, ("FULL_CONTROL",), ("WRITE", "READ_ACP")):
        yield flaw("The bucket writes no access log.", logging)


@check(
    "AWS-0090",
    "aws.s3.buckets",
    severity="MEDIUM",
    code="enable-versioning",
    title="S3 buckets should keep versions",
    why="Without versions what is overwritten or deleted, by mistake or by an attacker, is gone.",
    fix='Turn versioning on: `status = "Enabled"` in an `aws_s3_bucket_versioning` (CloudFormation: '
    "`VersioningConfiguration`).",
    references=(f"{GUIDE}/Versioning.html",),
)
def keeps_versions(bucket: Bucket) -> Flaws:
    if not bucket.versioning.enabled.is_true:
        yield flaw("The bucket keeps no versions of its objects.", bucket.versioning.enabled)


@check(
    "AWS-0091",
    "aws.s3.buckets",
    severity="HIGH",
    code="ignore-public-acls",
    title="S3 buckets should ignore public ACLs",
    why="Refusing new public ACLs does not undo those that exist: only when they are ignored do they grant nothing.",
    fix="Give the bucket a public access block with `ignore_public_acls = true` (CloudFormation: `IgnorePublicAcls`).",
    references=(f"{GUIDE}/access-control-block-public-access.html",),
)
def ignores_public_acls(bucket: Bucket) -> Flaws:
    block = bucket.public_access_block
    if block is None:
        yield flaw("The bucket has no public access block, so public ACLs are not ignored.", bucket)
    elif not block.ignore_public_acls.is_true:
        yield flaw("The public access block does not ignore public ACLs.", block.ignore_public_acls)


@check(
    "AWS-0092",
    "aws.s3.buckets",
    severity="HIGH",
    code="no-public-access-with-acl",
    title="S3 buckets should not be public by their ACL",
    why="A public canned ACL lets anybody, or anybody with any AWS account, list the bucket; with `public-read-write` "
    "also fill and empty it.",
    fix="Use the ACL `private`, and let a bucket policy or a CDN serve what really is for the public.",
    references=(f"{GUIDE}/acl-overview.html#canned-acl",),
)
def not_public_by_acl(bucket: Bucket) -> Flaws:
    if bucket.public_by_acl:
        yield flaw(f'The ACL "{bucket.acl.value}" lets strangers into the bucket.', bucket.acl)


@check(
    "AWS-0093",
    "aws.s3.buckets",
    severity="HIGH",
    code="no-public-buckets",
    title="S3 buckets should restrict public policies",
    why="When a public policy is in place, this restriction still keeps everybody out but the owner's account and AWS "
    "services.",
    fix="Give the bucket a public access block with `restrict_public_buckets = true` (CloudFormation: "
    "`RestrictPublicBuckets`).",
    references=(f"{GUIDE}/access-control-block-public-access.html",),
)
def restricts_public_buckets(bucket: Bucket) -> Flaws:
    block = bucket.public_access_block
    if block is None:
        yield flaw("The bucket has no public access block, so a public policy would open it.", bucket)
    elif not block.restrict_public_buckets.is_true:
        yield flaw("The public access block does not restrict public policies.", block.restrict_public_buckets)


@check(
    "AWS-0094",
    "aws.s3.buckets",
    severity="LOW",
    code="specify-public-access-block",
    title="S3 buckets should have a public access block",
    why="A public access block is the one setting that holds whatever ACLs and policies say.",
    fix="Add an `aws_s3_bucket_public_access_block` that names the bucket, or a `PublicAccessBlockConfiguration`.",
    references=(f"{GUIDE}/access-control-block-public-access.html",),
)
def has_access_block(bucket: Bucket) -> Flaws:
    if bucket.public_access_block is None:
        yield flaw("The bucket has no public access block.", bucket)


@check(
    "AWS-0132",
    "aws.s3.buckets",
    severity="HIGH",
    code="encryption-customer-key",
    title="S3 buckets should be encrypted with a key of your own",
    why="With the keys of S3, whoever may read the bucket may read its content. A KMS key of your own adds a second "
    "permission, can be revoked, and its use is logged.",
    fix="Encrypt the bucket with `aws:kms`, and name your key in `kms_master_key_id` (CloudFormation: "
    "`KMSMasterKeyID`). Buckets that receive logs are left out, since log "
    "delivery cannot use such keys.",
    references=(f"{GUIDE}/UsingKMSEncryption.html",),
)
def encrypted_with_own_key(bucket: Bucket) -> Flaws:
    key = bucket.encryption.kms_key_id
    if key.is_empty and not _receives_logs(bucket, ("FULL_CONTROL",), ("WRITE",)):
        yield flaw("The bucket is not encrypted with a KMS key of your own.", key)


@check(
    "AWS-0170",
    "aws.s3.buckets.versioning",
    severity="LOW",
    code="require-mfa-delete",
    title="Deleting versions of S3 objects should need MFA",
    why="With MFA delete stolen credentials alone can neither delete versions for good nor turn versioning off.",
    fix="Turn on MFA delete with the root user's device (`mfa_delete`); only the S3 API can do so at first.",
    references=(f"{GUIDE}/MultiFactorAuthenticationDelete.html",),
    service="s3",
    frameworks=("aws-cis-1.4", "cis-aws-1.4"),
)
def deletes_with_mfa(versioning: Versioning) -> Flaws:
    if not versioning.mfa_delete.is_true:
        yield flaw("Versions of the bucket's objects can be deleted without MFA.", versioning.mfa_delete)


@check(
    "AWS-0171",
    "aws.s3.buckets",
    severity="LOW",
    code="enable-object-write-logging",
    title="CloudTrail should record writes of S3 objects",
    why="Unless they are told to, trails leave out what happens to single objects: who overwrote or deleted one stays "
    "unknown.",
    fix="Give a trail an event selector for `AWS::S3::Object` with the bucket's ARN and a slash, or `arn:aws:s3`, and "
    "the read/write type `WriteOnly` or `All`.",
    references=("https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html",),
    frameworks=("aws-cis-1.4", "cis-aws-1.4"),
    needs=("aws.cloudtrail",),
)
def trails_writes(bucket: Bucket, cloudtrail: CloudTrail) -> Flaws:
    if bucket.cause.managed and not _trailed(bucket, cloudtrail, "ReadOnly"):
        yield flaw("No trail records writes of this bucket's objects.", bucket)


@check(
    "AWS-0172",
    "aws.s3.buckets",
    severity="LOW",
    code="enable-object-read-logging",
    title="CloudTrail should record reads of S3 objects",
    why="Unless they are told to, trails leave out what happens to single objects: who copied one stays unknown.",
    fix="Give a trail an event selector for `AWS::S3::Object` with the bucket's ARN and a slash, or `arn:aws:s3`, and "
    "the read/write type `ReadOnly` or `All`.",
    references=("https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html",),
    frameworks=("aws-cis-1.4", "cis-aws-1.4"),
    needs=("aws.cloudtrail",),
)
def trails_reads(bucket: Bucket, cloudtrail: CloudTrail) -> Flaws:
    if bucket.cause.managed and not _trailed(bucket, cloudtrail, "WriteOnly"):
        yield flaw("No trail records reads of this bucket's objects.", bucket)


@check(
    "AWS-0320",
    "aws.s3.buckets",
    severity="MEDIUM",
    code="dns-compliant-name",
    title="Names of S3 buckets should have no dots",
    why="A dot adds a level to the host name of the bucket, which the certificate of S3 does not cover: TLS fails for "
    "virtual-hosted addresses, and transfer acceleration does not work.",
    fix="Use hyphens instead of dots.",
    references=(f"{GUIDE}/bucketnamingrules.html",),
)
def name_has_no_dots(bucket: Bucket) -> Flaws:
    if bucket.name.certain() and "." in bucket.name.value:
        yield flaw(f'The name "{bucket.name.value}" has dots.', bucket.name)


def _receives_logs(bucket: Bucket, *permissions: tuple[str, ...]) -> bool:
    """Whether S3 delivers access logs to the bucket: by its ACL, by a grant of all permissions of one of these sets, or
    by a policy."""
    if bucket.acl.equals("log-delivery-write"):
        return True
    for grant in bucket.grants:
        if grant.grantee.uri.equals(LOG_DELIVERY_GROUP):
            granted = {permission.value for permission in grant.permissions if permission.certain()}
            if any(granted.issuperset(wanted) for wanted in permissions):
                return True
    return any(
        statement.allows
        and LOG_DELIVERY_SERVICE in statement.principals.get("Service", ())
        and statement.covers("s3:PutObject")
        for policy in bucket.bucket_policies
        for statement in statements(policy.document)
    )


def _trailed(bucket: Bucket, cloudtrail: CloudTrail, unless: str) -> bool:
    """Whether a selector of a trail, other than of this read/write type, is about all objects of the bucket; also when
    that cannot be told."""
    return any(
        _about(value, bucket)
        for trail in cloudtrail.trails
        for selector in trail.event_selectors
        if not selector.read_write_type.equals(unless)
        for resource in selector.data_resources
        if resource.type.equals("AWS::S3::Object")
        for value in resource.values
    )


def _about(value: Attribute[str], bucket: Bucket) -> bool:
    if not value.certain():
        return True
    name = value.value.partition(":s3")[2]
    if name in ("", ":::") or not bucket.name.certain():
        return True
    return name.endswith("/") and bucket.name.value == name.strip(":/")
