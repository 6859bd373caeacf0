//! The tables of sockets in `/proc/net`, one set for each network namespace.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use foldhash::fast::RandomState;
use rustix::fd::OwnedFd;
use vigie_events::address::End;
use vigie_events::facts::ListedFdKind;

use crate::descriptors::kind;
use crate::file::{self, bracketed, hex, number, words};

type Map<K, V> = HashMap<K, V, RandomState>;

const TCP: u8 = 2;
const UDP: u8 = 3;
const ICMP: u8 = 4;
const RAW: u8 = 5;

/// The most sockets remembered, of all namespaces together.
const MOST: usize = 1 << 20;
/// The most bytes read of one table.
const LARGEST: usize = 256 << 20;

/// The sockets of the namespaces met so far, each read once.
#[derive(Debug, Default)]
pub struct Tables {
    namespaces: Map<u64, Map<u64, (u8, ListedFdKind)>>,
    count: usize,
}

impl Tables {
    /// The socket of that number, in the network namespace of a process.
    pub fn find(&mut self, process: &OwnedFd, ino: u64) -> Option<(u8, ListedFdKind)> {
        let namespace = bracketed(&file::link(process, "ns/net")?)?;
        let room = MOST.saturating_sub(self.count);
        let count = &mut self.count;
        let table = self.namespaces.entry(namespace).or_insert_with(|| {
            let table = read(process, room);
            *count += table.len();
            table
        });
        table.get(&ino).cloned()
    }
}

fn read(process: &OwnedFd, room: usize) -> Map<u64, (u8, ListedFdKind)> {
    let mut table = Map::default();
    let mut keep = |entry: Option<(u64, u8, ListedFdKind)>| {
        if let Some((ino, type_id, what)) = entry.filter(|_| table.len() < room) {
            table.insert(ino, (type_id, what));
        }
    };
    let files = [
        ("net/tcp", TCP),
        ("net/tcp6", TCP),
        ("net/udp", UDP),
        ("net/udp6", UDP),
        ("net/raw", RAW),
        ("net/raw6", RAW),
        ("net/icmp", ICMP),
        ("net/icmp6", ICMP),
    ];
    for (name, protocol) in files {
        file::lines(process, name, LARGEST, |line| keep(internet(line, protocol)));
    }
    file::lines(process, "net/unix", LARGEST, |line| keep(unix(line)));
    file::lines(process, "net/netlink", LARGEST, |line| keep(netlink(line)));
    table
}

/// A line of the tables of internet sockets: its number, type and addresses. `None` for the heading, and for
/// connections that no descriptor has any more.
pub fn internet(line: &[u8], l4proto: u8) -> Option<(u64, u8, ListedFdKind)> {
    let mut fields = words(line);
    let local = end(fields.nth(1)?)?;
    let remote = end(fields.next()?)?;
    let ino = number(fields.nth(6)?).filter(|&ino| ino != 0)?;
    let v4 = local.ip.is_ipv4();
    if remote.ip.is_unspecified() {
        let type_id = if v4 { kind::IPV4_LISTENING } else { kind::IPV6_LISTENING };
        return Some((ino, type_id, ListedFdKind::Listening { local, l4proto }));
    }
    let type_id = if v4 { kind::IPV4 } else { kind::IPV6 };
    Some((ino, type_id, ListedFdKind::Socket { source: local, destination: remote, l4proto }))
}

/// `0100007F:1F90`: each group of eight digits is four bytes as this machine stores them.
fn end(text: &[u8]) -> Option<End> {
    let colon = memchr::memchr(b':', text)?;
    let (address, port) = (&text[..colon], &text[colon + 1..]);
    let group = |index: usize| -> Option<[u8; 4]> {
        let group = address.get(index * 8..index * 8 + 8)?;
        Some(u32::try_from(hex(group)?).ok()?.to_ne_bytes())
    };
    let ip: IpAddr = match address.len() {
        8 => Ipv4Addr::from(group(0)?).into(),
        32 => {
            let mut octets = [0; 16];
            for (index, octets) in octets.chunks_exact_mut(4).enumerate() {
                octets.copy_from_slice(&group(index)?);
            }
            Ipv6Addr::from(octets).into()
        }
        _ => return None,
    };
    Some(End { ip, port: hex(port)?.try_into().ok()? })
}

