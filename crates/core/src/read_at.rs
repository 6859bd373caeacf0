//! Bytes that can be read at any place: a slice, or a file too large to hold.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;

/// A source of bytes with a known length. Readers of formats take this, so that large files need not be in memory.
pub trait ReadAt: Sync {
    /// Length in bytes.
    fn len(&self) -> u64;

    /// Whether there are no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills `buffer` from `offset`; fails with `UnexpectedEof` when there are not that many bytes.
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;

    /// `length` bytes from `offset`. The caller bounds `length`; it is checked against the source before memory is taken.
    fn bytes_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let end = offset.checked_add(length as u64).ok_or(io::ErrorKind::UnexpectedEof)?;
        if end > self.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut buffer = vec![0; length];
        self.read_exact_at(&mut buffer, offset)?;
        Ok(buffer)
    }
}

impl ReadAt for [u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let start = usize::try_from(offset).map_err(|_| io::ErrorKind::UnexpectedEof)?;
        let end = start.checked_add(buffer.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(self.get(start..end).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

impl<T: ReadAt + ?Sized> ReadAt for &T {
    fn len(&self) -> u64 {
        (**self).len()
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        (**self).read_exact_at(buffer, offset)
    }
}

/// A part of another source: an entry stored inside an archive, one architecture of a fat executable.
pub struct Part<'a> {
    source: &'a dyn ReadAt,
    start: u64,
    length: u64,
}

impl<'a> Part<'a> {
    /// `length` bytes from `start`. What lies outside of the source cannot be read.
    pub fn new(source: &'a dyn ReadAt, start: u64, length: u64) -> Self {
        Self { source, start, length }
    }
}

impl ReadAt for Part<'_> {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let inside = offset.checked_add(buffer.len() as u64).filter(|end| *end <= self.length);
        let place = inside.and(self.start.checked_add(offset)).ok_or(io::ErrorKind::UnexpectedEof)?;
        self.source.read_exact_at(buffer, place)
    }
}

/// A file with its length as it was when opened.
pub struct FileSource {
    file: File,
    length: u64,
}

impl FileSource {
    /// Wraps an open regular file.
    pub fn new(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self { file, length })
    }
}

impl ReadAt for FileSource {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_exact_at(buffer, offset)
    }
}

/// Reads a stretch of a source from front to end.
pub struct Stream<'a> {
    source: &'a dyn ReadAt,
    at: u64,
    end: u64,
}

impl<'a> Stream<'a> {
    /// `length` bytes from `start`.
    pub fn new(source: &'a dyn ReadAt, start: u64, length: u64) -> Self {
        Self { source, at: start, end: start.saturating_add(length) }
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut length = (self.end - self.at).min(buffer.len() as u64) as usize;
        while let Some(part) = buffer.get_mut(..length) {
            match self.source.read_exact_at(part, self.at) {
                Ok(()) => break,
                // It has become shorter than it was: what is still there is read.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && length > 1 => length /= 2,
                Err(error) => return Err(error),
            }
        }
        self.at += length as u64;
        Ok(length)
    }
}

/// Fills the buffer as far as there are bytes; true: there are no more.
pub fn read_full(source: &mut dyn Read, buffer: &mut [u8]) -> (usize, io::Result<bool>) {
    let mut count = 0;
    while count < buffer.len() {
        match source.read(&mut buffer[count..]) {
            Ok(0) => return (count, Ok(true)),
            Ok(more) => count += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (count, Err(error)),
        }
    }
    (count, Ok(false))
}
