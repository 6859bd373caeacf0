//! Addresses of sockets.

use std::net::IpAddr;

use vigie_events::address::{self, End, SockAddr, SockTuple};
use vigie_filter::Bump;

use crate::text::Text;

/// `10.0.0.1:80`, the path of a unix socket, `family 16`. `<NA>` when the bytes do not suffice.
pub(crate) fn sockaddr<'a>(bytes: &'a [u8], arena: &'a Bump) -> &'a [u8] {
    let mut text = Text::new(arena);
    match address::sockaddr(bytes) {
        Some(SockAddr::Ip(end)) => text.end(end),
        Some(SockAddr::Unix(path)) => return path,
        Some(SockAddr::Other(family)) => text.bytes(b"family ").unsigned(family.into()),
        None => return b"<NA>",
    };
    text.done()
}

/// `10.0.0.1:5->10.0.0.2:80`, or the two addresses of a unix socket in hexadecimal and its path. `NULL` when the bytes
/// do not suffice.
pub(crate) fn socktuple<'a>(bytes: &[u8], arena: &'a Bump) -> &'a [u8] {
    let mut text = Text::new(arena);
    match address::socktuple(bytes) {
        Some(SockTuple::Ip { source, destination }) => {
            let (source, destination) = unmapped(source, destination);
            text.end(source).bytes(b"->").end(destination)
        }
        Some(SockTuple::Unix { source, destination, path }) => {
            text.show(format_args!("{source:x}->{destination:x} ")).bytes(path)
        }
        Some(SockTuple::Other(family)) => text.bytes(b"family ").unsigned(family.into()),
        None => return b"NULL",
    };
    text.done()
}

/// Both ends as addresses of version 4 when both are such in disguise.
fn unmapped(source: End, destination: End) -> (End, End) {
    let (IpAddr::V6(from), IpAddr::V6(to)) = (source.ip, destination.ip) else { return (source, destination) };
    match (from.to_ipv4_mapped(), to.to_ipv4_mapped()) {
        (Some(from), Some(to)) => {
            (End { ip: from.into(), port: source.port }, End { ip: to.into(), port: destination.port })
        }
        _ => (source, destination),
    }
}
