//! How long reading takes: `cargo run --release -p vigie-capture --example speed CAPTURE`. Prints nanoseconds of wall
//! clock per event.

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use vigie_capture::Reader;
use vigie_events::{Delivered, Source};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args_os().nth(1).map(PathBuf::from).ok_or("which capture?")?;
    let start = Instant::now();
    let mut reader = Reader::open(&path)?;
    let (mut events, mut results) = (0u64, 0i64);
    loop {
        match reader.next()? {
            Delivered::Event(event) => {
                events += 1;
                results = results.wrapping_add(event.params.i64(0).unwrap_or(0)).wrapping_add(event.tid);
            }
            Delivered::End => break,
            Delivered::Host(_) | Delivered::Idle => {}
        }
    }
    let nanoseconds = start.elapsed().as_nanos() as f64 / events.max(1) as f64;
    writeln!(std::io::stdout(), "{events} events, {nanoseconds:.1} ns each (sum of results {results})")?;
    Ok(())
}
