"""Checks of security groups."""

from __future__ import annotations

from vigie.misconfig.addresses import count, is_public
from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.openstack.networking import Rule, SecurityGroup

GUIDE = "https://docs.openstack.org/nova/latest/user/security-groups.html"


@check(
    "OPNSTK-0003",
    "openstack.networking.security_groups.rules",
    severity="MEDIUM",
    code="no-public-ingress",
    title="Security groups should not let public networks in",
    why="What a public network can reach is attacked from there.",
    fix="Set remote_ip_prefix to the networks or single addresses that have to come in.",
    references=(GUIDE,),
)
def no_public_ingress(rule: Rule) -> Flaws:
    if rule.cidr.holds(_is_public_range).is_true and rule.is_ingress.is_true:
        yield flaw(f"Rule lets in traffic from the public network {rule.cidr.value}.", rule.cidr)


@check(
    "OPNSTK-0004",
    "openstack.networking.security_groups.rules",
    severity="MEDIUM",
    code="no-public-egress",
    title="Security groups should not let traffic out to public networks",
    why="An instance that was broken into can send data, and fetch tools, wherever it may connect to.",
    fix="Set remote_ip_prefix to the networks or single addresses that have to be reached.",
    references=(GUIDE,),
)
def no_public_egress(rule: Rule) -> Flaws:
    if rule.cidr.holds(_is_public_range).is_true and rule.is_ingress.is_false:
        yield flaw(f"Rule lets out traffic to the public network {rule.cidr.value}.", rule.cidr)


@check(
    "OPNSTK-0005",
    "openstack.networking.security_groups",
    severity="MEDIUM",
    code="describe-security-group",
    title="Security groups should have a description",
    why="Without a word on what a group is for, nobody dares to change or remove its rules later.",
    fix="Set description.",
    references=(GUIDE,),
)
def has_description(group: SecurityGroup) -> Flaws:
    if group.description.is_empty:
        yield flaw("Security group has no description.", group.description)


def _is_public_range(cidr: str) -> bool:
    return is_public(cidr) and count(cidr) > 1
