//! The tables of a host that begins from this machine, and asks it afterwards.

#![allow(clippy::unwrap_used)]

use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use vigie_events::{EventBuilder, id};
use vigie_procfs::{Looker, ProcFs};
use vigie_state::Host;

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64
}

fn host() -> Host {
    let procfs = ProcFs::new("");
    let mut host = Host::default();
    host.look_up_with(Box::new(Looker::new(procfs.clone())));
    host.begin(procfs.host_facts());
    host
}

fn read(pid: i64, fd: i64) -> EventBuilder {
    EventBuilder::new(id::READ_X).ts(now()).tid(pid).i64(1).bytes(b"x").i64(fd).u32(1)
}

/// On a busy machine an answer may come too late to be taken, and is asked for again a second later.
fn until(mut done: impl FnMut() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn descriptors_opened_unseen() {
    let pid = i64::from(std::process::id());
    let early = File::open("/etc/passwd").unwrap();
    let mut host = host();
    let own = host.threads.by_tid(pid).unwrap();
    assert_eq!(host.fd_of(own, early.as_raw_fd().into()).unwrap().name[..], *b"/etc/passwd");
    assert_eq!(host.threads.parent_of(own).map(|parent| parent.tid), Some(own.ptid));
    let cwd = std::env::current_dir().unwrap().to_str().unwrap().to_owned() + "/";
    assert_eq!(own.cwd[..], *cwd.as_bytes());

    // Far from the numbers that the first look at this process used itself.
    let late = rustix::io::fcntl_dupfd_cloexec(File::open("/etc/group").unwrap(), 700).unwrap();
    let number = i64::from(late.as_raw_fd());
    until(|| {
        let applied = host.apply(&read(pid, number).event());
        host.fd(&applied).is_some_and(|fd| fd.name[..] == *b"/etc/group")
    });
    // Below a folder that no event told of.
    let folder = rustix::io::fcntl_dupfd_cloexec(File::open("/etc").unwrap(), 800).unwrap();
    let directory = i64::from(folder.as_raw_fd());
    until(|| {
        let open = EventBuilder::new(id::OPENAT_X).ts(now()).tid(pid).i64(900).i64(directory).text(b"hosts");
        let applied = host.apply(&open.u32(1).u32(0).u32(0).u64(0).event());
        host.fd(&applied).is_some_and(|fd| fd.name[..] == *b"/etc/hosts")
    });
    // Closed meanwhile.
    drop(late);
    host.apply(&EventBuilder::new(id::CLOSE_X).ts(now()).tid(pid).i64(0).i64(number).event());
    let applied = host.apply(&read(pid, 5_000).event());
    assert!(host.fd(&applied).is_none());
}

#[test]
fn a_process_that_no_event_told_of() {
    let mut host = host();
    let mut child = Command::new("sleep").arg("60").spawn().unwrap();
    let pid = i64::from(child.id());
    until(|| {
        let applied = host.apply(&EventBuilder::new(id::MLOCKALL_X).ts(now()).tid(pid).i64(0).u32(0).event());
        let thread = host.thread(&applied).unwrap();
        let found = thread.cmdline[..] == *b"sleep 60";
        if !found {
            // It was asked for too late, or too early: the program was not there yet.
            host.threads.remove(pid);
        }
        found
    });
    let thread = host.threads.by_tid(pid).unwrap();
    assert_eq!((thread.ptid, thread.vpid), (i64::from(std::process::id()), pid));
    assert!(thread.fds.get(0).is_some() && thread.fds.get(2).is_some());
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn facts_of_this_machine_come_back() {
    let first = host().facts();
    let mut second = Host::default();
    second.begin(first.clone());
    let (mut first, mut second) = (first.threads, second.facts().threads);
    first.sort_by_key(|thread| thread.tid);
    second.sort_by_key(|thread| thread.tid);
    assert_eq!(first, second);
}
