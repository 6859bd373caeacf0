"""Networking: security groups."""

from __future__ import annotations

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute

GROUP, RULE = "openstack_networking_secgroup_v2", "openstack_networking_secgroup_rule_v2"


class Rule(Resource):
    """A rule of a security group. ether_type: 4 or 6, the version of IP. cidr: the other side, empty when a group or
    nothing is named."""

    is_ingress: Attribute[bool] = absent(False)
    ether_type: Attribute[int] = absent(4)
    protocol: Attribute[str] = absent("tcp")
    port_min: Attribute[int] = absent(0)
    port_max: Attribute[int] = absent(0)
    cidr: Attribute[str] = absent("")


class SecurityGroup(Resource):
    """A security group; a placeholder for rules whose group is elsewhere."""

    name: Attribute[str] = absent("")
    description: Attribute[str] = absent("")
    rules: list[Rule] = []


class Networking(Resource):
    """The service."""

    security_groups: list[SecurityGroup] = []


def from_terraform(graph: Graph) -> Networking:
    found: dict[Block | None, SecurityGroup] = {
        block: SecurityGroup(cause=block.cause, name=block.string("name"), description=block.string("description"))
        for block in graph.resources(GROUP)
    }
    orphans = SecurityGroup()
    for block in graph.resources(RULE):
        found.get(graph.target(block, "security_group_id", GROUP), orphans).rules.append(_rule(block))
    return Networking(security_groups=[*found.values(), *([orphans] if orphans.rules else [])])


def _rule(block: Block) -> Rule:
    version = block.string("ethertype", "IPv4")
    return Rule(
        cause=block.cause,
        is_ingress=block.string("direction").holds(lambda direction: direction.lower() == "ingress"),
        ether_type=Attribute(
            6 if version.value.lower() == "ipv6" else 4, version.cause, version.known, version.explicit
        ),
        protocol=block.string("protocol", "tcp"),
        port_min=block.integer("port_range_min"),
        port_max=block.integer("port_range_max"),
        cidr=block.string("remote_ip_prefix"),
    )


service = Service(
    path="openstack.networking",
    model=Networking,
    terraform=Adapter(types=(GROUP, RULE), fill=from_terraform),
)
