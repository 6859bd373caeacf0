//! The open descriptors of one process.

use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, StatxFlags};
use vigie_events::facts::{ListedFd, ListedFdKind};

use crate::file::{self, bracketed, number, words};

/// Numbers of the capture format.
pub mod kind {
    pub const DIRECTORY: u8 = 2;
    pub const IPV4: u8 = 3;
    pub const IPV6: u8 = 4;
    pub const IPV4_LISTENING: u8 = 5;
    pub const IPV6_LISTENING: u8 = 6;
    pub const PIPE: u8 = 7;
    pub const UNIX: u8 = 8;
    pub const EVENT: u8 = 9;
    pub const UNSUPPORTED: u8 = 10;
    pub const SIGNALFD: u8 = 11;
    pub const EVENTPOLL: u8 = 12;
    pub const INOTIFY: u8 = 13;
    pub const TIMERFD: u8 = 14;
    pub const NETLINK: u8 = 15;
    pub const FILE: u8 = 16;
    pub const BPF: u8 = 17;
    pub const USERFAULTFD: u8 = 18;
    pub const IO_URING: u8 = 19;
    pub const MEMFD: u8 = 20;
    pub const PIDFD: u8 = 21;
}

/// The most descriptors listed of one process, as many as its table takes.
pub const MOST: usize = 4096;

/// The open descriptors with the lowest numbers, no more than `most`. Sockets are only named; see `with_socket`.
pub fn all(process: &OwnedFd, most: usize) -> Vec<ListedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let Ok(folder) = rustix::fs::openat(process, "fd", flags, Mode::empty()) else { return Vec::new() };
    let Ok(entries) = Dir::read_from(&folder) else { return Vec::new() };
    let numbers = entries.map_while(Result::ok).filter_map(|entry| number(entry.file_name().to_bytes()));
    numbers.take(most.min(MOST)).filter_map(|fd| one(process, fd.try_into().ok()?)).collect()
}

/// One open descriptor. `None` when it is not open, or not any more.
pub fn one(process: &OwnedFd, fd: i64) -> Option<ListedFd> {
    let name = format!("fd/{fd}");
    let link = file::link(process, &name)?;
    let (type_id, ino, what) = match told(&link) {
        Told::Anonymous(kind::PIDFD) => (kind::PIDFD, 0, ListedFdKind::Named(pidfd(process, fd))),
        Told::Anonymous(type_id) => (type_id, 0, ListedFdKind::Named(Vec::new())),
        Told::Numbered(type_id, ino) => (type_id, ino, ListedFdKind::Named(link)),
        Told::Path => by_path(process, fd, &name, link)?,
    };
    Some(ListedFd { fd, ino, type_id, what })
}

/// What the text of the link says already.
#[derive(Debug, PartialEq, Eq)]
pub enum Told {
    /// A kind of its own, without a name.
    Anonymous(u8),
    /// `pipe:[1]` and such: the type and the number.
    Numbered(u8, u64),
    Path,
}

/// Looks at the text of a link.
pub fn told(link: &[u8]) -> Told {
    if let Some(name) = link.strip_prefix(b"anon_inode:") {
        let name = name.strip_prefix(b"[").and_then(|name| name.strip_suffix(b"]")).unwrap_or(name);
        return Told::Anonymous(match name {
            b"eventfd" => kind::EVENT,
            b"eventpoll" => kind::EVENTPOLL,
            b"inotify" => kind::INOTIFY,
            b"signalfd" => kind::SIGNALFD,
            b"timerfd" => kind::TIMERFD,
            b"io_uring" => kind::IO_URING,
            b"userfaultfd" => kind::USERFAULTFD,
            b"pidfd" => kind::PIDFD,
            _ if name.starts_with(b"bpf") || name == b"btf" => kind::BPF,
            _ => kind::UNSUPPORTED,
        });
    }
    let numbered = |prefix: &[u8]| if link.starts_with(prefix) { bracketed(link) } else { None };
    if let Some(ino) = numbered(b"pipe:[") {
        return Told::Numbered(kind::PIPE, ino);
    }
    if let Some(ino) = numbered(b"socket:[") {
        return Told::Numbered(kind::UNSUPPORTED, ino);
    }
    if link.starts_with(b"pidfd:[") {
        return Told::Anonymous(kind::PIDFD);
    }
    Told::Path
}

/// What has a path: files, directories, pipes with a name.
fn by_path(process: &OwnedFd, fd: i64, name: &str, link: Vec<u8>) -> Option<(u8, u64, ListedFdKind)> {
    // What the kernel knows is enough; no server is asked.
    let stat = rustix::fs::statx(process, name, AtFlags::STATX_DONT_SYNC, StatxFlags::BASIC_STATS).ok()?;
    let ino = stat.stx_ino;
    Some(match FileType::from_raw_mode(u32::from(stat.stx_mode)) {
        FileType::Directory => (kind::DIRECTORY, ino, ListedFdKind::Named(link)),
        FileType::Fifo => (kind::PIPE, ino, ListedFdKind::Named(link)),
        FileType::Unknown | FileType::Socket => (kind::UNSUPPORTED, ino, ListedFdKind::Named(link)),
        _ if link.starts_with(b"/memfd:") => (kind::MEMFD, ino, ListedFdKind::Named(link)),
        _ => {
            let info = file::text(process, &format!("fdinfo/{fd}"), 4096).unwrap_or_default();
            let dev = device(stat.stx_dev_major, stat.stx_dev_minor);
            (kind::FILE, ino, ListedFdKind::File { open_flags: flags(open_flags(&info)), name: link, dev })
        }
    })
}

