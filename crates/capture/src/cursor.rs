//! Reading fields one after another.

/// The rest of a run of bytes. Every reader says `None` when too few are left, and then nothing is taken.
#[derive(Clone, Copy)]
pub struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Cursor { rest: bytes }
    }

    pub fn left(&self) -> usize {
        self.rest.len()
    }

    pub fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let taken = self.rest.get(..length)?;
        self.rest = &self.rest[length..];
        Some(taken)
    }

    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub fn u8(&mut self) -> Option<u8> {
        self.array().map(|[byte]: [u8; 1]| byte)
    }

    pub fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }

    pub fn flag(&mut self) -> Option<bool> {
        self.u8().map(|byte| byte != 0)
    }

    /// A string: its length in two bytes, then its bytes.
    pub fn text(&mut self) -> Option<Vec<u8>> {
        let mut ahead = *self;
        let length = ahead.u16()?;
        let text = ahead.take(usize::from(length))?.to_vec();
        *self = ahead;
        Some(text)
    }

    /// An entry that begins with its own length in four bytes, which counts itself or does not.
    pub fn entry(&mut self, counts_itself: bool) -> Option<Cursor<'a>> {
        let mut ahead = *self;
        let length = ahead.u32()? as usize;
        let length = if counts_itself { length.checked_sub(4)? } else { length };
        let entry = ahead.take(length)?;
        *self = ahead;
        Some(Cursor::new(entry))
    }
}
