//! The secrets of one file, whatever it is.

use std::io::{Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use super::encoding::{Form, HEAD, form, is_surely_binary};
use super::matcher::{MOST_MATCHES, Refused};
use super::members::{self, Format, members};
use super::printable::readable_sections;
use super::search::{Rules, Search, Written};
use super::sighting::Sightings;
use super::stream::{Cut, Feed, run, unread};
use crate::read_at::{ReadAt, Stream, read_full};
use crate::spool::Spool;

/// Files with fewer bytes hold nothing that is looked for.
pub(super) const SHORTEST: usize = 10;
/// Bytes of an archive that comes as a stream.
const MOST_SPOOLED: u64 = 16 << 30;
/// Bytes by which a file that is read in parts goes on at least.
const LEAST_STEP: usize = 2048;
const ELF: &[u8] = b"\x7fELF";

/// What is looked into beyond plain texts.
#[derive(Clone, Copy, Debug, Default)]
pub struct SearchOptions {
    /// How deep archives in archives are opened; 0: none is.
    pub archives: u32,
    /// Files that are no texts: what can be read of them.
    pub binaries: bool,
    /// Whether sightings have the lines of their matches.
    pub lines: bool,
}

/// Looks for secrets in files. Any number of threads may ask.
pub struct Searcher {
    pub(super) rules: Rules,
    pub(super) options: SearchOptions,
    cut: Cut,
    /// What large files are read into.
    idle: Mutex<Vec<Vec<u8>>>,
}

impl Searcher {
    /// From expressions with their keywords, as `Matcher::new` takes them. Their group `secret` is what is hidden, their
    /// group `key` the id that belongs to it.
    pub fn new<P: AsRef<str>, K: AsRef<str>>(rules: &[(P, Vec<K>)], options: SearchOptions) -> Result<Self, Refused> {
        Ok(Self { rules: Rules::new(rules, options.lines)?, options, cut: Cut::USUAL, idle: Mutex::default() })
    }

    /// The same with files cut in another way: bytes held, shown before the place from which on matches are taken, and
    /// behind the one up to which they are. For tests.
    #[doc(hidden)]
    #[must_use]
    pub fn with_cut(mut self, held: usize, before: usize, behind: usize) -> Self {
        self.cut = Cut { held: held.max(before + behind + LEAST_STEP), before, behind };
        self
    }

    /// Whether a file is searched, by its name, size and first bytes (all that are at hand; some may be missing).
    pub fn wants(&self, name: &str, size: u64, head: &[u8]) -> bool {
        size >= SHORTEST as u64
            && (self.options.archives > 0
                || self.reads_binary(name)
                || !is_surely_binary(&head[..head.len().min(HEAD)]))
    }

    /// Whether what can be read of a file that is no text is searched.
    pub(super) fn reads_binary(&self, name: &str) -> bool {
        self.options.binaries || name.ends_with(".pyc")
    }

    fn is_archive(&self, start: &[u8]) -> bool {
        self.options.archives > 0 && Format::of(&start[..start.len().min(members::HEAD)]).is_some()
    }

    /// The secrets of a file in memory. name: its path; the end of it may tell what it is.
    pub fn search(&self, name: &str, content: &[u8]) -> Sightings {
        guarded(|sightings| {
            if self.is_archive(content) {
                self.archive(name, &content, sightings);
            } else {
                self.whole(name, content, sightings);
            }
        })
    }

    /// The secrets of a file that is read from its start to its end, in memory that does not grow with it. A match of
    /// more than 64 KiB may be cut where the file is too large to be held; a keyword that is not in the match counts
    /// from where it stands on then. size: what it is said to have, in bytes; `u64::MAX` when nobody knows. Fewer are
    /// told as a problem, and so are errors, with what was found before.
    pub fn search_read(&self, name: &str, size: u64, source: &mut dyn Read) -> Sightings {
        guarded(|sightings| self.read(name, size, source, self.options.archives > 0, sightings))
    }

    /// The same for a file that can be read at any place.
    pub fn search_at(&self, name: &str, source: &dyn ReadAt) -> Sightings {
        guarded(|sightings| self.at(name, source, sightings))
    }

    fn at(&self, name: &str, source: &dyn ReadAt, sightings: &mut Sightings) {
        let asks = self.options.archives > 0 || self.options.binaries;
        let start =
            if asks { source.bytes_at(0, source.len().min(members::HEAD as u64) as usize) } else { Ok(Vec::new()) };
        match start {
            Err(error) => sightings.problems.push(unread(&error)),
            Ok(start) if self.is_archive(&start) => self.archive(name, source, sightings),
            Ok(start) if start.starts_with(ELF) && self.options.binaries => self.elf(source, sightings),
            Ok(_) => self.read(name, source.len(), &mut Stream::new(source, 0, source.len()), false, sightings),
        }
    }

    /// What is inside of an archive.
    fn archive(&self, name: &str, source: &dyn ReadAt, sightings: &mut Sightings) {
        let mut problems = Vec::new();
        let told = members(name, source, self.options.archives, &mut |inner, size, content| {
            if !self.wants(inner, size, &[]) || sightings.list.len() >= MOST_MATCHES {
                return;
            }
            let first = sightings.list.len();
            self.read(inner, u64::MAX, content, false, sightings);
            sightings.list[first..].iter_mut().for_each(|one| inner.clone_into(&mut one.inner));
            problems.extend(sightings.problems.drain(..).map(|problem| format!("{inner}: {problem}")));
        });
        sightings.problems.append(&mut problems);
        sightings.problems.extend(told);
    }

    /// What can be read of an ELF file where it is neither code nor left out when it runs.
    fn elf(&self, source: &dyn ReadAt, sightings: &mut Sightings) {
        let places = readable_sections(source).unwrap_or_else(|| vec![(0, source.len())]);
        let mut buffer = self.buffer();
        for (start, end) in places {
            let mut search = Search::new(&self.rules, Written::Binary, start, true, sightings);
            let mut stream = Stream::new(source, start, end.saturating_sub(start));
            run(
                &mut search,
                &mut Feed::new(&mut stream, Written::Binary, false),
                self.cut,
                (&mut buffer, 0),
                sightings,
            );
        }
        self.give_back(buffer);
    }

    fn whole(&self, name: &str, content: &[u8], sightings: &mut Sightings) {
        if content.len() < SHORTEST {
            return;
        }
        match form(content) {
            Form::Text { skip } => {
                let mut search = Search::new(&self.rules, Written::AsIs, skip as u64, false, sightings);
                let text = &content[skip..];
                search.part(text, 0, text.len(), sightings);
            }
            Form::Binary if self.options.binaries && content.starts_with(ELF) => self.elf(&content, sightings),
            form => {
                let mut buffer = self.buffer();
                self.rest(name, form, content, &mut std::io::empty(), &mut buffer, sightings);
                self.give_back(buffer);
            }
        }
    }

    fn read(&self, name: &str, size: u64, source: &mut dyn Read, archives: bool, sightings: &mut Sightings) {
        let mut source = Counted { source, count: 0, ended: false };
        let mut buffer = self.buffer();
        let (held, end) = read_full(&mut source, &mut buffer);
        let whole = !matches!(end, Ok(false));
        if let Err(error) = &end {
            sightings.problems.push(unread(error));
        }
        if archives && self.is_archive(&buffer[..held]) {
            self.spooled(name, &buffer[..held], &mut source, sightings);
        } else if whole {
            self.whole(name, &buffer[..held], sightings);
        } else {
            match form(&buffer) {
                Form::Text { skip } => {
                    let mut search = Search::new(&self.rules, Written::AsIs, skip as u64, true, sightings);
                    buffer.copy_within(skip..held, 0);
                    let mut feed = Feed::new(&mut source, Written::AsIs, false);
                    run(&mut search, &mut feed, self.cut, (&mut buffer, held - skip), sightings);
                }
                form => {
                    let start = std::mem::replace(&mut buffer, self.buffer());
                    self.rest(name, form, &start, &mut source, &mut buffer, sightings);
                    self.give_back(start);
                }
            }
        }
        self.give_back(buffer);
        if size != u64::MAX && source.ended && source.count < size {
            let what = format!("it ends after {} of {size} bytes; it may have changed while it was read", source.count);
            sightings.problems.push(what);
        }
    }

    /// What is no plain text: its start, and where the rest of it comes from.
    fn rest(
        &self,
        name: &str,
        form: Form,
        start: &[u8],
        source: &mut dyn Read,
        buffer: &mut [u8],
        sightings: &mut Sightings,
    ) {
        let (written, big, skip) = match form {
            Form::Text { skip } => (Written::AsIs, false, skip),
            Form::Utf16 { big, skip } => (Written::Utf16, big, skip),
            Form::Binary if self.reads_binary(name) => (Written::Binary, false, 0),
            Form::Binary => return,
            Form::Utf32 => {
                sightings.problems.push("it is written in UTF-32, which is not read".into());
                return;
            }
        };
        let mut source = start[skip..].chain(source);
        let mut search = Search::new(&self.rules, written, skip as u64, true, sightings);
        run(&mut search, &mut Feed::new(&mut source, written, big), self.cut, (buffer, 0), sightings);
    }

    /// An archive that comes as a stream; it has to be read at any place.
    fn spooled(&self, name: &str, start: &[u8], source: &mut dyn Read, sightings: &mut Sightings) {
        let mut spool = Spool::default();
        let spooled = (|| -> std::io::Result<bool> {
            let mut file = spool.cleared(0)?;
            file.write_all(start)?;
            let rest = MOST_SPOOLED.saturating_sub(start.len() as u64);
            Ok(std::io::copy(&mut source.take(rest), &mut file)? < rest)
        })();
        match spooled.and_then(|whole| Ok((whole, spool.source()?))) {
            Ok((whole, source)) => {
                if !whole {
                    sightings.problems.push(format!("more than the {MOST_SPOOLED} bytes that are read of an archive"));
                }
                self.archive(name, &source, sightings);
            }
            Err(error) => {
                sightings
                    .problems
                    .push(format!("the archive cannot be kept in the folder of temporary files: {error}"));
            }
        }
    }

    fn buffer(&self) -> Vec<u8> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.unwrap_or_else(|| vec![0; self.cut.held])
    }

    fn give_back(&self, buffer: Vec<u8>) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
    }
}

/// Reads on, and counts.
struct Counted<'r> {
    source: &'r mut dyn Read,
    count: u64,
    ended: bool,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.count += count as u64;
        self.ended |= count == 0 && !buffer.is_empty();
        Ok(count)
    }
}

/// A search that fails harms its own file only; what it found before is kept.
fn guarded(search: impl FnOnce(&mut Sightings)) -> Sightings {
    let mut sightings = Sightings::default();
    if catch_unwind(AssertUnwindSafe(|| search(&mut sightings))).is_err() {
        sightings.problems.push("the search for secrets failed on it, which is a bug".into());
    }
    sightings
}

#[cfg(test)]
mod masking;
#[cfg(test)]
mod tests;
