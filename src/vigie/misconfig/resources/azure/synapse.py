"""Synapse Analytics: workspaces."""

from __future__ import annotations

from vigie.misconfig.graph import Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class Workspace(Resource):
    """A workspace."""

    enable_managed_virtual_network: Attribute[bool] = absent(False)


class Synapse(Resource):
    """The service."""

    workspaces: list[Workspace] = []


def from_terraform(graph: Graph) -> Synapse:
    return Synapse(
        workspaces=[
            Workspace(
                cause=block.cause, enable_managed_virtual_network=block.boolean("managed_virtual_network_enabled")
            )
            for block in graph.resources("azurerm_synapse_workspace")
        ]
    )


service = Service(
    path="azure.synapse",
    model=Synapse,
    terraform=Adapter(types=("azurerm_synapse_workspace",), fill=from_terraform),
)
