"""Network policies that Terraform makes. The model's path is itself a list: `kubernetes.networkpolicies[]`."""

from __future__ import annotations

from msgspec import field

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute

TYPES = ("kubernetes_network_policy", "kubernetes_network_policy_v1")


class Port(Resource):
    """A port. number: a number or the name of a container's port."""

    number: Attribute[str] = absent("")
    protocol: Attribute[str] = absent("")


class Egress(Resource):
    """Where pods may connect to, by all rules of the policy."""

    ports: list[Port] = []
    destination_cidrs: list[Attribute[str]] = []


class Ingress(Resource):
    """Who may connect to pods, by all rules of the policy."""

    ports: list[Port] = []
    source_cidrs: list[Attribute[str]] = []


class Spec(Resource):
    """What a policy says."""

    egress: Egress = field(default_factory=Egress)
    ingress: Ingress = field(default_factory=Ingress)


class NetworkPolicy(Resource):
    """A network policy."""

    spec: Spec = field(default_factory=Spec)


class NetworkPolicies(Resource):
    """The service."""

    network_policies: list[NetworkPolicy] = []


def from_terraform(graph: Graph) -> NetworkPolicies:
    return NetworkPolicies(network_policies=[_policy(block) for block in graph.resources(*TYPES)])


def _policy(block: Block) -> NetworkPolicy:
    spec, egress, ingress = block.block("spec"), block.block("spec.egress"), block.block("spec.ingress")
    place = spec.cause if spec else block.cause
    return NetworkPolicy(
        cause=block.cause,
        spec=Spec(
            cause=place,
            egress=Egress(
                cause=egress.cause if egress else place,
                ports=_ports(block, "spec.egress.ports"),
                destination_cidrs=_networks(block, "spec.egress.to.ip_block"),
            ),
            ingress=Ingress(
                cause=ingress.cause if ingress else place,
                ports=_ports(block, "spec.ingress.ports"),
                source_cidrs=_networks(block, "spec.ingress.from.ip_block"),
            ),
        ),
    )


def _ports(block: Block, path: str) -> list[Port]:
    return [
        Port(
            cause=port.cause,
            number=port.string("port" if port.has("port") else "number"),
            protocol=port.string("protocol"),
        )
        for port in block.blocks(path)
    ]


def _networks(block: Block, path: str) -> list[Attribute[str]]:
    return [part.string("cidr") for part in block.blocks(path)]


service = Service(
    path="kubernetes.network_policies",
    model=NetworkPolicies,
    terraform=Adapter(types=TYPES, fill=from_terraform),
)
