//! Addresses of sockets as the schema packs them.

use vigie_events::address::{FAMILY_INET, FAMILY_INET6, FAMILY_UNIX};
use vigie_events::id;

use crate::encode::Encoder;
use crate::wire::{Fields, Record, tag};

const EINPROGRESS: i64 = -115;

/// What the kernel knows of a socket (`struct socket_facts`).
pub struct Facts {
    pub family: u16,
    pub local_port: u16,
    pub remote_port: u16,
    pub path_length: usize,
    pub local: [u8; 16],
    pub remote: [u8; 16],
    pub local_pointer: u64,
    pub peer_pointer: u64,
    pub path: [u8; 108],
}

impl Facts {
    pub fn read(bytes: &[u8]) -> Facts {
        let mut fields = Fields(bytes);
        Facts {
            family: fields.u16(),
            local_port: fields.u16(),
            remote_port: fields.u16(),
            path_length: usize::from(fields.u16()).min(108),
            local: fields.bytes(),
            remote: fields.bytes(),
            local_pointer: fields.u64(),
            peer_pointer: fields.u64(),
            path: fields.bytes(),
        }
    }
}

/// A `struct sockaddr` of the native layout, as the schema packs it. Absent when it is too short.
pub fn sockaddr(native: Option<&[u8]>, out: &mut Encoder) {
    let Some((family, rest)) = native.and_then(|bytes| bytes.split_first_chunk::<2>()) else { return out.absent() };
    match u16::from_le_bytes(*family) {
        2 if rest.len() >= 6 => out.pieces(|to| {
            to.push(FAMILY_INET);
            to.extend_from_slice(&rest[2..6]);
            to.extend_from_slice(&[rest[1], rest[0]]);
        }),
        10 if rest.len() >= 22 => out.pieces(|to| {
            to.push(FAMILY_INET6);
            to.extend_from_slice(&rest[6..22]);
            to.extend_from_slice(&[rest[1], rest[0]]);
        }),
        1 => out.pieces(|to| {
            to.push(FAMILY_UNIX);
            unix_path(rest, to);
        }),
        2 | 10 => out.absent(),
        other => out.put(&[other as u8]),
    }
}

/// A path with its NUL; an abstract name without the NUL it begins with.
fn unix_path(path: &[u8], to: &mut Vec<u8>) {
    let path = path.strip_prefix(&[0]).unwrap_or(path);
    to.extend_from_slice(vigie_events::event::until_nul(path));
    to.push(0);
}

/// Address and port of a native `struct sockaddr` of an ip family.
fn end(native: Option<&[u8]>) -> Option<(&[u8], u16)> {
    let bytes = native?;
    let port = u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?);
    match u16::from_le_bytes(bytes.get(..2)?.try_into().ok()?) {
        2 => Some((bytes.get(4..8)?, port)),
        10 => Some((bytes.get(8..24)?, port)),
        _ => None,
    }
}

/// The tuple of a socket call, in the direction of the call: what sends and connects goes from the local end to the
/// remote one, what receives and accepts the other way round. `address`: the native address that the call was given or
/// gave, which counts where the kernel keeps none.
pub fn tuple(record: &Record<'_>, address: Option<&[u8]>, out: &mut Encoder) {
    let connects = record.event == id::CONNECT_X;
    if record.result < 0 && !(connects && record.result == EINPROGRESS) {
        return out.absent();
    }
    let Some(facts) = record.blob(tag::SOCKET).map(Facts::read) else { return out.absent() };
    let inbound = matches!(
        record.event,
        id::ACCEPT_X | id::ACCEPT4_X | id::RECV_X | id::RECVFROM_X | id::RECVMSG_X | id::RECVMMSG_X
    );
    let size = match facts.family {
        2 => 4,
        10 => 16,
        1 => return unix(&facts, inbound, address, out),
        _ => return out.absent(),
    };
    let (mut remote, mut remote_port) = (&facts.remote[..size], facts.remote_port);
    let given = end(address).filter(|(ip, _)| remote_port == 0 && ip.len() == size);
    if let Some((ip, port)) = given {
        (remote, remote_port) = (ip, port);
    }
    let local = (&facts.local[..size], facts.local_port);
    let ends = if inbound { [(remote, remote_port), local] } else { [local, (remote, remote_port)] };
    out.pieces(|to| {
        to.push(facts.family as u8);
        for (ip, port) in ends {
            to.extend_from_slice(ip);
            to.extend_from_slice(&port.to_le_bytes());
        }
    });
}

fn unix(facts: &Facts, inbound: bool, address: Option<&[u8]>, out: &mut Encoder) {
    let (source, destination) =
        if inbound { (facts.local_pointer, facts.peer_pointer) } else { (facts.peer_pointer, facts.local_pointer) };
    let mut path = &facts.path[..facts.path_length];
    if path.is_empty() {
        path = address.and_then(|native| native.strip_prefix(&[1, 0])).unwrap_or_default();
    }
    out.pieces(|to| {
        to.push(FAMILY_UNIX);
        to.extend_from_slice(&source.to_le_bytes());
        to.extend_from_slice(&destination.to_le_bytes());
        unix_path(path, to);
    });
}

/// Queue percentage, length and limit of an accepting socket.
pub fn backlog(record: &Record<'_>, out: &mut Encoder) {
    let Some(mut fields) = record.blob(tag::BACKLOG).filter(|_| record.result >= 0).map(Fields) else {
        out.u8(0);
        out.u32(0);
        return out.u32(0);
    };
    let (length, limit) = (fields.u32(), fields.u32());
    out.u8(if limit == 0 { 0 } else { (u64::from(length) * 100 / u64::from(limit)).min(255) as u8 });
    out.u32(length);
    out.u32(limit);
}
