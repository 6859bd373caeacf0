//! Sockets and who they talk to.

use vigie_events::address::{End, SockAddr, SockTuple, sockaddr, socktuple};

use super::change::Change;
use super::enter;
use super::files::O_CLOEXEC;
use crate::fd::{Detail, Protocol, Role};
use crate::network::{self, NO_END, NO_END6};
use crate::{Bytes, Fd, FdType};

const AF_UNIX: u32 = 1;
const AF_INET: u32 = 2;
const AF_INET6: u32 = 10;
const AF_NETLINK: u32 = 16;

const SOCK_STREAM: u32 = 1;
const SOCK_DGRAM: u32 = 2;
const SOCK_RAW: u32 = 3;
/// The bits of a socket's type; the others are flags.
const SOCK_TYPE: u32 = 0xff;
const SOCK_CLOEXEC: u32 = 0o2_000_000;

const EINPROGRESS: i64 = 115;

/// A socket of that kind that is not connected.
pub(super) fn unconnected(kind: FdType, protocol: Protocol) -> Fd {
    let end = if kind == FdType::Ipv6 { NO_END6 } else { NO_END };
    let detail = match kind {
        FdType::Ipv4 | FdType::Ipv6 => Detail::Socket { source: end, destination: end, protocol, role: Role::None },
        FdType::Unix => Detail::Unix { source: 0, destination: 0, role: Role::None },
        _ => Detail::Nothing,
    };
    Fd { detail, ..Fd::new(kind, Bytes::default()) }
}

pub(super) fn socket(change: &mut Change<'_, '_>) {
    let Some(number) = change.success() else { return };
    let (domain, socket_type, protocol) = (change.flags(1), change.flags(2), change.flags(3));
    let kind = match domain {
        AF_UNIX => FdType::Unix,
        AF_INET => FdType::Ipv4,
        AF_INET6 => FdType::Ipv6,
        AF_NETLINK => FdType::Netlink,
        _ => FdType::Unknown,
    };
    let mut fd = unconnected(kind, transport(socket_type & SOCK_TYPE, protocol));
    fd.close_on_exec = change.flags(4) & O_CLOEXEC != 0 || socket_type & SOCK_CLOEXEC != 0;
    change.add_fd(number, fd);
}

fn transport(socket_type: u32, protocol: u32) -> Protocol {
    match (socket_type, protocol) {
        (SOCK_RAW, _) | (_, 255) => Protocol::Raw,
        (SOCK_STREAM, 0) | (_, 6) => Protocol::Tcp,
        (SOCK_DGRAM, 0) | (_, 17) => Protocol::Udp,
        (_, 1) => Protocol::Icmp,
        _ => Protocol::Unknown,
    }
}

/// Afterwards the event is about the first end, but the number last handled is the second's.
pub(super) fn socketpair(change: &mut Change<'_, '_>) {
    if change.success().is_none() {
        return;
    }
    let params = &change.event.params;
    let (Some(first), Some(second)) = (params.i64(1), params.i64(2)) else { return };
    if first == second {
        return;
    }
    let mut fd = unconnected(FdType::Unix, Protocol::Unknown);
    fd.detail =
        Detail::Unix { source: params.u64(3).unwrap_or(0), destination: params.u64(4).unwrap_or(0), role: Role::None };
    fd.close_on_exec = change.flags(6) & SOCK_CLOEXEC != 0;
    change.add_fd(first, fd.clone());
    change.add_fd(second, fd);
    change.applied.fd = Some(first);
}

/// What a socket's detail says of its transport and role.
pub(super) fn standing(fd: &Fd) -> (Protocol, Role) {
    match fd.detail {
        Detail::Socket { protocol, role, .. } | Detail::Listening { protocol, role, .. } => (protocol, role),
        Detail::Unix { role, .. } => (Protocol::Unknown, role),
        _ => (Protocol::Unknown, Role::None),
    }
}

pub(super) fn bind(change: &mut Change<'_, '_>) {
    if change.success().is_none() {
        return;
    }
    let Some(address) = change.event.params.bytes(1).and_then(sockaddr) else { return };
    let (Some(number), Some(before)) = (change.applied.fd, change.own_fd()) else { return };
    let mut fd = before.clone();
    let mut name = Vec::new();
    network::write_address(&address, &mut name);
    if let SockAddr::Ip(end) = address {
        if end.port > 0 {
            let (protocol, _) = standing(&fd);
            let ip = network::mapped(end.ip).map_or(end.ip, std::net::IpAddr::V4);
            fd.kind = if ip.is_ipv4() { FdType::Ipv4Listening } else { FdType::Ipv6Listening };
            fd.detail = Detail::Listening { local: End { ip, ..end }, protocol, role: Role::Server };
        }
    }
    fd.name = Bytes::from(name);
    store(change, number, fd);
}

