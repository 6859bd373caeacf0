//! The part of a capture that is in memory: a window that moves over it from block to block.

use std::io::{ErrorKind, Read};

use vigie_events::SourceError;

use crate::block::{FRAME, HEAD};

/// How much is read at once; stays in the processor's cache.
const STEP: usize = 256 << 10;

/// The longest block that is read. Lists of all threads of a large host come in one block.
pub const LONGEST_BLOCK: usize = 256 << 20;

pub struct Window {
    bytes: Vec<u8>,
    /// What lies before is done with.
    start: usize,
    /// What lies behind is not read yet.
    end: usize,
    /// Where in the capture `bytes` begins.
    base: u64,
    /// `None` when `bytes` is all there is.
    input: Option<Box<dyn Read + Send>>,
}

/// A whole block in the window: its number and where its body lies, padding included.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    pub number: u32,
    pub start: usize,
    pub end: usize,
}

impl Block {
    /// The whole block's length.
    fn length(&self) -> usize {
        self.end - self.start + FRAME
    }
}

impl Window {
    pub fn over(input: Box<dyn Read + Send>) -> Window {
        Window { bytes: Vec::new(), start: 0, end: 0, base: 0, input: Some(input) }
    }

    pub fn of(bytes: Vec<u8>) -> Window {
        Window { end: bytes.len(), bytes, start: 0, base: 0, input: None }
    }

    /// The number of the block that begins here, whatever its length. `None` when not even that is there.
    pub fn peek(&mut self) -> Result<Option<u32>, Box<SourceError>> {
        let there = self.end - self.start >= 4 || self.fill(4)?;
        Ok(there.then(|| self.number(self.start)))
    }

    /// The block that begins here, without stepping over it. `None` at the end of the capture.
    #[inline(always)]
    pub fn block(&mut self) -> Result<Option<Block>, Box<SourceError>> {
        if self.end - self.start < HEAD && !self.fill(HEAD)? {
            if self.end == self.start {
                return Ok(None);
            }
            return Err(self.boxed("the capture ends inside a block"));
        }
        let (number, length) = (self.number(self.start), self.number(self.start + 4) as usize);
        if !(FRAME..=LONGEST_BLOCK).contains(&length) {
            return Err(self.boxed(format!("a block of {length} bytes")));
        }
        if self.end - self.start < length && !self.fill(length)? {
            return Err(self.boxed("the capture ends inside a block"));
        }
        let block = Block { number, start: self.start + HEAD, end: self.start + length - 4 };
        if self.number(block.end) as usize != length {
            return Err(self.boxed("a block whose two lengths differ"));
        }
        Ok(Some(block))
    }

    #[inline]
    pub fn step_over(&mut self, block: Block) {
        self.start += block.length();
    }

    /// Valid until the next call of `block`.
    #[inline]
    pub fn body(&self, block: Block) -> &[u8] {
        &self.bytes[block.start..block.end]
    }

    /// The byte of the capture where the window begins.
    #[inline]
    pub fn offset(&self) -> u64 {
        self.base + self.start as u64
    }

    /// An error at the block that begins here.
    #[cold]
    pub fn error(&self, what: impl Into<String>) -> SourceError {
        SourceError::new(what, Some(self.offset()))
    }

    #[cold]
    fn boxed(&self, what: impl Into<String>) -> Box<SourceError> {
        Box::new(self.error(what))
    }

    #[inline(always)]
    fn number(&self, at: usize) -> u32 {
        match self.bytes.get(at..at + 4) {
            Some(&[a, b, c, d]) => u32::from_le_bytes([a, b, c, d]),
            _ => 0,
        }
    }

    /// Reads until so many bytes are there. `false` when the input ends before.
    #[cold]
    fn fill(&mut self, needed: usize) -> Result<bool, Box<SourceError>> {
        if self.input.is_none() {
            return Ok(false);
        }
        self.bytes.copy_within(self.start..self.end, 0);
        self.base += self.start as u64;
        self.end -= self.start;
        self.start = 0;
        while self.end < needed {
            // What a block claims to be long is believed only as far as bytes arrive.
            if self.bytes.len() - self.end < STEP / 2 {
                let longer = (self.bytes.len() * 2).clamp(STEP, needed.max(STEP) + STEP);
                self.bytes.resize(longer.max(self.bytes.len() + STEP / 2), 0);
            }
            let until = self.bytes.len().min(self.end + STEP);
            let Some(input) = &mut self.input else { return Ok(false) };
            match input.read(&mut self.bytes[self.end..until]) {
                Ok(0) => return Ok(false),
                Ok(read) => self.end += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.boxed(format!("the capture cannot be read on: {error}"))),
            }
        }
        Ok(true)
    }
}
