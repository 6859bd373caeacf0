"""Data Factory."""

from __future__ import annotations

from vigie.misconfig.graph import Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class Factory(Resource):
    """A data factory."""

    enable_public_network: Attribute[bool] = absent(True)


class DataFactory(Resource):
    """The service."""

    data_factories: list[Factory] = []


def from_terraform(graph: Graph) -> DataFactory:
    return DataFactory(
        data_factories=[
            Factory(cause=block.cause, enable_public_network=block.boolean("public_network_enabled", True))
            for block in graph.resources("azurerm_data_factory")
        ]
    )


service = Service(
    path="azure.datafactory",
    model=DataFactory,
    terraform=Adapter(types=("azurerm_data_factory",), fill=from_terraform),
)
