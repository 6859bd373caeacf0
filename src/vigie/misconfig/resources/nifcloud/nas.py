"""NAS: file servers and their security groups."""

from __future__ import annotations

from vigie.misconfig.graph import Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class NASSecurityGroup(Resource):
    """cidrs: whom its rules let in; empty for a rule that names a group instead."""

    description: Attribute[str] = absent("")
    cidrs: list[Attribute[str]] = []


class NASInstance(Resource):
    network_id: Attribute[str] = absent("net-COMMON_PRIVATE")


class NAS(Resource):
    """The service."""

    nas_security_groups: list[NASSecurityGroup] = []
    nas_instances: list[NASInstance] = []


def terraform(graph: Graph) -> NAS:
    """NAS of a Terraform project."""
    return NAS(
        nas_security_groups=[
            NASSecurityGroup(
                cause=block.cause,
                description=block.string("description"),
                cidrs=[rule.string("cidr_ip") for rule in block.blocks("rule")],
            )
            for block in graph.resources("nifcloud_nas_security_group")
        ],
        nas_instances=[
            NASInstance(cause=block.cause, network_id=block.string("network_id", "net-COMMON_PRIVATE"))
            for block in graph.resources("nifcloud_nas_instance")
        ],
    )


service = Service(
    path="nifcloud.nas",
    model=NAS,
    terraform=Adapter(types=("nifcloud_nas_security_group", "nifcloud_nas_instance"), fill=terraform),
)
