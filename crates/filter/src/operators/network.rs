//! Literals of addresses and networks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address: with a dot of version 4, else of version 6. `None` when it is none.
pub fn ip(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?;
    if text.contains('.') {
        text.parse::<Ipv4Addr>().ok().map(IpAddr::V4)
    } else {
        text.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
    }
}

/// A network: an address and how many of its bits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Net {
    V4 { address: u32, mask: u32 },
    V6 { address: u128, mask: u128 },
}

impl Net {
    /// Reads `10.0.0.0/8`: the length is needed, 0 to 32 or 1 to 128; bits behind it are ignored. `None` for anything
    /// else.
    pub fn parse(text: &[u8]) -> Option<Net> {
        let slash = memchr::memchr(b'/', text)?;
        let digits = &text[slash + 1..];
        if digits.is_empty() || digits.len() > 3 || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let length = digits.iter().fold(0, |length, digit| length * 10 + u32::from(digit - b'0'));
        match ip(&text[..slash])? {
            IpAddr::V4(address) if length <= 32 => {
                let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
                Some(Net::V4 { address: address.to_bits() & mask, mask })
            }
            IpAddr::V6(address) if (1..=128).contains(&length) => {
                let mask = u128::MAX << (128 - length);
                Some(Net::V6 { address: address.to_bits() & mask, mask })
            }
            _ => None,
        }
    }

    /// Whether an address lies in the network; one of the other version never does.
    pub fn contains(&self, ip: IpAddr) -> bool {
        match (self, ip) {
            (Net::V4 { address, mask }, IpAddr::V4(ip)) => ip.to_bits() & mask == *address,
            (Net::V6 { address, mask }, IpAddr::V6(ip)) => ip.to_bits() & mask == *address,
            _ => false,
        }
    }
}
