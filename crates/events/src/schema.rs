//! The table of event types: names, categories, flags and parameters, as in `tables/events.tsv`.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::values::{self, Table};

/// The number of event types of the schema; a larger id comes from a newer writer.
pub const TYPES: usize = 454;

/// The most parameters of any event type.
pub const MAX_PARAMS: usize = 32;

/// How the bytes of a parameter are read; named as the peer names its types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Int8,
    Int16,
    Int32,
    Int64,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Charbuf,
    Bytebuf,
    Errno,
    Sockaddr,
    Socktuple,
    Fd,
    Fd32,
    Pid,
    Pid32,
    Fdlist,
    Fspath,
    /// A path relative to the directory whose descriptor is another parameter (`Param::dirfd`).
    Fsrelpath,
    Syscallid,
    Sigtype,
    Sigset,
    Reltime,
    Abstime,
    Port,
    Uid,
    Gid,
    /// One byte selects the alternative in the parameter's table; the rest is of that kind.
    Dyn,
    Flags8,
    Flags16,
    Flags32,
    Enumflags8,
    Enumflags16,
    Enumflags32,
    Mode,
    Charbufarray,
    CharbufPairArray,
    Ipv4addr,
    Ipv6addr,
}

const KINDS: &[(&str, Kind)] = &[
    ("int8", Kind::Int8),
    ("int16", Kind::Int16),
    ("int32", Kind::Int32),
    ("int64", Kind::Int64),
    ("uint8", Kind::Uint8),
    ("uint16", Kind::Uint16),
    ("uint32", Kind::Uint32),
    ("uint64", Kind::Uint64),
    ("charbuf", Kind::Charbuf),
    ("bytebuf", Kind::Bytebuf),
    ("errno", Kind::Errno),
    ("sockaddr", Kind::Sockaddr),
    ("socktuple", Kind::Socktuple),
    ("fd", Kind::Fd),
    ("fd32", Kind::Fd32),
    ("pid", Kind::Pid),
    ("pid32", Kind::Pid32),
    ("fdlist", Kind::Fdlist),
    ("fspath", Kind::Fspath),
    ("fsrelpath", Kind::Fsrelpath),
    ("syscallid", Kind::Syscallid),
    ("sigtype", Kind::Sigtype),
    ("sigset", Kind::Sigset),
    ("reltime", Kind::Reltime),
    ("abstime", Kind::Abstime),
    ("port", Kind::Port),
    ("uid", Kind::Uid),
    ("gid", Kind::Gid),
    ("dyn", Kind::Dyn),
    ("flags8", Kind::Flags8),
    ("flags16", Kind::Flags16),
    ("flags32", Kind::Flags32),
    ("enumflags8", Kind::Enumflags8),
    ("enumflags16", Kind::Enumflags16),
    ("enumflags32", Kind::Enumflags32),
    ("mode", Kind::Mode),
    ("charbufarray", Kind::Charbufarray),
    ("charbuf_pair_array", Kind::CharbufPairArray),
    ("ipv4addr", Kind::Ipv4addr),
    ("ipv6addr", Kind::Ipv6addr),
];

impl Kind {
    /// The kind of that name. `None` for a name the schema does not have.
    pub fn named(name: &str) -> Option<Kind> {
        KINDS.iter().find(|(known, _)| *known == name).map(|&(_, kind)| kind)
    }

    /// As the peer names it, in lower case without prefix.
    pub fn name(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |&(name, _)| name)
    }
}

/// One parameter of an event type.
#[derive(Debug)]
pub struct Param {
    pub name: &'static str,
    pub kind: Kind,
    /// Names of values: of flags, of enumerations, or of the alternatives of `Kind::Dyn`.
    pub table: Option<&'static Table>,
    /// For `Kind::Fsrelpath`: the index of the parameter that holds the directory's descriptor.
    pub dirfd: Option<u8>,
}

/// What an event type does, as bits of `EventType::flags`.
pub mod flag {
    pub const CREATES_FD: u16 = 1;
    pub const DESTROYS_FD: u16 = 2;
    pub const USES_FD: u16 = 4;
    pub const READS_FROM_FD: u16 = 8;
    pub const WRITES_TO_FD: u16 = 16;
    pub const MODIFIES_STATE: u16 = 32;
    pub const UNUSED: u16 = 64;
    pub const WAITS: u16 = 128;
    pub const SKIPPARSERESET: u16 = 256;
    pub const OLD_VERSION: u16 = 512;
    pub const LARGE_PAYLOAD: u16 = 1024;
    pub const CONVERTER_MANAGED: u16 = 2048;

    const NAMES: &[(&str, u16)] = &[
        ("creates_fd", CREATES_FD),
        ("destroys_fd", DESTROYS_FD),
        ("uses_fd", USES_FD),
        ("reads_from_fd", READS_FROM_FD),
        ("writes_to_fd", WRITES_TO_FD),
        ("modifies_state", MODIFIES_STATE),
        ("unused", UNUSED),
        ("waits", WAITS),
        ("skipparsereset", SKIPPARSERESET),
        ("old_version", OLD_VERSION),
        ("large_payload", LARGE_PAYLOAD),
        ("converter_managed", CONVERTER_MANAGED),
    ];

