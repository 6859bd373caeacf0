//! Records of the kernel's programs, most of whose bytes processes choose: decoded, and applied to the state.

#![no_main]

use std::sync::{LazyLock, Mutex};

use libfuzzer_sys::fuzz_target;
use vigie_probe::Decoder;
use vigie_state::Host;

static DECODER: LazyLock<Mutex<Decoder>> = LazyLock::new(|| Mutex::new(Decoder::new(1_700_000_000_000_000_000)));

fuzz_target!(|data: &[u8]| {
    let mut decoder = DECODER.lock().unwrap();
    let mut host = Host::default();
    // Several records, each behind its length.
    let mut rest = data;
    while let Some((&[low, high], after)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_le_bytes([low, high])).min(after.len());
        let (record, next) = after.split_at(length);
        rest = next;
        if let Some(decoded) = decoder.read(record) {
            let event = decoder.event(&decoded);
            assert!(event.params.len() <= event.event_type().params.len());
            host.apply(&event);
        }
    }
});
