//! Records of threads as the list of the state has them.

use std::collections::HashMap;

use vigie_events::facts::ListedThread;
use vigie_procfs::cgroups;

use super::{Listed, Record};
use crate::process::{Facts, path};
use crate::wire::{Fields, tag};

/// As many as the table of the state takes.
const MOST: usize = 262_144;

/// The arguments or the environment could not be read.
const UNREAD: u16 = 4;
/// Something was longer than what is taken.
const TRUNCATED: u16 = 2;
const TITLE: u16 = 0x800;
const EXE_DELETED: u16 = 0x100;
const CWD_DELETED: u16 = 0x200;
const ROOT_DELETED: u16 = 0x400;

/// Bits of `process_facts.exe_flags`.
const EXE_UPPER_LAYER: u32 = 2;
const EXE_FROM_MEMFD: u32 = 4;
const EXE_LOWER_LAYER: u32 = 8;

const CLONE_FILES: u32 = 1;
const CLONE_THREAD: u32 = 8192;

/// The capabilities there are.
const CAPABILITIES: u64 = (1 << 41) - 1;
/// The kernel's flag of a limit that is none.
const UNLIMITED: u64 = i64::MAX as u64;

const UNIFIED: u8 = 5;
const SUBSYSTEMS: [&str; 5] = ["cpuset", "cpu", "cpuacct", "io", "memory"];

/// A process: its main thread, the others, and the faults of those that ended.
#[derive(Default)]
struct Process {
    main: Option<ListedThread>,
    others: Vec<ListedThread>,
    ended_minor: u64,
    ended_major: u64,
}

/// The threads met so far.
pub struct Threads {
    boot_ts: u64,
    page_kb: u32,
    count: usize,
    processes: Vec<Process>,
    places: HashMap<i64, usize>,
    unread: Vec<i64>,
    incomplete: Vec<i64>,
}

impl Threads {
    pub fn new(boot_ts: u64) -> Threads {
        let page_kb = (rustix::param::page_size() / 1024) as u32;
        Threads {
            boot_ts,
            page_kb,
            count: 0,
            processes: Vec::new(),
            places: HashMap::new(),
            unread: Vec::new(),
            incomplete: Vec::new(),
        }
    }

    /// False when no more are taken.
    pub fn add(&mut self, record: &Record<'_>) -> bool {
        let (Some(facts), Some(more)) = (record.blob(tag::PROCESS), record.blob(tag::LISTED_THREAD)) else {
            return true;
        };
        if self.count >= MOST {
            return false;
        }
        self.count += 1;
        let facts = Facts::read(facts);
        let mut more = Fields(more);
        let (ended_minor, ended_major) = (more.u64(), more.u64());
        let (parent, exe_writable) = (more.i32(), more.u32() != 0);
        let thread = ListedThread { exe_writable, ..self.thread(record, &facts, parent) };
        if record.flags & TRUNCATED != 0 {
            self.incomplete.push(thread.pid);
        }
        let place = *self.places.entry(thread.pid).or_insert_with(|| {
            self.processes.push(Process::default());
            self.processes.len() - 1
        });
        let process = &mut self.processes[place];
        if thread.tid == thread.pid {
            (process.ended_minor, process.ended_major) = (ended_minor, ended_major);
            if record.flags & UNREAD != 0 {
                self.unread.push(thread.pid);
            }
            process.main = Some(thread);
        } else {
            process.others.push(thread);
        }
        true
    }

    /// Main threads each followed by the others of their process; descriptors come from elsewhere.
    pub fn listed(self) -> Listed {
        let mut all = Vec::with_capacity(self.count);
        for process in self.processes {
            // A process of which only the main thread has ended still has one, as a zombie.
            let Some(mut main) = process.main else { continue };
            let (minor, major) = (process.ended_minor, process.ended_major);
            let others = process.others.into_iter().map(|thread| member(&main, thread)).collect::<Vec<_>>();
            // What is told of a process is the sum of its threads.
            let sum = |of: fn(&ListedThread) -> u64| others.iter().map(of).fold(0u64, u64::saturating_add);
            main.pfminor = main.pfminor.saturating_add(minor).saturating_add(sum(|thread| thread.pfminor));
            main.pfmajor = main.pfmajor.saturating_add(major).saturating_add(sum(|thread| thread.pfmajor));
            all.push(main);
            all.extend(others);
        }
        Listed { threads: all, descriptors: Vec::new(), unread: self.unread, incomplete: self.incomplete }
    }

