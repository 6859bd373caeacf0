//! From a body or a line to the events in it.

use std::borrow::Cow;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use vigie_events::{Event, Params, id};

use crate::PLUGIN;
use crate::compact::compact;
use crate::tally::Counts;
use crate::time::nanoseconds;

/// The longest body that is read: 12 MiB, the peer's limit.
pub const MAX_BODY: usize = 12 << 20;

/// The longest event that is taken, without blanks, unless somebody asks for another bound: the peer's default of
/// `maxEventSize`.
pub const MAX_EVENT: usize = 262_144;

/// Fields read no longer events, whatever is asked for.
pub const LARGEST_MAX_EVENT: usize = 4 << 20;

/// How deep lists of lists of events may go; API servers send none.
const MAX_LISTS: usize = 16;

/// How deep an event may be nested. Fields read events with a parser that gives up at 128 levels.
const MAX_DEPTH: usize = 127;

/// What fields' parser takes for a word of its own as an object's key.
const RESERVED: &[u8] = b"serde_json::private";

/// Why a payload is none, in words for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAudit(pub String);

impl fmt::Display for NotAudit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for NotAudit {}

/// The events of one payload, in order, in one run of bytes.
#[derive(Debug, Default)]
pub struct Payload {
    text: Vec<u8>,
    /// Of each event the time in nanoseconds since the epoch and where its text ends.
    events: Vec<(u64, usize)>,
    max_event: usize,
    /// What was taken and what was dropped.
    pub counts: Counts,
}

impl Payload {
    /// The events of a JSON text: one event, an `EventList`, or arrays of those. `max_event`: bytes of one event without
    /// blanks.
    ///
    /// # Errors
    /// It is too long, no JSON, or an element of it is none of these; then no event of it counts.
    pub fn read(body: &[u8], max_event: usize) -> Result<Payload, NotAudit> {
        if body.len() > MAX_BODY {
            return Err(NotAudit(format!("{} bytes are more than the {MAX_BODY} that are read", body.len())));
        }
        // The peer does not mind bytes that are no UTF-8 either.
        let text: Cow<'_, str> = String::from_utf8_lossy(body);
        let mut payload = Payload { max_event: max_event.min(LARGEST_MAX_EVENT), ..Payload::default() };
        payload.text.reserve(text.len().min(MAX_BODY));
        payload.take(&text, 0)?;
        payload.text.shrink_to_fit();
        payload.counts.events = payload.events.len() as u64;
        Ok(payload)
    }

    fn take(&mut self, json: &str, lists: usize) -> Result<(), NotAudit> {
        let no_json = |error: serde_json::Error| NotAudit(format!("no JSON: {error}"));
        match json.trim_ascii_start().as_bytes().first() {
            Some(b'[') if lists >= MAX_LISTS => {
                Err(NotAudit(format!("lists of events are nested deeper than {MAX_LISTS} levels")))
            }
            Some(b'[') => {
                let elements: Vec<&RawValue> = serde_json::from_str(json).map_err(no_json)?;
                elements.iter().try_for_each(|element| self.take(element.get(), lists + 1))
            }
            Some(b'{') => self.object(json, &serde_json::from_str(json).map_err(no_json)?),
            _ => Err(NotAudit("neither a JSON object nor an array".into())),
        }
    }

    fn object(&mut self, json: &str, object: &Object<'_>) -> Result<(), NotAudit> {
        match object.kind.and_then(text).as_deref() {
            Some("Event") => self.event(json, object.time),
            Some("EventList") => {
                for item in object.items.iter().flatten() {
                    let item = item.get();
                    let found: Object<'_> = serde_json::from_str(item).unwrap_or_default();
                    self.event(item, found.time);
                }
            }
            _ => return Err(NotAudit("neither an audit event nor a list of them".into())),
        }
        Ok(())
    }

    fn event(&mut self, json: &str, time: Option<&RawValue>) {
        let Some(time) = time.and_then(text).as_deref().and_then(nanoseconds) else {
            self.counts.bad_time += 1;
            return;
        };
        let start = self.text.len();
        let shallow = compact(json, MAX_DEPTH, &mut self.text);
        let text = &self.text[start..];
        let dropped = if text.len() > self.max_event {
            &mut self.counts.too_large
        } else if !shallow || is_unreadable(text) {
            &mut self.counts.unreadable
        } else {
            self.events.push((time, self.text.len()));
            return;
        };
        *dropped += 1;
        self.text.truncate(start);
    }

    pub fn len(&self) -> usize {
        self.events.len()
    }

    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// About how much memory it takes.
    pub fn bytes(&self) -> usize {
        size_of::<Payload>() + self.text.len() + self.events.len() * size_of::<(u64, usize)>()
    }

