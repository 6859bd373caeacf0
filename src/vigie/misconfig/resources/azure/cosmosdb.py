"""Cosmos DB: accounts."""

from __future__ import annotations

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service
from vigie.misconfig.value import Attribute


class Account(Resource):
    """An account. ip_range_filter: addresses and networks that may enter."""

    ip_range_filter: list[Attribute[str]] = []


class CosmosDB(Resource):
    """The service."""

    accounts: list[Account] = []


def from_terraform(graph: Graph) -> CosmosDB:
    return CosmosDB(
        accounts=[
            Account(cause=block.cause, ip_range_filter=_ranges(block))
            for block in graph.resources("azurerm_cosmosdb_account")
        ]
    )


def _ranges(block: Block) -> list[Attribute[str]]:
    """The ranges: a list, or, before version 4 of the provider, one text with commas."""
    return [
        Attribute(part.strip(), written.cause, written.known, written.explicit, written.filled)
        for written in block.strings("ip_range_filter")
        for part in written.value.split(",")
    ]


service = Service(
    path="azure.cosmosdb",
    model=CosmosDB,
    terraform=Adapter(types=("azurerm_cosmosdb_account",), fill=from_terraform),
)
