"""Checks of the firewalls of Compute Engine networks."""

from __future__ import annotations

from vigie.misconfig.addresses import means_everybody, network
from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.google.network import EgressRule, Firewall, FirewallRule, IngressRule
from vigie.misconfig.value import Attribute

FIREWALLS = "google.compute.networks.firewall"
_RULES = ("https://cloud.google.com/firewall/docs/firewalls",)

_TCP = ("tcp", "6")
_WITH_PORTS = ("tcp", "6", "udp", "17", "sctp", "132")
_ALL = ("all", "-1")
_LARGEST_RANGE = 30
"""How much the last port of a range may be above the first."""


def in_force(rule: FirewallRule) -> bool:
    """Whether the rule lets traffic through."""
    return rule.is_allow.is_true and rule.enforced.is_true


def from_everybody(rule: IngressRule) -> list[Attribute[str]]:
    return [source for source in rule.source_ranges if source.certain() and means_everybody(source.value)]


def tagged(firewall: Firewall) -> bool:
    """Whether the firewall is for chosen instances only."""
    return bool(firewall.source_tags or firewall.target_tags)


def opens_tcp(rule: FirewallRule, port: int) -> bool:
    """Whether the rule covers a TCP port: by number, by a range, or because it is for all ports or protocols.

    Trivy overlooks rules without ports and those for all protocols.
    """
    if rule.protocol.same(*_ALL):
        return True
    if not rule.protocol.same(*_TCP):
        return False
    return not rule.ports or any(
        part.start.certain() and part.end.certain() and part.start.value <= port <= part.end.value
        for part in rule.ports
    )


@check(
    "GCP-0027",
    FIREWALLS,
    severity="CRITICAL",
    code="no-public-ingress",
    title="Firewall rules should not let the whole internet in",
    why="Anyone can reach the instances behind the rule: every open port is scanned within minutes, and each weakness "
    "of what listens there can be used from anywhere.",
    fix="Narrow `source_ranges` to the networks that need access, or name the instances that the rule is for by tags.",
    references=(*_RULES, "https://cloud.google.com/vpc/docs/using-firewalls"),
)
def no_ingress_from_everybody(firewall: Firewall) -> Flaws:
    if tagged(firewall):
        return
    for rule in firewall.ingress_rules:
        if in_force(rule.firewall_rule):
            for source in from_everybody(rule):
                yield flaw(f"The firewall rule lets in traffic from any address ({source.value}).", source)


@check(
    "GCP-0035",
    f"{FIREWALLS}.egress_rules",
    severity="CRITICAL",
    code="no-public-egress",
    title="Firewall rules should not let traffic out to the whole internet",
    why="A compromised instance can send data anywhere and fetch further tools when nothing limits where it may "
    "connect to.",
    fix="Narrow `destination_ranges` to the networks that the instances need to reach.",
    references=_RULES,
)
def no_egress_to_everybody(rule: EgressRule) -> Flaws:
    if not in_force(rule.firewall_rule):
        return
    for destination in rule.destination_ranges:
        if destination.certain() and means_everybody(destination.value):
            yield flaw(f"The firewall rule lets traffic out to any address ({destination.value}).", destination)


@check(
    "GCP-0070",
    FIREWALLS,
    severity="HIGH",
    code="no-open-rdp-access",
    aliases=("rdp-access-not-restricted",),
    title="RDP should not be open to the internet",
    why="Remote Desktop that everyone can reach is attacked with guessed passwords and known exploits all the time; "
    "one success gives a whole Windows session.",
    fix="Allow port 3389 from known addresses only, or reach instances through Identity-Aware Proxy.",
    references=(*_RULES, "https://cloud.google.com/iap/docs/using-tcp-forwarding"),
)
def no_rdp_from_everybody(firewall: Firewall) -> Flaws:
    if tagged(firewall):
        return
    for rule in firewall.ingress_rules:
        if in_force(rule.firewall_rule) and opens_tcp(rule.firewall_rule, 3389):
            for source in from_everybody(rule):
                yield flaw(f"The firewall rule opens RDP (port 3389) to any address ({source.value}).", source)


