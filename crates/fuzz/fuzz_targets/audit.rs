//! The reader of Kubernetes audit events, and the fields that read what it took.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_events::{Delivered, Source};
use vigie_k8s_audit::{LARGEST_MAX_EVENT, MAX_EVENT, Payload, PushError};

fuzz_target!(|data: &[u8]| {
    let (queue, mut receiver) = vigie_k8s_audit::queue(usize::MAX, MAX_EVENT);
    let taken = match queue.push(data) {
        Ok(taken) => taken,
        Err(PushError::NotAudit(error)) => {
            assert!(!error.0.is_empty());
            return;
        }
        Err(error) => panic!("{error}"),
    };
    let text = String::from_utf8_lossy(data);
    assert!(serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok(), "taken, but no JSON");
    assert_eq!(Payload::read(data, LARGEST_MAX_EVENT).map(|all| all.len() >= taken), Ok(true));
    queue.close();
    let mut delivered = 0;
    loop {
        match receiver.next().expect("a queue does not break") {
            Delivered::Event(event) => {
                let bytes = event.params.bytes(1).expect("the event's text");
                assert!(bytes.len() <= MAX_EVENT);
                let value: serde_json::Value = serde_json::from_slice(bytes).expect("fields can read it");
                assert!(value["stageTimestamp"].is_string());
                // Nothing but blanks may have gone, so compacting again changes nothing.
                let again = format!(r#"{{"kind":"EventList","items":[{}]}}"#, String::from_utf8_lossy(bytes));
                let again = Payload::read(again.as_bytes(), MAX_EVENT).expect("it was taken before");
                assert_eq!(again.get(0), Some((event.ts, bytes)));
                delivered += 1;
            }
            Delivered::End => break,
            Delivered::Idle => {}
            Delivered::Host(_) => panic!("audit events tell of no host"),
        }
    }
    assert_eq!(delivered, taken);
    assert_eq!(queue.bytes(), 0);
});
