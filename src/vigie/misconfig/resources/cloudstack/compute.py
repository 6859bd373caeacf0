"""Compute: instances."""

from __future__ import annotations

from vigie.misconfig.credentials import readable
from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class Instance(Resource):
    """An instance. user_data: what it is given at its start, decoded."""

    user_data: Attribute[str] = absent("")


class Compute(Resource):
    """The service."""

    instances: list[Instance] = []


def from_terraform(graph: Graph) -> Compute:
    return Compute(
        instances=[
            Instance(cause=block.cause, user_data=_user_data(block)) for block in graph.resources("cloudstack_instance")
        ]
    )


def _user_data(block: Block) -> Attribute[str]:
    """The text, which may be written in Base64, too."""
    data = block.string("user_data")
    return Attribute(readable(data.value), data.cause, data.known, data.explicit, data.filled)


service = Service(
    path="cloudstack.compute",
    model=Compute,
    terraform=Adapter(types=("cloudstack_instance",), fill=from_terraform),
)
