//! The table of threads. A process is the threads that share a `pid`; descriptors, cwd and environment are those of
//! its main thread.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::{Bytes, FdTable};

/// The most threads kept; new ones beyond are refused and counted.
pub const MAX_THREADS: usize = 262_144;

/// The place of a thread in the table, valid until the thread is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ThreadSlot(pub(crate) u32);

/// What is known of one thread. Ids that are not known are -1, all ones for users and groups.
#[derive(Clone, Debug)]
pub struct Thread {
    pub tid: i64,
    pub pid: i64,
    pub ptid: i64,
    pub vtid: i64,
    pub vpid: i64,
    pub sid: i64,
    pub pgid: i64,
    pub vpgid: i64,
    /// At most 15 bytes, as the kernel keeps it; `<NA>` for a placeholder.
    pub comm: Bytes,
    /// `argv[0]`.
    pub exe: Bytes,
    /// Without the kernel's ` (deleted)`.
    pub exepath: Bytes,
    /// `argv[1..]`, each ended by a NUL.
    pub args: Bytes,
    /// `comm` and the arguments, joined by blanks; kept since nearly every rule reads it.
    pub cmdline: Bytes,
    /// Each `NAME=value` ended by a NUL. Of main threads.
    pub env: Bytes,
    /// Ends with `/`. Of main threads.
    pub cwd: Bytes,
    pub root: Bytes,
    /// Each `subsystem=path` ended by a NUL.
    pub cgroups: Bytes,
    /// Empty for the host.
    pub container_id: Bytes,
    pub uid: u32,
    pub gid: u32,
    pub loginuid: u32,
    pub tty: u32,
    /// Bits of the schema's `clone_flags`.
    pub flags: u32,
    pub fdlimit: i64,
    pub vmsize_kb: u32,
    pub vmrss_kb: u32,
    pub vmswap_kb: u32,
    pub pfmajor: u64,
    pub pfminor: u64,
    pub cap_inheritable: u64,
    pub cap_permitted: u64,
    pub cap_effective: u64,
    pub exe_writable: bool,
    pub exe_upper_layer: bool,
    pub exe_lower_layer: bool,
    pub exe_from_memfd: bool,
    pub exe_ino: u64,
    pub exe_ctime: u64,
    pub exe_mtime: u64,
    /// Nanoseconds; 0 when unknown.
    pub exe_ctime_since_clone: u64,
    pub exe_ctime_since_pidns: u64,
    pub pidns_init_start_ts: u64,
    /// Nanoseconds since the epoch; 0 when unknown.
    pub clone_ts: u64,
    pub last_exec_ts: u64,
    /// Gone, but kept: the last thread of its process still lives, or the event that ended it is being judged.
    pub dead: bool,
    /// Made by its own clone event before its parent's was seen.
    pub inverted: bool,
    /// Known from events alone, never listed nor born before our eyes.
    pub placeholder: bool,
    /// The process adopts orphans (`PR_SET_CHILD_SUBREAPER`, or a namespace's init).
    pub reaper: bool,
    /// Threads of the process that live, the leader included. Of main threads.
    pub live_threads: u32,
    /// The process's descriptors. Of main threads; copied at fork, and only when changed after.
    pub fds: Arc<FdTable>,
    /// The last descriptor this thread handled, as an index of nothing: -1 when none.
    pub last_fd: i64,
}

impl Thread {
    /// A thread of whom only the id is known, with the values that rules then see.
    pub fn placeholder(tid: i64) -> Thread {
        let unknown = Bytes::from("<NA>");
        Thread {
            tid,
            pid: -1,
            ptid: -1,
            vtid: -1,
            vpid: -1,
            sid: -1,
            pgid: -1,
            vpgid: -1,
            comm: unknown.clone(),
            exe: unknown.clone(),
            exepath: Bytes::default(),
            args: Bytes::default(),
            cmdline: unknown,
            env: Bytes::default(),
            cwd: Bytes::default(),
            root: Bytes::from("/"),
            cgroups: Bytes::default(),
            container_id: Bytes::default(),
            uid: u32::MAX,
            gid: u32::MAX,
            loginuid: u32::MAX,
            tty: 0,
            flags: 0,
            fdlimit: -1,
            vmsize_kb: 0,
            vmrss_kb: 0,
            vmswap_kb: 0,
            pfmajor: 0,
            pfminor: 0,
            cap_inheritable: 0,
            cap_permitted: 0,
            cap_effective: 0,
            exe_writable: false,
            exe_upper_layer: false,
            exe_lower_layer: false,
            exe_from_memfd: false,
            exe_ino: 0,
            exe_ctime: 0,
            exe_mtime: 0,
            exe_ctime_since_clone: 0,
            exe_ctime_since_pidns: 0,
            pidns_init_start_ts: 0,
            clone_ts: 0,
            last_exec_ts: 0,
            dead: false,
            inverted: false,
            placeholder: true,
            reaper: false,
            live_threads: 0,
            fds: Arc::default(),
            last_fd: -1,
        }
    }

    pub fn is_main(&self) -> bool {
        self.tid == self.pid
    }

    /// The arguments after `argv[0]`.
    pub fn arguments(&self) -> impl Iterator<Item = &[u8]> {
        pieces(&self.args)
    }

