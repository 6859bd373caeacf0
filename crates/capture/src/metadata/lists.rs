//! Interfaces, users and groups.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use vigie_events::facts::{Interface, ListedGroup, ListedUser};

use crate::cursor::Cursor;

/// Reads entries while at least four bytes remain. With sizes, entries of unknown type are passed over. `None` when
/// an entry is damaged.
pub fn interfaces(body: &[u8], sized: bool, interfaces: &mut Vec<Interface>, most: usize) -> Option<()> {
    let mut fields = Cursor::new(body);
    while fields.left() >= 4 {
        let interface = if sized {
            let mut entry = fields.entry(false)?;
            interface(&mut entry)?
        } else {
            Some(interface(&mut fields)??)
        };
        if let Some(interface) = interface.filter(|_| interfaces.len() < most) {
            interfaces.push(interface);
        }
    }
    Some(())
}

/// `Some(None)` for a type that is not known.
fn interface(fields: &mut Cursor<'_>) -> Option<Option<Interface>> {
    let (kind, name_length) = (fields.u16()?, fields.u16()?);
    let mut address = || -> Option<IpAddr> {
        Some(match kind {
            1 | 3 => Ipv4Addr::from(fields.array::<4>()?).into(),
            _ => Ipv6Addr::from(fields.array::<16>()?).into(),
        })
    };
    if !(1..=4).contains(&kind) {
        return Some(None);
    }
    let (address, netmask, broadcast) = (address()?, address()?, address()?);
    let link_speed = if kind <= 2 { Some(fields.u64()?) } else { None };
    let name = fields.take(usize::from(name_length))?.to_vec();
    Some(Some(Interface { name, address, netmask, broadcast, link_speed }))
}

/// Reads entries while at least four bytes remain. With sizes, entries of unknown kind are passed over. `None` when
/// an entry is damaged.
pub fn users(
    body: &[u8],
    sized: bool,
    users: &mut Vec<ListedUser>,
    groups: &mut Vec<ListedGroup>,
    most: usize,
) -> Option<()> {
    let mut fields = Cursor::new(body);
    while fields.left() >= 4 {
        let mut entry = if sized { fields.entry(true)? } else { fields };
        match entry.u8()? {
            0 => {
                let user = ListedUser {
                    uid: entry.u32()?,
                    gid: entry.u32()?,
                    name: entry.text()?,
                    home: entry.text()?,
                    shell: entry.text()?,
                };
                if users.len() < most {
                    users.push(user);
                }
            }
            1 => {
                let group = ListedGroup { gid: entry.u32()?, name: entry.text()? };
                if groups.len() < most {
                    groups.push(group);
                }
            }
            _ if sized => {}
            _ => return None,
        }
        if !sized {
            fields = entry;
        }
    }
    Some(())
}
