//! Hosts that want too much: every table ends somewhere, and nothing takes quadratic time.

#![allow(clippy::unwrap_used)]

mod scene;

use std::time::{Duration, Instant};

use scene::*;
use vigie_events::{EventBuilder, id};
use vigie_state::container::{self, MAX_CONTAINERS};
use vigie_state::fd::MAX_FDS;
use vigie_state::threads::{MAX_HELD, MAX_THREADS};
use vigie_state::user::MAX_ACCOUNTS;
use vigie_state::{Host, Thread};

/// Far more than any of these needs, far less than quadratic time would.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_storm_of_forks_is_refused_beyond_the_limit() {
    let started = Instant::now();
    let mut scene = Scene::new();
    for tid in 1_000..1_000 + MAX_THREADS as i64 {
        scene.apply(caller(SHELL, tid).event());
    }
    assert_eq!(scene.host.threads.len(), MAX_THREADS);
    assert_eq!(scene.host.threads.refused, 4, "the listed threads had their places");
    // All of them are orphans at once, and adopted once.
    scene.exit(SHELL_THREAD, 0);
    scene.exit(SHELL, 0);
    scene.apply(EventBuilder::new(id::MLOCKALL_X).tid(DAEMON).i64(0).u32(0));
    assert_eq!(scene.thread(1_000).ptid, 1);
    for tid in 1_000..1_000 + MAX_THREADS as i64 {
        scene.exit(tid, 0);
    }
    scene.apply(EventBuilder::new(id::MLOCKALL_X).tid(DAEMON).i64(0).u32(0));
    assert_eq!(scene.host.threads.len(), 2);
    assert!(started.elapsed() < PATIENCE);
}

#[test]
fn children_are_not_adopted_over_and_over() {
    let started = Instant::now();
    let mut scene = Scene::new();
    let chain = 2_000..12_000;
    let mut parent = SHELL;
    for tid in chain.clone() {
        scene.apply(caller(parent, tid).event());
        scene.apply(EventBuilder::new(id::PRCTL_X).tid(tid).i64(0).u32(36).text(b"").i64(1));
        parent = tid;
    }
    for tid in 100_000..150_000 {
        scene.apply(caller(parent, tid).event());
    }
    for tid in chain.rev() {
        scene.exit(tid, 0);
    }
    scene.next();
    assert!(scene.knows(100_000));
    assert!(started.elapsed() < PATIENCE);
}

#[test]
fn a_hundred_thousand_descriptors() {
    let mut scene = Scene::new();
    for fd in 0..100_000 {
        scene.openat(SHELL, fd, "/x");
    }
    assert_eq!(scene.thread(SHELL).fds.len(), MAX_FDS);
    // Two were listed; one of them, number 9, was opened again.
    assert_eq!(scene.host.counters.fds_refused, 100_000 - MAX_FDS as u64);
}

#[test]
fn copies_of_large_tables_end_with_the_memory() {
    let started = Instant::now();
    let mut scene = Scene::new();
    let long = "/x".repeat(500);
    for fd in 0..MAX_FDS as i64 {
        scene.openat(SHELL, fd, &long);
    }
    let one = scene.thread(SHELL).fds.weight();
    let enough = (MAX_HELD / one + 50) as i64;
    for tid in 1_000..1_000 + enough {
        scene.apply(caller(SHELL, tid).event());
        scene.openat(tid, 3, "/own");
    }
    assert!(scene.host.threads.held() < MAX_HELD + 2 * one);
    assert!(scene.host.threads.refused > 0);
    scene.openat(DAEMON, 3, "/refused");
    assert_eq!((scene.fd_name(DAEMON, 3), scene.host.counters.fds_refused), ("none".into(), 1));
    for tid in 1_000..1_000 + enough {
        scene.exit(tid, 0);
    }
    scene.next();
    assert!(scene.host.threads.held() < 2 * one, "and it comes back");
    assert!(started.elapsed() < PATIENCE);
}

#[test]
fn memory_is_counted_to_the_last_byte() {
    let mut scene = Scene::new();
    let before = scene.host.threads.held();
    for round in 0..50 {
        let tid = 1_000 + round;
        scene.apply(caller(SHELL, tid).event());
        scene.openat(tid, 7, "/some/name");
        scene.shell(EventBuilder::new(id::SOCKET_X).tid(tid).i64(8).u32(2).u32(2).u32(17).u32(0));
        scene.apply(exec(tid).event());
        scene.apply(EventBuilder::new(id::CLOSE_X).tid(tid).i64(0).i64(7));
        scene.exit(tid, 0);
    }
    scene.next();
    scene.shell(EventBuilder::new(id::CLOSE_X).i64(0).i64(8));
    scene.next();
    assert_eq!(scene.host.threads.held(), before);
}

