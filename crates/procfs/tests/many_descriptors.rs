//! A process with more descriptors than are listed.

#![allow(clippy::unwrap_used)]

use std::fs::File;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use vigie_events::Lookup as _;
use vigie_procfs::{Looker, ProcFs};

#[test]
fn a_great_many_descriptors_end_somewhere() {
    let pid = i64::from(std::process::id());
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    let one = File::open("/dev/null").unwrap();
    let _ = rustix::process::setrlimit(
        rustix::process::Resource::Nofile,
        rustix::process::Rlimit { current: Some(20_000), maximum: Some(20_000) },
    );
    let many: Vec<OwnedFd> = (0..10_000).map_while(|_| rustix::io::fcntl_dupfd_cloexec(&one, 3).ok()).collect();
    let started = Instant::now();
    let mut looker = Looker::new(ProcFs::new(""));
    let mut listed = Vec::new();
    while listed.is_empty() && started.elapsed() < Duration::from_secs(10) {
        listed = looker.descriptors(pid, 64, now());
    }
    assert_eq!(listed.len(), 64);
    let facts = ProcFs::new("").host_facts();
    let (_, own) = facts.descriptors.iter().find(|(tid, _)| *tid == pid).unwrap();
    assert!(own.len() <= 4096 && (many.len() < 5000 || own.len() == 4096));
    assert!(started.elapsed() < Duration::from_secs(10));
    // Nothing that was opened is closed by looking at it.
    assert!(many.iter().all(|fd| rustix::io::fcntl_getfd(fd).is_ok()));
}
