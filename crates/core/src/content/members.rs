//! The files inside archives, and inside the archives in these, as streams.
//!
//! What is an archive is told by its first bytes. Nothing is unpacked to a disk, but for archives that have to be read at any
//! place and are too large to hold. An archive that is damaged, or built to do harm, gives what could be read of it
//! and a problem.

use std::cell::Cell;
use std::io::{self, Cursor, Read, Write};

use crate::read_at::{Part, ReadAt, Stream};
use crate::spool::Spool;
use crate::tar::{Kind as Entry, Tar};
use places::{Place, label, stem};
use streams::{Budget, Noted, TarSource};

mod formats;
mod places;
mod streams;
#[cfg(test)]
mod tests;
mod zip;

pub use formats::Format;

/// Members that are read of one archive.
pub const MOST_MEMBERS: usize = 200_000;
/// Bytes that one outermost archive is inflated to, all in it together.
pub const MOST_INFLATED: u64 = 1 << 30;
/// How many times its length that may be, once it is more than `LITTLE`: nothing that people pack shrinks that much.
pub const MOST_RATIO: u64 = 200;
const LITTLE: u64 = 64 << 20;
/// Levels of archives in archives, whatever is asked for: each needs memory.
pub const DEEPEST: u32 = 8;
/// Bytes of an archive inside another one that are held; what is larger goes to a temporary file.
const HELD: u64 = 8 << 20;
/// Bytes of an archive in such a file.
const SPOOLED: u64 = 1 << 30;
const MOST_PROBLEMS: usize = 50;

/// Bytes by which a format is told.
pub const HEAD: usize = crate::tar::BLOCK;

/// Gives every regular file inside an archive to `each`: its path inside, the parts of which are joined by `!` where one archive
/// is in another; the bytes that it is said to have, `u64::MAX` when nobody says; its content. A path has no `..` and
/// no `/` at its start. depth: how many levels of archives are opened; at 1, an archive inside is a file
/// like any other. Nothing is given of a file that is no archive.
///
/// Returns what could not be read, a line each: the path inside and why; of the archive itself, only why. A
/// content that cannot be read to its end just ends.
pub fn members(
    name: &str,
    source: &dyn ReadAt,
    depth: u32,
    each: &mut dyn FnMut(&str, u64, &mut dyn Read),
) -> Vec<String> {
    let most = MOST_INFLATED.min(LITTLE.max(source.len().saturating_mul(MOST_RATIO)));
    let budget = Budget { most, left: Cell::new(most), is_over: Cell::new(false) };
    let mut walk = Walk { each, budget: &budget, problems: Vec::new(), untold: 0 };
    let place = Place { path: String::new(), name: stem(name).to_owned(), levels: depth.min(DEEPEST) };
    if place.levels > 0 {
        walk.source(source, &place);
    }
    walk.told()
}

struct Walk<'w> {
    each: &'w mut dyn FnMut(&str, u64, &mut dyn Read),
    budget: &'w Budget,
    problems: Vec<String>,
    untold: usize,
}

/// The first bytes of what is read, at most `HEAD`.
fn head(reader: &mut Noted<'_>) -> Vec<u8> {
    let mut head = Vec::with_capacity(HEAD);
    // No error is left: it is noted.
    let _ = reader.take(HEAD as u64).read_to_end(&mut head);
    head
}

