//! One event after another: where its parts lie, its upgrade, and what is read from its parameters.
//!
//! The input is a sequence of: a byte that chooses the kind of block, the length of the body in two bytes, the body.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vigie_capture::Reader;
use vigie_events::address::{sockaddr, socktuple};
use vigie_events::schema::{Kind, TYPES};
use vigie_events::{Delivered, Event, Source};

const KINDS: [u32; 7] = [0x216, 0x217, 0x221, 0x222, 0x204, 0x208, 0x8010_ABCD];

fuzz_target!(|data: &[u8]| {
    let mut capture = Vec::new();
    block(&mut capture, 0x0A0D_0D0A, b"\x4d\x3c\x2b\x1a\x01\0\x02\0\xff\xff\xff\xff\xff\xff\xff\xff");
    let mut rest = data;
    while let [kind, low, high, after @ ..] = rest {
        let (body, after) = after.split_at(usize::from(u16::from_le_bytes([*low, *high])).min(after.len()));
        block(&mut capture, KINDS[usize::from(*kind) % KINDS.len()], body);
        rest = after;
    }
    let mut reader = Reader::from_bytes(capture);
    while let Ok(delivered) = reader.next() {
        match delivered {
            Delivered::Event(event) => look(&event),
            Delivered::End => break,
            Delivered::Host(_) | Delivered::Idle => {}
        }
    }
});

fn block(capture: &mut Vec<u8>, number: u32, body: &[u8]) {
    let length = (body.len() as u32 + 12).to_le_bytes();
    capture.extend(number.to_le_bytes());
    capture.extend(length);
    capture.extend(body);
    capture.extend(length);
}

/// Reads all parameters in every way in which they are read.
fn look(event: &Event<'_>) {
    assert!(usize::from(event.id) < TYPES);
    let _ = event.result();
    for index in 0..=event.params.len() {
        let params = &event.params;
        let _ = (params.u8(index), params.u16(index), params.u32(index), params.u64(index), params.text(index));
        let Some(bytes) = params.bytes(index) else { continue };
        let kind = event.event_type().params.get(index).map(|param| param.kind);
        let _ = if kind == Some(Kind::Socktuple) { socktuple(bytes).is_some() } else { sockaddr(bytes).is_some() };
    }
}
