//! The addresses of this host, for the question which end of a connection is ours.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use nix::sys::socket::SockaddrStorage;
use vigie_events::facts::Interface;

/// The most addresses that are listed.
const MOST: usize = 1024;

/// All addresses of all interfaces, in the network namespace of this process.
pub fn interfaces() -> Vec<Interface> {
    let Ok(addresses) = nix::ifaddrs::getifaddrs() else { return Vec::new() };
    let listed = addresses.filter_map(|entry| {
        let address = ip(entry.address.as_ref()?)?;
        let same = |other: Option<&SockaddrStorage>| {
            let none = if address.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
            other.and_then(ip).filter(|other| other.is_ipv4() == address.is_ipv4()).unwrap_or(none)
        };
        Some(Interface {
            name: entry.interface_name.into_bytes(),
            address,
            netmask: same(entry.netmask.as_ref()),
            broadcast: same(entry.broadcast.as_ref()),
            link_speed: None,
        })
    });
    listed.take(MOST).collect()
}

fn ip(address: &SockaddrStorage) -> Option<IpAddr> {
    if let Some(v4) = address.as_sockaddr_in() {
        return Some(v4.ip().into());
    }
    address.as_sockaddr_in6().map(|v6| v6.ip().into())
}
