"""Data Lake stores of the first generation."""

from __future__ import annotations

from vigie.misconfig.graph import Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class Store(Resource):
    """A store."""

    enable_encryption: Attribute[bool] = absent(True)


class DataLake(Resource):
    """The service."""

    stores: list[Store] = []


def from_terraform(graph: Graph) -> DataLake:
    return DataLake(
        stores=[
            Store(
                cause=block.cause,
                enable_encryption=block.string("encryption_state", "Enabled").holds(
                    lambda state: state.lower() != "disabled"
                ),
            )
            for block in graph.resources("azurerm_data_lake_store")
        ]
    )


service = Service(
    path="azure.datalake",
    model=DataLake,
    terraform=Adapter(types=("azurerm_data_lake_store",), fill=from_terraform),
)
