//! One event, as it lies in a capture or in a ring buffer: nothing is copied, nothing is judged.

use crate::schema::{self, EventType, MAX_PARAMS};

/// A state-only event: it updates tables and is shown to no rule (`Event::flags`).
pub const STATE_ONLY: u32 = 1;

/// One thing that happened. Parameters are read by index; their meaning is in `schema`.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// From 1, in the order of delivery; the engine counts, sources leave 0.
    pub num: u64,
    /// Nanoseconds since the epoch.
    pub ts: u64,
    /// The thread; -1 when unknown.
    pub tid: i64,
    pub cpu: u16,
    /// Bits: `STATE_ONLY`.
    pub flags: u32,
    /// Always below `schema::TYPES`.
    pub id: u16,
    pub params: Params<'a>,
}

impl<'a> Event<'a> {
    /// The row of the schema.
    pub fn event_type(&self) -> &'static EventType {
        &schema::event_types()[usize::from(self.id)]
    }

    /// The return value: the first parameter of a system call's exit when it is 4 or 8 bytes long. `None` for all
    /// other events, generic ones too.
    pub fn result(&self) -> Option<i64> {
        if self.id % 2 == 0 || self.id <= 1 || self.event_type().origin != schema::Origin::Syscall {
            return None;
        }
        let bytes = self.params.bytes(0)?;
        match bytes.len() {
            8 => self.params.i64(0),
            4 => self.params.u32(0).map(|value| i64::from(value as i32)),
            _ => None,
        }
    }
}

/// The parameters of an event: slices of one run of bytes. A parameter of no bytes is absent.
#[derive(Clone, Debug, Default)]
pub struct Params<'a> {
    data: &'a [u8],
    ends: [u32; MAX_PARAMS],
    count: u8,
}

impl<'a> Params<'a> {
    /// Parameters from the table of their lengths (little-endian, 2 bytes each, or 4 with `wide`) and their bytes.
    /// `None` when the bytes do not suffice or there are more than `MAX_PARAMS`.
    #[inline]
    pub fn new(lengths: &[u8], wide: bool, data: &'a [u8]) -> Option<Params<'a>> {
        let size = if wide { 4 } else { 2 };
        let count = lengths.len() / size;
        if count > MAX_PARAMS {
            return None;
        }
        let mut ends = [0u32; MAX_PARAMS];
        let mut end = 0u32;
        for (index, length) in lengths.chunks_exact(size).enumerate() {
            let length = match *length {
                [a, b] => u32::from(u16::from_le_bytes([a, b])),
                [a, b, c, d] => u32::from_le_bytes([a, b, c, d]),
                _ => 0,
            };
            end = end.checked_add(length)?;
            ends[index] = end;
        }
        if end as usize > data.len() {
            return None;
        }
        Some(Params { data, ends, count: count as u8 })
    }

    /// Parameters that were put one behind the other, by where each ends. Ends beyond the data are read as none.
    #[inline]
    pub fn with_ends(ends: &[u32; MAX_PARAMS], count: usize, data: &'a [u8]) -> Params<'a> {
        Params { data, ends: *ends, count: count.min(MAX_PARAMS) as u8 }
    }

    pub fn len(&self) -> usize {
        usize::from(self.count)
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The bytes of a parameter; empty when it is absent, `None` when the event has fewer parameters.
    #[inline]
    pub fn bytes(&self, index: usize) -> Option<&'a [u8]> {
        if index >= usize::from(self.count) {
            return None;
        }
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        self.data.get(start as usize..self.ends[index] as usize)
    }

    #[inline]
    fn array<const N: usize>(&self, index: usize) -> Option<[u8; N]> {
        self.bytes(index)?.try_into().ok()
    }

    /// A number of exactly 8 bytes. `None` when the parameter is absent or of another size.
    #[inline]
    pub fn i64(&self, index: usize) -> Option<i64> {
        self.array(index).map(i64::from_le_bytes)
    }

    #[inline]
    pub fn u64(&self, index: usize) -> Option<u64> {
        self.array(index).map(u64::from_le_bytes)
    }

    #[inline]
    pub fn u32(&self, index: usize) -> Option<u32> {
        self.array(index).map(u32::from_le_bytes)
    }

    #[inline]
    pub fn u16(&self, index: usize) -> Option<u16> {
        self.array(index).map(u16::from_le_bytes)
    }

    #[inline]
    pub fn u8(&self, index: usize) -> Option<u8> {
        self.array(index).map(|[byte]: [u8; 1]| byte)
    }

    /// A string up to its first NUL. `None` when the parameter is absent.
    #[inline]
    pub fn text(&self, index: usize) -> Option<&'a [u8]> {
        let bytes = self.bytes(index)?;
        if bytes.is_empty() {
            return None;
        }
        Some(until_nul(bytes))
    }
}

/// The bytes before the first NUL, or all of them.
pub fn until_nul(bytes: &[u8]) -> &[u8] {
    memchr::memchr(0, bytes).map_or(bytes, |end| &bytes[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_slices() {
        let params = Params::new(&[8, 0, 0, 0, 3, 0], false, b"\x01\0\0\0\0\0\0\0ab\0rest").unwrap();
        assert_eq!(params.len(), 3);
        assert_eq!(params.i64(0), Some(1));
        assert_eq!(params.bytes(1), Some(&b""[..]));
        assert_eq!(params.text(1), None);
        assert_eq!(params.text(2), Some(&b"ab"[..]));
        assert_eq!(params.bytes(3), None);
        assert_eq!(params.u32(0), None);
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        assert!(Params::new(&[9, 0], false, b"12345678").is_none());
        assert!(Params::new(&[255, 255, 255, 255, 2, 0, 0, 0], true, b"1").is_none());
        assert!(Params::new(&[0; 2 * MAX_PARAMS + 2], false, b"").is_none());
    }
}
