"""Compute: reservations of addresses."""

from __future__ import annotations

from vigie.misconfig.graph import Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class AddressReservation(Resource):
    """A reserved address. pool: `public-ippool`, or a pool of one's own."""

    pool: Attribute[str] = absent("")


class Compute(Resource):
    """The service."""

    address_reservations: list[AddressReservation] = []


def from_terraform(graph: Graph) -> Compute:
    return Compute(
        address_reservations=[
            AddressReservation(cause=block.cause, pool=block.string("ip_address_pool"))
            for block in graph.resources("opc_compute_ip_address_reservation")
        ]
    )


service = Service(
    path="oracle.compute",
    model=Compute,
    terraform=Adapter(types=("opc_compute_ip_address_reservation",), fill=from_terraform),
)
