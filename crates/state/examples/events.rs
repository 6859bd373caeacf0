//! What single events cost: `cargo run --release -p vigie-state --example events`.

#![allow(clippy::print_stdout)]

use vigie_events::{EventBuilder, id};
use vigie_state::{Host, Thread};

const ROUNDS: u32 = 2_000_000;

fn main() {
    let mut host = Host::default();
    for tid in 1..2000 {
        host.threads.insert(Thread { pid: tid, ptid: 1, vtid: tid, vpid: tid, ..Thread::placeholder(tid) });
    }
    let openat = |tid: i64, name: &[u8]| {
        EventBuilder::new(id::OPENAT_X).tid(tid).i64(3).i64(-100).text(name).u32(1).u32(0).u32(5).u64(77)
    };
    let read = |tid: i64| EventBuilder::new(id::READ_X).tid(tid).i64(3).bytes(&[0; 80]).i64(3).u32(80);
    let close = |tid: i64| EventBuilder::new(id::CLOSE_X).tid(tid).i64(0).i64(3);
    let fstat = |tid: i64| EventBuilder::new(id::FSTAT_X).tid(tid).i64(0).i64(3);
    let mmap = |tid: i64| EventBuilder::new(id::MMAP_X).tid(tid).i64(4096).u32(10).u32(5).u32(0).absents(6);
    let stat = |tid: i64| EventBuilder::new(id::STAT_X).tid(tid).i64(0).text(b"/etc/ld.so.cache");
    let clock = |tid: i64| EventBuilder::new(id::GENERIC_X).tid(tid).u16(100).u16(228);
    host.apply(&openat(7, b"/etc/passwd").event());
    run(&mut host, "read", &[read(7)]);
    run(&mut host, "read, two threads", &[read(7), read(8)]);
    run(&mut host, "fstat", &[fstat(7)]);
    run(&mut host, "mmap", &[mmap(7)]);
    run(&mut host, "stat", &[stat(7)]);
    run(&mut host, "generic", &[clock(7)]);
    run(&mut host, "openat absolute", &[openat(7, b"/usr/lib/x86_64-linux-gnu/libc.so.6")]);
    run(&mut host, "openat relative", &[openat(7, b"../lib/./x86_64-linux-gnu/libc.so.6")]);
    run(&mut host, "openat and close", &[openat(7, b"/usr/lib/x86_64-linux-gnu/libc.so.6"), close(7)]);
    let clone = |result: i64, tid: i64, pid: i64, ptid: i64| {
        let event = EventBuilder::new(id::CLONE_X).tid(tid).i64(result).text(b"/bin/sh").bytes(b"-c\0true\0");
        let event = event.i64(tid).i64(pid).i64(ptid).absent().i64(1024).u64(1).u64(2).u32(3).u32(4).u32(5);
        event.text(b"sh").bytes(b"cpuset=/\0cpu=/user.slice\0").u32(0).u32(0).u32(0).i64(tid).i64(pid).u64(0)
    };
    let exit = EventBuilder::new(id::PROCEXIT_E).tid(9000).i64(0).i64(0).u8(0).u8(0).i64(0);
    run(&mut host, "clone twice and exit", &[clone(9000, 7, 7, 1), clone(0, 9000, 9000, 7), exit]);
}

fn run(host: &mut Host, what: &str, builders: &[EventBuilder]) {
    let mut events: Vec<_> = builders.iter().map(EventBuilder::event).collect();
    let mut best = f64::INFINITY;
    for round in 0..3u64 {
        let started = seconds();
        for _ in 0..ROUNDS / 4 {
            for event in &mut events {
                event.ts += 3_000_000_000 + round;
                std::hint::black_box(host.apply(std::hint::black_box(event)));
            }
        }
        best = best.min(seconds() - started);
    }
    println!("{what}: {:.1} ns", best * 1e9 / f64::from(ROUNDS / 4) / events.len() as f64);
}

/// The time that this thread was on a processor, so that a busy machine does not disturb the figures.
fn seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanoseconds| nanoseconds.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1e9
}
