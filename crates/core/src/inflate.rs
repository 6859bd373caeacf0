//! The raw bytes of a layer: inflated (gzip, zstd or plain, told by content) and hashed on both sides, in chunks that stay in the
//! processor's cache from inflating through hashing to the walk of the tar.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use flate2::{Decompress, FlushDecompress, Status};
use sha2::{Digest, Sha256};
use zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer, get_error_name};

use crate::limits::{Limits, ReadError};

const COMPRESSED: usize = 256 << 10;
const CHUNK: usize = 256 << 10;

type Result<T> = std::result::Result<T, ReadError>;

/// The compressed side: a range of a file, hashed as it is read.
struct Input {
    file: File,
    position: u64,
    end: u64,
    start: u64,
    buffer: Box<[u8]>,
    next: usize,
    filled: usize,
    digest: Sha256,
    limits: Limits,
}

impl Input {
    fn left(&self) -> usize {
        self.filled - self.next
    }

    /// Where the next byte stands, from the start of the blob.
    fn offset(&self) -> u64 {
        self.position - self.start - self.left() as u64
    }

    /// Reads the next bytes straight into `target`; 0 at the end.
    fn read_into(file: &File, position: &mut u64, end: u64, target: &mut [u8]) -> Result<usize> {
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

    /// Makes sure there are bytes; false at the end.
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

    fn byte(&mut self, what: &str) -> Result<u8> {
        if !self.fill()? {
            return Err(ReadError::damaged(format_args!("{what} is cut off"), self.offset()));
        }
        self.next += 1;
        Ok(self.buffer[self.next - 1])
    }

    fn skip(&mut self, mut count: u64, what: &str) -> Result<()> {
        while count > 0 {
            if !self.fill()? {
                return Err(ReadError::damaged(format_args!("{what} is cut off"), self.offset()));
            }
            let step = usize::try_from(count).unwrap_or(usize::MAX).min(self.left());
            self.next += step;
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

enum Place {
    Header,
    Body,
    Trailer,
    Padding,
}

/// Gzip (RFC 1952), any number of members, zero padding behind the last one.
struct Gzip {
    inflate: Decompress,
    checksum: crc32fast::Hasher,
    place: Place,
    members: u64,
}

impl Gzip {
    fn header(&mut self, input: &mut Input) -> Result<()> {
        const WHAT: &str = "the gzip header";
        let at = input.offset();
        let mut fixed = [0; 10];
        for byte in &mut fixed {
            *byte = input.byte(WHAT)?;
        }
        if fixed[..3] != [0x1f, 0x8b, 8] {
            let what =
                if self.members == 0 { "no gzip header" } else { "something other than gzip follows the gzip data" };
            return Err(ReadError::damaged(what, at));
        }
        let flags = fixed[3];
        if flags & 4 != 0 {
            let length = u64::from(input.byte(WHAT)?) | u64::from(input.byte(WHAT)?) << 8;
            input.skip(length, WHAT)?;
        }
        for text in [8, 16] {
            if flags & text != 0 {
                while input.byte(WHAT)? != 0 {}
            }
        }
        if flags & 2 != 0 {
            input.skip(2, WHAT)?;
        }
        self.inflate.reset(false);
        self.checksum = crc32fast::Hasher::new();
        self.members += 1;
        Ok(())
    }

    fn trailer(&mut self, input: &mut Input) -> Result<()> {
        let at = input.offset();
        let checksum = input.little_u32("the gzip checksum")?;
        if checksum != self.checksum.clone().finalize() {
            return Err(ReadError::damaged("the gzip checksum does not match", at));
        }
        let size = input.little_u32("the gzip size")?;
        if u64::from(size) != self.inflate.total_out() & 0xffff_ffff {
            return Err(ReadError::damaged("the gzip size does not match", at));
        }
        Ok(())
    }

    fn fill(&mut self, input: &mut Input, target: &mut [u8]) -> Result<usize> {
        let mut done = 0;
        while done < target.len() {
            match self.place {
                Place::Header => {
                    if self.members > 0 {
                        if !input.fill()? {
                            break;
                        }
                        if input.buffer[input.next] == 0 {
                            self.place = Place::Padding;
                            continue;
                        }
                    }
                    self.header(input)?;
                    self.place = Place::Body;
                }
                Place::Body => {
                    if !input.fill()? {
                        return Err(ReadError::damaged("the gzip data is cut off", input.offset()));
                    }
                    let before = (self.inflate.total_in(), self.inflate.total_out());
                    let status = self
                        .inflate
                        .decompress(&input.buffer[input.next..input.filled], &mut target[done..], FlushDecompress::None)
                        .map_err(|_| ReadError::damaged("the gzip data is damaged", input.offset()))?;
                    // Both differences are bounded by the lengths of the slices given.
                    let taken = (self.inflate.total_in() - before.0) as usize;
                    let made = (self.inflate.total_out() - before.1) as usize;
                    input.next += taken;
                    self.checksum.update(&target[done..done + made]);
                    done += made;
                    if status == Status::StreamEnd {
                        self.place = Place::Trailer;
                    } else if taken == 0 && made == 0 {
                        return Err(ReadError::damaged("the gzip data is damaged", input.offset()));
                    }
                }
                Place::Trailer => {
                    self.trailer(input)?;
                    self.place = Place::Header;
                }
                Place::Padding => {
                    if !input.fill()? {
                        break;
                    }
                    if input.buffer[input.next..input.filled].iter().any(|&byte| byte != 0) {
                        return Err(ReadError::damaged(
                            "something other than gzip follows the gzip data",
                            input.offset(),
                        ));
                    }
                    input.next = input.filled;
                }
            }
        }
        Ok(done)
    }
}

/// Zstandard (RFC 8878), any number of frames, skippable ones included. The window, and so the memory, is 128 MiB at most.
struct Zstd {
    context: DCtx<'static>,
    inside: bool,
}

impl Zstd {
    fn new() -> Result<Self> {
        let mut context = DCtx::try_create().ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory))?;
        context.set_parameter(DParameter::WindowLogMax(27)).map_err(|code| io::Error::other(get_error_name(code)))?;
        Ok(Self { context, inside: false })
    }

    fn fill(&mut self, input: &mut Input, target: &mut [u8]) -> Result<usize> {
        let mut out = OutBuffer::around(target);
        while out.pos() < out.capacity() {
            let more = input.fill()?;
            if !more && !self.inside {
                break;
            }
            let before = out.pos();
            let mut bytes = InBuffer::around(&input.buffer[input.next..input.filled]);
            let answer = self.context.decompress_stream(&mut out, &mut bytes);
            input.next += bytes.pos();
            match answer {
                Ok(hint) => self.inside = hint != 0,
                Err(code) => {
                    let what = format!("the zstd data is damaged: {}", get_error_name(code).to_lowercase());
                    return Err(ReadError::damaged(what, input.offset()));
                }
            }
            // What the decoder still holds comes without further input; then it wants some.
            if !more && self.inside && out.pos() == before {
                return Err(ReadError::damaged("the zstd data is cut off", input.offset()));
            }
        }
        Ok(out.pos())
    }
}

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
            [0x1f, 0x8b, ..] => Decoder::Gzip(Box::new(Gzip {
                inflate: Decompress::new(false),
                checksum: crc32fast::Hasher::new(),
                place: Place::Header,
                members: 0,
            })),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Decoder::Zstd(Box::new(Zstd::new()?)),
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