@check(
    "GCP-0071",
    f"{FIREWALLS}.ingress_rules",
    severity="MEDIUM",
    code="restrict-ssh-access",
    aliases=("ssh-access-is-not-restricted",),
    title="SSH should not be open to the internet",
    why="SSH that everyone can reach is attacked with guessed passwords and stolen keys all the time.",
    fix="Allow port 22 from known addresses only, or reach instances through Identity-Aware Proxy (35.235.240.0/20).",
    references=(*_RULES, "https://cloud.google.com/iap/docs/using-tcp-forwarding"),
)
def no_ssh_from_everybody(rule: IngressRule) -> Flaws:
    if in_force(rule.firewall_rule) and opens_tcp(rule.firewall_rule, 22):
        for source in from_everybody(rule):
            yield flaw(f"The firewall rule opens SSH (port 22) to any address ({source.value}).", source)


@check(
    "GCP-0072",
    f"{FIREWALLS}.ingress_rules",
    f"{FIREWALLS}.egress_rules",
    severity="MEDIUM",
    code="disable-allow-all-ports",
    aliases=("network-using-firewall-rule-that-allows-all-ports",),
    title="Firewall rules should name their ports",
    why="A rule for all ports also opens what was never meant to be reached: debug ports, databases, agents that "
    "listen on every interface.",
    fix="Give the protocol, and in ports only those that the service needs.",
    references=_RULES,
)
def ports_named(rule: IngressRule | EgressRule) -> Flaws:
    part = rule.firewall_rule
    if not in_force(part):
        return
    if part.protocol.same(*_ALL):
        yield flaw("The firewall rule allows all protocols, and so all ports.", part.protocol)
    elif not part.ports:
        # Rules for ICMP, ESP and the like cannot name ports; Trivy reports them.
        if part.protocol.same(*_WITH_PORTS):
            yield flaw("The firewall rule names no ports and so allows all of them.", part)
    else:
        for ports in part.ports:
            if ports.start.below(2) and ports.end.above(65534):
                yield flaw("The firewall rule allows all ports.", ports)


@check(
    "GCP-0073",
    f"{FIREWALLS}.ingress_rules",
    severity="MEDIUM",
    code="disable-default-firewall-rules",
    title="Firewall rules should be narrower than those of the default network",
    why="The default network's rules let in everyone, or every instance of the network (10.128.0.0/9), on SSH, RDP and "
    "more. One compromised instance then reaches all others.",
    fix="Remove such rules and write ones with the exact sources that a service needs.",
    references=("https://cloud.google.com/firewall/docs/firewalls#more_rules_default_vpc",),
)
def no_default_rules(rule: IngressRule) -> Flaws:
    if not in_force(rule.firewall_rule):
        return
    for source in rule.source_ranges:
        if source.certain() and (means_everybody(source.value) or network(source.value) == network("10.128.0.0/9")):
            yield flaw(f"The firewall rule lets in as much as a default rule does ({source.value}).", source)


@check(
    "GCP-0074",
    f"{FIREWALLS}.ingress_rules",
    severity="LOW",
    code="disable-port-range-rule",
    aliases=("compute-network-using-firewall-rule-that-allows-large-port-range",),
    title="Firewall rules should not allow large ranges of ports",
    why="A large range opens ports that nobody thought of, for whatever comes to listen there.",
    fix="List the ports that are needed; keep a range to at most 31 ports.",
    references=_RULES,
)
def small_port_ranges(rule: IngressRule) -> Flaws:
    # A wide rule that denies, or that is switched off, opens nothing; Trivy reports both.
    if not in_force(rule.firewall_rule):
        return
    for ports in rule.firewall_rule.ports:
        if ports.start.certain() and ports.end.certain() and ports.end.value - ports.start.value > _LARGEST_RANGE:
            yield flaw(
                f"The firewall rule allows {ports.end.value - ports.start.value + 1} ports in a row "
                f"({ports.start.value}-{ports.end.value}).",
                ports,
            )
