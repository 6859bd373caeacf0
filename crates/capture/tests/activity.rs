//! The recorded activity: a real capture of the current writer.

use std::path::PathBuf;

use vigie_capture::Reader;
use vigie_events::{Delivered, Source};

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/captures/activity_small.scap")
}

#[test]
fn every_event_of_a_real_capture_is_delivered() {
    let mut reader = Reader::open(&path()).unwrap();
    let (mut events, mut of_no_thread) = (0, 0);
    loop {
        match reader.next().unwrap() {
            Delivered::Host(facts) => {
                assert_eq!(events, 0);
                assert!(!facts.threads.is_empty() && facts.machine.cpus > 0, "{:?}", facts.machine);
            }
            Delivered::Event(event) => {
                assert!(event.event_type().is_exit() || !event.params.is_empty(), "{}", event.id);
                events += 1;
                of_no_thread += u32::from(event.tid == -1);
            }
            Delivered::Idle => {}
            Delivered::End => break,
        }
    }
    // The recording's description counts the 58,911 events that belong to a thread.
    assert_eq!((events - of_no_thread, of_no_thread, reader.skipped()), (58_911, 82, 0));
}