/// A line of the table of unix sockets.
pub fn unix(line: &[u8]) -> Option<(u64, u8, ListedFdKind)> {
    let mut fields = words(line);
    let source = hex(fields.next()?.strip_suffix(b":")?)?;
    let inode = fields.nth(5)?;
    let ino = number(inode).filter(|&ino| ino != 0)?;
    // The path may hold anything: it is what follows the number and one blank.
    let end = (inode.as_ptr() as usize - line.as_ptr() as usize) + inode.len();
    let path = line.get(end + 1..).unwrap_or_default();
    Some((ino, kind::UNIX, ListedFdKind::Unix { source, destination: 0, path: path.to_vec() }))
}

/// A line of the table of netlink sockets.
pub fn netlink(line: &[u8]) -> Option<(u64, u8, ListedFdKind)> {
    let ino = number(words(line).nth(9)?).filter(|&ino| ino != 0)?;
    Some((ino, kind::NETLINK, ListedFdKind::Named(format!("socket:[{ino}]").into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str, port: u16) -> End {
        End { ip: text.parse().unwrap(), port }
    }

    #[test]
    fn internet_sockets() {
        if cfg!(target_endian = "big") {
            return;
        }
        let line =
            b"   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 12345 1 0";
        let local = address("127.0.0.1", 8080);
        assert_eq!(internet(line, TCP), Some((12345, 5, ListedFdKind::Listening { local, l4proto: TCP })));
        let line = b"  10: 0500000A:A1B2 08080808:0035 01 00000000:00000000 00:00000000 00000000  0 0 77 2 x";
        let (source, destination) = (address("10.0.0.5", 0xa1b2), address("8.8.8.8", 53));
        let what = ListedFdKind::Socket { source, destination, l4proto: UDP };
        assert_eq!(internet(line, UDP), Some((77, 3, what)));
        let line =
            b"   1: 00000000000000000000000001000000:0016 0000000000000000FFFF00000500000A:0400 01 0:0 0:0 0 0 0 9 1";
        let (source, destination) = (address("::1", 22), address("::ffff:10.0.0.5", 1024));
        let what = ListedFdKind::Socket { source, destination, l4proto: TCP };
        assert_eq!(internet(line, TCP), Some((9, 4, what)));
        // Nobody has it any more.
        let line = b"   0: 0100007F:1F90 0100007F:0001 06 00000000:00000000 00:00000000 00000000     0        0 0 3 0";
        assert_eq!(internet(line, TCP), None);
        assert_eq!(internet(b"  sl  local_address rem_address   st tx_queue", TCP), None);
    }

    #[test]
    fn unix_and_netlink_sockets() {
        let line = b"00000000eca8ea70: 00000003 00000000 00000000 0001 03  1677";
        let what = |path: &[u8]| ListedFdKind::Unix { source: 0xeca8_ea70, destination: 0, path: path.to_vec() };
        assert_eq!(unix(line), Some((1677, 8, what(b""))));
        let line = b"00000000eca8ea70: 00000002 00000000 00010000 0001 01 22 /run/a  b: c";
        assert_eq!(unix(line), Some((22, 8, what(b"/run/a  b: c"))));
        assert_eq!(unix(b"Num       RefCount Protocol Flags    Type St Inode Path"), None);
        let line = b"00000000d762b10f 4   0          00000000 0        0        0     2        0        1591    ";
        assert_eq!(netlink(line), Some((1591, 15, ListedFdKind::Named(b"socket:[1591]".to_vec()))));
        assert_eq!(
            netlink(b"sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode"),
            None
        );
    }
}
