"""Checks of networks."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.misconfig.addresses import means_everybody
from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.resources.azure.interfaces import IpConfiguration, NetworkInterface, PortRange, Rule
from vigie.misconfig.resources.azure.network import FlowLog
from vigie.misconfig.value import Attribute

GUIDE = "https://learn.microsoft.com/azure"
RULES = "azure.network.security_groups.rules"
RDP, SSH = 3389, 22
SENSITIVE = {
    20: "FTP",
    21: "FTP",
    23: "Telnet",
    25: "SMTP",
    53: "DNS",
    110: "POP3",
    135: "RPC",
    139: "NetBIOS",
    143: "IMAP",
    161: "SNMP",
    389: "LDAP",
    636: "LDAP",
    993: "IMAP",
    995: "POP3",
    1433: "SQL Server",
    1521: "Oracle",
    3306: "MySQL",
    5432: "PostgreSQL",
    6379: "Redis",
}
DAYS = 90


@check(
    "AZU-0047",
    RULES,
    severity="CRITICAL",
    code="no-public-ingress",
    title="Security groups should not let everybody in",
    why="What the whole internet can reach, the whole internet attacks. Most services have few users whose networks "
    "are known.",
    fix="Set source_address_prefix to the networks that have to come in.",
    references=(f"{GUIDE}/virtual-network/network-security-groups-overview",),
)
def no_public_ingress(rule: Rule) -> Flaws:
    for address in _opened(rule, outbound=False):
        yield flaw("Rule lets in traffic from any address.", address)


@check(
    "AZU-0048",
    RULES,
    severity="CRITICAL",
    code="disable-rdp-from-internet",
    title="Remote desktops should be closed to the internet",
    why="Open RDP ports are found within minutes, and passwords are tried day and night; RDP has had holes that need "
    "no password at all.",
    fix="Allow port 3389 from known networks only, or use Azure Bastion.",
    references=(f"{GUIDE}/bastion/bastion-overview",),
)
def no_public_rdp(rule: Rule) -> Flaws:
    for address in _opened(rule, outbound=False, ports=(RDP,)):
        yield flaw("Rule lets in remote desktop (port 3389) from any address.", address)


@check(
    "AZU-0049",
    "azure.network.network_watcher_flow_logs",
    severity="LOW",
    code="retention-policy-set",
    title="Flow logs should be kept for 90 days",
    why="Attacks are often noticed weeks later. What the log no longer holds then cannot be cleared up.",
    fix="Enable the retention policy and set its days to 90 or more, or to 0 to keep logs for ever.",
    references=(f"{GUIDE}/network-watcher/nsg-flow-logs-overview",),
)
def flow_logs_are_kept(log: FlowLog) -> Flaws:
    policy = log.retention_policy
    if policy.enabled.is_false:
        yield flaw("Flow log has no retention policy.", policy.enabled)
    # A written 0 means for ever; the field's rule takes it for no days at all.
    elif policy.days.below(DAYS) and not (policy.days.explicit and policy.days.value == 0):
        yield flaw(f"Flow log is kept for {policy.days.value} days, less than {DAYS}.", policy.days)


@check(
    "AZU-0050",
    RULES,
    severity="CRITICAL",
    code="ssh-blocked-from-internet",
    title="SSH should be closed to the internet",
    why="Open SSH ports are found within minutes, and passwords and stolen keys are tried day and night.",
    fix="Allow port 22 from known networks only, or use Azure Bastion.",
    references=(f"{GUIDE}/bastion/bastion-overview",),
)
def no_public_ssh(rule: Rule) -> Flaws:
    for address in _opened(rule, outbound=False, ports=(SSH,)):
        yield flaw("Rule lets in SSH (port 22) from any address.", address)


@check(
    "AZU-0051",
    RULES,
    severity="CRITICAL",
    code="no-public-egress",
    title="Security groups should not let everything out",
    why="A machine that was broken into can send data, and fetch tools, wherever it may connect to.",
    fix="Set destination_address_prefix to the networks or service tags that have to be reached.",
    references=(f"{GUIDE}/virtual-network/network-security-groups-overview",),
)
def no_public_egress(rule: Rule) -> Flaws:
    for address in _opened(rule, outbound=True):
        yield flaw("Rule lets out traffic to any address.", address)


@check(
    "AZU-0073",
    "azure.network.network_watcher_flow_logs",
    severity="MEDIUM",
    code="network-watcher-flow-disabled",
    aliases=("azure-network-watcher-flow-disabled",),
    title="Flow logs should be on",
    why="Without flow logs nobody can tell who talked to whom, neither for finding an attack nor for clearing it up.",
    fix="Set enabled to true.",
    references=(f"{GUIDE}/network-watcher/nsg-flow-logs-overview",),
)
def flow_logs_are_on(log: FlowLog) -> Flaws:
    if log.enabled.is_false:
        yield flaw("Flow log is switched off.", log.enabled)


@check(
    "AZU-0074",
    RULES,
    severity="HIGH",
    code="sensitive-port-is-exposed-to-entire-network",
    aliases=("azure-sensitive-port-is-exposed-to-entire-network",),
    title="Ports of sensitive services should be closed to the internet",
    why="Databases, mail, directories and the like are not made for hostile networks; once exposed they are attacked "
    "at once.",
    fix="Set source_address_prefix to the networks that use the service, or leave the port out of the rule.",
    references=(f"{GUIDE}/virtual-network/network-security-groups-overview",),
)
def no_sensitive_ports(rule: Rule) -> Flaws:
    for address in _opened(rule, outbound=False, ports=tuple(SENSITIVE)):
        port = next(port for port in SENSITIVE if any(_covers(ports, port) for ports in rule.destination_ports))
        yield flaw(f"Rule lets in {SENSITIVE[port]} (port {port}) from any address.", address)


@check(
    "AZU-0075",
    "azure.network.network_interfaces",
    severity="MEDIUM",
    code="network-ip-forwarding-enabled",
    title="Network interfaces should not forward traffic",
    why="An interface that forwards lets its machine pass on traffic of others, past the security groups that were "
    "meant for them. Only network appliances need that.",
    fix="Leave ip_forwarding_enabled (enable_ip_forwarding before version 4 of the provider) out.",
    references=(f"{GUIDE}/virtual-network/virtual-network-network-interface",),
)
def no_forwarding(interface: NetworkInterface) -> Flaws:
    if interface.enable_ip_forwarding.is_true:
        yield flaw("Network interface forwards traffic of others.", interface.enable_ip_forwarding)


@check(
    "AZU-0076",
    "azure.network.network_interfaces.ip_configurations",
    severity="MEDIUM",
    code="network-interface-public-ip",
    title="Network interfaces should have no public address",
    why="A machine with an address of its own on the internet has nothing in front of it but its security group.",
    fix="Leave public_ip_address_id out, and use a load balancer, a gateway or Azure Bastion.",
    references=(f"{GUIDE}/virtual-network/ip-services/virtual-network-public-ip-address",),
)
def no_public_address(configuration: IpConfiguration) -> Flaws:
    if configuration.has_public_ip.is_true:
        yield flaw("Network interface has a public address.", configuration.public_ip_address)


def _opened(rule: Rule, *, outbound: bool, ports: tuple[int, ...] = ()) -> Iterator[Attribute[str]]:
    """The addresses of an allowing rule that mean everybody; with ports, if it opens one of them. One part that is
    known not to fit decides, whatever else is not known."""
    if _differs(rule.allow, True) or _differs(rule.outbound, outbound):
        return
    if ports and rule.protocol.known and rule.protocol.value.lower() == "icmp":
        return
    covered = [_covers(range_, port) for range_ in rule.destination_ports for port in ports]
    if ports and all(answer is False for answer in covered):
        return
    for address in rule.destination_addresses if outbound else rule.source_addresses:
        if not address.holds(means_everybody).is_true or not rule.allow.certain() or not rule.outbound.certain():
            continue
        if not ports or (rule.protocol.certain() and (True in covered or _doubt(rule.destination_ports))):
            yield address


def _differs(truth: Attribute[bool], wanted: bool) -> bool:
    """Whether it is known to be something else. Takes no note of doubt."""
    return truth.known and truth.value is not wanted


def _covers(ports: PortRange, port: int) -> bool | None:
    """Whether a range covers a port, None when that is not known."""
    if ports.start.known and ports.end.known:
        return ports.start.value <= port <= ports.end.value
    return None


def _doubt(ranges: list[PortRange]) -> bool:
    """Takes note of ranges that are not known. Always False."""
    for ports in ranges:
        ports.start.certain()
    return False
