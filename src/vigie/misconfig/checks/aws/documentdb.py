"""Checks of DocumentDB."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.documentdb import Cluster

GUIDE = "https://docs.aws.amazon.com/documentdb/latest/developerguide"


@check(
    "AWS-0020",
    "aws.documentdb.clusters",
    severity="MEDIUM",
    code="enable-log-export",
    title="DocumentDB clusters should export audit or profiler logs",
    why="The logs show who logged in, what was changed, and which operations were slow. Without their export they "
    "cannot be watched, nor read after an incident.",
    fix="Add audit or profiler to `enabled_cloudwatch_logs_exports` (CloudFormation: "
    "`EnableCloudwatchLogsExports`), and turn on the log in the parameter group.",
    references=(f"{GUIDE}/event-auditing.html", f"{GUIDE}/profiling.html"),
)
def log_export(cluster: Cluster) -> Flaws:
    logs = cluster.enabled_log_exports
    if any(log.known and log.value in ("audit", "profiler") for log in logs):
        return
    if all(log.certain() for log in logs):
        yield flaw("Neither audit nor profiler logs are exported.", next(iter(logs), cluster))


@check(
    "AWS-0021",
    "aws.documentdb.clusters",
    severity="HIGH",
    code="enable-storage-encryption",
    title="DocumentDB storage should be encrypted",
    why="Without encryption data, indexes, logs and backups can be read by whoever gets at the storage. It can only be "
    "chosen when the cluster is made.",
    fix="Set `storage_encrypted = true` (CloudFormation: `StorageEncrypted`).",
    references=(f"{GUIDE}/encryption-at-rest.html",),
)
def storage_encryption(cluster: Cluster) -> Flaws:
    if not cluster.storage_encrypted.is_true:
        yield flaw("The cluster's storage is not encrypted.", cluster.storage_encrypted)


@check(
    "AWS-0022",
    "aws.documentdb.clusters",
    severity="LOW",
    code="encryption-customer-key",
    title="DocumentDB should be encrypted with a key of your own",
    why="A key of your own can be rotated, restricted and revoked, and its use is logged; the key that AWS manages "
    "cannot be controlled.",
    fix="Set `kms_key_id` (CloudFormation: `KmsKeyId`) to a KMS key of your own.",
    references=(f"{GUIDE}/encryption-at-rest.html",),
)
def customer_key(cluster: Cluster) -> Flaws:
    if cluster.kms_key_id.is_empty:
        yield flaw("The cluster names no KMS key of its own.", cluster.kms_key_id)
