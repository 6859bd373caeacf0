//! Names of sockets, and which addresses are local.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use vigie_events::address::{End, SockAddr, SockTuple};
use vigie_events::facts::Interface;

use crate::fd::Protocol;
use crate::{FdType, Host};

/// An end of which nothing is known.
pub const NO_END: End = End { ip: IpAddr::V4(Ipv4Addr::UNSPECIFIED), port: 0 };
pub const NO_END6: End = End { ip: IpAddr::V6(Ipv6Addr::UNSPECIFIED), port: 0 };

/// The v4 address in a v6 one: of a mapped address (`::ffff:a.b.c.d`), and of the address that is all zero.
pub fn mapped(ip: IpAddr) -> Option<Ipv4Addr> {
    let IpAddr::V6(ip) = ip else { return None };
    if ip.is_unspecified() { Some(Ipv4Addr::UNSPECIFIED) } else { ip.to_ipv4_mapped() }
}

/// Both ends as v4 when they are v4 or both can be.
pub fn unmapped(source: End, destination: End) -> (End, End) {
    match (mapped(source.ip), mapped(destination.ip)) {
        (Some(from), Some(to)) => (End { ip: IpAddr::V4(from), ..source }, End { ip: IpAddr::V4(to), ..destination }),
        _ => (source, destination),
    }
}

/// Appends `address:port`; v6 without brackets.
pub fn write_end(end: &End, out: &mut Vec<u8>) {
    // Writing to a vector cannot fail.
    let _ = write!(out, "{}:{}", end.ip, end.port);
}

/// Appends the text of a `sockaddr`: `address:port`, a path, or `family N`.
pub fn write_address(address: &SockAddr<'_>, out: &mut Vec<u8>) {
    match address {
        SockAddr::Ip(end) => write_end(end, out),
        SockAddr::Unix(path) => out.extend_from_slice(path),
        SockAddr::Other(family) => drop(write!(out, "family {family}")),
    }
}

/// Appends the text of a `socktuple`: `src:port->dst:port`, with v4-mapped ends as v4; `hexsrc->hexdst path`; or
/// `family N`.
pub fn write_tuple(tuple: &SockTuple<'_>, out: &mut Vec<u8>) {
    match *tuple {
        SockTuple::Ip { source, destination } => {
            let (source, destination) = unmapped(source, destination);
            write_end(&source, out);
            out.extend_from_slice(b"->");
            write_end(&destination, out);
        }
        SockTuple::Unix { source, destination, path } => {
            let _ = write!(out, "{source:x}->{destination:x} ");
            out.extend_from_slice(path);
        }
        SockTuple::Other(family) => drop(write!(out, "family {family}")),
    }
}

/// Appends the stored name of a connected or connectable socket.
pub fn write_name(kind: FdType, source: &End, destination: &End, protocol: Protocol, out: &mut Vec<u8>) {
    match (protocol, kind) {
        (Protocol::Tcp | Protocol::Udp, _) => {
            write_end(source, out);
            out.extend_from_slice(b"->");
            write_end(destination, out);
        }
        (Protocol::Icmp, _) | (Protocol::Raw, FdType::Ipv4) => drop(write!(out, "{}->{}", source.ip, destination.ip)),
        _ => out.extend_from_slice(b"<unknown>"),
    }
}

/// An address is local to a thread, by its container (empty for the host): the container's own address; any
/// container's, when its own is not known; else one of the host's interfaces. In containers no v6 address is.
pub fn is_local(host: &Host, container: &[u8], ip: IpAddr) -> bool {
    if !container.is_empty() {
        if ip.is_ipv6() {
            return false;
        }
        match host.containers.get(container).and_then(|container| container.ip) {
            Some(own) if own == ip => return true,
            Some(_) => {}
            None => return host.containers.iter().any(|container| container.ip == Some(ip)),
        }
    }
    host.interfaces.iter().any(|interface| match (interface.address, ip) {
        (IpAddr::V4(own), IpAddr::V4(ip)) => own == ip,
        (IpAddr::V6(own), IpAddr::V6(ip)) => own.octets()[..8] == ip.octets()[..8],
        _ => false,
    })
}

/// The address that this host most likely uses to talk to another one: that one itself if it is ours, one of the same
/// network, else the first that is not the loopback.
pub fn likely_local(interfaces: &[Interface], other: IpAddr) -> Option<IpAddr> {
    let same_family = || interfaces.iter().filter(|interface| interface.address.is_ipv4() == other.is_ipv4());
    let own = same_family().find(|interface| interface.address == other);
    let near = || same_family().find(|interface| in_network(interface, other));
    let any = || same_family().find(|interface| !interface.address.is_loopback());
    own.or_else(near).or_else(any).map(|interface| interface.address)
}

fn in_network(interface: &Interface, other: IpAddr) -> bool {
    match (interface.address, interface.netmask, other) {
        (IpAddr::V4(own), IpAddr::V4(mask), IpAddr::V4(other)) => {
            u32::from(own) & u32::from(mask) == u32::from(other) & u32::from(mask)
        }
        (IpAddr::V6(own), _, IpAddr::V6(other)) => own.octets()[..8] == other.octets()[..8],
        _ => false,
    }
}
