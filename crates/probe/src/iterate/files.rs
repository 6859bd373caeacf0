//! Records of open descriptors as the list of the state has them.

use std::net::IpAddr;

use vigie_events::address::End;
use vigie_events::facts::{ListedFd, ListedFdKind};
use vigie_procfs::descriptors::{self, Told, kind, told};

use super::Record;
use crate::sockets;
use crate::wire::{Fields, tag};

/// Descriptors of all processes together.
const MOST: usize = 1 << 21;

const O_CLOEXEC: u32 = 0o2_000_000;
/// Bits of the schema's `file_flags` that only the kernel knows.
const UPPER_LAYER: u32 = 1 << 15;
const LOWER_LAYER: u32 = 1 << 16;

const S_IFMT: u32 = 0o170_000;
const S_IFDIR: u32 = 0o040_000;
const S_IFIFO: u32 = 0o010_000;
const S_IFSOCK: u32 = 0o140_000;

/// Numbers of the capture format.
const TCP: u8 = 2;
const UDP: u8 = 3;
const ICMP: u8 = 4;
const RAW: u8 = 5;

/// The descriptors met so far, those of a process together.
#[derive(Default)]
pub struct Files {
    count: usize,
    processes: Vec<(i64, Vec<ListedFd>)>,
}

impl Files {
    /// False when no more are taken.
    pub fn add(&mut self, record: &Record<'_>) -> bool {
        let Some(blob) = record.blob(tag::LISTED_FILE) else { return true };
        if self.count >= MOST {
            return false;
        }
        let open = Open::read(blob);
        let Some(listed) = descriptor(&open, record) else { return true };
        let pid = i64::from(open.pid);
        match self.processes.last_mut() {
            Some((last, of_one)) if *last == pid => {
                if of_one.len() >= descriptors::MOST {
                    return true;
                }
                of_one.push(listed);
            }
            _ => self.processes.push((pid, vec![listed])),
        }
        self.count += 1;
        true
    }

    pub fn listed(self) -> Vec<(i64, Vec<ListedFd>)> {
        self.processes
    }
}

/// `struct listed_file`.
struct Open {
    pid: i32,
    fd: u32,
    flags: u32,
    closes_on_exec: bool,
    pidfd: i32,
    older_pidfd: i32,
    socket_type: u16,
    socket_protocol: u16,
    socket_state: u32,
}

impl Open {
    fn read(blob: &[u8]) -> Open {
        let mut fields = Fields(blob);
        Open {
            pid: fields.i32(),
            fd: fields.u32(),
            flags: fields.u32(),
            closes_on_exec: fields.u32() != 0,
            pidfd: fields.i32(),
            older_pidfd: fields.i32(),
            socket_type: fields.u16(),
            socket_protocol: fields.u16(),
            socket_state: fields.u32(),
        }
    }

    /// As `/proc/PID/fdinfo` shows them.
    fn open_flags(&self) -> u32 {
        (self.flags & !O_CLOEXEC) | if self.closes_on_exec { O_CLOEXEC } else { 0 }
    }
}

