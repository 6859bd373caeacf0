//! What the first look at this host takes, and single questions: `cargo run --release -p vigie-procfs --example facts`.

#![allow(clippy::print_stdout)]

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use vigie_events::Lookup as _;
use vigie_procfs::{Looker, ProcFs};

const ROUNDS: u32 = 2_000;

fn main() {
    let procfs = ProcFs::new("");
    let started = Instant::now();
    let facts = procfs.host_facts();
    let fds: usize = facts.descriptors.iter().map(|(_, fds)| fds.len()).sum();
    println!("{} threads, {fds} descriptors: {:?}", facts.threads.len(), started.elapsed());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos() as u64);
    let own = i64::from(std::process::id());
    let mut looker = Looker::new(procfs);
    let mut time = |what: &str, ask: &mut dyn FnMut(&mut Looker) -> bool| {
        let started = Instant::now();
        let answered = (0..ROUNDS).filter(|_| ask(&mut looker)).count();
        println!("{what}: {:?} each, {answered} of {ROUNDS} answered", started.elapsed() / ROUNDS);
    };
    time("thread", &mut |looker| looker.thread(own, now).is_some());
    time("descriptor", &mut |looker| looker.descriptor(own, 0, now).is_some());
    time("alive", &mut |looker| looker.alive(own).is_some());
}
