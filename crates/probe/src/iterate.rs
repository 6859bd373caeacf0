//! Threads and descriptors that are there already, as the kernel itself lists them: programs in its iterators
//! (`bpf/iterators.bpf.c`) write one record for each. It takes a fraction of the time that /proc takes, where every
//! descriptor costs several system calls.

mod files;
mod kernel_call;
mod programs;
mod threads;

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use vigie_events::facts::{ListedFd, ListedThread};
use vigie_procfs::ProcFs;

use crate::load::StartError;
use crate::wire::{Blobs, Fields};
use programs::Programs;

/// How the first state was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// By the iterators; /proc told the rest, of so many processes.
    Iterators { completed: usize },
    /// By /proc alone, and why, unless that was asked for.
    Proc(Option<StartError>),
}

/// What the iterators tell.
#[derive(Debug, Default)]
pub struct Listed {
    pub threads: Vec<ListedThread>,
    pub descriptors: Vec<(i64, Vec<ListedFd>)>,
    /// Processes whose arguments or environment are missing: whoever reads them might have to wait.
    pub unread: Vec<i64>,
    /// Processes of which something is longer or deeper than the programs follow.
    pub incomplete: Vec<i64>,
}

/// `LISTING_VERSION`.
const VERSION: u16 = 1;
const HEAD_SIZE: usize = 16;
/// A record is never larger: the kernel holds no more for one reading.
const LARGEST: usize = 32 << 10;
/// The most that is read of one list.
const MOST_BYTES: u64 = 4 << 30;

/// How long nothing may come, and how long all may take.
const PATIENCE: Duration = Duration::from_secs(1);
const TIME: Duration = Duration::from_secs(30);

/// What an iterator wrote of one thread or descriptor.
struct Record<'r> {
    flags: u16,
    blobs: &'r [u8],
}

impl<'r> Record<'r> {
    fn blob(&self, tag: u16) -> Option<&'r [u8]> {
        self.blobs().find(|blob| blob.0 == tag).map(|blob| blob.1)
    }

    fn blobs(&self) -> Blobs<'r> {
        Blobs(self.blobs)
    }
}

/// The threads and descriptors of this host: by iterators, if they are wanted and the kernel has them, and what they
/// leave out by /proc; else all by /proc.
pub fn processes(procfs: &ProcFs, boot_ts: u64, iterators: bool) -> (vigie_procfs::Listed, Way) {
    let why = match iterators.then(|| iterate(boot_ts)) {
        Some(Ok(listed)) => {
            let (listed, completed) = complete(procfs, boot_ts, listed);
            return (listed, Way::Iterators { completed });
        }
        Some(Err(error)) => Some(error),
        None => None,
    };
    (procfs.processes(boot_ts), Way::Proc(why))
}

/// Adds the processes that the kernel's list has not and the texts that were not read, and has those that are
/// incomplete read anew; says of how many processes.
fn complete(procfs: &ProcFs, boot_ts: u64, mut listed: Listed) -> (vigie_procfs::Listed, usize) {
    let known: HashSet<i64> = listed.threads.iter().map(|thread| thread.pid).collect();
    let unread: HashSet<i64> = listed.unread.iter().copied().collect();
    let incomplete: HashSet<i64> = listed.incomplete.iter().copied().collect();
    let mut pids: Vec<i64> = procfs.pids().into_iter().filter(|pid| !known.contains(pid)).collect();
    pids.extend(unread.union(&incomplete));
    if pids.is_empty() {
        return ((listed.threads, listed.descriptors), 0);
    }
    let (threads, descriptors) = procfs.processes_of(pids, boot_ts);
    let (mut read, mut replaced, mut texts) = (0, HashSet::new(), HashMap::new());
    let mut added = Vec::new();
    for thread in threads {
        read += usize::from(thread.tid == thread.pid);
        if unread.contains(&thread.pid) && !incomplete.contains(&thread.pid) {
            texts.insert(thread.tid, thread);
        } else {
            replaced.insert(thread.pid);
            added.push(thread);
        }
    }
    listed.threads.retain(|thread| !replaced.contains(&thread.pid));
    for thread in &mut listed.threads {
        if let Some(read) = texts.remove(&thread.tid) {
            (thread.exe, thread.args, thread.env) = (read.exe, read.args, read.env);
        }
    }
    listed.threads.append(&mut added);
    listed.descriptors.extend(descriptors.into_iter().filter(|(pid, _)| !known.contains(pid)));
    ((listed.threads, listed.descriptors), read)
}

