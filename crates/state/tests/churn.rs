//! A long time of processes that come and go: the tables return to what they were.

#![allow(clippy::unwrap_used)]

mod scene;

use scene::*;
use vigie_events::facts::{ListedFd, ListedThread};
use vigie_events::lookup::ListedAccounts;
use vigie_events::{EventBuilder, Lookup, id};
use vigie_state::Host;

const PROCESSES: i64 = 1_000_000;
/// As many live at once.
const AT_ONCE: i64 = 500;
/// Numbers are used again after so many.
const NUMBERS: i64 = 30_000;

/// Nobody is there when asked.
struct Nobody;

impl Lookup for Nobody {
    fn thread(&mut self, _: i64, _: u64) -> Option<ListedThread> {
        None
    }

    fn descriptor(&mut self, _: i64, _: i64, _: u64) -> Option<ListedFd> {
        None
    }

    fn descriptors(&mut self, _: i64, _: usize, _: u64) -> Vec<ListedFd> {
        Vec::new()
    }

    fn alive(&mut self, tid: i64) -> Option<Vec<u8>> {
        // The listed ones live on.
        let comm: &[u8] = match tid {
            1 => b"init",
            SHELL => b"sh",
            SHELL_THREAD => b"worker",
            DAEMON => b"daemon",
            _ => return None,
        };
        Some(comm.to_vec())
    }

    fn accounts(&mut self, _: i64) -> Option<ListedAccounts> {
        None
    }

    fn changed_accounts(&mut self) -> Option<ListedAccounts> {
        None
    }
}

/// One life: fork, exec in a container of its own, opens, a socket, an exit. Some things are never told: every seventh
/// exit, every fifth event of the child; and some come from numbers that nobody told of.
fn live(scene: &mut Scene, number: i64) {
    let tid = 1_000 + number % NUMBERS;
    let cgroups = format!("cpu=/docker/{:012x}{:052}\0", number % 20_000, 0);
    let cgroups = cgroups.as_bytes();
    scene.apply(caller(SHELL, tid).event());
    if number % 5 != 0 {
        scene.apply(with_cgroups(child(tid, SHELL).event(), cgroups));
    }
    scene.apply(exec(tid).event());
    scene.openat(tid, 3, "/etc/ld.so.cache");
    scene.apply(EventBuilder::new(id::CLOSE_X).tid(tid).i64(0).i64(3));
    scene.apply(EventBuilder::new(id::SOCKET_X).tid(tid).i64(4).u32(2).u32(1).u32(0).u32(0));
    scene.apply(EventBuilder::new(id::OPENAT_E).tid(tid).i64(-100).text(b"/never/answered").u32(1).u32(0));
    scene.apply(EventBuilder::new(id::READ_X).tid(2_000_000 + number % 100).i64(1).bytes(b"x").i64(9).u32(1));
    let old = number - AT_ONCE;
    if old >= 0 && old % 7 != 0 {
        scene.exit(1_000 + old % NUMBERS, 0);
    }
}

/// The same event in another cgroup: the builder of the scene takes only those that live for ever.
fn with_cgroups(event: EventBuilder, cgroups: &[u8]) -> EventBuilder {
    let mut built = EventBuilder::new(event.event().id).tid(event.event().tid);
    for index in 0..event.event().params.len() {
        built = built.bytes(if index == 14 { cgroups } else { event.event().params.bytes(index).unwrap() });
    }
    built
}

fn settle(scene: &mut Scene) {
    for number in PROCESSES - AT_ONCE..PROCESSES {
        scene.exit(1_000 + number % NUMBERS, 0);
    }
    // Those whose exit was never told are found in time.
    for _ in 0..200_000 {
        scene.now += 9_000_000;
        for tid in [SHELL, DAEMON] {
            scene.apply(EventBuilder::new(id::MLOCKALL_X).tid(tid).i64(0).u32(0));
        }
    }
}

#[test]
fn a_million_processes_leave_nothing_behind() {
    let mut host = Host::default();
    host.look_up_with(Box::new(Nobody));
    host.begin(facts());
    let mut scene = Scene { host, now: START };
    scene.next();
    let (threads, held) = (scene.host.threads.len(), scene.host.threads.held());
    let mut most = 0;
    for number in 0..PROCESSES {
        live(&mut scene, number);
        most = most.max(scene.host.threads.len());
        if number % 10_000 == 0 {
            // Nobody asked for them in time; they wait in bounds.
            assert!(scene.host.new_containers().len() <= 4_096);
        }
    }
    // Exits that were never told stay until their number is used again, at most.
    assert!(most as i64 <= AT_ONCE + NUMBERS + 200, "{most}");
    settle(&mut scene);
    assert_eq!(scene.host.threads.len(), threads);
    assert_eq!(scene.host.threads.held(), held);
    assert_eq!((scene.host.containers.len(), scene.host.threads.refused), (0, 0));
    let counters = scene.host.counters;
    assert_eq!(counters.threads_added - counters.threads_removed, threads as u64);
    assert!(counters.threads_purged > 1_000, "{}", counters.threads_purged);
}
