"""Checks of network policies that Terraform makes."""

from __future__ import annotations

from vigie.misconfig.addresses import means_everybody
from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.kubernetes.network_policies import Egress, Ingress

GUIDE = "https://kubernetes.io/docs/concepts/services-networking/network-policies/"


@check(
    "KUBE-0001",
    "kubernetes.network_policies.network_policies.spec.ingress",
    service="network",
    severity="HIGH",
    code="no-public-ingress",
    title="Network policies should not let every address in",
    why="A policy that lets in the whole internet protects nothing: whoever finds a way to the pod may use it.",
    fix="Set the cidr of the ip_block to the networks that have to come in.",
    references=(GUIDE,),
)
def no_public_ingress(ingress: Ingress) -> Flaws:
    for cidr in ingress.source_cidrs:
        if cidr.holds(means_everybody).is_true:
            yield flaw("Network policy lets in traffic from any address.", cidr)


@check(
    "KUBE-0002",
    "kubernetes.network_policies.network_policies.spec.egress",
    service="network",
    severity="HIGH",
    code="no-public-egress",
    title="Network policies should not let pods connect to every address",
    why="A pod that was broken into can send data, and fetch tools, wherever it may connect to.",
    fix="Set the cidr of the ip_block to the networks that have to be reached.",
    references=(GUIDE,),
)
def no_public_egress(egress: Egress) -> Flaws:
    for cidr in egress.destination_cidrs:
        if cidr.holds(means_everybody).is_true:
            yield flaw("Network policy lets out traffic to any address.", cidr)
