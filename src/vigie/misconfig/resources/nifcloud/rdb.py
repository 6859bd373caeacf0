"""RDB: database servers and their security groups."""

from __future__ import annotations

from vigie.misconfig.graph import Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class DBSecurityGroup(Resource):
    """cidrs: whom its rules let in; empty for a rule that names a group instead."""

    description: Attribute[str] = absent("")
    cidrs: list[Attribute[str]] = []


class DBInstance(Resource):
    backup_retention_period_days: Attribute[int] = absent(0)
    engine: Attribute[str] = absent("")
    engine_version: Attribute[str] = absent("")
    network_id: Attribute[str] = absent("net-COMMON_PRIVATE")
    public_access: Attribute[bool] = absent(True)


class RDB(Resource):
    """The service."""

    db_security_groups: list[DBSecurityGroup] = []
    db_instances: list[DBInstance] = []


def terraform(graph: Graph) -> RDB:
    """RDB of a Terraform project."""
    return RDB(
        db_security_groups=[
            DBSecurityGroup(
                cause=block.cause,
                description=block.string("description"),
                cidrs=[rule.string("cidr_ip") for rule in block.blocks("rule")],
            )
            for block in graph.resources("nifcloud_db_security_group")
        ],
        db_instances=[
            DBInstance(
                cause=block.cause,
                backup_retention_period_days=block.integer("backup_retention_period"),
                engine=block.string("engine"),
                engine_version=block.string("engine_version"),
                network_id=block.string("network_id", "net-COMMON_PRIVATE"),
                public_access=block.boolean("publicly_accessible", True),
            )
            for block in graph.resources("nifcloud_db_instance")
        ],
    )


service = Service(
    path="nifcloud.rdb",
    model=RDB,
    terraform=Adapter(types=("nifcloud_db_security_group", "nifcloud_db_instance"), fill=terraform),
)
