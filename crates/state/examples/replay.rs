//! What it costs to follow a capture: `cargo run --release -p vigie-state --example replay -- FILE [EVENT_ID…]`.
//! Reads the file twice, with and without the state, and prints the difference. With event ids, prints for each event
//! of these types what the state makes of it.

#![allow(clippy::print_stdout)]

use std::path::Path;

use vigie_capture::Reader;
use vigie_events::{Delivered, Source};
use vigie_state::Host;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("which capture?")?;
    let shown: Vec<u16> = arguments.map(|id| id.parse()).collect::<Result<_, _>>()?;
    let mut host = Host::default();
    let (mut reading, mut following, mut events) = (f64::INFINITY, f64::INFINITY, 0);
    for _ in 0..if shown.is_empty() { 7 } else { 1 } {
        let mut source = Reader::open(Path::new(&path))?;
        let started = seconds();
        while !matches!(source.next()?, Delivered::End) {}
        reading = reading.min(seconds() - started);

        let mut source = Reader::open(Path::new(&path))?;
        host = Host::default();
        events = 0u64;
        let started = seconds();
        loop {
            match source.next()? {
                Delivered::Event(event) => {
                    let applied = host.apply(&event);
                    events += 1;
                    if shown.contains(&event.id) {
                        let thread = host.thread(&applied);
                        println!(
                            "{} {} tid {} result {:?} {:?} container {:?} fd {:?} {:?}",
                            event.ts,
                            event.event_type().name,
                            event.tid,
                            event.result(),
                            thread.map(|thread| &thread.cmdline),
                            thread.map(|thread| &thread.container_id),
                            applied.fd_num,
                            host.fd(&applied).map(|fd| (fd.kind, &fd.name)),
                        );
                    }
                }
                Delivered::Host(facts) => host.begin(*facts),
                Delivered::Idle => {}
                Delivered::End => break,
            }
        }
        following = following.min(seconds() - started);
    }
    let each = |seconds: f64| seconds * 1e9 / events.max(1) as f64;
    println!(
        "{events} events: reading {:.1} ns each, the state {:.1} ns more",
        each(reading),
        each(following - reading)
    );
    println!("{} threads, {} bytes, {:?}", host.threads.len(), host.threads.held(), host.counters);
    Ok(())
}

/// The time that this thread was on a processor, so that a busy machine does not disturb the figures.
fn seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanoseconds| nanoseconds.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1e9
}