/// The name of a descriptor that stands for a process.
fn pidfd(process: &OwnedFd, fd: i64) -> Vec<u8> {
    let info = file::text(process, &format!("fdinfo/{fd}"), 4096).unwrap_or_default();
    let pid = info.split(|&byte| byte == b'\n').find_map(|line| words(line.strip_prefix(b"Pid:")?).next());
    pid.and_then(number).map_or_else(Vec::new, |pid| format!("/proc/{pid}").into_bytes())
}

/// The kernel's own encoding of a device.
fn device(major: u32, minor: u32) -> u32 {
    (minor & 0xff) | (major & 0xfff) << 8 | (minor & 0xf_ff00) << 12
}

/// The flags, octal, of `/proc/PID/fdinfo/FD`; 0 when it has none.
pub fn open_flags(info: &[u8]) -> u32 {
    let line = info.split(|&byte| byte == b'\n').find_map(|line| words(line.strip_prefix(b"flags:")?).next());
    let text = line.and_then(|text| std::str::from_utf8(text).ok());
    text.and_then(|text| u32::from_str_radix(text, 8).ok()).unwrap_or(0)
}

/// The schema's `file_flags` of the kernel's flags.
pub fn flags(kernel: u32) -> u32 {
    let kernel = OFlags::from_bits_retain(kernel);
    let access = if kernel.contains(OFlags::RDWR) {
        3
    } else if kernel.contains(OFlags::WRONLY) {
        2
    } else {
        1
    };
    // Those that contain another one come with it: O_SYNC has O_DSYNC in it, O_TMPFILE has O_DIRECTORY.
    let bits = [
        (OFlags::CREATE, 4),
        (OFlags::APPEND, 8),
        (OFlags::DSYNC, 16),
        (OFlags::EXCL, 32),
        (OFlags::NONBLOCK, 64),
        (OFlags::SYNC, 128),
        (OFlags::TRUNC, 256),
        (OFlags::DIRECT, 512),
        (OFlags::DIRECTORY, 1024),
        (LARGEFILE, 2048),
        (OFlags::CLOEXEC, 4096),
        (OFlags::TMPFILE, 8192),
    ];
    bits.iter().filter(|(flag, _)| kernel.contains(*flag)).fold(access, |all, (_, bit)| all | bit)
}

/// The kernel's, which C libraries define as nothing where it is always set.
const LARGEFILE: OFlags = OFlags::from_bits_retain(if cfg!(target_arch = "aarch64") { 0o400_000 } else { 0o100_000 });

/// The descriptor, told of as what `find` knows by the number of its socket.
pub fn with_socket(mut listed: ListedFd, find: impl FnOnce(u64) -> Option<(u8, ListedFdKind)>) -> ListedFd {
    let is_socket = matches!(&listed.what, ListedFdKind::Named(name) if name.starts_with(b"socket:["));
    if is_socket {
        if let Some((type_id, what)) = find(listed.ino) {
            (listed.type_id, listed.what) = (type_id, what);
        }
    }
    listed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_tell() {
        assert_eq!(told(b"anon_inode:[eventfd]"), Told::Anonymous(9));
        assert_eq!(told(b"anon_inode:inotify"), Told::Anonymous(13));
        assert_eq!(told(b"anon_inode:bpf-map"), Told::Anonymous(17));
        assert_eq!(told(b"anon_inode:[perf_event]"), Told::Anonymous(10));
        assert_eq!(told(b"pipe:[77]"), Told::Numbered(7, 77));
        assert_eq!(told(b"socket:[78]"), Told::Numbered(10, 78));
        assert_eq!(told(b"/tmp/pipe:[1]"), Told::Path);
        assert_eq!(told(b"socket:[x]"), Told::Path);
    }

    #[test]
    fn flags_of_the_schema() {
        assert_eq!(flags(0), 1);
        assert_eq!(flags(0o2) & 3, 3);
        assert_eq!(flags((OFlags::WRONLY | OFlags::APPEND | OFlags::CLOEXEC).bits()), 2 | 8 | 4096);
        assert_eq!(flags((OFlags::DIRECTORY | OFlags::NONBLOCK).bits()), 1 | 1024 | 64);
        assert_eq!(flags(OFlags::SYNC.bits()), 1 | 128 | 16);
        assert_eq!(open_flags(b"pos:\t0\nflags:\t02100001\nmnt_id:\t9\n"), 0o2_100_001);
        assert_eq!(open_flags(b"flags:\tx\n"), 0);
    }

    #[test]
    fn devices_as_the_kernel_writes_them() {
        // 8:1 is 0x801, and 259:300 has the low byte of its minor number in front.
        assert_eq!(device(8, 1), 0x801);
        assert_eq!(device(259, 300), 44 | 259 << 8 | 256 << 12);
    }
}
