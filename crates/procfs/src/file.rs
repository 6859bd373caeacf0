//! Reading that ends: so many bytes and no more.

use std::path::Path;

use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

/// As long as a path may be that is read from a link.
pub const MAX_LINK: usize = 4096;

fn open(dir: impl AsFd, name: &str) -> Option<OwnedFd> {
    // Nothing that is opened here may make us wait or become our terminal.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    rustix::fs::openat(dir, name, flags, Mode::empty()).ok()
}

/// The file's first bytes, at most `limit`. `None` when it cannot be read.
pub fn text(dir: impl AsFd, name: &str, limit: usize) -> Option<Vec<u8>> {
    read(&open(dir, name)?, limit)
}

/// As `text`, by a path.
pub fn of_path(path: &Path, limit: usize) -> Option<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    read(&rustix::fs::open(path, flags, Mode::empty()).ok()?, limit)
}

pub fn read(file: &OwnedFd, limit: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while bytes.len() < limit {
        let start = bytes.len();
        let room = limit.min(if start == 0 { 4096 } else { start * 2 });
        bytes.resize(room, 0);
        match rustix::io::read(file, &mut bytes[start..]) {
            Ok(0) => {
                bytes.truncate(start);
                break;
            }
            Ok(count) => bytes.truncate(start + count),
            Err(Errno::INTR) => bytes.truncate(start),
            Err(_) => return None,
        }
    }
    Some(bytes)
}

/// Calls `each` with every line of a file, up to `limit` bytes of it; a line longer than 64 KiB ends it.
pub fn lines(dir: impl AsFd, name: &str, limit: usize, mut each: impl FnMut(&[u8])) {
    let Some(file) = open(dir, name) else { return };
    let mut buffer = vec![0; 64 << 10];
    let (mut held, mut total) = (0, 0);
    while total < limit && held < buffer.len() {
        let count = match rustix::io::read(&file, &mut buffer[held..]) {
            Ok(0) => break,
            Ok(count) => count,
            Err(Errno::INTR) => continue,
            Err(_) => return,
        };
        total += count;
        held += count;
        let mut start = 0;
        while let Some(end) = memchr::memchr(b'\n', &buffer[start..held]) {
            each(&buffer[start..start + end]);
            start += end + 1;
        }
        buffer.copy_within(start..held, 0);
        held -= start;
    }
}

/// Where a link points to, at most `MAX_LINK` bytes of it.
pub fn link(dir: impl AsFd, name: &str) -> Option<Vec<u8>> {
    let mut buffer = [0u8; MAX_LINK];
    let length = rustix::fs::readlinkat_raw(dir, name, buffer.as_mut_slice()).ok()?;
    Some(buffer[..length].to_vec())
}

/// The number in a link such as `socket:[123]` or `net:[4026531840]`.
pub fn bracketed(link: &[u8]) -> Option<u64> {
    let start = memchr::memchr(b'[', link)? + 1;
    number(link[start..].strip_suffix(b"]")?)
}

/// A decimal number and nothing else.
pub fn number(text: &[u8]) -> Option<u64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// A hexadecimal number and nothing else.
pub fn hex(text: &[u8]) -> Option<u64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u64::from_str_radix(std::str::from_utf8(text).ok()?, 16).ok()
}

/// The words between blanks and tabs.
pub fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty())
}
