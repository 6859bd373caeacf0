//! All processes, one after another.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use rustix::fd::OwnedFd;
use rustix::fs::{Dir, Mode, OFlags};
use vigie_events::facts::{ListedFd, ListedThread};

use crate::file::{self, bracketed, number};
use crate::sockets::Tables;
use crate::threads::{self, Sketch};
use crate::{ProcFs, cgroups, descriptors};

/// As many threads as the table of the state takes, and descriptors of all processes together.
const MOST_THREADS: usize = 262_144;
const MOST_DESCRIPTORS: usize = 1 << 21;

/// How long one process may take before it is left behind. Those that make us wait on purpose soon get less.
const PATIENCE: Duration = Duration::from_millis(500);
const LITTLE_PATIENCE: Duration = Duration::from_millis(50);
const PATIENT_TIMES: usize = 4;

/// The most processes that may make us wait; each costs a sleeping thread. The scan ends after them.
const MOST_STUCK: usize = 256;

/// The stack of a reading thread.
const STACK: usize = 512 << 10;

/// What is found of one process.
#[derive(Default)]
struct Process {
    /// The main thread first.
    threads: Vec<ListedThread>,
    fds: Vec<ListedFd>,
    /// The number of its namespace of process numbers, unless it is ours.
    namespace: Option<u64>,
}

type Found = (usize, Option<Process>);

/// Reads one process, with its texts or without.
type Read = Box<dyn FnMut(i64, bool) -> Option<Process>>;

/// All threads, and the descriptors of each process by the number of its main thread.
pub type Listed = (Vec<ListedThread>, Vec<(i64, Vec<ListedFd>)>);

pub fn processes(procfs: &ProcFs, pids: Vec<i64>, boot_ts: u64) -> Listed {
    let procfs = procfs.clone();
    let read = move || -> Read {
        let (procfs, mut tables) = (procfs.clone(), Tables::default());
        Box::new(move |pid, texts| process(&procfs, pid, boot_ts, texts, &mut tables))
    };
    collect(pids, Arc::new(read))
}

/// Has them read, one after the other. `reader` makes a reader for a thread of its own.
fn collect(pids: Vec<i64>, reader: Arc<dyn Fn() -> Read + Send + Sync>) -> Listed {
    let pids = Arc::new(pids);
    let (mut threads, mut fds) = (Vec::new(), Vec::new());
    let mut contained: Vec<(usize, u64)> = Vec::new();
    let mut count = 0;
    let (mut next, mut stuck) = (0, 0);
    // The texts of this one could not be read in time.
    let mut careful = None;
    while next < pids.len() && stuck < MOST_STUCK && threads.len() < MOST_THREADS {
        let Some(found) = start(Arc::clone(&reader), Arc::clone(&pids), next, careful) else { break };
        loop {
            let patience = if stuck < PATIENT_TIMES { PATIENCE } else { LITTLE_PATIENCE };
            match found.recv_timeout(patience) {
                Ok((index, process)) => {
                    next = index + 1;
                    let Some(mut process) = process else { continue };
                    if threads.len() + process.threads.len() > MOST_THREADS {
                        next = pids.len();
                        break;
                    }
                    if let Some(namespace) = process.namespace {
                        contained.extend((0..process.threads.len()).map(|at| (threads.len() + at, namespace)));
                    }
                    process.fds.truncate(MOST_DESCRIPTORS - count);
                    count += process.fds.len();
                    if !process.fds.is_empty() {
                        fds.push((pids[index], process.fds));
                    }
                    threads.append(&mut process.threads);
                }
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    stuck += 1;
                    // Without its texts; when that takes too long as well, without the process.
                    if careful == Some(next) {
                        next += 1;
                    } else {
                        careful = Some(next);
                    }
                    break;
                }
            }
        }
        if next >= pids.len() {
            break;
        }
    }
    begin_namespaces(&mut threads, &contained);
    (threads, fds)
}

/// The first process of a namespace tells when it began.
fn begin_namespaces(threads: &mut [ListedThread], contained: &[(usize, u64)]) {
    let started: HashMap<u64, u64> = contained
        .iter()
        .filter(|&&(at, _)| threads[at].vpid == 1 && threads[at].tid == threads[at].pid)
        .map(|&(at, namespace)| (namespace, threads[at].start_ts))
        .collect();
    for &(at, namespace) in contained {
        threads[at].pidns_init_start_ts = started.get(&namespace).copied().unwrap_or(0);
    }
}

