"""Network: load balancers of both kinds, routers and VPN gateways.

A load balancer's own block is its first listener; further ones stand in resources of their own, on a placeholder when
their load balancer is not in the configuration.
"""

from __future__ import annotations

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Adapter, Resource, Service, absent
from vigie.misconfig.value import Attribute


class NetworkInterface(Resource):
    """network_id: the id of a private network, or `net-COMMON_GLOBAL`, `net-COMMON_PRIVATE`. is_vip_network: whether
    clients come by this network."""

    network_id: Attribute[str] = absent("")
    is_vip_network: Attribute[bool] = absent(False)


class ElasticLoadBalancerListener(Resource):
    """protocol: `TCP`, `UDP`, `HTTP`, `HTTPS`."""

    protocol: Attribute[str] = absent("")


class ElasticLoadBalancer(Resource):
    """A multi load balancer."""

    network_interfaces: list[NetworkInterface] = []
    listeners: list[ElasticLoadBalancerListener] = []


class LoadBalancerListener(Resource):
    """protocol: by its port: `FTP`, `HTTP`, `HTTPS`, `custom`. tls_policy: id or name."""

    protocol: Attribute[str] = absent("")
    tls_policy: Attribute[str] = absent("")


class LoadBalancer(Resource):
    """A load balancer of layer 4."""

    listeners: list[LoadBalancerListener] = []


class Router(Resource):
    security_group: Attribute[str] = absent("")
    network_interfaces: list[NetworkInterface] = []


class VpnGateway(Resource):
    security_group: Attribute[str] = absent("")


class Network(Resource):
    """The service."""

    elastic_load_balancers: list[ElasticLoadBalancer] = []
    load_balancers: list[LoadBalancer] = []
    routers: list[Router] = []
    vpn_gateways: list[VpnGateway] = []


def terraform(graph: Graph) -> Network:
    """Network of a Terraform project."""
    return Network(
        elastic_load_balancers=elastic_load_balancers(graph),
        load_balancers=load_balancers(graph),
        routers=[
            Router(
                cause=block.cause,
                security_group=block.string("security_group"),
                network_interfaces=interfaces(block, vip=False),
            )
            for block in graph.resources("nifcloud_router")
        ],
        vpn_gateways=[
            VpnGateway(cause=block.cause, security_group=block.string("security_group"))
            for block in graph.resources("nifcloud_vpn_gateway")
        ],
    )


def elastic_load_balancers(graph: Graph) -> list[ElasticLoadBalancer]:
    found: dict[Block | None, ElasticLoadBalancer] = {
        block: ElasticLoadBalancer(
            cause=block.cause, network_interfaces=interfaces(block, vip=True), listeners=[elastic_listener(block)]
        )
        for block in graph.resources("nifcloud_elb")
    }
    for owner, blocks in graph.linked(("nifcloud_elb_listener",), "elb_id", "nifcloud_elb").items():
        found.setdefault(owner, ElasticLoadBalancer()).listeners += [elastic_listener(block) for block in blocks]
    return list(found.values())


def load_balancers(graph: Graph) -> list[LoadBalancer]:
    found: dict[Block | None, LoadBalancer] = {
        block: LoadBalancer(cause=block.cause, listeners=[listener(block)])
        for block in graph.resources("nifcloud_load_balancer")
    }
    links = graph.linked(("nifcloud_load_balancer_listener",), "load_balancer_name", "nifcloud_load_balancer")
    for owner, blocks in links.items():
        found.setdefault(owner, LoadBalancer()).listeners += [listener(block) for block in blocks]
    return list(found.values())


def interfaces(block: Block, vip: bool) -> list[NetworkInterface]:
    return [
        NetworkInterface(
            cause=nested.cause,
            network_id=nested.string("network_id"),
            is_vip_network=nested.boolean("is_vip_network", vip),
        )
        for nested in block.blocks("network_interface")
    ]


def elastic_listener(block: Block) -> ElasticLoadBalancerListener:
    return ElasticLoadBalancerListener(cause=block.cause, protocol=block.string("protocol"))


def listener(block: Block) -> LoadBalancerListener:
    port = block.integer("load_balancer_port")
    protocol = {0: "", 21: "FTP", 80: "HTTP", 443: "HTTPS"}.get(port.value, "custom")
    policy = block.string("ssl_policy_id")
    if policy.known and not policy.value:
        policy = block.string("ssl_policy_name")
    return LoadBalancerListener(
        cause=block.cause,
        protocol=Attribute(protocol, port.cause, port.known, port.explicit),
        tls_policy=policy,
    )


service = Service(
    path="nifcloud.network",
    model=Network,
    terraform=Adapter(
        types=(
            "nifcloud_elb",
            "nifcloud_elb_listener",
            "nifcloud_load_balancer",
            "nifcloud_load_balancer_listener",
            "nifcloud_router",
            "nifcloud_vpn_gateway",
        ),
        fill=terraform,
    ),
)
