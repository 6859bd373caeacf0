//! One event after another: where its parts lie, its upgrade, what it changes in the state, and every field of it.
//!
//! The input is a sequence of: a byte that chooses the kind of block, the length of the body in two bytes, the body.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vigie_capture::Reader;
use vigie_events::address::{sockaddr, socktuple};
use vigie_events::schema::{Kind, TYPES};
use vigie_events::{Delivered, Event, Source};
use vigie_fields::{Current, EventSource, FieldTable, Memory, Settings, table};
use vigie_filter::template::text;
use vigie_filter::{Bump, Catalog, Field, Fields, View};
use vigie_state::Host;

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
    let (mut host, settings, mut memory) = (Host::default(), Settings::default(), Memory::default());
    while let Ok(delivered) = reader.next() {
        match delivered {
            Delivered::Event(event) => {
                look(&event);
                memory.next_event();
                let applied = host.apply(&event);
                ask(&Current::new(&event, &host, &applied, &settings, &memory));
            }
            Delivered::Host(facts) => host.begin(*facts),
            Delivered::End => break,
            Delivered::Idle => {}
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

/// Every field, with an argument where it takes one.
static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(|| {
    [EventSource::Syscall, EventSource::K8sAudit]
        .into_iter()
        .flat_map(|source| {
            let catalog = FieldTable { source, static_fields: Vec::new() };
            table::rows().iter().flat_map(move |row| {
                [None, Some("0"), Some("3"), Some("name"), Some("flags"), Some("res")]
                    .into_iter()
                    .filter_map(|argument| catalog.field(row.name, argument).ok())
                    .collect::<Vec<_>>()
            })
        })
        .collect()
});

/// The values of all fields, and their texts.
fn ask(current: &Current<'_>) {
    let arena = Bump::new();
    let mut out = Vec::new();
    for field in FIELDS.iter() {
        let _ = (current.value(field, View::Condition, &arena), current.value(field, View::Json, &arena));
        out.clear();
        text::write(field, current.value(field, View::Text, &arena), &mut out);
    }
}
