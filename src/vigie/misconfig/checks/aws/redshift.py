"""Checks of Redshift."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.aws.redshift import Cluster, SecurityGroup

GUIDE = "https://docs.aws.amazon.com/redshift/latest/mgmt"


@check(
    "AWS-0083",
    "aws.redshift.security_groups",
    severity="LOW",
    code="add-description-to-security-group",
    title="Redshift security groups should say what they are for",
    why="Nobody dares to tighten or remove a group whose purpose is not known.",
    fix="Say in `description` (CloudFormation: `Description`) what the group admits, and why.",
    references=(f"{GUIDE}/security-network-isolation.html",),
)
def description(group: SecurityGroup) -> Flaws:
    if group.description.is_empty or group.description.equals("Managed by Terraform"):
        yield flaw("The security group is not described.", group.description)


@check(
    "AWS-0084",
    "aws.redshift.clusters",
    severity="HIGH",
    code="encryption-customer-key",
    title="Redshift clusters should be encrypted with a key of your own",
    why="Tables and snapshots that are not encrypted can be read by whoever gets at the storage; with a key of your "
    "own, access to them can be restricted, watched and revoked.",
    fix="Set `encrypted = true`, and `kms_key_id` to a KMS key of your own (CloudFormation: `Encrypted`, `KmsKeyId`).",
    references=(f"{GUIDE}/working-with-db-encryption.html",),
)
def customer_key(cluster: Cluster) -> Flaws:
    encryption = cluster.encryption
    if encryption.enabled.is_false:
        yield flaw("The cluster is not encrypted.", encryption.enabled)
    elif encryption.enabled.known and encryption.kms_key_id.is_empty:
        yield flaw("The cluster names no KMS key of its own.", encryption.kms_key_id)


@check(
    "AWS-0085",
    "aws.redshift.security_groups",
    severity="CRITICAL",
    code="no-classic-resources",
    title="There should be no Redshift security groups of EC2-Classic",
    why="EC2-Classic, which shared one network among all customers, has been switched off. Its groups protect nothing.",
    fix="Remove the group; run the cluster in a VPC and name security groups of the VPC.",
    references=(f"{GUIDE}/working-with-security-groups.html",),
)
def classic(group: SecurityGroup) -> Flaws:
    yield flaw("This is a security group of EC2-Classic.", group)


@check(
    "AWS-0127",
    "aws.redshift.clusters",
    severity="HIGH",
    code="use-vpc",
    title="Redshift clusters should run in a VPC of yours",
    why="Outside of your VPC the cluster is not kept apart by your subnets, route tables and security groups.",
    fix="Set `cluster_subnet_group_name` (CloudFormation: `ClusterSubnetGroupName`).",
    references=(f"{GUIDE}/managing-clusters-vpc.html",),
)
def vpc(cluster: Cluster) -> Flaws:
    if cluster.subnet_group_name.is_empty:
        yield flaw("The cluster names no subnet group.", cluster.subnet_group_name)
