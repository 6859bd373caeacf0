//! The raw bytes of a layer: inflated (gzip, zstd or plain, told by content) and hashed on both sides, in chunks that stay in the
//! processor's cache from inflating through hashing to the walk of the tar.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::gzip::Gzip;
use crate::limits::{Limits, ReadError};
use crate::stored::Input;
use crate::zstd::Zstd;

const COMPRESSED: usize = 256 << 10;
const CHUNK: usize = 256 << 10;

type Result<T> = std::result::Result<T, ReadError>;

enum Decoder {
    Plain,
    Gzip(Box<Gzip>),
    Zstd(Box<Zstd>),
}

/// What a blob was, once it is read to its end. Digests are `sha256:…`.
#[derive(Debug, PartialEq, Eq)]
pub struct Sums {
    /// Of the bytes as they are stored.
    pub digest: String,
    /// Of the raw bytes.
    pub diff_id: String,
    /// Raw bytes.
    pub size: u64,
    /// Stored bytes.
    pub stored: u64,
}

/// The raw bytes of a blob, a chunk at a time.
pub struct Raw {
    input: Input,
    decoder: Decoder,
    chunk: Box<[u8]>,
    next: usize,
    filled: usize,
    total: u64,
    digest: Sha256,
    ended: bool,
}

fn sha256(digest: Sha256) -> String {
    let mut text = String::with_capacity(71);
    text.push_str("sha256:");
    for byte in digest.finalize() {
        text.extend([byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])));
    }
    text
}

impl Raw {
    /// Opens a blob: a whole file, or `length` bytes of it from `offset`.
    pub fn open(path: &Path, limits: &Limits, offset: u64, length: Option<u64>) -> Result<Self> {
        let file = File::open(path)?;
        let meta = file.metadata()?;
        if !meta.is_file() {
            return Err(ReadError::Damaged("not a regular file".into()));
        }
        let end = length.map_or(Some(meta.len()), |length| offset.checked_add(length));
        let end = end.filter(|&end| end <= meta.len() && offset <= end);
        let end = end.ok_or_else(|| ReadError::damaged("the file ends early", meta.len()))?;
        let mut magic = [0; 6];
        let most = usize::try_from(end - offset).unwrap_or(usize::MAX).min(magic.len());
        file.read_exact_at(&mut magic[..most], offset)?;
        let decoder = match magic {
            [0x1f, 0x8b, ..] => Decoder::Gzip(Box::new(Gzip::new())),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => {
                Decoder::Zstd(Box::new(Zstd::new(Zstd::WINDOW)?))
            }
            [0xfd, b'7', b'z', b'X', b'Z', 0] => {
                return Err(ReadError::Damaged("compressed with xz, which no layer may be".into()));
            }
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41] => {
                return Err(ReadError::Damaged("compressed with bzip2, which no layer may be".into()));
            }
            _ => Decoder::Plain,
        };
        let compressed = if matches!(decoder, Decoder::Plain) { 0 } else { COMPRESSED };
        Ok(Self {
            input: Input {
                file,
                position: offset,
                end,
                start: offset,
                buffer: vec![0; compressed].into_boxed_slice(),
                next: 0,
                filled: 0,
                digest: Sha256::new(),
                limits: limits.clone(),
            },
            decoder,
            chunk: vec![0; CHUNK].into_boxed_slice(),
            next: 0,
            filled: 0,
            total: 0,
            digest: Sha256::new(),
            ended: false,
        })
    }

    /// Whether the blob is stored as it is.
    pub fn is_plain(&self) -> bool {
        matches!(self.decoder, Decoder::Plain)
    }

    /// Raw offset of the next byte.
    pub fn position(&self) -> u64 {
        self.total - (self.filled - self.next) as u64
    }

    fn fill(&mut self) -> Result<()> {
        if self.ended {
            return Ok(());
        }
        self.input.limits.check_time()?;
        let input = &mut self.input;
        let count = match &mut self.decoder {
            Decoder::Plain => Input::read_into(&input.file, &mut input.position, input.end, &mut self.chunk)?,
            Decoder::Gzip(gzip) => gzip.fill(input, &mut self.chunk)?,
            Decoder::Zstd(zstd) => zstd.fill(input, &mut self.chunk)?,
        };
        self.next = 0;
        self.filled = count;
        self.total += count as u64;
        self.digest.update(&self.chunk[..count]);
        self.ended = count == 0;
        if self.total > self.input.limits.max_bytes {
            return Err(ReadError::Damaged(format!(
                "larger than {} bytes raw, the most that is read",
                self.input.limits.max_bytes
            )));
        }
        Ok(())
    }

    /// The bytes at hand, at least one unless the end is reached.
    pub fn available(&mut self) -> Result<&[u8]> {
        if self.next == self.filled {
            self.fill()?;
        }
        Ok(&self.chunk[self.next..self.filled])
    }

    /// The bytes at hand; may be none.
    pub fn at_hand(&self) -> &[u8] {
        &self.chunk[self.next..self.filled]
    }

    /// Moves on; `count` is at most what is at hand.
    pub fn consume(&mut self, count: usize) {
        self.next = (self.next + count).min(self.filled);
    }

    /// Reads to the end and sums up.
    pub fn finish(&mut self) -> Result<Sums> {
        while !self.available()?.is_empty() {
            self.next = self.filled;
        }
        let diff_id = sha256(self.digest.clone());
        let digest = if self.is_plain() { diff_id.clone() } else { sha256(self.input.digest.clone()) };
        Ok(Sums { digest, diff_id, size: self.total, stored: self.input.end - self.input.start })
    }
}

/// Inflates `source` into `target`; returns the raw size. The target is removed when it fails.
pub fn inflate_file(source: &Path, target: &Path, limits: &Limits) -> Result<u64> {
    let mut raw = Raw::open(source, limits, 0, None)?;
    if raw.is_plain() {
        return Err(ReadError::Damaged("neither gzip nor zstd".into()));
    }
    let mut out = File::create(target)?;
    let mut copy = || -> Result<u64> {
        loop {
            let bytes = raw.available()?;
            if bytes.is_empty() {
                return Ok(raw.position());
            }
            out.write_all(bytes)?;
            let count = bytes.len();
            raw.consume(count);
        }
    };
    copy().inspect_err(|_| {
        let _ = std::fs::remove_file(target);
    })
}
