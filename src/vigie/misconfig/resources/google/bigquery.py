"""BigQuery: datasets and who has access to them."""

from __future__ import annotations

from vigie.misconfig.graph import Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class AccessGrant(Resource):
    """special_group: `projectOwners`, `projectReaders`, `projectWriters`, `allAuthenticatedUsers`."""

    role: Attribute[str] = absent("")
    domain: Attribute[str] = absent("")
    special_group: Attribute[str] = absent("")


class Dataset(Resource):
    id: Attribute[str] = absent("")
    access_grants: list[AccessGrant] = []


class BigQuery(Resource):
    """The service."""

    datasets: list[Dataset] = []


def terraform(graph: Graph) -> BigQuery:
    """BigQuery of a Terraform project."""
    return BigQuery(
        datasets=[
            Dataset(
                cause=block.cause,
                id=block.string("dataset_id"),
                access_grants=[
                    AccessGrant(
                        cause=access.cause,
                        role=access.string("role"),
                        domain=access.string("domain"),
                        special_group=access.string("special_group"),
                    )
                    for access in block.blocks("access")
                ],
            )
            for block in graph.resources("google_bigquery_dataset")
        ]
    )


service = Service(
    path="google.bigquery",
    model=BigQuery,
    terraform=Adapter(types=("google_bigquery_dataset",), fill=terraform),
)
