//! The open descriptors of one process.

use std::net::{Ipv4Addr, Ipv6Addr};

use vigie_events::address::End;
use vigie_events::facts::{ListedFd, ListedFdKind};

use crate::cursor::Cursor;

pub const UNKNOWN: u8 = 0;
pub const IPV4: u8 = 3;
pub const IPV6: u8 = 4;
pub const IPV4_SERVER: u8 = 5;
pub const IPV6_SERVER: u8 = 6;
pub const UNIX: u8 = 8;
pub const FILE_V2: u8 = 16;

/// The thread and its descriptors, no more than `most` of them. `None` when an entry is damaged.
pub fn read(body: &[u8], sized: bool, most: usize) -> Option<(i64, Vec<ListedFd>)> {
    let mut fields = Cursor::new(body);
    let tid = fields.i64()?;
    let mut listed = Vec::new();
    while fields.left() >= 4 {
        let fd = if sized { read_fd(&mut fields.entry(true)?, true)? } else { read_fd(&mut fields, false)? };
        if listed.len() < most {
            listed.push(fd);
        }
    }
    Some((tid, listed))
}

fn read_fd(fields: &mut Cursor<'_>, sized: bool) -> Option<ListedFd> {
    let (fd, ino, type_id) = (fields.i64()?, fields.u64()?, fields.u8()?);
    let what = match type_id {
        UNKNOWN => ListedFdKind::Unknown,
        IPV4 => {
            let (source, destination) = (Ipv4Addr::from(fields.array::<4>()?), Ipv4Addr::from(fields.array::<4>()?));
            ListedFdKind::Socket {
                source: End { ip: source.into(), port: fields.u16()? },
                destination: End { ip: destination.into(), port: fields.u16()? },
                l4proto: fields.u8()?,
            }
        }
        IPV6 => {
            let (source, destination) = (Ipv6Addr::from(fields.array::<16>()?), Ipv6Addr::from(fields.array::<16>()?));
            ListedFdKind::Socket {
                source: End { ip: source.into(), port: fields.u16()? },
                destination: End { ip: destination.into(), port: fields.u16()? },
                l4proto: fields.u8()?,
            }
        }
        IPV4_SERVER => ListedFdKind::Listening {
            local: End { ip: Ipv4Addr::from(fields.array::<4>()?).into(), port: fields.u16()? },
            l4proto: fields.u8()?,
        },
        IPV6_SERVER => ListedFdKind::Listening {
            local: End { ip: Ipv6Addr::from(fields.array::<16>()?).into(), port: fields.u16()? },
            l4proto: fields.u8()?,
        },
        UNIX => ListedFdKind::Unix { source: fields.u64()?, destination: fields.u64()?, path: fields.text()? },
        FILE_V2 => ListedFdKind::File {
            open_flags: fields.u32()?,
            name: fields.text()?,
            dev: if sized { fields.u32().unwrap_or(0) } else { 0 },
        },
        _ => ListedFdKind::Named(fields.text()?),
    };
    Some(ListedFd { fd, ino, type_id, what })
}
