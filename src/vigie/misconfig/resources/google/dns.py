"""Cloud DNS: managed zones and how they sign."""

from __future__ import annotations

from msgspec import field

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class KeySpec(Resource):
    """A key that signs. algorithm: `rsasha256`, `ecdsap256sha256` … key_type: `keySigning` or `zoneSigning`."""

    algorithm: Attribute[str] = absent("")
    key_type: Attribute[str] = absent("")


class Dnssec(Resource):
    enabled: Attribute[bool] = absent(False)
    default_key_specs: list[KeySpec] = []


class ManagedZone(Resource):
    """visibility: `public` or `private`."""

    dnssec: Dnssec = field(default_factory=Dnssec)
    visibility: Attribute[str] = absent("public")


class DNS(Resource):
    """The service."""

    managed_zones: list[ManagedZone] = []


def terraform(graph: Graph) -> DNS:
    """Cloud DNS of a Terraform project."""
    return DNS(managed_zones=[managed_zone(block) for block in graph.resources("google_dns_managed_zone")])


def managed_zone(block: Block) -> ManagedZone:
    return ManagedZone(
        cause=block.cause,
        dnssec=Dnssec(
            cause=(block.block("dnssec_config") or block).cause,
            enabled=block.string("dnssec_config.state").holds(lambda state: state.lower() == "on"),
            default_key_specs=[
                KeySpec(cause=spec.cause, algorithm=spec.string("algorithm"), key_type=spec.string("key_type"))
                for spec in block.blocks("dnssec_config.default_key_specs")
            ],
        ),
        visibility=block.string("visibility", "public"),
    )


service = Service(
    path="google.dns",
    model=DNS,
    terraform=Adapter(types=("google_dns_managed_zone",), fill=terraform),
)
