"""DNS: records."""

from __future__ import annotations

from vigie.misconfig.graph import Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class Record(Resource):
    """type: `A`, `TXT` … record: the value."""

    type: Attribute[str] = absent("")
    record: Attribute[str] = absent("")


class DNS(Resource):
    """The service."""

    records: list[Record] = []


def terraform(graph: Graph) -> DNS:
    """DNS of a Terraform project."""
    return DNS(
        records=[
            Record(cause=block.cause, type=block.string("type"), record=block.string("record"))
            for block in graph.resources("nifcloud_dns_record")
        ]
    )


service = Service(path="nifcloud.dns", model=DNS, terraform=Adapter(types=("nifcloud_dns_record",), fill=terraform))
