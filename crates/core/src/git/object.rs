//! What objects are called, and why one cannot be read.

use std::fmt;

use crate::limits::{Limits, ReadError};

/// Bytes of the longest ids (SHA-256).
const WIDEST: usize = 32;
/// Bytes of an id of SHA-1.
pub const SHA1: usize = 20;
/// Bytes of an id of SHA-256.
pub const SHA256: usize = 32;

/// The name of an object: a SHA-1, followed by zeros, or a SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id([u8; WIDEST]);

impl Id {
    /// From 20 or 32 bytes.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != SHA1 && bytes.len() != SHA256 {
            return None;
        }
        let mut id = [0; WIDEST];
        id[..bytes.len()].copy_from_slice(bytes);
        Some(Self(id))
    }

    /// From 40 or 64 digits.
    pub fn from_hex(digits: &[u8]) -> Option<Self> {
        if digits.len() != 2 * SHA1 && digits.len() != 2 * SHA256 {
            return None;
        }
        let mut id = [0; WIDEST];
        for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |sign: u8| char::from(sign).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self(id))
    }

    /// All bytes; those of a SHA-1 are the first 20.
    pub fn bytes(&self) -> &[u8; WIDEST] {
        &self.0
    }

    /// Git's name for no object.
    pub fn is_zero(&self) -> bool {
        self.0 == [0; WIDEST]
    }
}

impl fmt::Display for Id {
    /// In hex. A SHA-256 does not end in twelve zeros, so that the two kinds are told apart.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = if self.0[SHA1..].iter().all(|byte| *byte == 0) { SHA1 } else { SHA256 };
        self.0[..length].iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Commit,
    Tree,
    Blob,
    Tag,
}

impl Kind {
    /// The kind with this name.
    pub fn named(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"commit" => Self::Commit,
            b"tree" => Self::Tree,
            b"blob" => Self::Blob,
            b"tag" => Self::Tag,
            _ => return None,
        })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
            Self::Tag => "tag",
        }
    }
}

/// Why an object cannot be read. Completes "the object … ".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    Missing,
    Damaged(String),
    /// It is larger than what is read: its bytes, and the most that are.
    TooLarge(u64, u64),
    /// The time is over.
    Timeout,
}

impl Fault {
    /// Damage that a constant describes.
    pub fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged(what.into())
    }

    /// Nothing, or the error that ends all reading.
    pub fn check(limits: &Limits) -> Result<(), Self> {
        limits.check_time().map_err(|_| Self::Timeout)
    }

    /// What is wrong, unless it is that the time is over, which no object is to blame for.
    pub fn told(self) -> Result<String, ReadError> {
        match self {
            Self::Timeout => Err(ReadError::Timeout),
            other => Ok(other.to_string()),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => out.write_str("is missing"),
            Self::Damaged(what) => write!(out, "is damaged: {what}"),
            Self::TooLarge(size, most) => write!(out, "has {size} bytes, more than the {most} that are read of one"),
            Self::Timeout => out.write_str("was not read in time"),
        }
    }
}
