"""Role-based access: definitions and assignments of roles."""

from __future__ import annotations

from vigie.misconfig.graph import Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class Permission(Resource):
    """What a role allows: names of operations, with `*` for any part."""

    actions: list[Attribute[str]] = []


class RoleDefinition(Resource):
    """A custom role. assignable_scopes: ids of what it may be given for, `/` for everything."""

    permissions: list[Permission] = []
    assignable_scopes: list[Attribute[str]] = []


class RoleAssignment(Resource):
    """A role given to somebody."""

    role_definition_id: Attribute[str] = absent("")
    role_definition_name: Attribute[str] = absent("")
    principal_id: Attribute[str] = absent("")
    principal_type: Attribute[str] = absent("")


class Authorization(Resource):
    """The service."""

    role_definitions: list[RoleDefinition] = []
    role_assignments: list[RoleAssignment] = []


def from_terraform(graph: Graph) -> Authorization:
    return Authorization(
        role_definitions=[
            RoleDefinition(
                cause=block.cause,
                permissions=[
                    Permission(cause=permissions.cause, actions=permissions.strings("actions"))
                    for permissions in block.blocks("permissions")
                ],
                assignable_scopes=block.strings("assignable_scopes"),
            )
            for block in graph.resources("azurerm_role_definition")
        ],
        role_assignments=[
            RoleAssignment(
                cause=block.cause,
                role_definition_id=block.string("role_definition_id"),
                role_definition_name=block.string("role_definition_name"),
                principal_id=block.string("principal_id"),
                principal_type=block.string("principal_type"),
            )
            for block in graph.resources("azurerm_role_assignment")
        ],
    )


service = Service(
    path="azure.authorization",
    model=Authorization,
    terraform=Adapter(types=("azurerm_role_definition", "azurerm_role_assignment"), fill=from_terraform),
)
