//! The parameters of an event, put together one after the other.

use vigie_events::schema::{Kind, MAX_PARAMS};
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
    /// Where each parameter ends.
    ends: [u32; MAX_PARAMS],
    count: usize,
    data: Vec<u8>,
}

impl Encoder {
    pub fn clear(&mut self) {
        self.count = 0;
        self.data.clear();
    }

    #[inline]
    pub fn put(&mut self, bytes: &[u8]) {
        self.data.extend_from_slice(bytes);
        self.end();
    }

    /// What was written since the last parameter is one. Beyond `MAX_PARAMS` there are none.
    #[inline]
    fn end(&mut self) {
        if let Some(end) = self.ends.get_mut(self.count) {
            *end = self.data.len() as u32;
            self.count += 1;
        }
    }

    pub fn absent(&mut self) {
        self.end();
    }

    /// A number in as many bytes as its kind has; the upper ones are cut off.
    #[inline]
    pub fn number(&mut self, kind: Kind, value: u64) {
        // Sizes that are known when this is compiled need no call to copy.
        match width(kind) {
            1 => self.put(&[value as u8]),
            2 => self.put(&(value as u16).to_le_bytes()),
            4 => self.put(&(value as u32).to_le_bytes()),
            _ => self.put(&value.to_le_bytes()),
        }
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
        self.data.extend_from_slice(text);
        self.data.push(0);
        self.end();
    }

    /// A parameter that is written in pieces.
    pub fn pieces(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.data);
        self.end();
    }

    /// The event, as long as nothing else is put together.
    #[inline]
    pub fn event(&self, id: u16, ts: u64, tid: i64, cpu: u16) -> Event<'_> {
        let params = Params::with_ends(&self.ends, self.count, &self.data);
        Event { num: 0, ts, tid, cpu, flags: 0, id, params }
    }
}
