//! Events made by hand: for tests, and for writers of captures.

use crate::schema::MAX_PARAMS;
use crate::{Event, Params};

/// The bytes of one event while they are put together, parameter after parameter in the schema's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventBuilder {
    id: u16,
    ts: u64,
    tid: i64,
    cpu: u16,
    flags: u32,
    /// 4 bytes for each parameter, little-endian.
    lengths: Vec<u8>,
    data: Vec<u8>,
}

impl EventBuilder {
    /// An event of that id, of thread -1 at time 0, without parameters.
    pub fn new(id: u16) -> EventBuilder {
        EventBuilder { id, ts: 0, tid: -1, cpu: 0, flags: 0, lengths: Vec::new(), data: Vec::new() }
    }

    /// Nanoseconds since the epoch.
    pub fn ts(mut self, ts: u64) -> Self {
        self.ts = ts;
        self
    }

    pub fn tid(mut self, tid: i64) -> Self {
        self.tid = tid;
        self
    }

    pub fn cpu(mut self, cpu: u16) -> Self {
        self.cpu = cpu;
        self
    }

    /// Bits: `event::STATE_ONLY`.
    pub fn flags(mut self, flags: u32) -> Self {
        self.flags = flags;
        self
    }

    /// A parameter as its bytes; none make it absent. Beyond `MAX_PARAMS` nothing is taken.
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        if self.lengths.len() < 4 * MAX_PARAMS {
            self.lengths.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
            self.data.extend_from_slice(bytes);
        }
        self
    }

    /// A parameter without a value.
    pub fn absent(self) -> Self {
        self.bytes(b"")
    }

    /// So many parameters without a value.
    pub fn absents(self, count: usize) -> Self {
        (0..count).fold(self, |event, _| event.absent())
    }

    /// A string and its NUL.
    pub fn text(self, text: &[u8]) -> Self {
        self.bytes(&[text, b"\0"].concat())
    }

    /// Descriptors, pids, results.
    pub fn i64(self, value: i64) -> Self {
        self.bytes(&value.to_le_bytes())
    }

    pub fn u64(self, value: u64) -> Self {
        self.bytes(&value.to_le_bytes())
    }

    pub fn i32(self, value: i32) -> Self {
        self.bytes(&value.to_le_bytes())
    }

    /// Flags, modes, users, groups.
    pub fn u32(self, value: u32) -> Self {
        self.bytes(&value.to_le_bytes())
    }

    pub fn u16(self, value: u16) -> Self {
        self.bytes(&value.to_le_bytes())
    }

    pub fn u8(self, value: u8) -> Self {
        self.bytes(&[value])
    }

    /// The event, as long as the builder lives.
    pub fn event(&self) -> Event<'_> {
        Event {
            num: 0,
            ts: self.ts,
            tid: self.tid,
            cpu: self.cpu,
            flags: self.flags,
            id: self.id,
            params: Params::new(&self.lengths, true, &self.data).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id;

    #[test]
    fn parameters_come_back() {
        let open = EventBuilder::new(id::OPENAT_X)
            .ts(7)
            .tid(42)
            .i64(3)
            .i64(-100)
            .text(b"/etc/passwd")
            .u32(1)
            .absent()
            .u32(0)
            .u64(99);
        let event = open.event();
        assert_eq!((event.ts, event.tid, event.id), (7, 42, 307));
        assert_eq!(event.result(), Some(3));
        assert_eq!(event.params.i64(1), Some(-100));
        assert_eq!(event.params.text(2), Some(&b"/etc/passwd"[..]));
        assert_eq!(event.params.bytes(4), Some(&b""[..]));
        assert_eq!(event.params.u64(6), Some(99));
        assert_eq!(event.params.len(), event.event_type().params.len());
    }

    #[test]
    fn no_more_parameters_than_an_event_may_have() {
        let event = EventBuilder::new(id::READ_X).absents(MAX_PARAMS + 5);
        assert_eq!(event.event().params.len(), MAX_PARAMS);
    }
}