    /// The variables of the environment, `NAME=value` each.
    pub fn variables(&self) -> impl Iterator<Item = &[u8]> {
        pieces(&self.env)
    }

    /// Sets `cmdline` from `comm` and `args`; called whenever one of them changes.
    pub fn join_cmdline(&mut self) {
        let mut line = self.comm.to_vec();
        for argument in pieces(&self.args) {
            line.push(b' ');
            line.extend_from_slice(argument);
        }
        self.cmdline = Bytes::from(line);
    }
}

/// The strings of a run of NUL-ended strings; a last one may lack its NUL.
pub fn pieces(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes
        .strip_suffix(b"\0")
        .or(if bytes.is_empty() { None } else { Some(bytes) })
        .into_iter()
        .flat_map(|all| all.split(|&byte| byte == 0))
}

/// All threads, by tid.
#[derive(Debug, Default)]
pub struct Threads {
    slots: Vec<Option<Thread>>,
    free: Vec<u32>,
    by_tid: FxHashMap<i64, u32>,
    /// Threads that were not taken up because the table was full.
    pub refused: u64,
}

impl Threads {
    #[inline]
    pub fn find(&self, tid: i64) -> Option<ThreadSlot> {
        self.by_tid.get(&tid).copied().map(ThreadSlot)
    }

    #[inline]
    pub fn get(&self, slot: ThreadSlot) -> Option<&Thread> {
        self.slots.get(slot.0 as usize)?.as_ref()
    }

    #[inline]
    pub fn get_mut(&mut self, slot: ThreadSlot) -> Option<&mut Thread> {
        self.slots.get_mut(slot.0 as usize)?.as_mut()
    }

    pub fn by_tid(&self, tid: i64) -> Option<&Thread> {
        self.get(self.find(tid)?)
    }

    pub fn by_tid_mut(&mut self, tid: i64) -> Option<&mut Thread> {
        self.get_mut(self.find(tid)?)
    }

    /// Takes a thread up, in place of one with its tid. `None`, and counted, when the table is full.
    pub fn insert(&mut self, thread: Thread) -> Option<ThreadSlot> {
        if let Some(slot) = self.find(thread.tid) {
            self.slots[slot.0 as usize] = Some(thread);
            return Some(slot);
        }
        if self.by_tid.len() >= MAX_THREADS {
            self.refused += 1;
            return None;
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            (self.slots.len() - 1) as u32
        });
        self.by_tid.insert(thread.tid, slot);
        self.slots[slot as usize] = Some(thread);
        Some(ThreadSlot(slot))
    }

    pub fn remove(&mut self, tid: i64) -> Option<Thread> {
        let slot = self.by_tid.remove(&tid)?;
        self.free.push(slot);
        self.slots[slot as usize].take()
    }

    pub fn len(&self) -> usize {
        self.by_tid.len()
    }

    pub fn is_empty(&self) -> bool {
        self.by_tid.is_empty()
    }

    /// All threads, in no order that means anything.
    pub fn iter(&self) -> impl Iterator<Item = &Thread> {
        self.slots.iter().flatten()
    }

    /// The main thread of the thread's process; itself when it is one.
    #[inline]
    pub fn main_of<'t>(&'t self, thread: &'t Thread) -> Option<&'t Thread> {
        if thread.is_main() { Some(thread) } else { self.by_tid(thread.pid) }
    }

    /// The main thread of the process that made the thread's.
    #[inline]
    pub fn parent_of(&self, thread: &Thread) -> Option<&Thread> {
        let parent = self.by_tid(thread.ptid)?;
        self.main_of(parent)
    }

    /// The ancestors from the parent outwards; ends at a missing link, and at a cycle's first repeat of the start.
    pub fn ancestors<'t>(&'t self, thread: &'t Thread) -> impl Iterator<Item = &'t Thread> {
        let mut current = Some(thread);
        let mut left = MAX_DEPTH;
        std::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let parent = self.parent_of(current?)?;
            current = if parent.tid == thread.tid { None } else { Some(parent) };
            current
        })
    }
}

/// The longest chain of ancestors that is followed; a hostile capture may link threads in a circle.
const MAX_DEPTH: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_between_nuls() {
        let all = |bytes: &'static [u8]| pieces(bytes).map(|piece| piece.to_vec()).collect::<Vec<_>>();
        assert_eq!(all(b"a\0b\0"), [b"a", b"b"]);
        assert_eq!(all(b"a\0b"), [b"a", b"b"]);
        assert_eq!(all(b""), Vec::<Vec<u8>>::new());
        assert_eq!(all(b"\0"), [b""]);
    }

    #[test]
    fn ancestors_end_in_a_circle() {
        let mut threads = Threads::default();
        for (tid, ptid) in [(1, 3), (2, 1), (3, 2), (9, 2)] {
            threads.insert(Thread { pid: tid, ptid, ..Thread::placeholder(tid) });
        }
        let start = threads.by_tid(1).unwrap();
        assert_eq!(threads.ancestors(start).map(|thread| thread.tid).collect::<Vec<_>>(), [3, 2]);
        let outside = threads.by_tid(9).unwrap();
        assert!(threads.ancestors(outside).count() <= MAX_DEPTH);
    }
}
