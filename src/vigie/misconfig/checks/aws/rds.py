"""Checks of RDS and Aurora."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.rds import Cluster, Instance

GUIDE = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide"
AURORA = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide"
LEAST_RETENTION_DAYS = 2


@check(
    "AWS-0077",
    "aws.rds.clusters",
    "aws.rds.instances",
    severity="MEDIUM",
    code="specify-backup-retention",
    title="RDS should keep backups for more than a day",
    why="Data that was lost or changed is often missed only days later. With one day of backups, or none, it is gone "
    "by then.",
    fix="Set `backup_retention_period` (CloudFormation: `BackupRetentionPeriod`) to the number of days you need, 2 "
    "at least.",
    references=(f"{GUIDE}/USER_WorkingWithAutomatedBackups.html",),
)
def backups(database: Cluster | Instance) -> Flaws:
    days = database.backup_retention_period_days
    # A replica is not backed up: its source is.
    if days.below(LEAST_RETENTION_DAYS) and database.replication_source_arn.is_empty:
        yield flaw("Backups are kept for a day." if days.value else "No backups are kept.", days)


@check(
    "AWS-0078",
    "aws.rds.clusters",
    "aws.rds.instances",
    "aws.rds.clusters.instances.instance",
    severity="LOW",
    code="performance-insights-encryption-customer-key",
    title="Performance Insights should be encrypted with a key of your own",
    why="Performance Insights keeps the texts of queries, which may hold data. With a key of your own, access to them "
    "can be restricted, watched and revoked.",
    fix="Set `performance_insights_kms_key_id` (CloudFormation: `PerformanceInsightsKMSKeyId`) to a KMS key of your "
    "own. It cannot be changed later.",
    references=(f"{GUIDE}/USER_PerfInsights.html",),
)
def insights_key(database: Cluster | Instance) -> Flaws:
    insights = database.performance_insights
    if insights.enabled.is_true and insights.kms_key_id.is_empty:
        yield flaw("Performance Insights names no KMS key of its own.", insights.kms_key_id)


@check(
    "AWS-0079",
    "aws.rds.clusters",
    severity="HIGH",
    code="encrypt-cluster-storage-data",
    title="RDS clusters should be encrypted with a key of your own",
    why="Data and snapshots that are not encrypted can be read by whoever gets at the storage; with a key of your own, "
    "access to them can be restricted, watched and revoked.",
    fix="Set `storage_encrypted = true`, and `kms_key_id` to a KMS key of your own (CloudFormation: "
    "`StorageEncrypted`, `KmsKeyId`).",
    references=(f"{AURORA}/Overview.Encryption.html",),
)
def cluster_encryption(cluster: Cluster) -> Flaws:
    encryption = cluster.encryption
    if encryption.encrypt_storage.is_false:
        yield flaw("The cluster's storage is not encrypted.", encryption.encrypt_storage)
    elif encryption.encrypt_storage.is_true and encryption.kms_key_id.is_empty:
        yield flaw("The cluster names no KMS key of its own.", encryption.kms_key_id)


@check(
    "AWS-0080",
    "aws.rds.instances",
    severity="HIGH",
    code="encrypt-instance-storage-data",
    title="RDS instances should be encrypted",
    why="Data and snapshots that are not encrypted can be read by whoever gets at the storage. Encryption can only be "
    "chosen when the instance is made.",
    fix="Set `storage_encrypted = true` (CloudFormation: `StorageEncrypted`).",
    references=(f"{GUIDE}/Overview.Encryption.html",),
)
def instance_encryption(instance: Instance) -> Flaws:
    # A replica is encrypted as its source is.
    if instance.encryption.encrypt_storage.is_false and instance.replication_source_arn.is_empty:
        yield flaw("The instance's storage is not encrypted.", instance.encryption.encrypt_storage)


@check(
    "AWS-0133",
    "aws.rds.instances",
    "aws.rds.clusters.instances.instance",
    severity="LOW",
    code="enable-performance-insights",
    title="RDS instances should use Performance Insights",
    why="Performance Insights shows which queries burden the database, with which failures and misuse are noticed.",
    fix="Set `performance_insights_enabled = true` (CloudFormation: `EnablePerformanceInsights`).",
    references=(f"{GUIDE}/USER_PerfInsights.html",),
)
def insights(instance: Instance) -> Flaws:
    if not instance.performance_insights.enabled.is_true:
        yield flaw("Performance Insights is off.", instance.performance_insights.enabled)


@check(
    "AWS-0176",
    "aws.rds.instances",
    severity="MEDIUM",
    code="enable-iam-auth",
    title="RDS instances of PostgreSQL and MySQL should allow IAM logins",
    why="Passwords of databases are shared, leaked and seldom changed. IAM logins last minutes and are tied to a role.",
    fix="Set `iam_database_authentication_enabled = true` (CloudFormation: `EnableIAMDatabaseAuthentication`).",
    references=(f"{GUIDE}/UsingWithRDS.IAMDBAuth.html",),
)
def iam_logins(instance: Instance) -> Flaws:
    if instance.engine.equals("postgres", "mysql") and not instance.iam_auth_enabled.is_true:
        yield flaw("IAM database authentication is off.", instance.iam_auth_enabled)


@check(
    "AWS-0177",
    "aws.rds.instances",
    severity="MEDIUM",
    code="enable-deletion-protection",
    title="RDS instances should be protected from deletion",
    why="A mistaken command or change of configuration deletes the database.",
    fix="Set `deletion_protection = true` (CloudFormation: `DeletionProtection`).",
    references=(f"{GUIDE}/USER_DeleteInstance.html",),
)
def instance_deletion(instance: Instance) -> Flaws:
    if not instance.deletion_protection.is_true:
        yield flaw("The instance is not protected from deletion.", instance.deletion_protection)


@check(
    "AWS-0180",
    "aws.rds.instances",
    "aws.rds.clusters.instances.instance",
    severity="HIGH",
    code="enable-public-access",
    title="RDS instances should be private",
    why="A database on the internet can be attacked by everybody: with guessed passwords and with vulnerabilities of "
    "the database.",
    fix="Set `publicly_accessible = false` (CloudFormation: `PubliclyAccessible`) and reach the database from "
    "within the VPC.",
    references=(f"{GUIDE}/USER_VPC.WorkingWithRDSInstanceinaVPC.html",),
)
def public(instance: Instance) -> Flaws:
    if instance.public_access.is_true:
        yield flaw("The instance can be reached from the internet.", instance.public_access)


@check(
    "AWS-0343",
    "aws.rds.clusters",
    severity="MEDIUM",
    code="enable-cluster-deletion-protection",
    title="RDS clusters should be protected from deletion",
    why="A mistaken command or change of configuration deletes the databases.",
    fix="Set `deletion_protection = true` (CloudFormation: `DeletionProtection`).",
    references=(f"{AURORA}/USER_DeleteCluster.html",),
)
def cluster_deletion(cluster: Cluster) -> Flaws:
    if cluster.cause.managed and not cluster.deletion_protection.is_true:
        yield flaw("The cluster is not protected from deletion.", cluster.deletion_protection)
