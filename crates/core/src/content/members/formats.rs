//! Formats of archives and of compressed files, told by how they begin.

use std::io::{self, BufReader, Read};

use bzip2::bufread::MultiBzDecoder;
use lzma_rust2::XzReader;

use crate::gzip::Gzip;
use crate::limits::ReadError;
use crate::stored::Packed;
use crate::tar;
use crate::zstd::Zstd;

/// What a file is, that has others inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Zip,
    Tar,
    Gzip,
    Zstd,
    Bzip2,
    Xz,
}

/// Bytes that are read at once of what is compressed.
const BUFFER: usize = 64 << 10;
/// KiB that unpacking one file of xz takes at most: those of `xz -9`, and inside another archive those of `xz -8`.
const XZ_MEMORY: u32 = 72 << 10;
const XZ_MEMORY_INSIDE: u32 = 40 << 10;
/// The window of one file of zstd inside another archive, as a power of two.
const ZSTD_INSIDE: u32 = 25;

impl Format {
    /// By the first `HEAD` bytes of a file, or all of a shorter one.
    pub fn of(head: &[u8]) -> Option<Self> {
        Some(match head {
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Self::Zip,
            [0x1f, 0x8b, 8, flags, ..] if flags & 0xe0 == 0 => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..]
            | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, ..] => Self::Bzip2,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            _ if tar::is_header(head) => Self::Tar,
            _ => return None,
        })
    }

    /// Inflates what is compressed in this format; an error for those that are not. is_outermost: not inside another archive,
    /// where memory is needed more than once.
    pub fn inflated<'r>(self, reader: &'r mut dyn Read, is_outermost: bool) -> io::Result<Box<dyn Read + 'r>> {
        let window = if is_outermost { Zstd::WINDOW } else { ZSTD_INSIDE };
        let decoder = match self {
            Self::Gzip => Decoder::Gzip(Box::new(Gzip::new())),
            Self::Zstd => Decoder::Zstd(Zstd::new(window).map_err(io::Error::other)?),
            Self::Bzip2 => return Ok(Box::new(MultiBzDecoder::new(BufReader::with_capacity(BUFFER, reader)))),
            Self::Xz => {
                let memory = if is_outermost { XZ_MEMORY } else { XZ_MEMORY_INSIDE };
                let reader = BufReader::with_capacity(BUFFER, reader);
                return Ok(Box::new(XzReader::new_mem_limit(reader, true, memory)));
            }
            Self::Zip | Self::Tar => return Err(io::ErrorKind::Unsupported.into()),
        };
        let buffer = vec![0; BUFFER].into_boxed_slice();
        let input = Input { reader, buffer, next: 0, filled: 0, position: 0 };
        Ok(Box::new(Inflated { input, decoder }))
    }
}

enum Decoder {
    Gzip(Box<Gzip>),
    Zstd(Zstd),
}

struct Input<'r> {
    reader: &'r mut dyn Read,
    buffer: Box<[u8]>,
    next: usize,
    filled: usize,
    position: u64,
}

impl Packed for Input<'_> {
    fn fill(&mut self) -> Result<bool, ReadError> {
        while self.next == self.filled {
            match self.reader.read(&mut self.buffer) {
                Ok(0) => return Ok(false),
                Ok(count) => {
                    (self.next, self.filled) = (0, count);
                    self.position += count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }

    fn at_hand(&self) -> &[u8] {
        &self.buffer[self.next..self.filled]
    }

    fn consume(&mut self, count: usize) {
        self.next = (self.next + count).min(self.filled);
    }

    fn offset(&self) -> u64 {
        self.position - (self.filled - self.next) as u64
    }
}

struct Inflated<'r> {
    input: Input<'r>,
    decoder: Decoder,
}

impl Read for Inflated<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.decoder {
            Decoder::Gzip(gzip) => gzip.fill(&mut self.input, buffer),
            Decoder::Zstd(zstd) => zstd.fill(&mut self.input, buffer),
        };
        read.map_err(io::Error::other)
    }
}
