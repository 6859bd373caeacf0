//! The secrets of one file, whatever it is.

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use super::encoding::{Form, HEAD, form, is_surely_binary};
use super::matcher::Refused;
use super::search::{Rules, Search, Written};
use super::sighting::Sightings;
use super::stream::{Cut, Feed, read_full, run};
use crate::read_at::{ReadAt, Stream};

/// Files with fewer bytes hold nothing that is looked for.
const SHORTEST: usize = 10;

/// What is looked into beyond plain texts.
#[derive(Clone, Copy, Debug, Default)]
pub struct SearchOptions {
    /// How deep archives in archives are opened; 0: none is.
    pub archives: u32,
    /// Files that are no texts: what can be read of them.
    pub binaries: bool,
}

/// Looks for secrets in files. Any number of threads may ask.
pub struct Searcher {
    rules: Rules,
    options: SearchOptions,
    /// Whether sightings have the lines of their matches.
    pub lines: bool,
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
        self.cut = Cut { held, before, behind };
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
    fn reads_binary(&self, name: &str) -> bool {
        self.options.binaries || name.ends_with(".pyc")
    }

    /// The secrets of a file in memory. name: its path; the end of it may tell what it is.
    pub fn search(&self, name: &str, content: &[u8]) -> Sightings {
        guarded(|sightings| self.whole(name, content, sightings))
    }

    /// The secrets of a file that is read from its start to its end, in memory that does not grow with it. A match of more
    /// than 64 KiB may be cut where the file is too large to be held; a keyword that its match does not hold counts
    /// from where it stands on then. size: what it is said to have, in bytes; `u64::MAX` when nobody knows. Fewer are told
    /// as a problem, and so are errors, with what was found before.
    pub fn search_read(&self, name: &str, size: u64, source: &mut dyn Read) -> Sightings {
        guarded(|sightings| {
            let _ = size;
            self.read(name, source, sightings);
        })
    }

    /// The same for a file that can be read at any place.
    pub fn search_at(&self, name: &str, source: &dyn ReadAt) -> Sightings {
        guarded(|sightings| self.read(name, &mut Stream::new(source, 0, source.len()), sightings))
    }

    fn whole(&self, name: &str, content: &[u8], sightings: &mut Sightings) {
        if content.len() < SHORTEST {
            return;
        }
        if let Form::Text { skip } = form(content) {
            let mut search = Search::new(&self.rules, Written::AsIs, skip as u64, false);
            let text = &content[skip..];
            search.part(text, 0, text.len(), sightings);
            return;
        }
        let mut buffer = self.buffer();
        self.rest(name, content, &mut std::io::empty(), &mut buffer, sightings);
        self.give_back(buffer);
    }

    fn read(&self, name: &str, source: &mut dyn Read, sightings: &mut Sightings) {
        let mut buffer = self.buffer();
        let (held, end) = read_full(source, &mut buffer);
        if let Err(error) = &end {
            sightings.problems.push(format!("cannot be read to its end: {error}"));
        }
        if !matches!(end, Ok(false)) {
            self.whole(name, &buffer[..held], sightings);
        } else if let Form::Text { skip } = form(&buffer) {
            let mut search = Search::new(&self.rules, Written::AsIs, skip as u64, true);
            buffer.copy_within(skip..held, 0);
            let mut feed = Feed::new(source, Written::AsIs, false);
            run(&mut search, &mut feed, self.cut, (&mut buffer, held - skip), sightings);
        } else {
            let start = std::mem::take(&mut buffer);
            buffer = self.buffer();
            self.rest(name, &start, source, &mut buffer, sightings);
            self.give_back(start);
        }
        self.give_back(buffer);
    }

    /// What is no plain text: its start, and where the rest of it comes from.
    fn rest(&self, name: &str, start: &[u8], source: &mut dyn Read, buffer: &mut [u8], sightings: &mut Sightings) {
        let (written, big, skip) = match form(start) {
            Form::Text { skip } => (Written::AsIs, false, skip),
            Form::Utf16 { big, skip } => (Written::Utf16, big, skip),
            Form::Binary if self.reads_binary(name) => (Written::Binary, false, 0),
            Form::Binary => return,
            Form::Utf32 => {
                sightings.problems.push("a text in UTF-32, which is not read".into());
                return;
            }
        };
        let mut source = start[skip..].chain(source);
        let mut search = Search::new(&self.rules, written, skip as u64, true);
        run(&mut search, &mut Feed::new(&mut source, written, big), self.cut, (buffer, 0), sightings);
    }

    fn buffer(&self) -> Vec<u8> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.unwrap_or_else(|| vec![0; self.cut.held])
    }

    fn give_back(&self, buffer: Vec<u8>) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
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
