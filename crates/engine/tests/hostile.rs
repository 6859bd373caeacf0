//! Captures that mean harm, past rules that look deep.

#![allow(clippy::unwrap_used)]

mod scene;

use scene::*;
use vigie_engine::Engine;
use vigie_engine::Settings;
use vigie_events::{Delivered, EventBuilder, HostFacts, Source, SourceError, id};
use vigie_state::fd::MAX_FDS;
use vigie_state::threads::{MAX_HELD, MAX_THREADS};

const DEEP: [&str; 6] = [
    "proc.aname = nobody",
    "proc.aname[40] = nobody",
    "proc.sname = nobody",
    "proc.loginshellid = 5",
    "proc.aenv[X] = y",
    "fd.name contains nobody or proc.acmdline contains nobody",
];

/// Events made as they are asked for, so that a test holds none of them.
struct Endless<F> {
    started: bool,
    left: u64,
    made: EventBuilder,
    make: F,
}

impl<F: FnMut(u64) -> EventBuilder + Send> Source for Endless<F> {
    fn next(&mut self) -> Result<Delivered<'_>, SourceError> {
        if !std::mem::replace(&mut self.started, true) {
            return Ok(Delivered::Host(Box::new(facts())));
        }
        let Some(left) = self.left.checked_sub(1) else { return Ok(Delivered::End) };
        self.left = left;
        self.made = (self.make)(left);
        Ok(Delivered::Event(self.made.event()))
    }
}

fn run(events: u64, make: impl FnMut(u64) -> EventBuilder + Send + 'static) -> Engine {
    let mut engine = Engine::new(vec![syscalls(&DEEP)], Settings::default());
    let made = EventBuilder::new(id::CLOSE_X);
    engine.open(Box::new(Endless { started: false, left: events, made, make }));
    assert!(all(&mut engine).is_empty());
    assert_eq!(engine.counters.events, events);
    assert!(engine.host.threads.len() <= MAX_THREADS && engine.host.threads.held() <= MAX_HELD + (64 << 20));
    engine
}

fn clone(result: i64, tid: i64, pid: i64, ptid: i64) -> EventBuilder {
    let event =
        EventBuilder::new(id::CLONE_X).tid(tid).ts(START).i64(result).text(b"/bin/sh").bytes(b"-c\0x\0").i64(tid);
    let event = event.i64(pid).i64(ptid).absent().i64(1024).u64(1).u64(2).u32(3).u32(4).u32(5).text(b"sh");
    event.bytes(b"cpu=/\0").u32(0).u32(0).u32(0).i64(tid).i64(pid).u64(0)
}

/// Children without end of one parent.
#[test]
fn a_storm_of_forks() {
    let engine = run(300_000, |left| clone(0, 1_000_000 - left as i64, 1_000_000 - left as i64, CAT));
    assert_eq!(engine.host.threads.len(), MAX_THREADS);
    assert!(engine.host.threads.refused > 30_000);
}

/// Each child the parent of the next: the chain of ancestors that is followed has an end.
#[test]
fn a_chain_of_forks() {
    let engine = run(5_000, |left| clone(0, 1_000_000 - left as i64, 1_000_000 - left as i64, 999_999 - left as i64));
    assert!(engine.host.threads.len() > 5_000);
}

/// The same few numbers over and over, as parent and as child of each other.
#[test]
fn numbers_used_again() {
    let engine = run(300_000, |left| {
        let (tid, ptid) = (100 + (left % 7) as i64, 100 + (left % 5) as i64);
        let event = if left % 3 == 0 { clone(tid, ptid, ptid, tid) } else { clone(0, tid, tid, ptid) };
        event.ts(START + (300_000 - left) * SECOND)
    });
    assert!(engine.host.threads.len() < 20);
}

/// One process opens without closing, the numbers beyond all reason too.
#[test]
fn descriptors_without_end() {
    let engine = run(100_000, |left| {
        let number = if left % 2 == 0 { left as i64 } else { i64::MAX - left as i64 };
        EventBuilder::new(id::OPENAT_X).tid(CAT).i64(number).i64(-100).text(b"/x").u32(1).u32(0).u32(5).u64(7)
    });
    assert_eq!(engine.host.threads.by_tid(CAT).unwrap().fds.len(), MAX_FDS);
}

