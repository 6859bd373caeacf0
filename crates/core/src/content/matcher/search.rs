//! One rule over the places of a text where it may match.

use regex_automata::meta::{Cache, Regex};
use regex_automata::{Anchored, Input};

use super::{Found, LONG, MANY, MOST_MATCHES, MOST_TRIES};
use crate::content::rule::Rule;

/// One rule over one text.
pub struct Search<'s> {
    pub index: usize,
    pub rule: &'s Rule,
    pub regex: &'s Regex,
    pub cache: &'s mut Cache,
    pub text: &'s [u8],
    /// The end of the last match.
    pub at: usize,
    pub matches: usize,
    pub found: &'s mut Vec<Found>,
}

impl Search<'_> {
    /// The first match within the bytes given, whose surroundings count for `\b`, `^` and `$`.
    fn first(&mut self, from: usize, to: usize, anchored: bool) -> Option<Found> {
        let anchored = if anchored { Anchored::Yes } else { Anchored::No };
        let input = Input::new(self.text).span(from..to).anchored(anchored);
        let (found, secret) = self.rule.search(self.regex, self.cache, &input)?;
        Some(Found { start: found.start(), end: found.end(), rule: self.index, secret })
    }

    /// Takes a match. False: there are too many.
    fn take(&mut self, found: Found) -> bool {
        self.at = found.end;
        self.matches += 1;
        self.found.push(found);
        self.found.len() < MOST_MATCHES
    }

    pub fn windows(&mut self, windows: &[(usize, usize)]) {
        for &(from, to) in windows {
            self.at = self.at.max(from);
            while self.at < to {
                match self.first(self.at, to, false) {
                    Some(found) if self.take(found) => {}
                    Some(_) => return,
                    None => break,
                }
            }
        }
    }

    pub fn starts(&mut self, starts: &[(usize, usize)]) {
        let mut failed = 0;
        for &(from, to) in starts {
            let mut start = from.max(self.at);
            while start < to {
                if failed == MOST_TRIES {
                    return self.rest(start);
                }
                let end = if self.matches < MANY { self.text.len() } else { self.text.len().min(start + LONG) };
                match self.first(start, end, true) {
                    Some(found) if self.take(found) => start = self.at,
                    Some(_) => return,
                    None => {
                        failed += 1;
                        start += 1;
                    }
                }
            }
        }
    }

    /// Over all of the text from here on.
    pub fn rest(&mut self, from: usize) {
        self.at = self.at.max(from);
        while self.at < self.text.len() {
            let many = self.matches >= MANY && self.rule.length.most.is_none_or(|most| most > LONG);
            let end = if many { self.text.len().min(self.at + 2 * LONG) } else { self.text.len() };
            match self.first(self.at, end, false) {
                Some(found) if !self.take(found) => return,
                Some(_) => {}
                None if end == self.text.len() => return,
                // A match that begins in the second half may need more.
                None => self.at += LONG,
            }
        }
    }
}
