//! The descriptors that `poll` and `ppoll` report.

use std::net::{IpAddr, Ipv4Addr};

use vigie_events::address::End;
use vigie_events::id;
use vigie_filter::{Bump, Field, Value, View};
use vigie_state::Fd;
use vigie_state::fd::Detail;

use crate::table::fields;
use crate::text::Text;
use crate::{Current, parameter, path};

fields! {
    Nums = "fdlist.nums",
    Names = "fdlist.names",
    Cips = "fdlist.cips",
    Sips = "fdlist.sips",
    Cports = "fdlist.cports",
    Sports = "fdlist.sports",
}

pub(crate) fn value<'a>(current: &'a Current<'_>, number: u8, field: &Field, view: View, arena: &'a Bump) -> Value<'a> {
    let _ = (field, view);
    let event = current.event;
    let (Some(which), id::POLL_X | id::PPOLL_X, Some(list)) = (which(number), event.id, event.params.bytes(1)) else {
        return Value::Missing;
    };
    let mut text = Text::new(arena);
    for (number, _) in parameter::list_entries(list) {
        let before = text.len();
        if before > 0 {
            text.push(b',');
        }
        let start = text.len();
        write(which, number, path::descriptor(current, number), &mut text);
        if text.len() == start {
            text.truncate(before);
        }
    }
    if text.is_empty() { Value::Missing } else { Value::Text(text.done()) }
}

/// What a field lists of one descriptor; nothing for those it leaves out.
fn write(which: Which, number: i64, fd: Option<&Fd>, text: &mut Text<'_>) {
    let named = fd.filter(|fd| !fd.name.is_empty());
    let end = match which {
        Which::Nums => {
            text.signed(number);
            return;
        }
        Which::Names => {
            text.bytes(named.map_or(b"<NA>", |fd| &fd.name));
            return;
        }
        Which::Cips => fd.and_then(client),
        // A listening socket has no client; its own port is listed in place of one.
        Which::Cports => fd.and_then(|fd| client(fd).or_else(|| server(fd))),
        Which::Sips | Which::Sports => fd.and_then(server),
    };
    match (which, end) {
        (_, None) => {}
        (Which::Cips | Which::Sips, Some(end)) => {
            text.ip(end.ip);
        }
        (_, Some(end)) => {
            text.unsigned(end.port.into());
        }
    }
}

fn client(fd: &Fd) -> Option<End> {
    match fd.detail {
        Detail::Socket { source, .. } => Some(source),
        _ => None,
    }
}

fn server(fd: &Fd) -> Option<End> {
    match fd.detail {
        Detail::Socket { destination, .. } => Some(destination),
        // As the peer does: of a listening address of version 6 the first four bytes are shown.
        Detail::Listening { local, .. } => Some(match local.ip {
            IpAddr::V4(_) => local,
            IpAddr::V6(ip) => {
                let [a, b, c, d, ..] = ip.octets();
                End { ip: Ipv4Addr::new(a, b, c, d).into(), port: local.port }
            }
        }),
        _ => None,
    }
}
