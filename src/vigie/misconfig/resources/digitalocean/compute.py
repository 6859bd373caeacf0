"""Droplets, firewalls, load balancers and Kubernetes clusters."""

from __future__ import annotations

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class InboundRule(Resource):
    source_addresses: list[Attribute[str]] = []


class OutboundRule(Resource):
    destination_addresses: list[Attribute[str]] = []


class Firewall(Resource):
    outbound_rules: list[OutboundRule] = []
    inbound_rules: list[InboundRule] = []


class ForwardingRule(Resource):
    """entry_protocol: `http`, `https`, `http2`, `http3`, `tcp`, `udp`."""

    entry_protocol: Attribute[str] = absent("")


class LoadBalancer(Resource):
    forwarding_rules: list[ForwardingRule] = []
    redirect_http_to_https: Attribute[bool] = absent(False)


class Droplet(Resource):
    """ssh_keys: ids or fingerprints."""

    ssh_keys: list[Attribute[str]] = []


class KubernetesCluster(Resource):
    surge_upgrade: Attribute[bool] = absent(False)
    auto_upgrade: Attribute[bool] = absent(False)


class Compute(Resource):
    """The service."""

    firewalls: list[Firewall] = []
    load_balancers: list[LoadBalancer] = []
    droplets: list[Droplet] = []
    kubernetes_clusters: list[KubernetesCluster] = []


def terraform(graph: Graph) -> Compute:
    """Compute of a Terraform project."""
    return Compute(
        firewalls=[firewall(block) for block in graph.resources("digitalocean_firewall")],
        load_balancers=[
            LoadBalancer(
                cause=block.cause,
                forwarding_rules=[
                    ForwardingRule(cause=rule.cause, entry_protocol=rule.string("entry_protocol"))
                    for rule in block.blocks("forwarding_rule")
                ],
                redirect_http_to_https=block.boolean("redirect_http_to_https"),
            )
            for block in graph.resources("digitalocean_loadbalancer")
        ],
        droplets=[
            Droplet(cause=block.cause, ssh_keys=block.strings("ssh_keys"))
            for block in graph.resources("digitalocean_droplet")
        ],
        kubernetes_clusters=[
            KubernetesCluster(
                cause=block.cause,
                surge_upgrade=block.boolean("surge_upgrade"),
                auto_upgrade=block.boolean("auto_upgrade"),
            )
            for block in graph.resources("digitalocean_kubernetes_cluster")
        ],
    )


def firewall(block: Block) -> Firewall:
    return Firewall(
        cause=block.cause,
        outbound_rules=[
            OutboundRule(cause=rule.cause, destination_addresses=rule.strings("destination_addresses"))
            for rule in block.blocks("outbound_rule")
        ],
        inbound_rules=[
            InboundRule(cause=rule.cause, source_addresses=rule.strings("source_addresses"))
            for rule in block.blocks("inbound_rule")
        ],
    )


service = Service(
    path="digitalocean.compute",
    model=Compute,
    terraform=Adapter(
        types=(
            "digitalocean_firewall",
            "digitalocean_loadbalancer",
            "digitalocean_droplet",
            "digitalocean_kubernetes_cluster",
        ),
        fill=terraform,
    ),
)