/// Puts the changed descriptor back.
pub(super) fn store(change: &mut Change<'_, '_>, number: i64, fd: Fd) {
    let renamed = change.fd(number).is_some_and(|before| before.name != fd.name);
    if change.edit_fds(|table| table.insert(number, fd)) == Some(true) {
        change.applied.fd_name_changed |= renamed;
    }
}

pub(super) fn connect(change: &mut Change<'_, '_>) {
    let params = &change.event.params;
    let result = params.i64(0).unwrap_or(-1);
    if result < 0 && result != -EINPROGRESS {
        return;
    }
    let (Some(number), Some(before)) = (change.applied.fd, change.own_fd()) else { return };
    let mut fd = before.clone();
    fd.connected = true;
    let entered = enter::of(change.host, change.event).and_then(|enter| sockaddr(&enter.address));
    match params.bytes(1).and_then(socktuple) {
        Some(SockTuple::Ip { source, mut destination }) => {
            let agreed = params.bytes(3).and_then(sockaddr) == Some(SockAddr::Ip(destination));
            if let (true, Some(SockAddr::Ip(asked))) = (agreed, entered) {
                if asked.ip.is_ipv4() == destination.ip.is_ipv4() {
                    destination = asked;
                }
            }
            let (mut source, mut destination) = network::unmapped(source, destination);
            let (protocol, mut role) = standing(&fd);
            if role == Role::Server && protocol == Protocol::Udp {
                std::mem::swap(&mut source, &mut destination);
            }
            if role == Role::None {
                role = Role::Client;
            }
            fd.kind = if source.ip.is_ipv4() { FdType::Ipv4 } else { FdType::Ipv6 };
            let mut name = Vec::new();
            network::write_name(fd.kind, &source, &destination, protocol, &mut name);
            fd.name = Bytes::from(name);
            fd.detail = Detail::Socket { source, destination, protocol, role };
        }
        Some(tuple @ SockTuple::Unix { source, destination, .. }) => {
            let (_, role) = standing(&fd);
            let mut name = Vec::new();
            network::write_tuple(&tuple, &mut name);
            fd.kind = FdType::Unix;
            fd.name = Bytes::from(name);
            fd.detail =
                Detail::Unix { source, destination, role: if role == Role::None { Role::Client } else { role } };
        }
        Some(SockTuple::Other(_)) => {}
        None => match entered {
            Some(SockAddr::Ip(asked)) => {
                let asked = End { ip: network::mapped(asked.ip).map_or(asked.ip, std::net::IpAddr::V4), ..asked };
                fd.kind = if asked.ip.is_ipv4() { FdType::Ipv4 } else { FdType::Ipv6 };
                let (protocol, role) = standing(&fd);
                let source = match fd.detail {
                    Detail::Socket { source, .. } | Detail::Listening { local: source, .. } => source,
                    _ => NO_END,
                };
                fd.detail = Detail::Socket { source, destination: asked, protocol, role };
            }
            Some(SockAddr::Unix(_)) => fd.name = Bytes::from("NULL"),
            Some(SockAddr::Other(_)) | None => {}
        },
    }
    if *before != fd {
        store(change, number, fd);
    }
}

pub(super) fn accept(change: &mut Change<'_, '_>) {
    let Some(number) = change.success() else { return };
    let Some(tuple) = change.event.params.bytes(1).and_then(socktuple) else { return };
    let (kind, detail) = match tuple {
        SockTuple::Ip { source, destination } => {
            let (source, destination) = network::unmapped(source, destination);
            let kind = if source.ip.is_ipv4() { FdType::Ipv4 } else { FdType::Ipv6 };
            (kind, Detail::Socket { source, destination, protocol: Protocol::Tcp, role: Role::Server })
        }
        SockTuple::Unix { source, destination, .. } => {
            (FdType::Unix, Detail::Unix { source, destination, role: Role::Server })
        }
        SockTuple::Other(_) => {
            change.applied.fd_num = Some(number);
            return;
        }
    };
    let mut name = Vec::new();
    network::write_tuple(&tuple, &mut name);
    let mut fd = Fd { connected: true, detail, ..Fd::new(kind, Bytes::from(name)) };
    fd.close_on_exec = change.flags(5) & SOCK_CLOEXEC != 0;
    change.applied.fd_name_changed = true;
    change.add_fd(number, fd);
}
