//! Readers that count, compare and note what happens to what is read through them.

use std::cell::Cell;
use std::io::{self, Read};

use crate::limits::ReadError;
use crate::read_at::ReadAt;
use crate::tar::{Source, Tar};

/// Bytes that are inflated in one call.
const STEP: usize = 32 << 10;

/// What may still be inflated.
pub struct Budget {
    pub most: u64,
    pub left: Cell<u64>,
    pub is_over: Cell<bool>,
}

impl Budget {
    /// Counts what is read, and fails when it is too much.
    pub fn counted<R: Read>(&self, reader: R) -> Counted<'_, R> {
        Counted { budget: self, reader }
    }
}

pub struct Counted<'b, R> {
    budget: &'b Budget,
    reader: R,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let over = || io::Error::other("there is too much of it");
        if self.budget.is_over.get() {
            return Err(over());
        }
        // A decoder that fails loses what it had made in the same call.
        let most = buffer.len().min(STEP);
        let count = self.reader.read(&mut buffer[..most])?;
        let Some(left) = self.budget.left.get().checked_sub(count as u64) else {
            self.budget.is_over.set(true);
            return Err(over());
        };
        self.budget.left.set(left);
        Ok(count)
    }
}

/// Compares an entry of a ZIP archive with what the archive says of it, once it is read to its end. A size of `u64::MAX` says that
/// nothing is said.
pub struct Compared<R> {
    pub reader: R,
    pub size: u64,
    pub crc: u32,
    pub read: u64,
    pub hasher: crc32fast::Hasher,
}

impl<R: Read> Read for Compared<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.hasher.update(buffer.get(..count).unwrap_or_default());
        self.read += count as u64;
        if count == 0 && !buffer.is_empty() && self.size != u64::MAX {
            if self.read != self.size {
                let what = format!("it has {} bytes, {} are announced", self.read, self.size);
                return Err(io::Error::other(what));
            }
            if self.hasher.clone().finalize() != self.crc {
                return Err(io::Error::other("its checksum is wrong"));
            }
        }
        Ok(count)
    }
}

/// Ends where reading fails, and keeps why.
pub struct Noted<'r> {
    pub reader: &'r mut dyn Read,
    pub failed: Option<io::Error>,
}

impl Read for Noted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.failed.is_some() {
            return Ok(0);
        }
        match self.reader.read(buffer) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                self.failed = Some(error);
                Ok(0)
            }
            read => read,
        }
    }
}

enum From<'s> {
    At(&'s dyn ReadAt),
    Reading(&'s mut dyn Read),
}

/// What a tar is read from: something that can be read at any place, or a stream.
pub struct TarSource<'s> {
    from: From<'s>,
    position: u64,
}

impl<'s> TarSource<'s> {
    pub fn at(source: &'s dyn ReadAt) -> Self {
        Self { from: From::At(source), position: 0 }
    }

    pub fn reading(reader: &'s mut dyn Read) -> Self {
        Self { from: From::Reading(reader), position: 0 }
    }

    /// What can be read at any place, and where in it this is.
    pub fn standing(&self) -> Option<(&'s dyn ReadAt, u64)> {
        match &self.from {
            From::At(source) => Some((*source, self.position)),
            From::Reading(_) => None,
        }
    }
}

impl Source for TarSource<'_> {
    fn position(&self) -> u64 {
        self.position
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ReadError> {
        let mut done = 0;
        match &mut self.from {
            From::At(source) => {
                let left = usize::try_from(source.len().saturating_sub(self.position)).unwrap_or(usize::MAX);
                done = left.min(buffer.len());
                source.read_exact_at(&mut buffer[..done], self.position)?;
            }
            From::Reading(reader) => {
                while done < buffer.len() {
                    match reader.read(&mut buffer[done..]) {
                        Ok(0) => break,
                        Ok(count) => done += count,
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        Err(error) => return Err(error.into()),
                    }
                }
            }
        }
        self.position += done as u64;
        Ok(done)
    }

    fn skip(&mut self, count: u64) -> Result<u64, ReadError> {
        let skipped = match &mut self.from {
            From::At(source) => count.min(source.len().saturating_sub(self.position)),
            From::Reading(reader) => io::copy(&mut reader.take(count), &mut io::sink())?,
        };
        self.position += skipped;
        Ok(skipped)
    }
}

/// The data of the entry a tar is at.
pub struct Data<'t, 's> {
    pub tar: &'t mut Tar<TarSource<'s>>,
}

impl Read for Data<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.tar.read(buffer).map_err(io::Error::other)
    }
}
