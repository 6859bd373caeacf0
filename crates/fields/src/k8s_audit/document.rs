//! The audit event as a document, read once however many fields ask: at first only which parts it has, then each part
//! when a field asks for it. Most rules look at a few short parts; objects of requests and responses are nearly all of
//! an event's length.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;
use vigie_events::{Event, id};

use super::paths::at;

/// The parameter of a plugin's event that holds what the plugin delivered.
const EVENT_DATA: usize = 1;

/// The longest event that is read: two objects as large as a cluster stores them, and room to spare. The peer's plugin
/// drops what is longer than a sixteenth of that.
const MAX_EVENT: usize = 4 << 20;

/// The document of the event at hand; `clear` before the next one.
#[derive(Debug, Default)]
pub(crate) struct Document {
    read: OnceCell<Read>,
}

#[derive(Debug)]
struct Read {
    /// Of which event.
    num: u64,
    document: Option<Parts>,
}

impl Document {
    /// Forgets the event.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.read.take();
    }

    /// The audit event. `None` for other events, for what is no JSON, and for JSON that is no audit event. Nesting is
    /// bounded by the parser, length by `MAX_EVENT`.
    pub(crate) fn of(&self, event: &Event<'_>) -> Option<&Parts> {
        if event.id != id::PLUGINEVENT_E {
            return None;
        }
        let read = self
            .read
            .get_or_init(|| Read { num: event.num, document: event.params.bytes(EVENT_DATA).and_then(document) });
        debug_assert_eq!(read.num, event.num, "the event before was not forgotten");
        read.document.as_ref()
    }
}

/// An object whose values are read when they are asked for.
#[derive(Debug)]
pub(crate) struct Parts {
    text: String,
    parts: Vec<Part>,
    whole: OnceCell<Option<Value>>,
}

#[derive(Debug)]
struct Part {
    key: String,
    /// Where in the text its value stands.
    place: std::ops::Range<usize>,
    value: OnceCell<Option<Value>>,
}

impl Parts {
    /// The value of a key; of equal keys the last one's. `None` also when it is nested too deep.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        let part = self.parts.iter().rfind(|part| part.key == key)?;
        let read = || serde_json::from_str(self.text.get(part.place.clone())?).ok();
        part.value.get_or_init(read).as_ref()
    }

    /// The value at the end of a path of objects.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        at(self.get(first)?, rest)
    }

    /// The value at a JSON pointer (RFC 6901), whose first slash may be left out.
    pub(super) fn pointed(&self, pointer: &str) -> Option<&Value> {
        if pointer.is_empty() {
            return self.whole();
        }
        let pointer = pointer.strip_prefix('/').unwrap_or(pointer);
        let (first, rest) = pointer.split_at(pointer.find('/').unwrap_or(pointer.len()));
        let first = if first.contains('~') {
            Cow::Owned(first.replace("~1", "/").replace("~0", "~"))
        } else {
            Cow::Borrowed(first)
        };
        self.get(&first)?.pointer(rest)
    }

    /// All of it.
    pub(super) fn whole(&self) -> Option<&Value> {
        self.whole.get_or_init(|| serde_json::from_str(&self.text).ok()).as_ref()
    }
}

fn document(bytes: &[u8]) -> Option<Parts> {
    if bytes.len() > MAX_EVENT {
        return None;
    }
    let text = String::from_utf8_lossy(bytes).into_owned();
    let Values(values) = serde_json::from_str(&text).ok()?;
    let start = text.as_ptr().addr();
    let parts: Vec<Part> = values
        .into_iter()
        .map(|(key, value)| {
            let place = value.get().as_ptr().addr() - start;
            Part { key, place: place..place + value.get().len(), value: OnceCell::new() }
        })
        .collect();
    let is_audit = parts.iter().any(|part| part.key == "auditID");
    is_audit.then_some(Parts { text, parts, whole: OnceCell::new() })
}

/// The keys and values of an object as they are written.
struct Values<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Values<'de> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_map(OfObject)
    }
}

struct OfObject;

impl<'de> Visitor<'de> for OfObject {
    type Value = Values<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::with_capacity(20);
        while let Some(pair) = map.next_entry()? {
            values.push(pair);
        }
        Ok(Values(values))
    }
}
