//! Open descriptors.

use crate::map::Map;
use vigie_events::address::End;

use crate::Bytes;

/// The most descriptors kept for a process; new ones beyond are refused and counted by `Host`.
pub const MAX_FDS: usize = 4096;

/// What a descriptor is; the numbers are those of the capture format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum FdType {
    Unknown = 0,
    File = 1,
    Directory = 2,
    Ipv4 = 3,
    Ipv6 = 4,
    Ipv4Listening = 5,
    Ipv6Listening = 6,
    Pipe = 7,
    Unix = 8,
    Event = 9,
    Unsupported = 10,
    Signalfd = 11,
    Eventpoll = 12,
    Inotify = 13,
    Timerfd = 14,
    Netlink = 15,
    Bpf = 17,
    Userfaultfd = 18,
    IoUring = 19,
    Memfd = 20,
    Pidfd = 21,
}

impl FdType {
    /// The type of a number of the capture format; files come as 1 and as 16.
    pub fn from_id(id: u8) -> FdType {
        use FdType::*;
        match id {
            1 | 16 => File,
            2 => Directory,
            3 => Ipv4,
            4 => Ipv6,
            5 => Ipv4Listening,
            6 => Ipv6Listening,
            7 => Pipe,
            8 => Unix,
            9 => Event,
            10 => Unsupported,
            11 => Signalfd,
            12 => Eventpoll,
            13 => Inotify,
            14 => Timerfd,
            15 => Netlink,
            17 => Bpf,
            18 => Userfaultfd,
            19 => IoUring,
            20 => Memfd,
            21 => Pidfd,
            _ => Unknown,
        }
    }

    /// `file`; `None` for unknown and unsupported ones.
    pub fn name(self) -> Option<&'static str> {
        use FdType::*;
        Some(match self {
            Unknown | Unsupported => return None,
            File => "file",
            Directory => "directory",
            Ipv4 | Ipv4Listening => "ipv4",
            Ipv6 | Ipv6Listening => "ipv6",
            Pipe => "pipe",
            Unix => "unix",
            Event => "event",
            Signalfd => "signalfd",
            Eventpoll => "eventpoll",
            Inotify => "inotify",
            Timerfd => "timerfd",
            Netlink => "netlink",
            Bpf => "bpf",
            Userfaultfd => "userfaultfd",
            IoUring => "io_uring",
            Memfd => "memfd",
            Pidfd => "pidfd",
        })
    }

    /// The letter of `fd.typechar`.
    pub fn letter(self) -> char {
        use FdType::*;
        match self {
            Unknown => 'o',
            File => 'f',
            Directory => 'd',
            Ipv4 | Ipv4Listening => '4',
            Ipv6 | Ipv6Listening => '6',
            Pipe => 'p',
            Unix | Userfaultfd => 'u',
            Event => 'e',
            Unsupported => 'X',
            Signalfd => 's',
            Eventpoll => 'l',
            Inotify => 'i',
            Timerfd => 't',
            Netlink => 'n',
            Bpf => 'b',
            IoUring => 'r',
            Memfd => 'm',
            Pidfd => 'P',
        }
    }

    /// A connected or connectable ip socket.
    pub fn is_ip(self) -> bool {
        matches!(self, FdType::Ipv4 | FdType::Ipv6)
    }

    pub fn is_listening(self) -> bool {
        matches!(self, FdType::Ipv4Listening | FdType::Ipv6Listening)
    }
}

/// The transport of a socket; the numbers are those of the capture format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Protocol {
    #[default]
    Unknown = 0,
    Tcp = 2,
    Udp = 3,
    Icmp = 4,
    Raw = 5,
}

impl Protocol {
    /// The capture format's number.
    pub fn from_id(id: u8) -> Protocol {
        match id {
            2 => Protocol::Tcp,
            3 => Protocol::Udp,
            4 => Protocol::Icmp,
            5 => Protocol::Raw,
            _ => Protocol::Unknown,
        }
    }

    pub fn name(self) -> Option<&'static str> {
        match self {
            Protocol::Unknown => None,
            Protocol::Tcp => Some("tcp"),
            Protocol::Udp => Some("udp"),
            Protocol::Icmp => Some("icmp"),
            Protocol::Raw => Some("raw"),
        }
    }
}

/// Which end of a conversation this descriptor is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    #[default]
    None,
    Client,
    Server,
}

/// What kinds of descriptors know beyond their name.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Detail {
    #[default]
    Nothing,
    /// `open_flags`: the schema's `file_flags`. `raw_name`: as passed to the call.
    File {
        open_flags: u32,
        dev: u32,
        raw_name: Bytes,
        upper_layer: bool,
        lower_layer: bool,
    },
    Socket {
        source: End,
        destination: End,
        protocol: Protocol,
        role: Role,
    },
    Listening {
        local: End,
        protocol: Protocol,
        role: Role,
    },
    Unix {
        source: u64,
        destination: u64,
        role: Role,
    },
    /// The pid a pidfd stands for.
    Pid(i64),
}

/// One open descriptor.
#[derive(Clone, Debug, PartialEq)]
pub struct Fd {
    pub kind: FdType,
    pub name: Bytes,
    pub ino: u64,
    pub close_on_exec: bool,
    pub connected: bool,
    pub detail: Detail,
}

