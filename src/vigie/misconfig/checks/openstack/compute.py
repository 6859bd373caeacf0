"""Checks of Compute and of firewalls."""

from __future__ import annotations

from vigie.misconfig.addresses import is_public
from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.openstack.compute import Instance, Rule


@check(
    "OPNSTK-0001",
    "openstack.compute.instances",
    severity="MEDIUM",
    code="no-plaintext-password",
    title="Instances should have no password in their configuration",
    why="A password in a configuration file is known to everybody who can read the file, its history or Terraform's "
    "state.",
    fix="Leave admin_pass out and name an SSH key in key_pair.",
    references=("https://docs.openstack.org/nova/latest/user/launch-instances.html",),
)
def no_password(instance: Instance) -> Flaws:
    if instance.admin_password.is_set:
        yield flaw("Instance has an administrator's password in its configuration.", instance.admin_password)


@check(
    "OPNSTK-0002",
    "openstack.compute.firewall.allow_rules",
    severity="MEDIUM",
    code="no-public-access",
    title="Firewall rules should name private networks on both sides",
    why="A rule that allows traffic from or to the whole internet leaves the instances behind it without protection.",
    fix="Set source_ip_address and destination_ip_address to the networks that have to talk to each other.",
    references=("https://docs.openstack.org/neutron/latest/admin/fwaas.html",),
)
def rule_is_not_public(rule: Rule) -> Flaws:
    for side, address in (("source", rule.source), ("destination", rule.destination)):
        if address.is_empty:
            what = f"Firewall rule allows any {side}."
        elif address.holds(is_public).is_true:
            what = f"Firewall rule allows the public {side} {address.value}."
        else:
            continue
        if rule.enabled.is_true:
            yield flaw(what, address)
