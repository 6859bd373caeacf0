"""Checks of droplets, firewalls, load balancers and Kubernetes clusters."""

from __future__ import annotations

from vigie.misconfig.addresses import means_everybody
from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.digitalocean.compute import (
    Droplet,
    InboundRule,
    KubernetesCluster,
    LoadBalancer,
    OutboundRule,
)

_DOCS = "https://docs.digitalocean.com/products"


@check(
    "DIG-0001",
    "digitalocean.compute.firewalls.inbound_rules",
    severity="CRITICAL",
    code="no-public-ingress",
    title="Firewall rules should not let the whole internet in",
    why="Anyone can reach the droplets behind the rule: every open port is scanned within minutes, and each weakness "
    "of what listens there can be used from anywhere.",
    fix="Narrow `source_addresses` to the networks that need access.",
    references=(f"{_DOCS}/networking/firewalls/how-to/configure-rules/",),
)
def no_ingress_from_everybody(rule: InboundRule) -> Flaws:
    for address in rule.source_addresses:
        if address.certain() and means_everybody(address.value):
            yield flaw(f"The rule lets in traffic from any address ({address.value}).", address)


@check(
    "DIG-0002",
    "digitalocean.compute.load_balancers",
    severity="CRITICAL",
    code="enforce-https",
    title="Load balancers should serve HTTPS",
    why="What goes over HTTP can be read and changed by everybody on the way.",
    fix="Set `entry_protocol` to https, or `redirect_http_to_https` to true.",
    references=(f"{_DOCS}/networking/load-balancers/how-to/ssl-termination/",),
)
def https(balancer: LoadBalancer) -> Flaws:
    plain = [rule for rule in balancer.forwarding_rules if rule.entry_protocol.same("http")]
    if plain and balancer.redirect_http_to_https.is_false:
        for rule in plain:
            yield flaw("The load balancer serves HTTP and does not lead to HTTPS.", rule.entry_protocol)


@check(
    "DIG-0003",
    "digitalocean.compute.firewalls.outbound_rules",
    severity="CRITICAL",
    code="no-public-egress",
    title="Firewall rules should not let traffic out to the whole internet",
    why="A compromised droplet can send data anywhere and fetch further tools when nothing limits where it may connect "
    "to.",
    fix="Narrow `destination_addresses` to the networks that the droplets need to reach.",
    references=(f"{_DOCS}/networking/firewalls/how-to/configure-rules/",),
)
def no_egress_to_everybody(rule: OutboundRule) -> Flaws:
    for address in rule.destination_addresses:
        if address.certain() and means_everybody(address.value):
            yield flaw(f"The rule lets traffic out to any address ({address.value}).", address)


@check(
    "DIG-0004",
    "digitalocean.compute.droplets",
    severity="HIGH",
    code="use-ssh-keys",
    title="Droplets should be reached with SSH keys",
    why="A droplet without SSH keys is reached with a root password, which comes by mail and can be guessed.",
    fix="Name one or more keys in `ssh_keys`.",
    references=(f"{_DOCS}/droplets/how-to/add-ssh-keys/",),
)
def ssh_keys(droplet: Droplet) -> Flaws:
    if not droplet.ssh_keys:
        yield flaw("The droplet has no SSH keys.", droplet)


@check(
    "DIG-0005",
    "digitalocean.compute.kubernetes_clusters",
    severity="MEDIUM",
    code="surge-upgrades-not-enabled",
    title="Kubernetes clusters should upgrade with extra nodes",
    why="Without surge upgrades nodes go away before their replacements are there, so upgrades cost capacity, and are "
    "put off.",
    fix="Set `surge_upgrade` to true.",
    references=(f"{_DOCS}/kubernetes/how-to/upgrade-cluster/",),
)
def surge_upgrades(cluster: KubernetesCluster) -> Flaws:
    if cluster.surge_upgrade.is_false:
        yield flaw("The cluster upgrades without extra nodes.", cluster.surge_upgrade)


@check(
    "DIG-0008",
    "digitalocean.compute.kubernetes_clusters",
    severity="CRITICAL",
    code="kubernetes-auto-upgrades-not-enabled",
    title="Kubernetes clusters should upgrade themselves",
    why="A cluster that nobody upgrades keeps the known weaknesses of its version.",
    fix="Set `auto_upgrade` to true, and a `maintenance_policy` to choose the time.",
    references=(f"{_DOCS}/kubernetes/how-to/upgrade-cluster/",),
)
def auto_upgrades(cluster: KubernetesCluster) -> Flaws:
    if cluster.auto_upgrade.is_false:
        yield flaw("The cluster does not upgrade itself.", cluster.auto_upgrade)
