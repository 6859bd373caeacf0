"""Network interfaces and the security groups that guard them, as networks and virtual machines show them."""

from __future__ import annotations

from vigie.misconfig.graph import Block, Graph
from vigie.misconfig.resource import Resource, absent
from vigie.misconfig.value import Attribute

GROUP, RULE = "azurerm_network_security_group", "azurerm_network_security_rule"
INTERFACE = "azurerm_network_interface"
ASSOCIATION = "azurerm_network_interface_security_group_association"
TYPES = (GROUP, RULE, INTERFACE, ASSOCIATION)
LAST_PORT = 65535


class PortRange(Resource):
    """Ports from start to end, both included."""

    start: Attribute[int] = absent(0)
    end: Attribute[int] = absent(0)


class Rule(Resource):
    """A rule of a security group. Addresses: networks, `*`, or service tags. protocol: `Tcp`, `Udp`, `Icmp`, `*` …"""

    outbound: Attribute[bool] = absent(False)
    allow: Attribute[bool] = absent(True)
    source_addresses: list[Attribute[str]] = []
    source_ports: list[PortRange] = []
    destination_addresses: list[Attribute[str]] = []
    destination_ports: list[PortRange] = []
    protocol: Attribute[str] = absent("")


class SecurityGroup(Resource):
    """A network security group; a placeholder for rules whose group is elsewhere."""

    rules: list[Rule] = []


class IpConfiguration(Resource):
    """An address of an interface. public_ip_address: the id of a public address."""

    subnet_id: Attribute[str] = absent("")
    primary: Attribute[bool] = absent(False)
    has_public_ip: Attribute[bool] = absent(False)
    public_ip_address: Attribute[str] = absent("")


class NetworkInterface(Resource):
    """A network interface. Its own subnet and public address: nothing fills them, see its configurations."""

    enable_ip_forwarding: Attribute[bool] = absent(False)
    security_groups: list[SecurityGroup] = []
    subnet_id: Attribute[str] = absent("")
    has_public_ip: Attribute[bool] = absent(False)
    public_ip_address: Attribute[str] = absent("")
    ip_configurations: list[IpConfiguration] = []


class Interfaces:
    """All interfaces and security groups of a Terraform project, by their blocks, linked."""

    def __init__(self, graph: Graph) -> None:
        self.orphans = SecurityGroup()
        self.groups: dict[Block | None, SecurityGroup] = {
            block: SecurityGroup(cause=block.cause, rules=[_rule(rule) for rule in block.blocks("security_rule")])
            for block in graph.resources(GROUP)
        }
        for block in graph.resources(RULE):
            group = graph.target(block, "network_security_group_name", GROUP)
            self.groups.get(group, self.orphans).rules.append(_rule(block))
        self.found: dict[Block, NetworkInterface] = {
            block: self._interface(graph, block) for block in graph.resources(INTERFACE)
        }
        for block in graph.resources(ASSOCIATION):
            interface = graph.target(block, "network_interface_id", INTERFACE)
            if interface in self.found:
                group = graph.target(block, "network_security_group_id", GROUP)
                # A group that is defined elsewhere is a group nevertheless.
                self.found[interface].security_groups.append(self.groups.get(group) or SecurityGroup())

    def all_groups(self) -> list[SecurityGroup]:
        """The groups, and a placeholder when there are rules without one."""
        return [*self.groups.values(), *([self.orphans] if self.orphans.rules else [])]

    def _interface(self, graph: Graph, block: Block) -> NetworkInterface:
        # Version 4 of the provider renamed it.
        forwarding = "ip_forwarding_enabled" if block.has("ip_forwarding_enabled") else "enable_ip_forwarding"
        groups: list[SecurityGroup] = []
        if block.has("network_security_group_id"):
            group = graph.target(block, "network_security_group_id", GROUP)
            groups.append(self.groups.get(group) or SecurityGroup())
        return NetworkInterface(
            cause=block.cause,
            enable_ip_forwarding=block.boolean(forwarding),
            security_groups=groups,
            ip_configurations=[_configuration(part) for part in block.blocks("ip_configuration")],
        )


def _configuration(block: Block) -> IpConfiguration:
    address = block.string("public_ip_address_id")
    return IpConfiguration(
        cause=block.cause,
        subnet_id=block.string("subnet_id"),
        primary=block.boolean("primary"),
        has_public_ip=Attribute(True, address.cause) if address.filled else address.holds(bool),
        public_ip_address=address,
    )


def _rule(block: Block) -> Rule:
    return Rule(
        cause=block.cause,
        outbound=block.string("direction").holds(lambda direction: direction.lower() == "outbound"),
        allow=block.string("access", "Allow").holds(lambda access: access.lower() != "deny"),
        source_addresses=_both(block, "source_address_prefix"),
        source_ports=_ports(block, "source_port_range"),
        destination_addresses=_both(block, "destination_address_prefix"),
        destination_ports=_ports(block, "destination_port_range"),
        protocol=block.string("protocol"),
    )


def _both(block: Block, name: str) -> list[Attribute[str]]:
    """What the attribute and its plural hold."""
    plural = f"{name}es" if name.endswith("prefix") else f"{name}s"
    return [*block.strings(name), *block.strings(plural)]


def _ports(block: Block, name: str) -> list[PortRange]:
    return [port_range(text) for text in _both(block, name)]


def port_range(text: Attribute[str]) -> PortRange:
    """The ports of a text: `*`, `22`, `8000-8080`; not known when it is none of these."""
    first, _, last = (f"0-{LAST_PORT}" if text.value.strip() == "*" else text.value).partition("-")
    ports: list[Attribute[int]] = []
    for port in (first.strip(), last.strip() or first.strip()):
        known = text.known and port.isascii() and port.isdigit() and len(port) <= 5
        ports.append(Attribute(int(port) if known else 0, text.cause, known))
    return PortRange(cause=text.cause, start=ports[0], end=ports[1])
