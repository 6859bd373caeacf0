"""Checks of DynamoDB."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.dynamodb import DEFAULT_KEY, DAXCluster, Table

GUIDE = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide"


@check(
    "AWS-0023",
    "aws.dynamodb.dax_clusters",
    severity="HIGH",
    code="enable-at-rest-encryption",
    title="DAX clusters should encrypt what they store",
    why="A DAX cluster keeps copies of the tables' items on disk. Unencrypted they can be read by whoever gets at the "
    "storage.",
    fix="Set `server_side_encryption.enabled = true` (CloudFormation: `SSEEnabled` of the `SSESpecification`).",
    references=(f"{GUIDE}/DAXEncryptionAtRest.html",),
)
def cache_encrypted(cluster: DAXCluster) -> Flaws:
    if cluster.server_side_encryption.enabled.is_false:
        yield flaw("The DAX cluster is not encrypted at rest.", cluster.server_side_encryption.enabled)


@check(
    "AWS-0024",
    # The field judges DAX clusters, too, which are caches: they have no recovery that could be turned on.
    "aws.dynamodb.tables",
    severity="MEDIUM",
    code="enable-recovery",
    title="DynamoDB tables should be recoverable to a point in time",
    why="Without point-in-time recovery, items that were deleted or overwritten by mistake or by an attacker are lost.",
    fix="Set `point_in_time_recovery.enabled = true` (CloudFormation: `PointInTimeRecoveryEnabled`).",
    references=(f"{GUIDE}/PointInTimeRecovery.html",),
)
def recovery(table: Table) -> Flaws:
    if table.point_in_time_recovery.is_false:
        yield flaw("Point-in-time recovery is off.", table.point_in_time_recovery)


@check(
    "AWS-0025",
    "aws.dynamodb.tables",
    severity="LOW",
    code="table-customer-key",
    title="DynamoDB tables should be encrypted with a key of your own",
    why="Tables are encrypted in any case, but the keys of AWS cannot be rotated, restricted or revoked by you.",
    fix="Turn on server-side encryption and set `kms_key_arn` (CloudFormation: `KMSMasterKeyId`) to a KMS key of "
    "your own.",
    references=(f"{GUIDE}/EncryptionAtRest.html",),
)
def customer_key(table: Table) -> Flaws:
    encryption = table.server_side_encryption
    if encryption.enabled.is_false:
        yield flaw("The table is encrypted with a key that AWS owns.", encryption.enabled)
    elif encryption.enabled.is_true and (
        encryption.kms_key_id.is_empty or (encryption.kms_key_id.known and encryption.kms_key_id.equals(DEFAULT_KEY))
    ):
        yield flaw("The table is encrypted with a key that AWS manages.", encryption.kms_key_id)
