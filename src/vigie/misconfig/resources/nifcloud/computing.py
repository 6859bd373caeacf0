"""Computing: instances, and security groups with their rules.

Rules of a group that is not in the configuration hang on a placeholder.
"""

from __future__ import annotations

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class SecurityGroupRule(Resource):
    description: Attribute[str] = absent("")
    cidr: Attribute[str] = absent("")


class SecurityGroup(Resource):
    description: Attribute[str] = absent("")
    ingress_rules: list[SecurityGroupRule] = []
    egress_rules: list[SecurityGroupRule] = []


class NetworkInterface(Resource):
    """network_id: the id of a private network, or `net-COMMON_GLOBAL`, `net-COMMON_PRIVATE`."""

    network_id: Attribute[str] = absent("")


class Instance(Resource):
    security_group: Attribute[str] = absent("")
    network_interfaces: list[NetworkInterface] = []


class Computing(Resource):
    """The service."""

    security_groups: list[SecurityGroup] = []
    instances: list[Instance] = []


def terraform(graph: Graph) -> Computing:
    """Computing of a Terraform project."""
    groups = {
        block: SecurityGroup(cause=block.cause, description=block.string("description"))
        for block in graph.resources("nifcloud_security_group")
    }
    orphans = SecurityGroup()
    for block in graph.resources("nifcloud_security_group_rule"):
        owners = [
            groups[o] for o in graph.targets(block, "security_group_names", "nifcloud_security_group") if o in groups
        ]
        tell(block, owners or [orphans])
    placeholders = [orphans] if orphans.ingress_rules or orphans.egress_rules else []
    return Computing(
        security_groups=[*groups.values(), *placeholders],
        instances=[instance(block) for block in graph.resources("nifcloud_instance")],
    )


def tell(block: Block, owners: list[SecurityGroup]) -> None:
    """Adds a rule to its groups: `IN` and `OUT` say which way it goes."""
    rule = SecurityGroupRule(cause=block.cause, description=block.string("description"), cidr=block.string("cidr_ip"))
    direction = block.string("type", "IN")
    if not direction.known:
        # It might let in, or out; nobody can tell whom.
        rule.cidr = Attribute("", direction.cause, known=False)
    for owner in owners:
        if direction.known and direction.value.upper() == "OUT":
            owner.egress_rules.append(rule)
        else:
            owner.ingress_rules.append(rule)


def instance(block: Block) -> Instance:
    return Instance(
        cause=block.cause,
        security_group=block.string("security_group"),
        network_interfaces=[
            NetworkInterface(cause=nested.cause, network_id=nested.string("network_id"))
            for nested in block.blocks("network_interface")
        ],
    )


service = Service(
    path="nifcloud.computing",
    model=Computing,
    terraform=Adapter(
        types=("nifcloud_security_group", "nifcloud_security_group_rule", "nifcloud_instance"), fill=terraform
    ),
)
