//! The audit event as a document, read once however many fields ask.

use std::cell::OnceCell;

use serde_json::Value;
use vigie_events::{Event, id};

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
    document: Option<Value>,
}

impl Document {
    /// Forgets the event.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.read.take();
    }

    /// The audit event. `None` for other events, for what is no JSON, and for JSON that is no audit event. Nesting is
    /// bounded by the parser, length by `MAX_EVENT`.
    pub(crate) fn of(&self, event: &Event<'_>) -> Option<&Value> {
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

fn document(bytes: &[u8]) -> Option<Value> {
    if bytes.len() > MAX_EVENT {
        return None;
    }
    let document: Value = match std::str::from_utf8(bytes) {
        Ok(text) => serde_json::from_str(text).ok()?,
        Err(_) => serde_json::from_str(&String::from_utf8_lossy(bytes)).ok()?,
    };
    document.get("auditID").is_some().then_some(document)
}
