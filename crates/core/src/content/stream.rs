//! Files of any size in bounded memory: a part is held, searched, and its end carried over to the next one.

use std::io::{self, ErrorKind, Read};

use super::encoding::Utf16;
use super::excerpt::AROUND;
use super::printable::keep_printable;
use super::search::{Search, Written};
use super::sighting::Sightings;
use crate::read_at::read_full;

/// How a text is cut.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// Bytes that are held.
    pub held: usize,
    /// Of these, shown before the place from which on matches are taken,
    pub before: usize,
    /// and behind the place up to which they are: a match of fewer bytes, with what its excerpts show, is found as in
    /// the whole text. One that is longer may be cut, or not be found.
    pub behind: usize,
}

impl Cut {
    pub const USUAL: Self = Self { held: 4 << 20, before: AROUND, behind: (64 << 10) + AROUND };
}

/// Where the text of a file comes from.
pub struct Feed<'r> {
    source: &'r mut dyn Read,
    how: How,
}

enum How {
    AsIs,
    Utf16 { decoder: Utf16, raw: Vec<u8> },
    Binary,
}

/// Bytes of UTF-16 that are read at once.
const RAW: usize = 256 << 10;

impl<'r> Feed<'r> {
    pub fn new(source: &'r mut dyn Read, written: Written, big: bool) -> Self {
        let how = match written {
            Written::AsIs => How::AsIs,
            Written::Utf16 => How::Utf16 { decoder: Utf16::new(big), raw: Vec::new() },
            Written::Binary => How::Binary,
        };
        Self { source, how }
    }

    /// Reads until the buffer is full, or holds all that there is. Returns how many bytes it holds and whether that is
    /// all; what was read before an error is counted with it.
    fn fill(&mut self, buffer: &mut [u8]) -> (usize, Result<bool, io::Error>) {
        match &mut self.how {
            How::AsIs => read_full(self.source, buffer),
            How::Binary => {
                let (count, end) = read_full(self.source, buffer);
                keep_printable(&mut buffer[..count]);
                (count, end)
            }
            How::Utf16 { decoder, raw } => {
                let mut at = 0;
                loop {
                    let fitting = Utf16::fitting(buffer.len() - at).min(RAW);
                    if fitting < RAW.min(64) {
                        return (at, Ok(false));
                    }
                    raw.resize(fitting, 0);
                    let (count, end) = read_full(self.source, raw);
                    at += decoder.decode(&raw[..count], &mut buffer[at..]);
                    if !matches!(end, Ok(false)) {
                        at += decoder.finish(&mut buffer[at..]);
                        return (at, end);
                    }
                }
            }
        }
    }
}

/// What is said of a file that cannot be read.
pub fn unread(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::UnexpectedEof => "it became shorter while it was read".into(),
        _ => format!("cannot be read to its end: {error}"),
    }
}

/// Searches what the feed gives. `buffer` is of the size that the cut asks for and holds `held` bytes of the text already.
pub fn run(
    search: &mut Search<'_>,
    feed: &mut Feed<'_>,
    cut: Cut,
    (buffer, held): (&mut [u8], usize),
    sightings: &mut Sightings,
) {
    let (mut held, mut from) = (held, 0);
    loop {
        let (count, end) = feed.fill(&mut buffer[held..]);
        held += count;
        let ended = !matches!(end, Ok(false));
        if let Err(error) = end {
            sightings.problems.push(unread(&error));
        }
        let text = &buffer[..held];
        let until = if ended { held } else { held.saturating_sub(cut.behind).max(from) };
        let go_on = search.part(text, from, until, sightings);
        if ended || !go_on {
            return search.finish(sightings);
        }
        let by = search.advance(text, until.saturating_sub(cut.before), until);
        buffer.copy_within(by..held, 0);
        held -= by;
        from = until - by;
    }
}

#[cfg(test)]
mod tests;