    fn thread(&self, record: &Record<'_>, facts: &Facts, parent: i32) -> ListedThread {
        let place = |tag: u16, deleted: u16| {
            record.blob(tag).map(|components| {
                let mut path = path(components);
                if record.flags & deleted != 0 {
                    path.extend_from_slice(b" (deleted)");
                }
                path
            })
        };
        let is_main = facts.tid == facts.pid;
        let exepath = place(tag::EXE_PATH, EXE_DELETED).unwrap_or_default();
        let has_flag = |flag: u32| facts.exe_flags & flag != 0;
        let texts = |tag: u16| ended(record.blob(tag).unwrap_or_default().to_vec());
        let mut cmdline = texts(tag::ARGS);
        if record.flags & TITLE != 0 {
            let title = vigie_events::event::until_nul(&cmdline).len();
            cmdline.truncate(title + 1);
        }
        let (exe, args) = vigie_procfs::arguments(cmdline);
        ListedThread {
            tid: facts.tid.into(),
            pid: facts.pid.into(),
            ptid: parent.into(),
            sid: facts.sid.into(),
            vpgid: facts.vpgid.into(),
            pgid: facts.pgid.into(),
            vtid: facts.vtid.into(),
            vpid: facts.vpid.into(),
            comm: vigie_events::event::until_nul(&facts.comm).to_vec(),
            exe,
            args,
            env: texts(tag::ENV),
            cwd: place(tag::CWD, CWD_DELETED).unwrap_or_default(),
            root: place(tag::ROOT, ROOT_DELETED).unwrap_or_else(|| b"/".to_vec()),
            cgroups: hierarchies(record),
            fdlimit: if facts.file_limit >= UNLIMITED { -1 } else { facts.file_limit as i64 },
            flags: if is_main { 0 } else { CLONE_FILES | CLONE_THREAD },
            uid: facts.uid,
            gid: facts.gid,
            loginuid: facts.loginuid,
            vmsize_kb: facts.vm_size.saturating_mul(self.page_kb),
            vmrss_kb: facts.vm_rss.saturating_mul(self.page_kb),
            vmswap_kb: facts.vm_swap.saturating_mul(self.page_kb),
            pfmajor: facts.faults_major,
            pfminor: facts.faults_minor,
            // That of the first namespace is the host's.
            pidns_init_start_ts: self.boot_ts.saturating_add(facts.pidns_start),
            tty: facts.tty,
            exe_writable: false,
            exe_upper_layer: has_flag(EXE_UPPER_LAYER),
            exe_lower_layer: has_flag(EXE_LOWER_LAYER),
            exe_from_memfd: has_flag(EXE_FROM_MEMFD),
            cap_inheritable: facts.caps[0] & CAPABILITIES,
            cap_permitted: facts.caps[1] & CAPABILITIES,
            cap_effective: facts.caps[2] & CAPABILITIES,
            exe_ino: facts.exe_ino,
            exe_ctime: facts.exe_ctime,
            exe_mtime: facts.exe_mtime,
            start_ts: self.boot_ts.saturating_add(facts.start),
            exepath,
        }
    }
}

/// A thread beside the main one: what they share is taken from there.
fn member(main: &ListedThread, thread: ListedThread) -> ListedThread {
    ListedThread {
        tid: thread.tid,
        vtid: thread.vtid,
        comm: thread.comm,
        uid: thread.uid,
        gid: thread.gid,
        pfmajor: thread.pfmajor,
        pfminor: thread.pfminor,
        cap_inheritable: thread.cap_inheritable,
        cap_permitted: thread.cap_permitted,
        cap_effective: thread.cap_effective,
        start_ts: thread.start_ts,
        flags: thread.flags,
        cgroups: thread.cgroups,
        cwd: Vec::new(),
        env: Vec::new(),
        ..main.clone()
    }
}

/// Texts of which the last is cut, if need be, and ended by a NUL.
fn ended(mut texts: Vec<u8>) -> Vec<u8> {
    const LIMIT: usize = 4096;
    if texts.last().is_some_and(|&last| last != 0) {
        texts.truncate(LIMIT - 1);
        texts.push(0);
    }
    texts
}

/// The paths of the hierarchies as `/proc/PID/cgroup` has them, of which the same are chosen.
fn hierarchies(record: &Record<'_>) -> Vec<u8> {
    let mut lines = Vec::new();
    for (_, blob) in record.blobs().filter(|(tag, _)| *tag == tag::CGROUP) {
        let Some((&number, components)) = blob.split_first() else { continue };
        let name = if number == UNIFIED { Some(&"") } else { SUBSYSTEMS.get(usize::from(number)) };
        let Some(name) = name else { continue };
        lines.extend_from_slice(format!("0:{name}:").as_bytes());
        lines.extend_from_slice(&path(components));
        lines.push(b'\n');
    }
    cgroups::parse(&lines)
}
