//! The parameters of an event, put together one after the other.

use vigie_events::schema::Kind;
use vigie_events::{Event, Params};

/// How many bytes a number of that kind takes; 8 for kinds that are no numbers.
pub fn width(kind: Kind) -> usize {
    match kind {
        Kind::Int8 | Kind::Uint8 | Kind::Flags8 | Kind::Enumflags8 | Kind::Sigtype => 1,
        Kind::Int16 | Kind::Uint16 | Kind::Flags16 | Kind::Enumflags16 | Kind::Syscallid | Kind::Port => 2,
        Kind::Int32
        | Kind::Uint32
        | Kind::Flags32
        | Kind::Enumflags32
        | Kind::Mode
        | Kind::Uid
        | Kind::Gid
        | Kind::Fd32
        | Kind::Pid32
        | Kind::Sigset => 4,
        _ => 8,
    }
}

/// The bytes of one event; its storage is used again for the next.
#[derive(Debug, Default)]
pub struct Encoder {
    lengths: Vec<u8>,
    data: Vec<u8>,
}

impl Encoder {
    pub fn clear(&mut self) {
        self.lengths.clear();
        self.data.clear();
    }

    #[inline]
    pub fn put(&mut self, bytes: &[u8]) {
        self.lengths.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        self.data.extend_from_slice(bytes);
    }

    pub fn absent(&mut self) {
        self.put(&[]);
    }

    /// A number in as many bytes as its kind has; the upper ones are cut off.
    #[inline]
    pub fn number(&mut self, kind: Kind, value: u64) {
        self.put(&value.to_le_bytes()[..width(kind)]);
    }

    pub fn i64(&mut self, value: i64) {
        self.put(&value.to_le_bytes());
    }

    pub fn u64(&mut self, value: u64) {
        self.put(&value.to_le_bytes());
    }

    pub fn u32(&mut self, value: u32) {
        self.put(&value.to_le_bytes());
    }

    pub fn u8(&mut self, value: u8) {
        self.put(&[value]);
    }

    /// A text with its NUL, whether it has one or not. An empty one is a text, too.
    pub fn text(&mut self, text: &[u8]) {
        let text = vigie_events::event::until_nul(text);
        self.lengths.extend_from_slice(&(text.len() as u32 + 1).to_le_bytes());
        self.data.extend_from_slice(text);
        self.data.push(0);
    }

    /// A parameter that is written in pieces.
    pub fn pieces(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let before = self.data.len();
        write(&mut self.data);
        let length = self.data.len().saturating_sub(before) as u32;
        self.lengths.extend_from_slice(&length.to_le_bytes());
    }

    /// The event, as long as nothing else is put together.
    #[inline]
    pub fn event(&self, id: u16, ts: u64, tid: i64, cpu: u16) -> Event<'_> {
        let params = Params::new(&self.lengths, true, &self.data).unwrap_or_default();
        Event { num: 0, ts, tid, cpu, flags: 0, id, params }
    }
}
