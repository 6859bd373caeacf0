//! A small host, and events in short: init (1), a shell (100) with a second thread (101), and a daemon (200).

#![allow(dead_code)]

use std::net::IpAddr;

use vigie_events::facts::{Interface, ListedFd, ListedFdKind, ListedThread, Machine};
use vigie_events::{EventBuilder, HostFacts, id};
use vigie_state::{Applied, Fd, Host, Thread};

pub const SECOND: u64 = 1_000_000_000;
pub const BOOT: u64 = 1_000 * SECOND;
/// The time of the first event.
pub const START: u64 = 5_000 * SECOND;

pub const SHELL: i64 = 100;
pub const SHELL_THREAD: i64 = 101;
pub const DAEMON: i64 = 200;

pub struct Scene {
    pub host: Host,
    pub now: u64,
}

pub fn listed(tid: i64, pid: i64, ptid: i64, comm: &str) -> ListedThread {
    ListedThread {
        tid,
        pid,
        ptid,
        vtid: tid,
        vpid: pid,
        sid: pid,
        pgid: pid,
        vpgid: pid,
        comm: comm.into(),
        exe: comm.into(),
        exepath: format!("/usr/bin/{comm}").into(),
        args: b"-x\0".to_vec(),
        cwd: b"/home/me".to_vec(),
        env: b"A=1\0".to_vec(),
        uid: 1000,
        gid: 1000,
        fdlimit: 1024,
        cap_effective: 7,
        tty: 34816,
        ..ListedThread::default()
    }
}

pub fn file(fd: i64, name: &str) -> ListedFd {
    ListedFd { fd, ino: 5, type_id: 16, what: ListedFdKind::File { open_flags: 1, name: name.into(), dev: 3 } }
}

pub fn facts() -> HostFacts {
    let ip = |text: &str| text.parse::<IpAddr>().unwrap();
    let interface = |name: &str, address: &str, netmask: &str| Interface {
        name: name.into(),
        address: ip(address),
        netmask: ip(netmask),
        broadcast: ip(address),
        link_speed: None,
    };
    HostFacts {
        machine: Machine { boot_ts: BOOT, ..Machine::default() },
        threads: vec![
            listed(SHELL_THREAD, SHELL, 1, "worker"),
            listed(SHELL, SHELL, 1, "sh"),
            listed(1, 1, 0, "init"),
            listed(DAEMON, DAEMON, 1, "daemon"),
        ],
        descriptors: vec![(SHELL, vec![file(0, "/dev/pts/0"), file(9, "/srv")])],
        interfaces: vec![
            interface("lo", "127.0.0.1", "255.0.0.0"),
            interface("eth0", "10.0.0.5", "255.255.255.0"),
            interface("eth0", "fd00::5", "ffff:ffff:ffff:ffff::"),
        ],
        ..HostFacts::default()
    }
}

impl Scene {
    pub fn new() -> Scene {
        let mut host = Host::default();
        host.begin(facts());
        Scene { host, now: START }
    }

    /// An event a millisecond after the one before.
    pub fn apply(&mut self, event: EventBuilder) -> Applied {
        self.now += 1_000_000;
        let event = event.ts(self.now);
        self.host.apply(&event.event())
    }

    /// A call's exit, of the shell.
    pub fn shell(&mut self, event: EventBuilder) -> Applied {
        self.apply(event.tid(SHELL))
    }

    pub fn thread(&self, tid: i64) -> &Thread {
        self.host.threads.by_tid(tid).unwrap()
    }

    pub fn knows(&self, tid: i64) -> bool {
        self.host.threads.find(tid).is_some()
    }

    pub fn fd(&self, tid: i64, fd: i64) -> Option<&Fd> {
        self.host.fd_of(self.thread(tid), fd)
    }

    pub fn fd_name(&self, tid: i64, fd: i64) -> String {
        self.fd(tid, fd).map_or_else(|| "none".into(), |fd| String::from_utf8_lossy(&fd.name).into_owned())
    }

    /// Something that changes nothing, so that what the event before left to be removed goes.
    pub fn next(&mut self) {
        self.shell(EventBuilder::new(id::MLOCKALL_X).i64(0).u32(0));
    }

