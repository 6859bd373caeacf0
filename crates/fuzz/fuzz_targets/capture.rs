//! The reader of captures, to the end; what it read is written and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_capture::{Reader, Writer};
use vigie_events::{Delivered, Source};

fuzz_target!(|data: &[u8]| {
    let mut reader = Reader::from_bytes(data.to_vec());
    let mut written: Option<(Writer<Vec<u8>>, String)> = None;
    loop {
        match reader.next() {
            Ok(Delivered::Host(mut facts)) => {
                check(written.take());
                // The writer ends the name with a NUL.
                facts.machine.hostname.truncate(127);
                let shown = format!("{facts:?}");
                written = Some((Writer::plain(Vec::new(), &facts).expect("a vector takes all"), shown));
            }
            Ok(Delivered::Event(event)) => {
                let (writer, shown) = written.as_mut().expect("facts come first");
                writer.event(&event).expect("what was read can be written");
                shown.push_str(&format!("{:?}", (event.ts, event.tid, event.cpu, event.flags, event.id)));
                for index in 0..event.params.len() {
                    shown.push_str(&format!("{:?}", event.params.bytes(index)));
                }
            }
            Ok(Delivered::Idle) => {}
            Ok(Delivered::End) | Err(_) => break,
        }
    }
    check(written);
});

/// Reads what was written: the same facts and the same events.
fn check(written: Option<(Writer<Vec<u8>>, String)>) {
    let Some((writer, expected)) = written else { return };
    let mut reader = Reader::from_bytes(writer.finish().expect("a vector takes all"));
    let mut shown = String::new();
    loop {
        match reader.next().expect("what was written can be read") {
            Delivered::Host(facts) => shown.push_str(&format!("{facts:?}")),
            Delivered::Event(event) => {
                shown.push_str(&format!("{:?}", (event.ts, event.tid, event.cpu, event.flags, event.id)));
                for index in 0..event.params.len() {
                    shown.push_str(&format!("{:?}", event.params.bytes(index)));
                }
            }
            Delivered::Idle => {}
            Delivered::End => break,
        }
    }
    assert!(shown == expected, "{expected}\n{shown}");
}