    pub(super) fn named(name: &str) -> u16 {
        NAMES.iter().find(|(known, _)| *known == name).map_or(0, |&(_, flag)| flag)
    }

    /// The names of the bits that are set.
    pub fn names(flags: u16) -> Vec<&'static str> {
        NAMES.iter().filter(|(_, flag)| flags & flag != 0).map(|&(name, _)| name).collect()
    }
}

/// Where an event comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Syscall,
    Tracepoint,
    Metaevent,
    Plugin,
    Iterator,
    /// Types that nobody sends any more.
    None,
}

/// One event type.
#[derive(Debug)]
pub struct EventType {
    pub id: u16,
    /// `openat`; generic events are called `syscall`.
    pub name: &'static str,
    /// The category without its origin: `file`, `io_read`, …
    pub category: &'static str,
    pub origin: Origin,
    /// Bits of `flag`.
    pub flags: u16,
    pub params: Vec<Param>,
}

impl EventType {
    pub fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    /// Odd ids are the exits of system calls.
    pub fn is_exit(&self) -> bool {
        self.id % 2 == 1
    }

    /// Neither superseded nor unused.
    pub fn is_current(&self) -> bool {
        !self.has(flag::OLD_VERSION | flag::UNUSED)
    }

    /// The index of a parameter.
    pub fn param(&self, name: &str) -> Option<usize> {
        self.params.iter().position(|param| param.name == name)
    }
}

static EVENT_TYPES: LazyLock<Vec<EventType>> = LazyLock::new(|| {
    include_str!("tables/events.tsv").lines().filter(|line| !line.starts_with('#')).map(read).collect()
});

static BY_NAME: LazyLock<HashMap<&'static str, Vec<u16>>> = LazyLock::new(|| {
    let mut names: HashMap<&'static str, Vec<u16>> = HashMap::new();
    for event_type in event_types() {
        names.entry(event_type.name).or_default().push(event_type.id);
    }
    names
});

/// All event types, by id.
pub fn event_types() -> &'static [EventType] {
    &EVENT_TYPES
}

/// The event type of an id. `None` when a newer writer made it.
pub fn event_type(id: u16) -> Option<&'static EventType> {
    EVENT_TYPES.get(usize::from(id))
}

/// The ids of all types of a name, old ones too, ascending. Empty for an unknown name.
pub fn ids_named(name: &str) -> &'static [u16] {
    BY_NAME.get(name).map_or(&[], Vec::as_slice)
}

fn read(line: &'static str) -> EventType {
    let mut columns = line.split('\t');
    let mut column = || columns.next().unwrap_or("");
    let (id, name, categories, flags, params) = (column(), column(), column(), column(), column());
    let mut category = "";
    let mut origin = Origin::None;
    for word in categories.split('|') {
        match word {
            "syscall" => origin = Origin::Syscall,
            "tracepoint" => origin = Origin::Tracepoint,
            "metaevent" => origin = Origin::Metaevent,
            "plugin" => origin = Origin::Plugin,
            "iter" => origin = Origin::Iterator,
            _ => category = word,
        }
    }
    EventType {
        id: id.parse().unwrap_or(u16::MAX),
        name,
        category,
        origin,
        flags: flags.split('|').map(flag::named).fold(0, |all, one| all | one),
        params: params.split(';').filter(|text| !text.is_empty()).map(read_param).collect(),
    }
}

fn read_param(text: &'static str) -> Param {
    let (name, rest) = text.split_once(':').unwrap_or((text, ""));
    let (kind, argument) = rest.split_once('(').unwrap_or((rest, ""));
    let argument = argument.trim_end_matches(')');
    let dirfd = argument.strip_prefix("dirfd=").and_then(|index| index.parse().ok());
    let table = if argument.is_empty() || dirfd.is_some() { None } else { values::table(argument) };
    Param { name, kind: Kind::named(kind).unwrap_or(Kind::Bytebuf), table, dirfd }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_understood() {
        assert_eq!(event_types().len(), TYPES);
        for (index, (event_type, line)) in
            event_types().iter().zip(include_str!("tables/events.tsv").lines().skip(1)).enumerate()
        {
            assert_eq!(usize::from(event_type.id), index);
            assert!(event_type.params.len() <= MAX_PARAMS, "{line}");
            let columns: Vec<&str> = line.split('\t').collect();
            for word in columns[3].split('|').filter(|word| !word.is_empty()) {
                assert_ne!(flag::named(word), 0, "{word}");
            }
            for (param, text) in event_type.params.iter().zip(columns[4].split(';')) {
                let kind = text.split(':').nth(1).and_then(|rest| rest.split('(').next()).unwrap_or("");
                assert_eq!(Some(param.kind), Kind::named(kind), "{text}");
                assert_eq!(text.contains('('), param.table.is_some() || param.dirfd.is_some(), "{text}");
            }
        }
    }

    #[test]
    fn types_are_found_by_name() {
        assert_eq!(ids_named("creat"), [58, 59]);
        assert_eq!(ids_named("no such call"), [0u16; 0]);
        assert_eq!(event_type(307).map(|openat| openat.name), Some("openat"));
    }
}