fn descriptor(open: &Open, record: &Record<'_>) -> Option<ListedFd> {
    let mut file = Fields(record.blob(tag::FILE)?);
    let (ino, dev, _mode, layer, inode_mode) = (file.u64(), file.u32(), file.u32(), file.u32(), file.u32());
    let fd = open.fd.into();
    if inode_mode & S_IFMT == S_IFSOCK && record.blob(tag::NAME).is_none() {
        let (type_id, what) = record
            .blob(tag::SOCKET)
            .and_then(|blob| socket(open, blob))
            .unwrap_or_else(|| (kind::UNSUPPORTED, ListedFdKind::Named(format!("socket:[{ino}]").into_bytes())));
        let what = match what {
            ListedFdKind::Unknown => ListedFdKind::Named(format!("socket:[{ino}]").into_bytes()),
            what => what,
        };
        return Some(ListedFd { fd, ino, type_id, what });
    }
    let name = vigie_events::event::until_nul(record.blob(tag::NAME)?).to_vec();
    let (type_id, ino, what) = match told(&name) {
        Told::Anonymous(kind::PIDFD) => {
            let pid = if open.pidfd != 0 { open.pidfd } else { open.older_pidfd };
            (kind::PIDFD, 0, ListedFdKind::Named(format!("/proc/{pid}").into_bytes()))
        }
        Told::Anonymous(type_id) => (type_id, 0, ListedFdKind::Named(Vec::new())),
        Told::Numbered(type_id, ino) => (type_id, ino, ListedFdKind::Named(name)),
        Told::Path => match inode_mode & S_IFMT {
            S_IFDIR => (kind::DIRECTORY, ino, ListedFdKind::Named(name)),
            S_IFIFO => (kind::PIPE, ino, ListedFdKind::Named(name)),
            0 | S_IFSOCK => (kind::UNSUPPORTED, ino, ListedFdKind::Named(name)),
            _ if name.starts_with(b"/memfd:") => (kind::MEMFD, ino, ListedFdKind::Named(name)),
            _ => {
                let layer = match layer {
                    1 => UPPER_LAYER,
                    2 => LOWER_LAYER,
                    _ => 0,
                };
                let open_flags = descriptors::flags(open.open_flags()) | layer;
                (kind::FILE, ino, ListedFdKind::File { open_flags, name, dev: device(dev) })
            }
        },
    };
    Some(ListedFd { fd, ino, type_id, what })
}

/// The encoding that the kernel shows: of its own, the upper 12 bits are the major number.
fn device(kernel: u32) -> u32 {
    let (major, minor) = (kernel >> 20, kernel & 0xf_ffff);
    (minor & 0xff) | major << 8 | (minor & 0xf_ff00) << 12
}

/// `None` and `Unknown` for those that `/proc/net` does not list or that have no addresses.
fn socket(open: &Open, blob: &[u8]) -> Option<(u8, ListedFdKind)> {
    const STREAM: u16 = 1;
    const DATAGRAM: u16 = 2;
    const RAW_SOCKET: u16 = 3;
    const CLOSED: u32 = 7;
    let facts = sockets::Facts::read(blob);
    let (v4, size) = match facts.family {
        1 => return Some((kind::UNIX, unix(&facts))),
        2 => (true, 4),
        10 => (false, 16),
        16 => return Some((kind::NETLINK, ListedFdKind::Unknown)),
        _ => return None,
    };
    let l4proto = match (open.socket_type, open.socket_protocol) {
        // Not bound and not connected, it is nobody's end.
        (STREAM, 6) => (open.socket_state != CLOSED).then_some(TCP)?,
        (DATAGRAM, 17) => (facts.local_port != 0).then_some(UDP)?,
        (DATAGRAM, 1 | 58) => (facts.local_port != 0).then_some(ICMP)?,
        (RAW_SOCKET, _) => RAW,
        _ => return None,
    };
    let end = |address: &[u8; 16], port: u16| -> End {
        let ip = match address[..size].try_into().map(|octets: [u8; 4]| IpAddr::from(octets)) {
            Ok(v4) => v4,
            Err(_) => IpAddr::from(*address),
        };
        End { ip, port }
    };
    let local = end(&facts.local, facts.local_port);
    let destination = end(&facts.remote, facts.remote_port);
    if destination.ip.is_unspecified() {
        let type_id = if v4 { kind::IPV4_LISTENING } else { kind::IPV6_LISTENING };
        return Some((type_id, ListedFdKind::Listening { local, l4proto }));
    }
    let type_id = if v4 { kind::IPV4 } else { kind::IPV6 };
    Some((type_id, ListedFdKind::Socket { source: local, destination, l4proto }))
}

/// An abstract name is shown with `@` in the place of each NUL.
fn unix(facts: &sockets::Facts) -> ListedFdKind {
    let path = &facts.path[..facts.path_length];
    let path = match path.first() {
        Some(0) => path.iter().map(|&byte| if byte == 0 { b'@' } else { byte }).collect(),
        _ => vigie_events::event::until_nul(path).to_vec(),
    };
    ListedFdKind::Unix { source: facts.local_pointer, destination: facts.peer_pointer, path }
}
