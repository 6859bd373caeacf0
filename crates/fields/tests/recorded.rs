//! Every field of every alert that Falco raised on the recorded activity, at the event that it raised it for.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use vigie_capture::Reader;
use vigie_events::{Delivered, Event, Source};
use vigie_fields::{Current, EventSource, FieldTable, Memory, Settings};
use vigie_filter::{Bump, Catalog, Fields, Value, View};
use vigie_state::Host;

const ALERTS: usize = 47;

fn captures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/captures")
}

/// The alerts' fields, by the time of their events.
fn alerts() -> BTreeMap<u64, Vec<serde_json::Map<String, Json>>> {
    let text = std::fs::read_to_string(captures().join("activity_small.falco_stable.jsonl")).unwrap();
    let mut alerts: BTreeMap<u64, Vec<_>> = BTreeMap::new();
    for line in text.lines() {
        let alert: Json = serde_json::from_str(line).unwrap();
        let fields = alert["output_fields"].as_object().unwrap().clone();
        alerts.entry(fields["evt.time"].as_u64().unwrap()).or_default().push(fields);
    }
    alerts
}

/// As alerts have it.
fn json(value: Value<'_>) -> Json {
    match value {
        Value::Missing => Json::Null,
        Value::Text(text) | Value::Buffer(text) => String::from_utf8_lossy(text).into(),
        Value::Int(number) => number.into(),
        Value::Uint(number) => number.into(),
        Value::Bool(truth) => truth.into(),
        Value::Double(number) => number.into(),
        Value::Ip(address) => address.to_string().into(),
        Value::List(values) => values.iter().copied().map(json).collect(),
    }
}

/// Compares an alert's fields with those of the event; answers how many there were.
fn compare(event: &Event<'_>, current: &Current<'_>, expected: &serde_json::Map<String, Json>) -> usize {
    let catalog = FieldTable { source: EventSource::Syscall, static_fields: Vec::new() };
    let arena = Bump::new();
    for (name, expected) in expected {
        let (field, argument) = match name.split_once('[') {
            Some((field, argument)) => (field, argument.strip_suffix(']')),
            None => (name.as_str(), None),
        };
        let field = catalog.field(field, argument).unwrap();
        let found = json(current.value(&field, View::Json, &arena));
        assert_eq!(found, *expected, "{name} of an event {} at {}", event.event_type().name, event.ts);
    }
    expected.len()
}

#[test]
fn the_fields_of_recorded_alerts() {
    let mut alerts = alerts();
    assert_eq!(alerts.values().map(Vec::len).sum::<usize>(), ALERTS);
    let (mut host, settings, mut memory) = (Host::default(), Settings::default(), Memory::default());
    let mut reader = Reader::open(&captures().join("activity_small.scap")).unwrap();
    let (mut number, mut seen) = (0, 0);
    loop {
        let mut event = match reader.next().unwrap() {
            Delivered::Event(event) => event,
            Delivered::Host(facts) => {
                host.begin(*facts);
                continue;
            }
            Delivered::Idle => continue,
            Delivered::End => break,
        };
        number += 1;
        event.num = number;
        let applied = host.apply(&event);
        memory.next_event();
        let current = Current::new(&event, &host, &applied, &settings, &memory);
        for fields in alerts.remove(&event.ts).unwrap_or_default() {
            seen += compare(&event, &current, &fields);
        }
    }
    assert!(alerts.is_empty(), "no event of these times: {:?}", alerts.keys());
    assert!(seen > 15 * ALERTS, "{seen}");
}
