"""Functions of IP networks. IPv4 parts with leading zeros are read as decimals."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from vigie.misconfig.languages.terraform.values import FunctionError

_Network = IPv4Network | IPv6Network


def cidrhost(prefix: str, host: int) -> str:
    """The address of a host in a network; negative numbers count from its end."""
    network = _network(prefix)
    if not -network.num_addresses <= host < network.num_addresses:
        raise FunctionError("the network has no such host")
    return str(network[host])


def cidrnetmask(prefix: str) -> str:
    network = _network(prefix)
    if network.version == 6:
        raise FunctionError("IPv6 has no netmasks")
    return str(network.netmask)


def cidrsubnet(prefix: str, bits: int, number: int) -> str:
    network = _network(prefix)
    length = network.prefixlen + bits
    if bits < 0 or length > network.max_prefixlen:
        raise FunctionError(f"a prefix of {network.prefixlen} bits has no room for {bits} more")
    if not 0 <= number < 1 << bits:
        raise FunctionError(f"{bits} bits have no room for the number {number}")
    return str(_subnet(network, length, int(network.network_address) + (number << (network.max_prefixlen - length))))


def cidrsubnets(prefix: str, *bits: int) -> list[str]:
    """Networks one behind another, each aligned to its own size."""
    network = _network(prefix)
    result = []
    start, end = int(network.network_address), int(network.broadcast_address)
    for more in bits:
        length = network.prefixlen + more
        if more < 1 or length > network.max_prefixlen:
            raise FunctionError(f"a prefix of {network.prefixlen} bits cannot be longer by {more}")
        size = 1 << (network.max_prefixlen - length)
        start = -(-start // size) * size
        if start + size - 1 > end:
            raise FunctionError("the network has no room for all of them")
        result.append(str(_subnet(network, length, start)))
        start += size
    return result


def cidrcontains(prefix: str, other: str) -> bool:
    """other: an address or a network."""
    network = _network(prefix)
    inner = _network(other if "/" in other else f"{other}/{128 if ':' in other else 32}")
    if isinstance(network, IPv4Network) and isinstance(inner, IPv4Network):
        return inner.subnet_of(network)
    if isinstance(network, IPv6Network) and isinstance(inner, IPv6Network):
        return inner.subnet_of(network)
    raise FunctionError("IPv4 and IPv6 cannot be compared")


def _network(prefix: str) -> _Network:
    address, slash, length = prefix.partition("/")
    if not slash or not length.isascii() or not length.isdigit():
        raise FunctionError("an IP network like 10.0.0.0/8 is required")
    if ":" not in address:
        address = ".".join(part.lstrip("0") or "0" if part.isdigit() else part for part in address.split("."))
    try:
        parsed = ip_address(address)
        # 4-in-6 keeps to IPv6 here: its prefix counts 128 bits
        return ip_network((parsed, int(length)), strict=False)
    except ValueError as error:
        raise FunctionError("an IP network like 10.0.0.0/8 is required") from error


def _subnet(network: _Network, length: int, start: int) -> _Network:
    address = IPv4Address(start) if isinstance(network, IPv4Network) else IPv6Address(start)
    return ip_network((address, length))
