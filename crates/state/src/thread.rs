//! One thread. A process is the threads that share a `pid`; descriptors, cwd and environment are those of
//! its main thread.

use std::sync::Arc;

use crate::{Bytes, FdTable};

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
    /// The time of its last event, on a host that lives.
    pub last_seen: u64,
    /// Gone, but kept: the last thread of its process still lives, or the event that ended it is being judged.
    pub dead: bool,
    /// Made by its own clone event before its parent's was seen.
    pub inverted: bool,
    /// Threads of the process that live, the leader included. Of main threads.
    pub live_threads: u32,
    /// The process's descriptors. Of main threads; copied at fork, and only when changed after.
    pub fds: Arc<FdTable>,
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
            last_seen: 0,
            dead: false,
            inverted: false,
            live_threads: 0,
            fds: Arc::default(),
        }
    }

    /// The thread that its process is named after.
    pub fn is_main(&self) -> bool {
        self.tid == self.pid
    }

    /// The process is not known: the thread belongs to none, and has descriptors of its own.
    pub fn is_placeholder(&self) -> bool {
        self.pid < 0
    }

    /// About how many bytes of memory this one takes, without its descriptors.
    pub(crate) fn weight(&self) -> usize {
        let long = [&self.exepath, &self.args, &self.cmdline, &self.env, &self.cgroups, &self.cwd, &self.root];
        let texts = [&self.comm, &self.exe].into_iter().chain(long);
        size_of::<Thread>() + texts.map(|text| text.len()).sum::<usize>()
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
}
