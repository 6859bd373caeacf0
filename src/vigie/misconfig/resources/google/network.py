"""Networks of Compute Engine, with their firewalls and subnetworks.

A network holds one firewall, so each further one of the same network stands in an entry of its own: the same network,
with that firewall and without subnetworks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import field

from vigie.misconfig.graph import Block, Graph, plain
from vigie.misconfig.resource import Resource, absent
from vigie.misconfig.value import Attribute, Cause

TYPES = ("google_compute_network", "google_compute_subnetwork", "google_compute_firewall")


class PortRange(Resource):
    """Ports, both ends included."""

    start: Attribute[int] = absent(0)
    end: Attribute[int] = absent(0)


class FirewallRule(Resource):
    """ports: empty when the rule is about all ports of its protocol."""

    enforced: Attribute[bool] = absent(False)
    is_allow: Attribute[bool] = absent(False)
    protocol: Attribute[str] = absent("tcp")
    ports: list[PortRange] = []


class IngressRule(Resource):
    firewall_rule: FirewallRule = field(default_factory=FirewallRule)
    source_ranges: list[Attribute[str]] = []


class EgressRule(Resource):
    firewall_rule: FirewallRule = field(default_factory=FirewallRule)
    destination_ranges: list[Attribute[str]] = []


class Firewall(Resource):
    name: Attribute[str] = absent("")
    ingress_rules: list[IngressRule] = []
    egress_rules: list[EgressRule] = []
    source_tags: list[Attribute[str]] = []
    target_tags: list[Attribute[str]] = []


class Subnetwork(Resource):
    name: Attribute[str] = absent("")
    purpose: Attribute[str] = absent("PRIVATE_RFC_1918")
    enable_flow_logs: Attribute[bool] = absent(False)
    private_ip_google_access: Attribute[bool] = absent(False)


class Network(Resource):
    firewall: Firewall | None = None
    subnetworks: list[Subnetwork] = []


class Networks:
    """The networks of a project, found again by the blocks they are made of."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.networks: dict[Block | None, Network] = {
            block: Network(cause=block.cause) for block in graph.resources("google_compute_network")
        }
        self.further: list[Network] = []
        self.subnetworks: dict[Block, Subnetwork] = {}
        for block in graph.resources("google_compute_subnetwork"):
            found = self.subnetworks[block] = subnetwork(block)
            self._owner(block).subnetworks.append(found)
        for block in graph.resources("google_compute_firewall"):
            owner = self._owner(block)
            if owner.firewall is None:
                owner.firewall = firewall(block)
            else:
                self.further.append(Network(cause=owner.cause, firewall=firewall(block)))

    def _owner(self, block: Block) -> Network:
        """The network a block names; one placeholder for all that name none of the project."""
        return self.networks.setdefault(self.graph.target(block, "network", "google_compute_network"), Network())

    def all(self) -> list[Network]:
        return [*self.networks.values(), *self.further]

    def network(self, block: Block) -> Network | None:
        """The network that a network interface is in."""
        target = self.graph.target(block, "network", "google_compute_network")
        return self.networks.get(target) if target is not None else None

    def subnetwork(self, block: Block) -> Subnetwork | None:
        """The subnetwork that a network interface is in."""
        target = self.graph.target(block, "subnetwork", "google_compute_subnetwork")
        return self.subnetworks.get(target) if target is not None else None


def subnetwork(block: Block) -> Subnetwork:
    return Subnetwork(
        cause=block.cause,
        name=block.string("name"),
        purpose=block.string("purpose", "PRIVATE_RFC_1918"),
        enable_flow_logs=block.presence("log_config"),
        private_ip_google_access=block.boolean("private_ip_google_access"),
    )


def firewall(block: Block) -> Firewall:
    found = Firewall(
        cause=block.cause,
        name=block.string("name"),
        source_tags=block.strings("source_tags"),
        target_tags=block.strings("target_tags"),
    )
    direction = block.string("direction", "INGRESS")
    enforced = block.boolean("disabled").holds(lambda disabled: not disabled)
    if not direction.known:
        # Rules of an unknown direction stand on both sides, and nobody knows whether they are in force there.
        enforced = Attribute(False, direction.cause, known=False)
    for action in ("allow", "deny"):
        for rule in block.blocks(action):
            part = FirewallRule(
                cause=rule.cause,
                enforced=enforced,
                is_allow=Attribute(action == "allow", rule.cause),
                protocol=rule.string("protocol", "tcp"),
                ports=list(ports(rule)),
            )
            if not direction.known or direction.value.upper() == "EGRESS":
                found.egress_rules.append(
                    EgressRule(cause=rule.cause, firewall_rule=part, destination_ranges=destinations(block))
                )
            if not direction.known or direction.value.upper() != "EGRESS":
                found.ingress_rules.append(
                    IngressRule(cause=rule.cause, firewall_rule=part, source_ranges=sources(block))
                )
    return found


def sources(block: Block) -> list[Attribute[str]]:
    """Whom an ingress rule is about: everybody, unless ranges, tags or accounts say less.

    Trivy reads a rule for tags or service accounts alone as one for everybody, too.
    """
    ranges = block.strings("source_ranges")
    if ranges or block.strings("source_tags") or block.strings("source_service_accounts"):
        return ranges
    return [Attribute("0.0.0.0/0", block.cause, explicit=False)]


def destinations(block: Block) -> list[Attribute[str]]:
    """Where an egress rule is about: anywhere, unless ranges say less."""
    return block.strings("destination_ranges") or [Attribute("0.0.0.0/0", block.cause, explicit=False)]


def ports(rule: Block) -> Iterator[PortRange]:
    """The ports of a rule: `22`, `"22"`, `"8000-9000"`; not known where a text is neither."""
    found, cause = rule.raw("ports")
    if found is None:
        return
    value = plain(found.value)
    for item in value if isinstance(value, (list, tuple)) else [value]:
        start, end = ends(item)
        yield PortRange(cause=cause, start=number(start, cause), end=number(end, cause))


def ends(item: Any) -> tuple[int | None, int | None]:
    """The first and last port of an entry."""
    item = plain(item)
    if isinstance(item, (int, float)) and not isinstance(item, bool):
        item = f"{item:g}"
    matched = re.fullmatch(r"\s*(\d{1,6})\s*(?:-\s*(\d{1,6})\s*)?", item, re.ASCII) if isinstance(item, str) else None
    if matched is None:
        return None, None
    return int(matched[1]), int(matched[2] or matched[1])


def number(value: int | None, cause: Cause) -> Attribute[int]:
    return Attribute(value or 0, cause, known=value is not None)
