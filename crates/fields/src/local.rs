//! Which addresses are this host's, or the container's.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::Current;

/// Whether an address is one of the event's thread's own.
///
/// In a container: the container's, or any container's when it has none; the host's interfaces are asked too when the
/// container has another one, or when nothing is known of it.
pub(crate) fn is_local(current: &Current<'_>, ip: IpAddr) -> bool {
    let container = current.thread.map_or(&b""[..], |thread| &thread.container_id);
    match ip {
        IpAddr::V6(ip) => container.is_empty() && of_interfaces_v6(current, ip),
        IpAddr::V4(ip) => match current.host.containers.get(container) {
            Some(known) => match known.ip {
                Some(own) => own == IpAddr::V4(ip) || of_interfaces_v4(current, ip),
                None => current.host.containers.iter().any(|other| other.ip == Some(IpAddr::V4(ip))),
            },
            None => of_interfaces_v4(current, ip),
        },
    }
}

fn of_interfaces_v4(current: &Current<'_>, ip: Ipv4Addr) -> bool {
    current.host.interfaces.iter().any(|interface| interface.address == IpAddr::V4(ip))
}

/// The network part decides.
fn of_interfaces_v6(current: &Current<'_>, ip: Ipv6Addr) -> bool {
    let network = |ip: Ipv6Addr| ip.to_bits() >> 64;
    current.host.interfaces.iter().any(|interface| match interface.address {
        IpAddr::V6(own) => network(own) == network(ip),
        IpAddr::V4(_) => false,
    })
}
