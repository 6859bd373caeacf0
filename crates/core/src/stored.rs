//! The stored bytes of a blob, hashed as they are read.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use sha2::{Digest, Sha256};

use crate::limits::{Limits, ReadError};

type Result<T> = std::result::Result<T, ReadError>;

/// Compressed bytes from front to back, as the decoders take them.
pub trait Packed {
    /// Makes sure there are bytes at hand; false at the end.
    fn fill(&mut self) -> Result<bool>;

    /// The bytes at hand; may be none.
    fn at_hand(&self) -> &[u8];

    /// Moves on; `count` is at most what is at hand.
    fn consume(&mut self, count: usize);

    /// Where the next byte stands.
    fn offset(&self) -> u64;

    fn byte(&mut self, what: &str) -> Result<u8> {
        self.fill()?;
        let byte = self.at_hand().first().copied();
        let byte = byte.ok_or_else(|| ReadError::damaged(format_args!("{what} is cut off"), self.offset()))?;
        self.consume(1);
        Ok(byte)
    }

    fn skip(&mut self, mut count: u64, what: &str) -> Result<()> {
        while count > 0 {
            if !self.fill()? {
                return Err(ReadError::damaged(format_args!("{what} is cut off"), self.offset()));
            }
            let step = usize::try_from(count).unwrap_or(usize::MAX).min(self.at_hand().len());
            self.consume(step);
            count -= step as u64;
        }
        Ok(())
    }

    fn little_u32(&mut self, what: &str) -> Result<u32> {
        let mut bytes = [0; 4];
        for byte in &mut bytes {
            *byte = self.byte(what)?;
        }
        Ok(u32::from_le_bytes(bytes))
    }
}

/// The compressed side: a range of a file, hashed as it is read.
pub struct Input {
    pub file: File,
    pub position: u64,
    pub end: u64,
    pub start: u64,
    pub buffer: Box<[u8]>,
    pub next: usize,
    pub filled: usize,
    pub digest: Sha256,
    pub limits: Limits,
}

impl Input {
    /// Reads the next bytes straight into `target`; 0 at the end.
    pub fn read_into(file: &File, position: &mut u64, end: u64, target: &mut [u8]) -> Result<usize> {
        let most = usize::try_from(end - *position).unwrap_or(usize::MAX).min(target.len());
        let mut done = 0;
        while done < most {
            match file.read_at(&mut target[done..most], *position) {
                Ok(0) => return Err(ReadError::damaged("the file ends early", *position)),
                Ok(count) => {
                    done += count;
                    *position += count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(done)
    }
}

impl Packed for Input {
    fn fill(&mut self) -> Result<bool> {
        if self.next < self.filled {
            return Ok(true);
        }
        self.limits.check_time()?;
        self.filled = Self::read_into(&self.file, &mut self.position, self.end, &mut self.buffer)?;
        self.next = 0;
        self.digest.update(&self.buffer[..self.filled]);
        Ok(self.filled > 0)
    }

    fn at_hand(&self) -> &[u8] {
        &self.buffer[self.next..self.filled]
    }

    fn consume(&mut self, count: usize) {
        self.next = (self.next + count).min(self.filled);
    }

    fn offset(&self) -> u64 {
        self.position - self.start - (self.filled - self.next) as u64
    }
}
