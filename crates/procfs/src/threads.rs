//! One process or thread.

use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, Mode, OFlags, StatVfsMountFlags, StatxAttributes, StatxFlags};
use vigie_events::facts::ListedThread;

use crate::file::{self, number, words};
use crate::stat::{self, Stat};
use crate::status::{self, Status};
use crate::{ProcFs, cgroups};

/// As much of the arguments, `argv[0]` included, and of the environment as the drivers take.
pub const MAX_ARGUMENTS: usize = 4096;
pub const MAX_ENVIRONMENT: usize = 4096;

/// The most parents asked for the first process of a namespace.
const MAX_PARENTS: usize = 16;

const CLONE_FILES: u32 = 1;
const CLONE_THREAD: u32 = 8192;

const CAP_DAC_OVERRIDE: u64 = 1 << 1;
const CAP_FOWNER: u64 = 1 << 3;

/// The kernel counts a thread's start in hundredths of a second.
const TICK_NS: u64 = 10_000_000;

/// What `/proc` says of the thread in a few small files that no process can make hang.
pub struct Sketch {
    pub stat: Stat,
    pub status: Status,
}

impl Sketch {
    pub fn read(dir: &OwnedFd) -> Option<Sketch> {
        let stat = stat::parse(&file::text(dir, "stat", 4096)?)?;
        let status = status::parse(&file::text(dir, "status", 16 << 10)?)?;
        Some(Sketch { stat, status })
    }

    pub fn start_ts(&self, boot_ts: u64) -> u64 {
        start_ts(&self.stat, boot_ts)
    }
}

pub fn start_ts(stat: &Stat, boot_ts: u64) -> u64 {
    stat.start.saturating_mul(TICK_NS).saturating_add(boot_ts)
}

/// A whole thread. `texts`: the memory of the process is read, which may take as long as the process likes.
pub fn read(dir: &OwnedFd, sketch: &Sketch, boot_ts: u64, texts: bool) -> ListedThread {
    let Sketch { stat, status } = sketch;
    let mut thread = ListedThread {
        tid: status.tid,
        pid: status.pid,
        ptid: status.ptid,
        sid: if status.vsid >= 0 { status.vsid } else { stat.sid },
        vpgid: if status.vpgid >= 0 { status.vpgid } else { stat.pgid },
        pgid: stat.pgid,
        vtid: status.vtid,
        vpid: status.vpid,
        comm: stat.comm.clone(),
        uid: status.uid,
        gid: status.gid,
        vmsize_kb: status.vmsize_kb,
        vmrss_kb: status.vmrss_kb,
        vmswap_kb: status.vmswap_kb,
        pfmajor: stat.pfmajor,
        pfminor: stat.pfminor,
        tty: stat.tty,
        cap_inheritable: status.cap_inheritable,
        cap_permitted: status.cap_permitted,
        cap_effective: status.cap_effective,
        start_ts: sketch.start_ts(boot_ts),
        ..ListedThread::default()
    };
    if status.depth == 1 {
        // The namespace of the first process; its start is that of the host.
        thread.pidns_init_start_ts = boot_ts;
    } else if status.vpid == 1 {
        thread.pidns_init_start_ts = thread.start_ts;
    }
    let is_main = thread.tid == thread.pid;
    if !is_main {
        thread.flags = CLONE_FILES | CLONE_THREAD;
    }
    thread.cgroups = cgroups::parse(&file::text(dir, "cgroup", 64 << 10).unwrap_or_default());
    thread.root = file::link(dir, "root").unwrap_or_else(|| b"/".to_vec());
    thread.exepath = file::link(dir, "exe").unwrap_or_default();
    thread.fdlimit = fdlimit(&file::text(dir, "limits", 4096).unwrap_or_default());
    let loginuid = file::text(dir, "loginuid", 16).and_then(|text| number(text.trim_ascii()));
    thread.loginuid = loginuid.and_then(|uid| uid.try_into().ok()).unwrap_or(u32::MAX);
    if is_main {
        thread.cwd = file::link(dir, "cwd").unwrap_or_default();
    }
    executable(dir, status, &mut thread, texts);
    if texts {
        (thread.exe, thread.args) = arguments(file::text(dir, "cmdline", MAX_ARGUMENTS).unwrap_or_default());
        if is_main {
            thread.env = ended(file::text(dir, "environ", MAX_ENVIRONMENT).unwrap_or_default(), MAX_ENVIRONMENT);
        }
    }
    thread
}

/// A thread of a process of which the main thread is known: what they share is taken from there.
pub fn member(main: &ListedThread, sketch: &Sketch, cgroups: Vec<u8>, boot_ts: u64) -> ListedThread {
    let Sketch { stat, status } = sketch;
    ListedThread {
        tid: status.tid,
        vtid: status.vtid,
        comm: stat.comm.clone(),
        uid: status.uid,
        gid: status.gid,
        pfmajor: stat.pfmajor,
        pfminor: stat.pfminor,
        cap_inheritable: status.cap_inheritable,
        cap_permitted: status.cap_permitted,
        cap_effective: status.cap_effective,
        start_ts: sketch.start_ts(boot_ts),
        flags: CLONE_FILES | CLONE_THREAD,
        cgroups,
        cwd: Vec::new(),
        env: Vec::new(),
        ..main.clone()
    }
}