impl Fd {
    pub fn new(kind: FdType, name: Bytes) -> Fd {
        Fd { kind, name, ino: 0, close_on_exec: false, connected: false, detail: Detail::Nothing }
    }

    /// How many bytes its texts take.
    fn weight(&self) -> usize {
        let raw = match &self.detail {
            Detail::File { raw_name, .. } if !raw_name.is(&self.name) => raw_name.len(),
            _ => 0,
        };
        self.name.len() + raw
    }

    pub fn is_file_or_directory(&self) -> bool {
        matches!(self.kind, FdType::File | FdType::Directory)
    }
}

/// The descriptors of a process. Small numbers, nearly all there are, lie in a row.
#[derive(Clone, Debug, Default)]
pub struct FdTable {
    low: Vec<Option<Fd>>,
    high: Map<i64, Fd>,
    count: usize,
    /// Of the texts.
    weight: usize,
}

const LOW: i64 = 256;

impl FdTable {
    #[inline]
    pub fn get(&self, fd: i64) -> Option<&Fd> {
        if (0..LOW).contains(&fd) { self.low.get(fd as usize)?.as_ref() } else { self.high.get(&fd) }
    }

    /// To change what is not text.
    pub(crate) fn get_mut(&mut self, fd: i64) -> Option<&mut Fd> {
        if (0..LOW).contains(&fd) { self.low.get_mut(fd as usize)?.as_mut() } else { self.high.get_mut(&fd) }
    }

    /// Takes a descriptor up, in place of one with its number. False when the table is full.
    pub fn insert(&mut self, number: i64, fd: Fd) -> bool {
        if self.count >= MAX_FDS && self.get(number).is_none() {
            return false;
        }
        self.weight += fd.weight();
        let before = if (0..LOW).contains(&number) {
            let index = number as usize;
            if self.low.len() <= index {
                self.low.resize(index + 1, None);
            }
            self.low[index].replace(fd)
        } else {
            self.high.insert(number, fd)
        };
        self.count += usize::from(before.is_none());
        self.weight -= before.map_or(0, |before| before.weight());
        true
    }

    pub fn remove(&mut self, fd: i64) -> Option<Fd> {
        let removed =
            if (0..LOW).contains(&fd) { self.low.get_mut(fd as usize)?.take() } else { self.high.remove(&fd) };
        self.count -= usize::from(removed.is_some());
        self.weight -= removed.as_ref().map_or(0, Fd::weight);
        removed
    }

    /// Keeps those for which `keep` answers true.
    pub fn retain(&mut self, mut keep: impl FnMut(i64, &mut Fd) -> bool) {
        let (mut count, mut weight) = (0, 0);
        let mut gone = |number: i64, fd: &mut Fd| {
            let gone = !keep(number, fd);
            count += usize::from(gone);
            weight += if gone { fd.weight() } else { 0 };
            gone
        };
        for (index, entry) in self.low.iter_mut().enumerate() {
            if entry.as_mut().is_some_and(|fd| gone(index as i64, fd)) {
                *entry = None;
            }
        }
        self.high.retain(|&number, fd| !gone(number, fd));
        self.count -= count;
        self.weight -= weight;
    }

    /// About how many bytes of memory the descriptors take, and the row that a single high number makes long.
    pub fn weight(&self) -> usize {
        let rows = self.low.capacity() * size_of::<Option<Fd>>() + self.high.capacity() * size_of::<(i64, Fd)>();
        self.weight + rows
    }

    pub fn len(&self) -> usize {
        self.count
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The low numbers ascending, then the others in no order.
    pub fn iter(&self) -> impl Iterator<Item = (i64, &Fd)> {
        let low = self.low.iter().enumerate().filter_map(|(index, fd)| Some((index as i64, fd.as_ref()?)));
        low.chain(self.high.iter().map(|(&number, fd)| (number, fd)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_bounded_and_counts() {
        let mut table = FdTable::default();
        for number in 0..MAX_FDS as i64 {
            assert!(table.insert(number, Fd::new(FdType::File, Bytes::from("x"))));
        }
        assert!(!table.insert(99_999, Fd::new(FdType::File, Bytes::from("x"))));
        assert!(table.insert(7, Fd::new(FdType::Pipe, Bytes::from("a longer name"))));
        assert!(table.remove(300).is_some() && table.remove(300).is_none());
        assert_eq!(table.len(), MAX_FDS - 1);
        table.retain(|number, _| number % 2 == 0 && number < 400);
        assert_eq!(table.len(), 199);
        assert_eq!(table.iter().count(), 199);
        assert_eq!(table.weight, 199);
    }

    /// One descriptor of a high number makes a long row of empty places, whose memory counts.
    #[test]
    fn empty_places_weigh() {
        let mut table = FdTable::default();
        table.insert(LOW - 1, Fd::new(FdType::Pipe, Bytes::default()));
        assert!(table.weight() >= LOW as usize * size_of::<Option<Fd>>());
        let mut table = FdTable::default();
        table.insert(LOW, Fd::new(FdType::Pipe, Bytes::default()));
        assert!(table.weight() >= size_of::<Fd>());
    }
}