impl Walk<'_> {
    fn problem(&mut self, path: &str, what: &str) {
        if self.problems.len() >= MOST_PROBLEMS {
            self.untold += 1;
        } else if path.is_empty() {
            self.problems.push(what.to_owned());
        } else {
            self.problems.push(format!("{path}: {what}"));
        }
    }

    fn failed(&mut self, path: &str, error: &io::Error) {
        // Everything fails then; it is told once, at the end.
        if !self.budget.is_over.get() {
            self.problem(path, &format!("cannot be read to its end: {error}"));
        }
    }

    fn told(mut self) -> Vec<String> {
        if self.untold > 0 {
            self.problems.push(format!("{} more problems are not listed", self.untold));
        }
        if self.budget.is_over.get() {
            let most = self.budget.most;
            self.problems.push(format!("inflates to more than {most} bytes; what is beyond them was not read"));
        }
        self.problems
    }

    /// An archive that can be read at any place.
    fn source(&mut self, source: &dyn ReadAt, place: &Place) {
        let head = match source.bytes_at(0, source.len().min(HEAD as u64) as usize) {
            Ok(head) => head,
            Err(error) => return self.failed(&place.path, &error),
        };
        match Format::of(&head) {
            None => {}
            Some(Format::Zip) => self.zip(source, place),
            Some(Format::Tar) => self.tar(TarSource::at(source), place),
            Some(format) => self.packed(format, &mut Stream::new(source, 0, source.len()), place),
        }
    }

    /// An archive that is read from its start to its end.
    fn stream(&mut self, format: Format, reader: &mut dyn Read, place: &Place) {
        match format {
            Format::Zip => {
                let mut noted = Noted { reader, failed: None };
                let held = self.held(&mut noted, place);
                if let Some(error) = noted.failed.or(held.err()) {
                    self.failed(&place.path, &error);
                }
            }
            Format::Tar => self.tar(TarSource::reading(reader), place),
            format => self.packed(format, reader, place),
        }
    }

    /// A file that is one compressed stream: of a tar, which is the same archive, or of one file.
    fn packed(&mut self, format: Format, reader: &mut dyn Read, place: &Place) {
        let mut inflated = match format.inflated(reader, place.is_outermost()) {
            Ok(inflated) => self.budget.counted(inflated),
            Err(error) => return self.failed(&place.path, &error),
        };
        let mut noted = Noted { reader: &mut inflated, failed: None };
        let head = head(&mut noted);
        if Format::of(&head) == Some(Format::Tar) {
            self.tar(TarSource::reading(&mut Cursor::new(&head).chain(&mut noted)), place);
        } else if !head.is_empty() || noted.failed.is_none() {
            self.member(&place.name, u64::MAX, &mut Cursor::new(&head).chain(&mut noted), place);
        }
        if let Some(error) = noted.failed {
            self.failed(&place.path, &error);
        }
    }

    /// An archive that has to be read at any place, out of a stream.
    fn held(&mut self, reader: &mut dyn Read, place: &Place) -> io::Result<()> {
        let mut bytes = Vec::new();
        reader.take(HELD + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 <= HELD {
            self.zip(&bytes.as_slice(), place);
            return Ok(());
        }
        let mut spool = Spool::default();
        let mut file = spool.cleared(0)?;
        file.write_all(&bytes)?;
        drop(bytes);
        if io::copy(&mut reader.take(SPOOLED - HELD), &mut file)? == SPOOLED - HELD {
            return Err(io::Error::other(format!("it has more than the {SPOOLED} bytes that are read")));
        }
        self.zip(&spool.source()?, place);
        Ok(())
    }

    fn tar(&mut self, source: TarSource<'_>, place: &Place) {
        let mut tar = Tar::new(source);
        let mut count = 0;
        loop {
            match tar.next_entry() {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => return self.failed(&place.path, &io::Error::other(error)),
            }
            count += 1;
            if count > MOST_MEMBERS {
                let what = format!("has more than {MOST_MEMBERS} members; the rest of them was not read");
                return self.problem(&place.path, &what);
            }
            if tar.entry.kind != Entry::File {
                continue;
            }
            let (name, size) = (label(&tar.entry.name), tar.entry.stored);
            match tar.source.standing() {
                // It need not be read through to be an archive.
                Some((source, at)) => {
                    let part = Part::new(source, at, size.min(source.len().saturating_sub(at)));
                    self.part(&name, &part, place);
                }
                None => self.member(&name, size, &mut streams::Data { tar: &mut tar }, place),
            }
            if self.budget.is_over.get() {
                return;
            }
        }
    }

    /// A file that stands in its archive as it is.
    fn part(&mut self, name: &str, part: &dyn ReadAt, place: &Place) {
        let head = part.bytes_at(0, part.len().min(HEAD as u64) as usize).unwrap_or_default();
        match Format::of(&head) {
            Some(Format::Zip) if place.levels > 1 => self.zip(part, &place.inside(name)),
            _ => self.member(name, part.len(), &mut Stream::new(part, 0, part.len()), place),
        }
    }

    /// A file in the archive at `place`.
    fn member(&mut self, name: &str, size: u64, reader: &mut dyn Read, place: &Place) {
        let inside = place.inside(name);
        let mut noted = Noted { reader, failed: None };
        let head = head(&mut noted);
        let mut whole = Cursor::new(&head).chain(&mut noted);
        match Format::of(&head).filter(|_| inside.levels > 0) {
            Some(format) => self.stream(format, &mut whole, &inside),
            None => (self.each)(&inside.path, size, &mut whole),
        }
        if let Some(error) = noted.failed {
            self.failed(&inside.path, &error);
        }
    }
}