    pub fn exit(&mut self, tid: i64, reaper: i64) -> Applied {
        self.apply(EventBuilder::new(id::PROCEXIT_E).tid(tid).i64(0).i64(0).u8(0).u8(0).i64(reaper))
    }

    pub fn openat(&mut self, tid: i64, fd: i64, name: &str) -> Applied {
        self.apply(openat(fd, -100, name, 1).tid(tid))
    }
}

pub fn openat(fd: i64, dirfd: i64, name: &str, flags: u32) -> EventBuilder {
    EventBuilder::new(id::OPENAT_X).i64(fd).i64(dirfd).text(name.as_bytes()).u32(flags).u32(0).u32(66).u64(77)
}

pub const CLONE_FILES: u32 = 1;
pub const CLONE_THREAD: u32 = 8192;
pub const CLONE_VFORK: u32 = 1 << 27;
pub const CLONE_IN_PIDNS: u32 = 1 << 29;

/// What `clone` tells; ids as the reporting thread has them.
pub struct Clone {
    pub id: u16,
    pub result: i64,
    pub tid: i64,
    pub pid: i64,
    pub ptid: i64,
    pub flags: u32,
    pub vtid: i64,
    pub vpid: i64,
    pub cgroups: &'static [u8],
}

/// Of the caller of an ordinary fork.
pub fn caller(tid: i64, child: i64) -> Clone {
    Clone {
        id: id::CLONE_X,
        result: child,
        tid,
        pid: tid,
        ptid: 1,
        flags: 0,
        vtid: tid,
        vpid: tid,
        cgroups: b"cpu=/user.slice\0",
    }
}

/// Of the child of an ordinary fork.
pub fn child(tid: i64, parent: i64) -> Clone {
    Clone { result: 0, ptid: parent, ..caller(tid, 0) }
}

impl Clone {
    pub fn event(self) -> EventBuilder {
        EventBuilder::new(self.id)
            .tid(self.tid)
            .i64(self.result)
            .text(b"/bin/sh")
            .bytes(b"-c\0true\0")
            .i64(self.tid)
            .i64(self.pid)
            .i64(self.ptid)
            .text(b"")
            .i64(4096)
            .u64(11)
            .u64(12)
            .u32(13)
            .u32(14)
            .u32(15)
            .text(b"sh")
            .bytes(self.cgroups)
            .u32(self.flags)
            .u32(33)
            .u32(44)
            .i64(self.vtid)
            .i64(self.vpid)
            .u64(7 * SECOND)
    }
}

pub struct Exec {
    pub id: u16,
    pub result: i64,
    pub tid: i64,
    pub trusted: Option<&'static str>,
    pub filename: Option<&'static str>,
    pub pgid: Option<i64>,
    pub cgroups: &'static [u8],
}

pub fn exec(tid: i64) -> Exec {
    Exec {
        id: id::EXECVE_X,
        result: 0,
        tid,
        trusted: Some("/usr/bin/cat (deleted)"),
        filename: None,
        pgid: Some(55),
        cgroups: b"cpu=/user.slice\0",
    }
}

impl Exec {
    pub fn event(self) -> EventBuilder {
        let text = |event: EventBuilder, text: Option<&str>| match text {
            Some(text) => event.text(text.as_bytes()),
            None => event.absent(),
        };
        let event = EventBuilder::new(self.id).tid(self.tid).i64(self.result).text(b"cat").bytes(b"/etc/passwd\0-\0");
        let event = event.i64(self.tid).i64(self.tid).i64(1).text(b"").u64(512).u64(1).u64(2).u32(3).u32(4).u32(5);
        let event = event.text(b"cat").bytes(self.cgroups).bytes(b"B=2\0").u32(9).i64(56).u32(1001);
        let event = event.u32(1 | 4).u64(1).u64(2).u64(3).u64(99).u64(START - 10 * SECOND).u64(8).u32(0);
        let event = text(event, self.trusted);
        let event = match self.pgid {
            Some(pgid) => event.i64(pgid),
            None => event.absent(),
        };
        let event = event.u32(0);
        if self.id == id::EXECVE_X { text(event, self.filename) } else { event }
    }
}
