"""Checks of Network: load balancers, routers and VPN gateways."""

from __future__ import annotations

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.nifcloud.network import (
    ElasticLoadBalancer,
    LoadBalancerListener,
    NetworkInterface,
    Router,
    VpnGateway,
)

_DOCS = "https://registry.terraform.io/providers/nifcloud/nifcloud/latest/docs/resources"

_OLD_POLICIES = (
    "",
    *("1", "2", "3", "5", "8"),
    *("Standard Ciphers A ver1", "Standard Ciphers B ver1", "Standard Ciphers C ver1"),
    *("Ats Ciphers A ver1", "Ats Ciphers D ver1"),
)
"""Policies that accept TLS 1.0 or 1.1; so does the default, when none is named."""


@check(
    "NIF-0016",
    "nifcloud.network.routers",
    severity="CRITICAL",
    code="add-security-group-to-router",
    aliases=("nifcloud-computing-add-security-group-to-router",),
    title="Routers should have a security group",
    why="Without a security group nothing filters the traffic to the router, and through it to the networks behind.",
    fix="Set `security_group`.",
    references=(f"{_DOCS}/router#security_group",),
)
def router_in_security_group(router: Router) -> Flaws:
    if router.security_group.is_empty:
        yield flaw("The router has no security group.", router.security_group)


@check(
    "NIF-0017",
    "nifcloud.network.routers.network_interfaces",
    severity="LOW",
    code="no-common-private-router",
    title="Routers should not be in the shared private network",
    why="The common private network is shared with other customers: their machines reach the router.",
    fix="Create a private LAN and set `network_id` to it.",
    references=(f"{_DOCS}/router#network_id",),
)
def router_in_own_network(interface: NetworkInterface) -> Flaws:
    if interface.network_id.equals("net-COMMON_PRIVATE"):
        yield flaw("The router is in the shared private network.", interface.network_id)


@check(
    "NIF-0018",
    "nifcloud.network.vpn_gateways",
    severity="CRITICAL",
    code="add-security-group-to-vpn-gateway",
    aliases=("nifcloud-computing-add-security-group-to-vpn-gateway",),
    title="VPN gateways should have a security group",
    why="Without a security group nothing filters the traffic to the gateway, and through it to the networks behind.",
    fix="Set `security_group`.",
    references=(f"{_DOCS}/vpn_gateway#security_group",),
)
def gateway_in_security_group(gateway: VpnGateway) -> Flaws:
    if gateway.security_group.is_empty:
        yield flaw("The VPN gateway has no security group.", gateway.security_group)


@check(
    "NIF-0019",
    "nifcloud.network.elastic_load_balancers.network_interfaces",
    severity="LOW",
    code="no-common-private-elb",
    title="Multi load balancers should not be in the shared private network",
    why="The common private network is shared with other customers: their machines reach the load balancer.",
    fix="Create a private LAN and set `network_id` to it.",
    references=(f"{_DOCS}/elb#network_id",),
)
def load_balancer_in_own_network(interface: NetworkInterface) -> Flaws:
    if interface.network_id.equals("net-COMMON_PRIVATE"):
        yield flaw("The load balancer is in the shared private network.", interface.network_id)


@check(
    "NIF-0020",
    "nifcloud.network.load_balancers.listeners",
    severity="CRITICAL",
    code="use-secure-tls-policy",
    title="Load balancers should use a current TLS policy",
    why="TLS 1.0 and 1.1 have known weaknesses with which encrypted traffic can be read or changed.",
    fix='Set `ssl_policy_name` to a policy of TLS 1.2 or newer, such as "Standard Ciphers D ver1".',
    references=(f"{_DOCS}/load_balancer#ssl_policy_name",),
)
def current_tls(listener: LoadBalancerListener) -> Flaws:
    if listener.protocol.equals("HTTPS") and listener.tls_policy.equals(*_OLD_POLICIES):
        policy = f"the policy {listener.tls_policy.value!r}" if listener.tls_policy.value else "no policy"
        yield flaw(f"The listener has {policy} and so accepts old versions of TLS.", listener.tls_policy)


@check(
    "NIF-0021",
    "nifcloud.network.load_balancers.listeners",
    "nifcloud.network.elastic_load_balancers",
    severity="CRITICAL",
    code="http-not-used",
    title="Load balancers should not serve HTTP",
    why="What goes over HTTP can be read and changed by everybody on the way.",
    fix="Serve HTTPS instead; let HTTP only lead there.",
    references=(f"{_DOCS}/load_balancer#load_balancer_port", f"{_DOCS}/elb#protocol"),
)
def no_http(serving: LoadBalancerListener | ElasticLoadBalancer) -> Flaws:
    if isinstance(serving, LoadBalancerListener):
        if serving.protocol.equals("HTTP"):
            yield flaw("The load balancer serves HTTP.", serving.protocol)
        return
    listeners = [listener for listener in serving.listeners if listener.protocol.equals("HTTP")]
    if listeners and _public(serving):
        for listener in listeners:
            yield flaw("The public load balancer serves HTTP.", listener.protocol)


def _public(balancer: ElasticLoadBalancer) -> bool:
    """Whether clients come from the internet: by the global network, unless another network is the one of clients."""
    chosen = [one for one in balancer.network_interfaces if one.is_vip_network.explicit and one.is_vip_network.is_true]
    return any(one.network_id.equals("net-COMMON_GLOBAL") for one in chosen or balancer.network_interfaces)
