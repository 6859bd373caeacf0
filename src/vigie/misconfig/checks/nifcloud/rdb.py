"""Checks of RDB: database servers and their security groups."""

from __future__ import annotations

from vigie.misconfig.addresses import means_everybody
from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.nifcloud.rdb import DBInstance, DBSecurityGroup

INSTANCES = "nifcloud.rdb.db_instances"
GROUPS = "nifcloud.rdb.db_security_groups"
_DOCS = "https://registry.terraform.io/providers/nifcloud/nifcloud/latest/docs/resources"


@check(
    "NIF-0008",
    INSTANCES,
    severity="CRITICAL",
    code="no-public-db-access",
    title="Database servers should not be public",
    why="A database with a public address is found by scanners, and then only its passwords stand between them and "
    "the data.",
    fix="Set `publicly_accessible` to false.",
    references=(f"{_DOCS}/db_instance#publicly_accessible",),
)
def private(instance: DBInstance) -> Flaws:
    if instance.public_access.is_true:
        yield flaw("The database server can be reached from the internet.", instance.public_access)


@check(
    "NIF-0009",
    INSTANCES,
    severity="MEDIUM",
    code="specify-backup-retention",
    title="Backups of database servers should be kept for two days or more",
    why="Without a second backup, data that was spoiled a day ago is gone.",
    fix="Set `backup_retention_period` to 2 days or more.",
    references=(f"{_DOCS}/db_instance#backup_retention_period",),
)
def backups_kept(instance: DBInstance) -> Flaws:
    days = instance.backup_retention_period_days
    if days.below(2):
        kept = "not kept" if days.value < 1 else "kept for a single day"
        yield flaw(f"Backups of the database server are {kept}.", days)


@check(
    "NIF-0010",
    INSTANCES,
    severity="LOW",
    code="no-common-private-db-instance",
    title="Database servers should not be in the shared private network",
    why="The common private network is shared with other customers: their machines reach the database.",
    fix="Create a private LAN and set `network_id` to it.",
    references=(f"{_DOCS}/db_instance#network_id",),
)
def own_private_network(instance: DBInstance) -> Flaws:
    if instance.network_id.equals("net-COMMON_PRIVATE"):
        yield flaw("The database server is in the shared private network.", instance.network_id)


@check(
    "NIF-0011",
    GROUPS,
    severity="CRITICAL",
    code="no-public-ingress-db-sgr",
    title="Database security groups should not let the whole internet in",
    why="Anyone can reach the database and try passwords and its weaknesses on it.",
    fix="Set `cidr_ip` of the rule to the network that needs access.",
    references=(f"{_DOCS}/db_security_group#cidr_ip",),
)
def no_ingress_from_everybody(group: DBSecurityGroup) -> Flaws:
    for cidr in group.cidrs:
        if cidr.certain() and means_everybody(cidr.value):
            yield flaw(f"The group lets in traffic from any address ({cidr.value}).", cidr)


@check(
    "NIF-0012",
    GROUPS,
    severity="LOW",
    code="add-description-to-db-security-group",
    title="Database security groups should have a description",
    why="Nobody dares to remove a group whose purpose is forgotten, so what it opens stays open.",
    fix="Say in `description` what the group is for.",
    references=(f"{_DOCS}/db_security_group#description",),
)
def described(group: DBSecurityGroup) -> Flaws:
    if group.description.is_empty or group.description.equals("Managed by Terraform"):
        yield flaw("The database security group has no description of its own.", group.description)