/// Listed threads that are each other's parents.
#[test]
fn parents_in_circles() {
    let mut circle: HostFacts = facts();
    let like = circle.threads[1].clone();
    circle.threads = (1..2000)
        .map(|tid| vigie_events::facts::ListedThread { tid, pid: tid, ptid: tid % 1999 + 1, vpid: 5, ..like.clone() })
        .collect();
    let events: Vec<_> = (0..2000).map(|index| close(3).tid(1 + index % 1999)).collect();
    let mut engine = engine(vec![syscalls(&DEEP)], false, section(&circle, &events));
    assert!(all(&mut engine).is_empty());
    assert_eq!(engine.damage, None);
}

/// Times that go back, stand still, and are as large as can be, with fields that subtract them.
#[test]
fn times_without_order() {
    let times = [START, 0, u64::MAX, START - 1, u64::MAX - 1, 1];
    let events: Vec<_> =
        times.iter().flat_map(|&ts| [clone(0, 77, 77, CAT).ts(ts), close(3).tid(77).ts(ts), close(3).ts(ts)]).collect();
    let output = "%evt.time %evt.time.s %evt.datetime %evt.time.iso8601 %evt.rawtime %evt.reltime %evt.reltime.s \
                  %evt.deltatime %evt.deltatime.ns %proc.duration %proc.ppid.duration %proc.pid.ts \
                  %proc.exe_ino.ctime_duration_proc_start %proc.pidns_init_start_ts %container.duration";
    let mut engine = engine(vec![printing("evt.num >= 1", output)], false, section(&facts(), &events));
    assert_eq!(all(&mut engine).len(), events.len());
}

/// Arguments as long as an event can be.
#[test]
fn the_longest_arguments() {
    let args = [b'a'; 60_000];
    let exec =
        EventBuilder::new(id::EXECVE_X).tid(CAT).ts(START).i64(0).text(b"x").bytes(&args).i64(CAT).i64(CAT).i64(1);
    let exec = exec.absents(7).text(b"x").absents(17);
    let set = printing("proc.cmdline contains aaa", "%proc.cmdline %proc.args %evt.args");
    let found = all(&mut engine(vec![set], false, section(&facts(), &[exec, close(3)])));
    assert_eq!(found.len(), 2);
    assert!(found[0].message.len() > 180_000 && found[0].message.len() < 400_000);
}

/// Whatever the parameters are: no event of any type ends the run, nor do fields that read all of it.
#[test]
fn parameters_of_wrong_sizes() {
    let output = "%evt.args %evt.info %evt.res %evt.abspath %fd.name %fd.types %fs.path.name %fs.path.target %evt.buffer \
                  %proc.aname %proc.env %container.mounts %fdlist.names %thread.cgroups %user.name %evt.arg[0]";
    let mut events = Vec::new();
    for id in (0..vigie_events::schema::TYPES as u16).filter(|&id| id != id::PLUGINEVENT_E && id != id::ASYNCEVENT_E) {
        for fill in [0u8, 0xff, 1] {
            for size in [0usize, 1, 3, 8, 17] {
                let mut event = EventBuilder::new(id).tid(CAT).ts(START);
                for index in 0..event.event().event_type().params.len() {
                    event = event.bytes(&vec![fill; if index == 0 { 8 } else { size }]);
                }
                events.push(event);
            }
        }
    }
    let mut left = events.into_iter();
    let count = left.len() as u64;
    let mut engine = Engine::new(vec![printing("evt.num >= 1", output)], Settings::default());
    let made = EventBuilder::new(id::CLOSE_X);
    engine.open(Box::new(Endless { started: false, left: count, made, make: move |_| left.next().unwrap() }));
    assert!(all(&mut engine).len() > 2000);
    assert_eq!(engine.counters.events, count);
}