#[test]
fn stored_enter_events_are_bounded() {
    let mut scene = Scene::new();
    for tid in 1_000..41_000 {
        scene.apply(EventBuilder::new(id::OPENAT_E).tid(tid).i64(-100).text(b"/x").u32(1).u32(0));
    }
    assert!(scene.host.counters.enters_refused > 20_000);
}

#[test]
fn accounts_and_containers_are_bounded() {
    let mut scene = Scene::new();
    for number in 0..100_000u32 {
        let container = number.to_string();
        let user = EventBuilder::new(id::USER_ADDED_E).u32(number).u32(0).text(b"u").text(b"/").text(b"/");
        scene.apply(user.text(container.as_bytes()));
    }
    assert_eq!(scene.host.accounts.len(), MAX_ACCOUNTS);
    let describe = |scene: &mut Scene, number: usize, name: &str| {
        let json = format!("{{\"container\": {{\"id\": \"{number}\", \"name\": \"{name}\"}}}}");
        scene.apply(EventBuilder::new(id::CONTAINER_JSON_2_E).text(json.as_bytes()));
    };
    for number in 0..MAX_CONTAINERS + 10 {
        describe(&mut scene, number, "x");
    }
    assert_eq!((scene.host.containers.len(), scene.host.containers.refused), (MAX_CONTAINERS, 10));
    let name = "x".repeat(1_000_000);
    for number in 0..300 {
        describe(&mut scene, number, &name);
    }
    assert!(scene.host.containers.held() <= container::MAX_HELD);
    assert!(scene.host.containers.refused > 10);
}

#[test]
fn numbers_used_again_and_again() {
    let mut scene = Scene::new();
    for round in 0..10_000 {
        let parent = if round % 2 == 0 { SHELL } else { DAEMON };
        scene.apply(caller(parent, 300).event());
        assert_eq!(scene.thread(300).ptid, parent);
        scene.openat(300, 5, "/x");
    }
    assert_eq!(scene.host.threads.len(), 5);
    let counters = scene.host.counters;
    assert_eq!(counters.threads_added - counters.threads_removed, 5);
}

#[test]
fn circles_of_parents() {
    let mut facts = facts();
    facts.threads[1].ptid = DAEMON;
    facts.threads[3].ptid = SHELL;
    let mut scene = Scene { host: Host::default(), now: START };
    scene.host.begin(facts);
    assert_eq!(
        scene.host.threads.ancestors(scene.thread(SHELL)).map(|thread| thread.tid).collect::<Vec<_>>(),
        [DAEMON]
    );
    scene.apply(caller(DAEMON, 300).event());
    scene.exit(DAEMON, 0);
    scene.next();
    assert!(!scene.knows(DAEMON) && scene.knows(300));
    // A thread that is its own parent.
    scene.apply(child(400, 400).event());
    scene.exit(400, 400);
    scene.next();
    assert!(!scene.knows(400));
    scene.apply(caller(500, 500).event());
    assert!(scene.knows(500));
}

/// Everything that can be wrong with an event: parameters missing, short, absurd.
#[test]
fn every_event_with_wrong_parameters() {
    let numbers = [0u64, 1, 100, 101, 200, u64::MAX, i64::MIN as u64, i64::MAX as u64, (-100i64) as u64, 1 << 40];
    let mut scene = Scene::new();
    let mut state = 88_172_645_463_325_252u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for _ in 0..100_000 {
        let id = (random() % vigie_events::schema::TYPES as u64) as u16;
        let mut event = EventBuilder::new(id).ts(random()).tid(numbers[random() as usize % numbers.len()] as i64);
        for _ in 0..random() % 33 {
            let number = numbers[random() as usize % numbers.len()];
            event = match random() % 8 {
                0 => event.absent(),
                1 => event.u32(number as u32),
                2 => event.u8(number as u8),
                3 => event.text(b"../..//a/./\xff/.."),
                4 => event.bytes(&random().to_le_bytes()[..random() as usize % 8]),
                5 => event.bytes(&[&[2u8], &[0; 12][..]].concat()),
                _ => event.u64(number),
            };
        }
        let applied = scene.host.apply(&event.event());
        if let Some(thread) = scene.host.thread(&applied) {
            assert!(scene.host.threads.ancestors(thread).count() <= 1_000);
        }
    }
    let listed: Vec<&Thread> = scene.host.threads.iter().collect();
    assert_eq!(listed.len(), scene.host.threads.len());
    for thread in listed.iter().filter(|thread| thread.is_main()) {
        let members = listed.iter().filter(|other| other.pid == thread.pid && !other.dead).count();
        assert_eq!(thread.live_threads as usize, members);
    }
}
