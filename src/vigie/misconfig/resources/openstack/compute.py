"""Compute: instances, and the rules of firewalls (version 1)."""

from __future__ import annotations

from msgspec import field

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute

RULE = "openstack_fw_rule_v1"


class Instance(Resource):
    """An instance."""

    admin_password: Attribute[str] = absent("")


class Rule(Resource):
    """A rule of a firewall. Addresses: single ones or networks, empty for all. Ports: `22`, `8000:8080`, or empty."""

    source: Attribute[str] = absent("")
    destination: Attribute[str] = absent("")
    source_port: Attribute[str] = absent("")
    destination_port: Attribute[str] = absent("")
    enabled: Attribute[bool] = absent(True)


class Firewall(Resource):
    """All rules, by what they do."""

    allow_rules: list[Rule] = []
    deny_rules: list[Rule] = []


class Compute(Resource):
    """The service."""

    instances: list[Instance] = []
    firewall: Firewall = field(default_factory=Firewall)


def from_terraform(graph: Graph) -> Compute:
    compute = Compute(
        instances=[
            Instance(cause=block.cause, admin_password=block.string("admin_pass"))
            for block in graph.resources("openstack_compute_instance_v2")
        ]
    )
    for block in graph.resources(RULE):
        rule, action = _rule(block), block.string("action")
        if action.known and action.value.lower() != "allow":
            compute.firewall.deny_rules.append(rule)
            continue
        if not action.known:
            # Nobody can tell whether there is such a rule that allows.
            rule.enabled = Attribute(False, action.cause, known=False)
        compute.firewall.allow_rules.append(rule)
    return compute


def _rule(block: Block) -> Rule:
    return Rule(
        cause=block.cause,
        source=block.string("source_ip_address"),
        destination=block.string("destination_ip_address"),
        source_port=block.string("source_port"),
        destination_port=block.string("destination_port"),
        enabled=block.boolean("enabled", True),
    )


service = Service(
    path="openstack.compute",
    model=Compute,
    terraform=Adapter(types=("openstack_compute_instance_v2", RULE), fill=from_terraform),
)