/// Lists everything. `boot_ts`: when the host was started, in nanoseconds since the epoch.
///
/// # Errors
/// The kernel has no such iterators or does not let this process use them, or does not answer in time; see
/// `StartError`. The programs have left the kernel when this returns (unless the kernel does not answer).
pub fn iterate(boot_ts: u64) -> Result<Listed, StartError> {
    let programs = Programs::load()?;
    let progress = Arc::new(AtomicU64::new(0));
    let (sender, receiver) = sync_channel(1);
    let seen = Arc::clone(&progress);
    // Who lists processes waits for them: a helper does, which can be left behind.
    let read = move || {
        let _ = sender.send(list(&programs, boot_ts, &seen));
    };
    std::thread::Builder::new()
        .name("vigie-iter".into())
        .spawn(read)
        .map_err(|error| StartError::Failed(error.to_string()))?;
    awaited(&receiver, &progress)
}

/// What the helper finds, unless nothing comes for too long.
fn awaited(receiver: &Receiver<Result<Listed, StartError>>, progress: &AtomicU64) -> Result<Listed, StartError> {
    let started = Instant::now();
    let mut before = 0;
    loop {
        match receiver.recv_timeout(PATIENCE) {
            Ok(listed) => return listed,
            Err(RecvTimeoutError::Disconnected) => return Err(StartError::Failed("the list ended early".into())),
            Err(RecvTimeoutError::Timeout) => {
                let now = progress.load(Ordering::Relaxed);
                if now == before || started.elapsed() > TIME {
                    return Err(StartError::Failed("the kernel's lists did not come in time".into()));
                }
                before = now;
            }
        }
    }
}

fn list(programs: &Programs, boot_ts: u64, progress: &AtomicU64) -> Result<Listed, StartError> {
    let mut threads = threads::Threads::new(boot_ts);
    records(programs.threads()?, progress, |record| threads.add(record))?;
    let mut files = files::Files::default();
    records(programs.files()?, progress, |record| files.add(record))?;
    Ok(Listed { descriptors: files.listed(), ..threads.listed() })
}

/// Reads a list to its end; `each` says whether more are taken.
fn records(
    mut file: impl Read,
    progress: &AtomicU64,
    mut each: impl FnMut(&Record<'_>) -> bool,
) -> Result<(), StartError> {
    let mut buffer = vec![0; 4 * LARGEST];
    let (mut held, mut total) = (0, 0u64);
    while total < MOST_BYTES {
        let count = match file.read(&mut buffer[held..]) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(StartError::Failed(format!("a list of the kernel's: {error}"))),
        };
        progress.fetch_add(1, Ordering::Relaxed);
        total += count as u64;
        held += count;
        let mut start = 0;
        while let Some(size) = size(&buffer[start..held])? {
            if start + size > held {
                break;
            }
            if !each(&record(&buffer[start..start + size])) {
                return Ok(());
            }
            start += size;
        }
        buffer.copy_within(start..held, 0);
        held -= start;
    }
    Ok(())
}

/// The size of the record that begins here. `None` while that is not known.
fn size(bytes: &[u8]) -> Result<Option<usize>, StartError> {
    let Some(head) = bytes.get(..HEAD_SIZE) else { return Ok(None) };
    let mut fields = Fields(head);
    let (version, _, _, _, blobs) = (fields.u16(), fields.u16(), fields.u16(), fields.u16(), fields.u32() as usize);
    if version != VERSION || blobs > LARGEST {
        return Err(StartError::Failed("a list of the kernel's makes no sense".into()));
    }
    Ok(Some(HEAD_SIZE + blobs))
}

fn record(bytes: &[u8]) -> Record<'_> {
    let (head, blobs) = bytes.split_at(HEAD_SIZE);
    let mut fields = Fields(head);
    let (_version, _kind, flags) = (fields.u16(), fields.u16(), fields.u16());
    Record { flags, blobs }
}

#[cfg(test)]
mod tests;