    /// The time of the event at `index`, in nanoseconds since the epoch, and its text.
    pub fn get(&self, index: usize) -> Option<(u64, &[u8])> {
        let &(time, end) = self.events.get(index)?;
        let start = index.checked_sub(1).and_then(|before| self.events.get(before)).map_or(0, |(_, end)| *end);
        Some((time, self.text.get(start..end)?))
    }
}

/// An event ready for the engine: `scratch` holds its parameters.
pub(crate) fn event<'a>(time: u64, text: &[u8], scratch: &'a mut Vec<u8>) -> Event<'a> {
    scratch.clear();
    scratch.extend_from_slice(&PLUGIN.to_le_bytes());
    scratch.extend_from_slice(text);
    let mut lengths = [4, 0, 0, 0, 0, 0, 0, 0];
    lengths[4..].copy_from_slice(&u32::try_from(text.len()).unwrap_or(0).to_le_bytes());
    Event {
        num: 0,
        ts: time,
        tid: -1,
        cpu: 0,
        flags: 0,
        id: id::PLUGINEVENT_E,
        params: Params::new(&lengths, true, scratch).unwrap_or_default(),
    }
}

/// Whether fields' parser refuses a text that is valid JSON by the looser rules here: half a surrogate pair, or the
/// reserved word, also when letters of it are escaped, as no API server does. Only a suspicion costs a parse.
fn is_unreadable(text: &[u8]) -> bool {
    let odd_escape = |at: usize| match text.get(at + 2..at + 6) {
        Some([b'd' | b'D', ..] | [b'0', b'0', b'4'..=b'7', _]) => true,
        code => code == Some(b"0024"),
    };
    let suspicious =
        memchr::memmem::find(text, RESERVED).is_some() || memchr::memmem::find_iter(text, b"\\u").any(odd_escape);
    suspicious && serde_json::from_slice::<serde_json::Value>(text).is_err()
}

/// A string's content; `None` for any other value.
fn text(value: &RawValue) -> Option<Cow<'_, str>> {
    let quoted = value.get();
    match quoted.strip_prefix('"')?.strip_suffix('"') {
        Some(plain) if !plain.contains('\\') => Some(Cow::Borrowed(plain)),
        _ => serde_json::from_str(quoted).ok().map(Cow::Owned),
    }
}

/// What an object says of itself. Of equal keys the last counts.
#[derive(Debug, Default)]
struct Object<'a> {
    kind: Option<&'a RawValue>,
    time: Option<&'a RawValue>,
    items: Option<Vec<&'a RawValue>>,
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_map(OfObject)
    }
}

struct OfObject;