/// Reads in a thread of its own, from a place on. It ends with the last process, or when nobody listens any more.
fn start(
    reader: Arc<dyn Fn() -> Read + Send + Sync>,
    pids: Arc<Vec<i64>>,
    from: usize,
    careful: Option<usize>,
) -> Option<Receiver<Found>> {
    let (sender, receiver): (SyncSender<Found>, _) = sync_channel(64);
    let read = move || {
        let mut read = reader();
        for index in from..pids.len() {
            let process = read(pids[index], careful != Some(index));
            if sender.send((index, process)).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().name("vigie-proc".into()).stack_size(STACK).spawn(read).ok()?;
    Some(receiver)
}

fn process(procfs: &ProcFs, pid: i64, boot_ts: u64, texts: bool, tables: &mut Tables) -> Option<Process> {
    let dir = procfs.process(pid)?;
    let sketch = Sketch::read(&dir)?;
    let main = threads::read(&dir, &sketch, boot_ts, texts);
    let namespace = if sketch.status.depth > 1 { bracketed(&file::link(&dir, "ns/pid")?) } else { None };
    let mut process = Process { threads: vec![main], fds: Vec::new(), namespace };
    for tid in numbers_in(&dir, "task") {
        if tid != pid {
            process.threads.extend(member(&dir, &process.threads[0], tid, boot_ts));
        }
    }
    let fds = descriptors::all(&dir, descriptors::MOST).into_iter();
    process.fds = fds.map(|fd| descriptors::with_socket(fd, |ino| tables.find(&dir, ino))).collect();
    Some(process)
}

fn member(dir: &OwnedFd, main: &ListedThread, tid: i64, boot_ts: u64) -> Option<ListedThread> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let task = rustix::fs::openat(dir, format!("task/{tid}"), flags, Mode::empty()).ok()?;
    let sketch = Sketch::read(&task)?;
    let cgroups = cgroups::parse(&file::text(&task, "cgroup", 64 << 10)?);
    Some(threads::member(main, &sketch, cgroups, boot_ts))
}

pub fn numbers(procfs: &ProcFs, folder: &str) -> Vec<i64> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = rustix::fs::open(procfs.path(folder), flags, Mode::empty());
    folder.map_or_else(|_| Vec::new(), |folder| listed(&folder))
}

fn numbers_in(dir: &OwnedFd, folder: &str) -> Vec<i64> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = rustix::fs::openat(dir, folder, flags, Mode::empty());
    folder.map_or_else(|_| Vec::new(), |folder| listed(&folder))
}

/// The entries of a folder whose names are numbers.
fn listed(folder: &OwnedFd) -> Vec<i64> {
    let Ok(entries) = Dir::read_from(folder) else { return Vec::new() };
    let numbers = entries.map_while(Result::ok).filter_map(|entry| number(entry.file_name().to_bytes()));
    numbers.filter_map(|number| i64::try_from(number).ok()).take(MOST_THREADS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Number 3 makes every reader of its texts wait, number 5 every reader at all.
    fn read() -> Read {
        Box::new(|pid, texts| {
            if pid == 5 || (pid == 3 && texts) {
                std::thread::sleep(Duration::from_secs(600));
            }
            let args = if texts { b"text\0".to_vec() } else { Vec::new() };
            let thread = ListedThread { tid: pid, pid, args, ..ListedThread::default() };
            (pid != 6).then(|| Process { threads: vec![thread], ..Process::default() })
        })
    }

    #[test]
    fn those_that_make_us_wait_are_left_behind() {
        let started = std::time::Instant::now();
        let (threads, _) = collect((1..=8).collect(), Arc::new(read));
        let told: Vec<(i64, bool)> = threads.iter().map(|thread| (thread.tid, !thread.args.is_empty())).collect();
        assert_eq!(told, [(1, true), (2, true), (3, false), (4, true), (7, true), (8, true)]);
        assert!(started.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn a_namespace_begins_with_its_first_process() {
        let thread = |tid: i64, vpid: i64, start_ts: u64| ListedThread {
            tid,
            pid: tid,
            vpid,
            start_ts,
            ..ListedThread::default()
        };
        let mut threads = vec![thread(10, 1, 77), thread(11, 2, 88), thread(12, 2, 99)];
        begin_namespaces(&mut threads, &[(0, 4), (1, 4), (2, 5)]);
        assert_eq!(threads.iter().map(|thread| thread.pidns_init_start_ts).collect::<Vec<_>>(), [77, 77, 0]);
    }
}
