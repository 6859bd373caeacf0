//! Bytes that went in or out: sockets without a connection learn from them who they talk to.

use vigie_events::address::{End, SockTuple, socktuple};
use vigie_events::id;

use super::change::Change;
use super::live;
use super::sockets::{standing, store, unconnected};
use crate::fd::{Detail, Protocol, Role};
use crate::network::{self, NO_END, NO_END6};
use crate::{Bytes, Fd, FdType};

/// `read`, `write` and their kin, which name no address.
#[inline]
pub(super) fn plain(change: &mut Change<'_, '_>) {
    if change.success().is_none() {
        return;
    }
    let Some(fd) = change.own_fd() else {
        change.host.counters.unknown_fds += 1;
        return;
    };
    if fd.kind.is_ip() && !fd.connected {
        let Some(number) = change.applied.fd else { return };
        change.edit_fds(|table| table.get_mut(number).map(|fd| fd.connected = true));
    }
}

pub(super) fn received(change: &mut Change<'_, '_>) {
    let index = match change.event.id {
        id::RECVFROM_X => 2,
        id::RECVMSG_X => 3,
        _ => 4,
    };
    plain(change);
    learn(change, index, true);
    let control = match change.event.id {
        id::RECVMSG_X => 4,
        id::RECVMMSG_X => 5,
        _ => return,
    };
    if change.host.live.is_some() && change.success().is_some() {
        let control = change.event.params.bytes(control).unwrap_or(b"");
        live::passed(change.host, change.slot, control, change.event.ts);
    }
}

pub(super) fn sent(change: &mut Change<'_, '_>) {
    if change.own_fd().is_none() {
        invent(change);
    }
    plain(change);
    learn(change, 4, false);
}

/// A socket that nobody told of, when its tuple says what it is.
fn invent(change: &mut Change<'_, '_>) {
    let Some(number) = change.applied.fd.filter(|_| change.success().is_some()) else { return };
    let Some(SockTuple::Ip { source, .. }) = change.event.params.bytes(4).and_then(socktuple) else { return };
    let kind = if source.ip.is_ipv4() { FdType::Ipv4 } else { FdType::Ipv6 };
    change.add_fd(number, unconnected(kind, Protocol::Udp));
}

fn learn(change: &mut Change<'_, '_>, index: usize, incoming: bool) {
    let Some(number) = change.applied.fd.filter(|_| change.success().is_some()) else { return };
    let Some(before) = change.own_fd() else { return };
    let (protocol, _) = standing(before);
    if !before.name.is_empty() && before.kind == FdType::Ipv4 && protocol == Protocol::Tcp {
        return;
    }
    let Some(tuple) = change.event.params.bytes(index).and_then(socktuple) else { return };
    let mut name = Vec::new();
    let mut fd;
    match tuple {
        SockTuple::Ip { source, destination } => {
            let Some((kind, source, destination)) = addresses(before, source, destination) else { return };
            fd = before.clone();
            fd.kind = kind;
            let (source, destination) = complete(change, source, destination);
            let (protocol, role) = standing(&fd);
            let protocol = if protocol == Protocol::Unknown { Protocol::Udp } else { protocol };
            let role =
                if role == Role::None { guess(change, number, kind, source, destination, incoming) } else { role };
            // What comes in names the other end first, what goes out this one; names have the client first.
            let swap = role == if incoming { Role::Client } else { Role::Server };
            let (source, destination) = if swap { (destination, source) } else { (source, destination) };
            network::write_name(kind, &source, &destination, protocol, &mut name);
            fd.detail = Detail::Socket { source, destination, protocol, role };
        }
        SockTuple::Unix { source, destination, .. } => {
            let (_, role) = standing(before);
            fd = before.clone();
            fd.kind = FdType::Unix;
            fd.detail = Detail::Unix { source, destination, role };
            network::write_tuple(&tuple, &mut name);
        }
        SockTuple::Other(_) => return,
    }
    if fd.name[..] != name[..] {
        fd.name = Bytes::from(name);
    }
    if *before != fd {
        store(change, number, fd);
    }
}

/// The addresses after the tuple was taken in; the destination only where nothing was known. `None` when the socket
/// knows them already, be it the other way round.
fn addresses(fd: &Fd, source: End, destination: End) -> Option<(FdType, End, End)> {
    let (source, destination) = network::unmapped(source, destination);
    let kind = if source.ip.is_ipv4() { FdType::Ipv4 } else { FdType::Ipv6 };
    let (own_source, mut own) = match fd.detail {
        Detail::Socket { source, destination, .. } if fd.kind == kind => (source, destination),
        _ if kind == FdType::Ipv4 => (NO_END, NO_END),
        _ => (NO_END6, NO_END6),
    };
    if fd.kind == kind && ((own_source, own) == (source, destination) || (own_source, own) == (destination, source)) {
        return None;
    }
    let before = own;
    if own.ip.is_unspecified() {
        own.ip = destination.ip;
    }
    if own.port == 0 {
        own.port = destination.port;
    }
    if own == before && source == own_source {
        return None;
    }
    Some((kind, source, own))
}

/// An end without an address gets the one that this host most likely has there.
fn complete(change: &Change<'_, '_>, mut source: End, mut destination: End) -> (End, End) {
    let interfaces = &change.host.interfaces;
    if source.ip.is_unspecified() {
        source.ip = network::likely_local(interfaces, destination.ip).unwrap_or(source.ip);
    } else if destination.ip.is_unspecified() {
        destination.ip = network::likely_local(interfaces, source.ip).unwrap_or(destination.ip);
    }
    (source, destination)
}

/// Which end this is, from the other v4 sockets of the process: the socket itself counts with what it now knows.
fn guess(change: &Change<'_, '_>, number: i64, kind: FdType, source: End, destination: End, incoming: bool) -> Role {
    let (mut bound, mut used) = (kind == FdType::Ipv4, kind == FdType::Ipv4);
    let table = change.thread().and_then(|thread| change.host.threads.table_of(thread));
    for (_, other) in table.iter().flat_map(|table| table.fds.iter()).filter(|&(other, _)| other != number) {
        match (other.kind, &other.detail) {
            (FdType::Ipv4, Detail::Socket { source: from, destination: to, .. }) => {
                bound |= to.port == destination.port;
                used |= from.port == source.port;
            }
            (FdType::Ipv4Listening, Detail::Listening { local, .. }) => bound |= local.port == destination.port,
            _ => {}
        }
    }
    match (bound, used) {
        (false, _) => Role::Client,
        (true, false) => Role::Server,
        (true, true) if incoming => Role::Server,
        (true, true) => Role::Client,
    }
}