impl<'de> Visitor<'de> for OfObject {
    type Value = Object<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = Object::default();
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match key.as_ref() {
                "kind" => found.kind = Some(map.next_value()?),
                "stageTimestamp" => found.time = Some(map.next_value()?),
                "items" => found.items = map.next_value()?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: &str = "1970-01-01T00:00:01Z";

    fn texts(payload: &Payload) -> Vec<String> {
        let text = |index| String::from_utf8(payload.get(index).unwrap().1.to_vec()).unwrap();
        (0..payload.len()).map(text).collect()
    }

    fn read(text: &str) -> Payload {
        Payload::read(text.replace("TIME", TIME).as_bytes(), MAX_EVENT).unwrap()
    }

    fn refused(text: &str) -> String {
        Payload::read(text.replace("TIME", TIME).as_bytes(), MAX_EVENT).unwrap_err().0
    }

    #[test]
    fn one_event_a_list_and_arrays_of_those() {
        let event = r#"{"kind": "Event", "auditID": "a", "stageTimestamp": "TIME"}"#;
        let times = |count| vec![event.replace("TIME", TIME).replace(' ', ""); count];
        let payload = read(event);
        assert_eq!((texts(&payload), payload.get(0).unwrap().0), (times(1), 1_000_000_000));
        assert_eq!(texts(&read(&format!("[ [{event}] , {event}]"))), times(2));
        let list = format!(r#"{{"metadata":{{}},"items":[{event}, {event}],"kind":"EventList"}}"#);
        assert_eq!(texts(&read(&list)), times(2));
        assert_eq!(texts(&read(&format!("[{list},{event}]"))), times(3));
        assert!(read(r#"{"kind":"EventList","items":null}"#).is_empty());
        assert!(read(r#"{"kind":"EventList"}"#).is_empty());
        assert!(read("[]").is_empty());
    }

    #[test]
    fn items_of_a_list_need_no_kind() {
        let payload = read(r#"{"kind":"EventList","items":[{"stageTimestamp":"TIME"}, 7, {}, null]}"#);
        assert_eq!(texts(&payload), [format!(r#"{{"stageTimestamp":"{TIME}"}}"#)]);
        assert_eq!(payload.counts, Counts { events: 1, bad_time: 3, ..Counts::default() });
    }

    #[test]
    fn one_wrong_element_drops_all() {
        let event = r#"{"kind":"Event","stageTimestamp":"TIME"}"#;
        for wrong in ["{}", "7", "null", r#"{"kind":"Pod"}"#, r#"{"kind":7}"#] {
            refused(&format!("[{event},{wrong}]"));
            refused(wrong);
        }
        for broken in ["", " ", "{", "[", "nope", &format!("{event}{event}"), &format!("{event} x"), "[1,]"] {
            refused(broken);
        }
    }

    #[test]
    fn an_event_without_time_is_dropped_alone() {
        let good = r#"{"kind":"Event","stageTimestamp":"TIME","auditID":"b"}"#;
        let payload = read(&format!(r#"[{{"kind":"Event","stageTimestamp":"yesterday"}},{good}, {{"kind":"Event"}}]"#));
        assert_eq!(texts(&payload), [good.replace("TIME", TIME)]);
        assert_eq!(payload.counts, Counts { events: 1, bad_time: 2, ..Counts::default() });
    }

    #[test]
    fn size_counts_without_blanks() {
        let around = read(r#"{"kind":"Event","stageTimestamp":"TIME","x":""}"#).get(0).unwrap().1.len();
        let sized = |length: usize, blanks: usize| {
            let (x, blank) = ("x".repeat(length - around), " ".repeat(blanks));
            read(&format!(r#"{{"kind":"Event","stageTimestamp":"TIME",{blank}"x":"{x}"}}"#)).counts
        };
        assert_eq!(sized(MAX_EVENT, 100), Counts { events: 1, ..Counts::default() });
        assert_eq!(sized(MAX_EVENT + 1, 0), Counts { too_large: 1, ..Counts::default() });
        assert!(Payload::read(&vec![b' '; MAX_BODY + 1], MAX_EVENT).is_err());
        let small = br#"{"kind":"Event","stageTimestamp":"2024-01-01T00:00:00Z"}"#;
        assert_eq!(Payload::read(small, small.len()).unwrap().len(), 1);
        assert_eq!(Payload::read(small, small.len() - 1).unwrap().counts.too_large, 1);
    }

    #[test]
    fn what_fields_could_not_read_is_counted() {
        let deep = |levels: usize| {
            let (open, close) = ("[".repeat(levels), "]".repeat(levels));
            read(&format!(r#"{{"kind":"Event","stageTimestamp":"TIME","x":{open}{close}}}"#))
        };
        let deepest = deep(MAX_DEPTH - 1);
        assert_eq!(deepest.counts, Counts { events: 1, ..Counts::default() });
        assert!(serde_json::from_slice::<serde_json::Value>(deepest.get(0).unwrap().1).is_ok());
        assert_eq!(deep(MAX_DEPTH).counts, Counts { unreadable: 1, ..Counts::default() });
        assert_eq!(deep(100_000).counts, Counts { unreadable: 1, ..Counts::default() });
        let word = r#"{"kind":"Event","stageTimestamp":"TIME","x":{"$serde_json::private::Number":"x"}}"#;
        assert_eq!(read(word).counts, Counts { unreadable: 1, ..Counts::default() });
        assert_eq!(read(&word.replace("e_j", "\\u0065_j")).counts.unreadable, 1);
        assert_eq!(read(&word.replace('$', "")).counts, Counts { events: 1, ..Counts::default() });
        let half = |text: &str| read(&word.replace("$serde_json::private::Number", text)).counts;
        assert_eq!(half("\\ud83d").unreadable, 1);
        assert_eq!(half("\\ud83d\\ude00 \\u003c").events, 1);
        refused(&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)));
    }

    #[test]
    fn of_equal_keys_the_last_counts() {
        let payload = read(r#"{"kind":"Pod","stageTimestamp":7,"kind":"\u0045vent","stageTimestamp":"TIME"}"#);
        assert_eq!((payload.len(), payload.get(0).unwrap().0), (1, 1_000_000_000));
    }

    #[test]
    fn text_stays_as_it_was_written() {
        let event = r#"{"kind":"Event","stageTimestamp":"TIME","n":[1.0e5,12345678901234567890,-0],"s":"a \u003c \/"}"#;
        assert_eq!(texts(&read(event)), [event.replace("TIME", TIME)]);
        let mut bytes = event.replace("TIME", TIME).into_bytes();
        let at = bytes.iter().rposition(|byte| *byte == b'a').unwrap();
        bytes[at] = 0xff;
        assert_eq!(Payload::read(&bytes, MAX_EVENT).unwrap().len(), 1, "broken UTF-8 is replaced");
    }
}
