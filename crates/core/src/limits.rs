//! How much is read at most, and why reading stopped.

use std::fmt;
use std::io;
use std::time::{Duration, Instant};

use crate::read_at::ReadAt;

/// Bounds on what is read of one layer or folder.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of one file that is handed over as bytes.
    pub max_file: u64,
    /// Raw bytes of a layer; for a folder the bytes of all files handed over.
    pub max_bytes: u64,
    /// Entries of a layer or folder.
    pub max_entries: u64,
    /// When to give up.
    pub deadline: Option<Instant>,
}

impl Limits {
    pub const MAX_FILE: u64 = 128 << 20;
    pub const MAX_BYTES: u64 = 64 << 30;
    pub const MAX_ENTRIES: u64 = 10_000_000;

    /// The deadline lies `seconds` from now; 0 is none.
    pub fn new(max_file: u64, max_bytes: u64, max_entries: u64, seconds: f64) -> Self {
        let wait = (seconds > 0.0).then(|| Duration::try_from_secs_f64(seconds).ok()).flatten();
        Self { max_file, max_bytes, max_entries, deadline: wait.and_then(|wait| Instant::now().checked_add(wait)) }
    }

    /// Fails once the deadline has passed.
    pub fn check_time(&self) -> Result<(), ReadError> {
        match self.deadline {
            Some(deadline) if Instant::now() >= deadline => Err(ReadError::Timeout),
            _ => Ok(()),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new(Self::MAX_FILE, Self::MAX_BYTES, Self::MAX_ENTRIES, 0.0)
    }
}

/// A source that cannot be read once the deadline has passed.
pub struct Timed<'a> {
    pub source: &'a dyn ReadAt,
    pub limits: &'a Limits,
}

impl ReadAt for Timed<'_> {
    fn len(&self) -> u64 {
        self.source.len()
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.limits.check_time().map_err(io::Error::other)?;
        self.source.read_exact_at(buffer, offset)
    }
}

/// Why reading stopped.
#[derive(Debug)]
pub enum ReadError {
    /// The input is not what it should be, or larger than allowed.
    Damaged(String),
    /// The deadline passed.
    Timeout,
    /// The source cannot be read.
    Io(io::Error),
}

impl ReadError {
    /// An error about the input, with where it happened.
    pub fn damaged(what: impl fmt::Display, offset: u64) -> Self {
        Self::Damaged(format!("{what} (at byte {offset})"))
    }

    /// The same error again, for a reader that is asked once more.
    pub fn again(&self) -> Self {
        match self {
            Self::Damaged(text) => Self::Damaged(text.clone()),
            Self::Timeout => Self::Timeout,
            Self::Io(error) => Self::Io(match error.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None => io::Error::new(error.kind(), error.to_string()),
            }),
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(text) => out.write_str(text),
            Self::Timeout => out.write_str("the time limit passed while reading"),
            Self::Io(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for ReadError {}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// (where, what) could not be read; bounded, so that hostile input cannot fill the memory with complaints.
#[derive(Debug, Default)]
pub struct Problems {
    list: Vec<(String, String)>,
    more: u64,
}

impl Problems {
    const MOST: usize = 1000;

    pub fn push(&mut self, place: impl Into<String>, what: impl Into<String>) {
        if self.list.len() < Self::MOST {
            self.list.push((place.into(), what.into()));
        } else {
            self.more += 1;
        }
    }

    pub fn append(&mut self, other: Self) {
        self.more += other.more;
        for (place, what) in other.list {
            self.push(place, what);
        }
    }

    /// The problems, with a last line for those beyond the bound.
    pub fn take(&mut self) -> Vec<(String, String)> {
        if self.more > 0 {
            self.list.push((String::new(), format!("{} more problems are not listed", self.more)));
            self.more = 0;
        }
        std::mem::take(&mut self.list)
    }
}
