//! What a source knows of a host before its first event: a capture's metadata blocks, or a look at a live system.

use std::net::IpAddr;

use crate::address::End;

/// Everything known at the start. A source delivers it before its first event, and again when a new section begins.
#[derive(Clone, Debug, Default)]
pub struct HostFacts {
    pub machine: Machine,
    pub threads: Vec<ListedThread>,
    /// The open descriptors of processes, by the tid of the main thread.
    pub descriptors: Vec<(i64, Vec<ListedFd>)>,
    pub interfaces: Vec<Interface>,
    pub users: Vec<ListedUser>,
    pub groups: Vec<ListedGroup>,
}

#[derive(Clone, Debug, Default)]
pub struct Machine {
    pub cpus: u32,
    pub memory_bytes: u64,
    pub max_pid: u64,
    pub hostname: Vec<u8>,
    /// Nanoseconds since the epoch.
    pub boot_ts: u64,
    pub flags: u64,
}

/// A thread as listed; names are those of the format's description. Text is bytes: nobody promised UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedThread {
    pub tid: i64,
    pub pid: i64,
    pub ptid: i64,
    pub sid: i64,
    pub vpgid: i64,
    pub pgid: i64,
    pub vtid: i64,
    pub vpid: i64,
    pub comm: Vec<u8>,
    /// `argv[0]`.
    pub exe: Vec<u8>,
    pub exepath: Vec<u8>,
    /// `argv[1..]`, each ended by a NUL.
    pub args: Vec<u8>,
    pub cwd: Vec<u8>,
    /// Each `NAME=value` ended by a NUL.
    pub env: Vec<u8>,
    /// Each `subsystem=path` ended by a NUL.
    pub cgroups: Vec<u8>,
    pub root: Vec<u8>,
    pub fdlimit: i64,
    /// Bits of the schema's `clone_flags`.
    pub flags: u32,
    pub uid: u32,
    pub gid: u32,
    pub loginuid: u32,
    pub vmsize_kb: u32,
    pub vmrss_kb: u32,
    pub vmswap_kb: u32,
    pub pfmajor: u64,
    pub pfminor: u64,
    pub pidns_init_start_ts: u64,
    pub tty: u32,
    pub exe_writable: bool,
    pub exe_upper_layer: bool,
    pub exe_lower_layer: bool,
    pub exe_from_memfd: bool,
    pub cap_inheritable: u64,
    pub cap_permitted: u64,
    pub cap_effective: u64,
    pub exe_ino: u64,
    pub exe_ctime: u64,
    pub exe_mtime: u64,
    /// Nanoseconds since the epoch; 0 when the list does not say (captures never do).
    pub start_ts: u64,
}

impl Default for ListedThread {
    /// What an older list leaves out: ids unknown (-1), root `/`, no login.
    fn default() -> Self {
        ListedThread {
            tid: -1,
            pid: -1,
            ptid: -1,
            sid: -1,
            vpgid: -1,
            pgid: -1,
            vtid: -1,
            vpid: -1,
            comm: Vec::new(),
            exe: Vec::new(),
            exepath: Vec::new(),
            args: Vec::new(),
            cwd: Vec::new(),
            env: Vec::new(),
            cgroups: Vec::new(),
            root: b"/".to_vec(),
            fdlimit: -1,
            flags: 0,
            uid: u32::MAX,
            gid: u32::MAX,
            loginuid: u32::MAX,
            vmsize_kb: 0,
            vmrss_kb: 0,
            vmswap_kb: 0,
            pfmajor: 0,
            pfminor: 0,
            pidns_init_start_ts: 0,
            tty: 0,
            exe_writable: false,
            exe_upper_layer: false,
            exe_lower_layer: false,
            exe_from_memfd: false,
            cap_inheritable: 0,
            cap_permitted: 0,
            cap_effective: 0,
            exe_ino: 0,
            exe_ctime: 0,
            exe_mtime: 0,
            start_ts: 0,
        }
    }
}

/// An open descriptor as listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedFd {
    pub fd: i64,
    pub ino: u64,
    /// The format's own number of the type, which says more than `what` (see `FdType` of the state).
    pub type_id: u8,
    pub what: ListedFdKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListedFdKind {
    Socket { source: End, destination: End, l4proto: u8 },
    Listening { local: End, l4proto: u8 },
    Unix { source: u64, destination: u64, path: Vec<u8> },
    File { open_flags: u32, name: Vec<u8>, dev: u32 },
    Named(Vec<u8>),
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    pub name: Vec<u8>,
    pub address: IpAddr,
    pub netmask: IpAddr,
    pub broadcast: IpAddr,
    pub link_speed: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedUser {
    pub uid: u32,
    pub gid: u32,
    pub name: Vec<u8>,
    pub home: Vec<u8>,
    pub shell: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedGroup {
    pub gid: u32,
    pub name: Vec<u8>,
}
