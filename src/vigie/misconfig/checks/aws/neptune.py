"""Checks of Neptune."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.neptune import Cluster

GUIDE = "https://docs.aws.amazon.com/neptune/latest/userguide"


@check(
    "AWS-0075",
    "aws.neptune.clusters",
    severity="MEDIUM",
    code="enable-log-export",
    title="Neptune clusters should export audit logs",
    why="The audit log shows who asked for what. Without its export it cannot be watched, nor read after an incident.",
    fix="Add audit to `enable_cloudwatch_logs_exports` (CloudFormation: `EnableCloudwatchLogsExports`).",
    references=(f"{GUIDE}/auditing.html",),
)
def audit_log(cluster: Cluster) -> Flaws:
    if cluster.logging.audit.is_false:
        yield flaw("The cluster exports no audit log.", cluster.logging.audit)


@check(
    "AWS-0076",
    "aws.neptune.clusters",
    severity="HIGH",
    code="enable-storage-encryption",
    title="Neptune storage should be encrypted",
    why="Without encryption data, logs and backups can be read by whoever gets at the storage. It can only be chosen "
    "when the cluster is made.",
    fix="Set `storage_encrypted = true` (CloudFormation: `StorageEncrypted`).",
    references=(f"{GUIDE}/encrypt.html",),
)
def storage_encryption(cluster: Cluster) -> Flaws:
    if not cluster.storage_encrypted.is_true:
        yield flaw("The cluster's storage is not encrypted.", cluster.storage_encrypted)


@check(
    "AWS-0128",
    "aws.neptune.clusters",
    severity="HIGH",
    code="encryption-customer-key",
    title="Neptune should be encrypted with a key of your own",
    why="A key of your own can be rotated, restricted and revoked, and its use is logged; the key that AWS manages "
    "cannot be controlled.",
    fix="Set `kms_key_arn` (CloudFormation: `KmsKeyId`) to a KMS key of your own.",
    references=(f"{GUIDE}/encrypt.html",),
)
def customer_key(cluster: Cluster) -> Flaws:
    if cluster.kms_key_id.is_empty:
        yield flaw("The cluster names no KMS key of its own.", cluster.kms_key_id)
