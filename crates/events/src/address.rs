//! Socket addresses inside parameters.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub const FAMILY_UNIX: u8 = 1;
pub const FAMILY_INET: u8 = 2;
pub const FAMILY_INET6: u8 = 10;

/// An address and a port in host order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    pub ip: IpAddr,
    pub port: u16,
}

/// A `sockaddr` parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SockAddr<'a> {
    Ip(End),
    /// The path, up to its first NUL; abstract names begin with one and are then empty.
    Unix(&'a [u8]),
    Other(u8),
}

/// A `socktuple` parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SockTuple<'a> {
    Ip { source: End, destination: End },
    Unix { source: u64, destination: u64, path: &'a [u8] },
    Other(u8),
}

/// Reads a `sockaddr`. `None` when it is absent or too short.
pub fn sockaddr(bytes: &[u8]) -> Option<SockAddr<'_>> {
    let (&family, rest) = bytes.split_first()?;
    Some(match family {
        FAMILY_INET => SockAddr::Ip(end4(rest)?),
        FAMILY_INET6 => SockAddr::Ip(end6(rest)?),
        FAMILY_UNIX => SockAddr::Unix(crate::event::until_nul(rest)),
        other => SockAddr::Other(other),
    })
}

/// Reads a `socktuple`. `None` when it is absent or too short.
pub fn socktuple(bytes: &[u8]) -> Option<SockTuple<'_>> {
    let (&family, rest) = bytes.split_first()?;
    Some(match family {
        FAMILY_INET => SockTuple::Ip { source: end4(rest)?, destination: end4(rest.get(6..)?)? },
        FAMILY_INET6 => SockTuple::Ip { source: end6(rest)?, destination: end6(rest.get(18..)?)? },
        FAMILY_UNIX => SockTuple::Unix {
            source: u64::from_le_bytes(rest.get(..8)?.try_into().ok()?),
            destination: u64::from_le_bytes(rest.get(8..16)?.try_into().ok()?),
            path: crate::event::until_nul(rest.get(16..)?),
        },
        other => SockTuple::Other(other),
    })
}

fn end4(bytes: &[u8]) -> Option<End> {
    let octets: [u8; 4] = bytes.get(..4)?.try_into().ok()?;
    Some(End { ip: IpAddr::V4(Ipv4Addr::from(octets)), port: port(bytes.get(4..6)?) })
}

fn end6(bytes: &[u8]) -> Option<End> {
    let octets: [u8; 16] = bytes.get(..16)?.try_into().ok()?;
    Some(End { ip: IpAddr::V6(Ipv6Addr::from(octets)), port: port(bytes.get(16..18)?) })
}

fn port(bytes: &[u8]) -> u16 {
    u16::from_le_bytes([bytes[0], bytes[1]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tuples_of_three_families() {
        let bytes = [2, 127, 0, 0, 1, 0x50, 0, 10, 0, 0, 2, 0xbb, 1];
        let Some(SockTuple::Ip { source, destination }) = socktuple(&bytes) else { panic!() };
        assert_eq!((source.port, destination.port), (80, 443));
        assert_eq!(destination.ip.to_string(), "10.0.0.2");
        assert!(socktuple(&bytes[..12]).is_none());
        assert_eq!(socktuple(&[16]), Some(SockTuple::Other(16)));
        assert_eq!(sockaddr(b"\x01/run/x\0tail"), Some(SockAddr::Unix(b"/run/x")));
        assert!(sockaddr(b"").is_none());
    }
}