/// One thread by its number, the start of its namespace included.
pub fn one(procfs: &ProcFs, tid: i64, boot_ts: u64) -> Option<ListedThread> {
    let dir = procfs.process(tid)?;
    let sketch = Sketch::read(&dir).filter(|sketch| sketch.status.tid == tid)?;
    let mut thread = read(&dir, &sketch, boot_ts, true);
    if thread.pidns_init_start_ts == 0 {
        thread.pidns_init_start_ts = namespace_start(procfs, &sketch.status, boot_ts).unwrap_or(0);
    }
    Some(thread)
}

/// When the first process of a namespace started: the nearest ancestor that is number 1 there.
fn namespace_start(procfs: &ProcFs, status: &Status, boot_ts: u64) -> Option<u64> {
    let mut parent = if status.tid == status.pid { status.ptid } else { status.pid };
    for _ in 0..MAX_PARENTS {
        let sketch = Sketch::read(&procfs.process(parent)?)?;
        if sketch.status.depth != status.depth {
            return None;
        }
        if sketch.status.vpid == 1 {
            return Some(sketch.start_ts(boot_ts));
        }
        parent = sketch.status.ptid;
    }
    None
}

/// `argv[0]`, and the others each ended by a NUL.
pub fn arguments(cmdline: Vec<u8>) -> (Vec<u8>, Vec<u8>) {
    let mut cmdline = ended(cmdline, MAX_ARGUMENTS);
    let Some(end) = memchr::memchr(0, &cmdline) else { return (cmdline, Vec::new()) };
    let arguments = cmdline.split_off(end + 1);
    cmdline.pop();
    (cmdline, arguments)
}

/// Strings of which the last is cut, if need be, and ended by a NUL.
fn ended(mut text: Vec<u8>, limit: usize) -> Vec<u8> {
    if text.last().is_some_and(|&last| last != 0) {
        text.truncate(limit.saturating_sub(1));
        text.push(0);
    }
    text
}

/// The soft limit of open files; -1 when there is none.
fn fdlimit(limits: &[u8]) -> i64 {
    let line = limits.split(|&byte| byte == b'\n').find_map(|line| line.strip_prefix(b"Max open files"));
    let soft = line.and_then(|line| words(line).next()).and_then(number);
    soft.and_then(|soft| soft.try_into().ok()).unwrap_or(-1)
}

/// The file that the thread runs.
fn executable(dir: &OwnedFd, status: &Status, thread: &mut ListedThread, texts: bool) {
    let Ok(exe) = rustix::fs::openat(dir, "exe", OFlags::PATH | OFlags::CLOEXEC, Mode::empty()) else { return };
    let flags = AtFlags::EMPTY_PATH | AtFlags::STATX_DONT_SYNC;
    let Ok(stat) = rustix::fs::statx(&exe, "", flags, StatxFlags::BASIC_STATS) else { return };
    let nanoseconds = |seconds: i64, nanoseconds: u32| {
        u64::try_from(seconds).unwrap_or(0).saturating_mul(1_000_000_000).saturating_add(nanoseconds.into())
    };
    thread.exe_ino = stat.stx_ino;
    thread.exe_ctime = nanoseconds(stat.stx_ctime.tv_sec, stat.stx_ctime.tv_nsec);
    thread.exe_mtime = nanoseconds(stat.stx_mtime.tv_sec, stat.stx_mtime.tv_nsec);
    thread.exe_from_memfd = thread.exepath.starts_with(b"/memfd:");
    // The file system itself is asked for the rest, which may be a program of its own.
    if !texts || stat.stx_attributes.contains(StatxAttributes::IMMUTABLE) {
        return;
    }
    if rustix::fs::fstatvfs(&exe).is_ok_and(|fs| fs.f_flag.contains(StatVfsMountFlags::RDONLY)) {
        return;
    }
    let member = status.fsgid == stat.stx_gid || status.groups.contains(&stat.stx_gid);
    let mode = u32::from(stat.stx_mode);
    let allowed = stat.stx_uid == status.fsuid || mode & 0o002 != 0 || (member && mode & 0o020 != 0);
    let capable = status.cap_effective & (CAP_DAC_OVERRIDE | CAP_FOWNER) != 0;
    thread.exe_writable = allowed || (capable && mapped(dir, stat.stx_uid));
}

/// The user exists in the thread's namespace of users.
fn mapped(dir: &OwnedFd, uid: u32) -> bool {
    let map = file::text(dir, "uid_map", 64 << 10).unwrap_or_default();
    map.split(|&byte| byte == b'\n').any(|line| {
        let mut numbers = words(line).map(number).skip(1);
        let (Some(Some(first)), Some(Some(count))) = (numbers.next(), numbers.next()) else { return false };
        u64::from(uid).checked_sub(first).is_some_and(|offset| offset < count)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_strings() {
        assert_eq!(arguments(b"a\0b c\0\0".to_vec()), (b"a".to_vec(), b"b c\0\0".to_vec()));
        assert_eq!(arguments(b"title".to_vec()), (b"title".to_vec(), Vec::new()));
        assert_eq!(arguments(Vec::new()), (Vec::new(), Vec::new()));
        let (exe, args) = arguments([b"x\0", &[b'y'; 4094][..]].concat());
        assert_eq!((exe.len(), args.len(), args.last()), (1, 4094, Some(&0)));
    }

    #[test]
    fn limits_of_open_files() {
        let text = b"Limit   Soft  Hard Units\nMax open files            1024                 524288  files\n";
        assert_eq!(fdlimit(text), 1024);
        assert_eq!(fdlimit(b"Max open files  unlimited  unlimited  files\n"), -1);
        assert_eq!(fdlimit(b""), -1);
    }
}
