//! What the proc file system and the account files tell of a live host: everything before the first event, and single
//! threads and descriptors later, when an event speaks of one that nobody told of.
//!
//! What is read here is written by the processes that are watched: all reads are bounded, what cannot be read or makes
//! no sense is left out, and a process that makes its own `/proc` files hang (its memory may lie on a file system of
//! its own) holds up a helper thread, not the caller.

pub mod accounts;
pub mod cgroups;
pub mod descriptors;
mod file;
mod interfaces;
mod looker;
mod machine;
mod scan;
pub mod sockets;
pub mod stat;
pub mod status;
mod threads;

use std::path::{Path, PathBuf};

use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags};
use vigie_events::HostFacts;
use vigie_events::facts::{ListedFd, ListedGroup, ListedThread, ListedUser};

pub use looker::Looker;
pub use scan::Listed;
pub use threads::arguments;

/// A proc file system and the account files beside it.
#[derive(Clone, Debug)]
pub struct ProcFs {
    root: PathBuf,
}

impl ProcFs {
    /// `root` is where the host's own root is to be found: empty, or `/host` in a container that has it there.
    pub fn new(root: impl Into<PathBuf>) -> ProcFs {
        ProcFs { root: root.into() }
    }

    /// Everything known before the first event. What cannot be read is missing from it, and nothing fails.
    pub fn host_facts(&self) -> HostFacts {
        self.host_facts_with(|boot_ts| self.processes(boot_ts))
    }

    /// As `host_facts`, with threads and descriptors from elsewhere. `processes` is given when the host started, in
    /// nanoseconds since the epoch.
    pub fn host_facts_with(&self, processes: impl FnOnce(u64) -> Listed) -> HostFacts {
        let machine = machine::machine(self);
        let (threads, descriptors) = processes(machine.boot_ts);
        let (users, groups) = self.accounts();
        HostFacts { machine, threads, descriptors, interfaces: interfaces::interfaces(), users, groups }
    }

    /// All threads and descriptors.
    pub fn processes(&self, boot_ts: u64) -> Listed {
        scan::processes(self, self.pids(), boot_ts)
    }

    /// The threads and descriptors of some processes.
    pub fn processes_of(&self, pids: Vec<i64>, boot_ts: u64) -> Listed {
        scan::processes(self, pids, boot_ts)
    }

    /// The numbers of all processes.
    pub fn pids(&self) -> Vec<i64> {
        scan::numbers(self, "proc")
    }

    /// One thread, main or not, as it is now. May wait for the thread's memory; `Looker` does not.
    pub fn thread(&self, tid: i64) -> Option<ListedThread> {
        threads::one(self, tid, machine::boot_ts(self))
    }

    /// One open descriptor of a process. Sockets are told of by their table in `/proc/net`.
    pub fn descriptor(&self, pid: i64, fd: i64) -> Option<ListedFd> {
        let process = self.process(pid)?;
        let listed = descriptors::one(&process, fd)?;
        Some(descriptors::with_socket(listed, |ino| sockets::Tables::default().find(&process, ino)))
    }

    /// The name of a thread that lives.
    pub fn alive(&self, tid: i64) -> Option<Vec<u8>> {
        let comm = file::text(&self.process(tid)?, "comm", 64)?;
        Some(comm.strip_suffix(b"\n").map_or(comm.clone(), <[u8]>::to_vec))
    }

    /// The users and groups of the host.
    pub fn accounts(&self) -> (Vec<ListedUser>, Vec<ListedGroup>) {
        let read = |name: &str| file::of_path(&self.path(name), accounts::LARGEST).unwrap_or_default();
        (accounts::users(&read("etc/passwd")), accounts::groups(&read("etc/group")))
    }

    /// A path of the host, `/` in front of it or not.
    fn path(&self, path: &str) -> PathBuf {
        let root = if self.root.as_os_str().is_empty() { Path::new("/") } else { &self.root };
        root.join(path.trim_start_matches('/'))
    }

    /// The folder of a process or thread: what is read below it is of that one, never of a later one with its number.
    fn process(&self, tid: i64) -> Option<OwnedFd> {
        if tid <= 0 {
            return None;
        }
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        rustix::fs::open(self.path(&format!("proc/{tid}")), flags, Mode::empty()).ok()
    }
}
