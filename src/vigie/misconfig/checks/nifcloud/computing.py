"""Checks of Computing: instances and security groups."""

from __future__ import annotations

from vigie.misconfig.addresses import means_everybody
from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.nifcloud.computing import Instance, NetworkInterface, SecurityGroup, SecurityGroupRule

GROUPS = "nifcloud.computing.security_groups"
_DOCS = "https://registry.terraform.io/providers/nifcloud/nifcloud/latest/docs/resources"


@check(
    "NIF-0001",
    f"{GROUPS}.ingress_rules",
    severity="CRITICAL",
    code="no-public-ingress-sgr",
    title="Security group rules should not let the whole internet in",
    why="Anyone can reach the instances of the group: every open port is scanned within minutes, and each weakness of "
    "what listens there can be used from anywhere.",
    fix="Set `cidr_ip` to the network that needs access, or name a source security group.",
    references=(f"{_DOCS}/security_group_rule#cidr_ip",),
)
def no_ingress_from_everybody(rule: SecurityGroupRule) -> Flaws:
    if rule.cidr.certain() and means_everybody(rule.cidr.value):
        yield flaw(f"The rule lets in traffic from any address ({rule.cidr.value}).", rule.cidr)


@check(
    "NIF-0002",
    GROUPS,
    severity="LOW",
    code="add-description-to-security-group",
    title="Security groups should have a description",
    why="Nobody dares to remove a group whose purpose is forgotten, so what it opens stays open.",
    fix="Say in `description` what the group is for.",
    references=(f"{_DOCS}/security_group#description",),
)
def group_described(group: SecurityGroup) -> Flaws:
    if group.description.is_empty or group.description.equals("Managed by Terraform"):
        yield flaw("The security group has no description of its own.", group.description)


@check(
    "NIF-0003",
    f"{GROUPS}.ingress_rules",
    f"{GROUPS}.egress_rules",
    severity="LOW",
    code="add-description-to-security-group-rule",
    title="Rules of security groups should have a description",
    why="Nobody dares to remove a rule whose purpose is forgotten, so what it opens stays open.",
    fix="Say in `description` what the rule is for.",
    references=(f"{_DOCS}/security_group_rule#description",),
)
def rule_described(rule: SecurityGroupRule) -> Flaws:
    if rule.description.is_empty:
        yield flaw("The rule has no description.", rule.description)


@check(
    "NIF-0004",
    "nifcloud.computing.instances",
    severity="CRITICAL",
    code="add-security-group-to-instance",
    title="Instances should have a security group",
    why="Without a security group nothing filters the traffic to the instance.",
    fix="Set `security_group` to a group that lets in what the instance serves.",
    references=(f"{_DOCS}/instance#security_group",),
)
def in_security_group(instance: Instance) -> Flaws:
    if instance.security_group.is_empty:
        yield flaw("The instance has no security group.", instance.security_group)


@check(
    "NIF-0005",
    "nifcloud.computing.instances.network_interfaces",
    severity="LOW",
    code="no-common-private-instance",
    title="Instances should not be in the shared private network",
    why="The common private network is shared with other customers: their machines reach the instance.",
    fix="Create a private LAN and set `network_id` to it.",
    references=(f"{_DOCS}/private_lan",),
)
def own_private_network(interface: NetworkInterface) -> Flaws:
    if interface.network_id.equals("net-COMMON_PRIVATE"):
        yield flaw("The instance is in the shared private network.", interface.network_id)
