"""Checks of NAS: file servers and their security groups."""

from __future__ import annotations

from vigie.misconfig.addresses import means_everybody
from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.nifcloud.nas import NASInstance, NASSecurityGroup

GROUPS = "nifcloud.nas.nas_security_groups"
_DOCS = "https://registry.terraform.io/providers/nifcloud/nifcloud/latest/docs/resources"


@check(
    "NIF-0013",
    "nifcloud.nas.nas_instances",
    severity="LOW",
    code="no-common-private-nas-instance",
    title="File servers should not be in the shared private network",
    why="The common private network is shared with other customers: their machines reach the file server.",
    fix="Create a private LAN and set `network_id` to it.",
    references=(f"{_DOCS}/nas_instance#network_id",),
)
def own_private_network(instance: NASInstance) -> Flaws:
    if instance.network_id.equals("net-COMMON_PRIVATE"):
        yield flaw("The file server is in the shared private network.", instance.network_id)


@check(
    "NIF-0014",
    GROUPS,
    severity="CRITICAL",
    code="no-public-ingress-nas-sgr",
    title="NAS security groups should not let the whole internet in",
    why="Anyone can reach the file server and whatever it shares.",
    fix="Set `cidr_ip` of the rule to the network that needs access.",
    references=(f"{_DOCS}/nas_security_group#cidr_ip",),
)
def no_ingress_from_everybody(group: NASSecurityGroup) -> Flaws:
    for cidr in group.cidrs:
        if cidr.certain() and means_everybody(cidr.value):
            yield flaw(f"The group lets in traffic from any address ({cidr.value}).", cidr)


@check(
    "NIF-0015",
    GROUPS,
    severity="LOW",
    code="add-description-to-nas-security-group",
    title="NAS security groups should have a description",
    why="Nobody dares to remove a group whose purpose is forgotten, so what it opens stays open.",
    fix="Say in `description` what the group is for.",
    references=(f"{_DOCS}/nas_security_group#description",),
)
def described(group: NASSecurityGroup) -> Flaws:
    if group.description.is_empty or group.description.equals("Managed by Terraform"):
        yield flaw("The NAS security group has no description of its own.", group.description)
