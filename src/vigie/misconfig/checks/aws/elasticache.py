"""Checks of ElastiCache."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.elasticache import Cluster, ReplicationGroup, SecurityGroup

GUIDE = "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg"


@check(
    "AWS-0045",
    "aws.elasticache.replication_groups",
    severity="HIGH",
    code="enable-at-rest-encryption",
    title="ElastiCache replication groups should be encrypted at rest",
    why="Caches are written to disk when they are synchronised, swapped and backed up. Unencrypted they can be read by "
    "whoever gets at the storage.",
    fix="Set `at_rest_encryption_enabled = true` (CloudFormation: `AtRestEncryptionEnabled`). It can only be chosen "
    "when the group is made.",
    references=(f"{GUIDE}/at-rest-encryption.html",),
)
def at_rest(group: ReplicationGroup) -> Flaws:
    if not group.at_rest_encryption_enabled.is_true:
        yield flaw("The replication group is not encrypted at rest.", group.at_rest_encryption_enabled)


@check(
    "AWS-0049",
    "aws.elasticache.security_groups",
    severity="LOW",
    code="add-description-for-security-group",
    title="ElastiCache security groups should say what they are for",
    why="Nobody dares to tighten or remove a group whose purpose is not known.",
    fix="Say in `description` (CloudFormation: `Description`) what the group admits, and why.",
    references=(f"{GUIDE}/VPCs.EC2.html",),
)
def description(group: SecurityGroup) -> Flaws:
    if group.description.is_empty or group.description.equals("Managed by Terraform"):
        yield flaw("The security group is not described.", group.description)


@check(
    "AWS-0050",
    "aws.elasticache.clusters",
    severity="MEDIUM",
    code="enable-backup-retention",
    title="Redis clusters should keep snapshots",
    why="Without snapshots everything in the cluster is lost when it fails or is emptied by mistake.",
    fix="Set `snapshot_retention_limit` (CloudFormation: `SnapshotRetentionLimit`) to the number of days that "
    "snapshots are kept.",
    references=(f"{GUIDE}/backups-automatic.html",),
)
def backups(cluster: Cluster) -> Flaws:
    # The smallest node type cannot make snapshots.
    if (
        cluster.engine.equals("redis")
        and cluster.snapshot_retention_limit.is_empty
        and cluster.node_type.differs("cache.t1.micro")
    ):
        yield flaw("The cluster keeps no snapshots.", cluster.snapshot_retention_limit)


@check(
    "AWS-0051",
    "aws.elasticache.replication_groups",
    severity="HIGH",
    code="enable-in-transit-encryption",
    title="ElastiCache replication groups should be encrypted in transit",
    why="What clients and nodes send, passwords among it, can be read and changed on its way.",
    fix="Set `transit_encryption_enabled = true` (CloudFormation: `TransitEncryptionEnabled`).",
    references=(f"{GUIDE}/in-transit-encryption.html",),
)
def in_transit(group: ReplicationGroup) -> Flaws:
    if not group.transit_encryption_enabled.is_true:
        yield flaw("The replication group is not encrypted in transit.", group.transit_encryption_enabled)
