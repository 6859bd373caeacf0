//! A place in a file that looks like a secret.

use super::lines::Position;

/// What a rule found in a file. `matched` and `code` are masked; `secret`, `key_id`, `before` and `lines` are not: they
/// are for whoever judges, and for nobody else.
#[derive(Clone, PartialEq, Eq)]
pub struct Sighting {
    pub rule: usize,
    /// The path inside an archive, one in another joined by `!`; empty for none.
    pub inner: String,
    /// What the text around was written as: `base64`, `percent`, or nothing.
    pub decoded: &'static str,
    /// Of the secret in the file, in bytes.
    pub offset: u64,
    /// Of the match. A file that is no text has no lines: all is in the first.
    pub start: Position,
    pub end: Position,
    /// At most `LONGEST_SECRET` bytes of it.
    pub secret: Vec<u8>,
    /// What the rule calls `key`: the id that belongs to the secret.
    pub key_id: Vec<u8>,
    /// What stands before the secret on its line, at most `LONGEST_BEFORE` bytes.
    pub before: Vec<u8>,
    /// The lines of the match, when they are asked for: at most `LONGEST_AROUND` bytes on either side of it, and
    /// `LONGEST_SECRET` of it; and where in them it is.
    pub lines: (Vec<u8>, usize, usize),
    /// The line of the match, cut.
    pub matched: String,
    pub code: Vec<CodeLine>,
    /// The comment that allows it (`gitleaks:allow`), if there is one.
    pub allow: String,
    /// Where in the history of a repository it stands.
    pub seen: Option<Box<Seen>>,
}

/// A line of an excerpt, masked and cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeLine {
    pub number: usize,
    pub content: String,
    /// The match, or a part of it, stands in it.
    pub is_cause: bool,
    /// It stands for lines that are left out.
    pub truncated: bool,
}

/// Commits by their ids in hex, times in seconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The first commit that has it.
    pub commit: String,
    pub author: String,
    pub email: String,
    pub date: i64,
    /// The first line of its message.
    pub subject: String,
    /// The last commit that has it.
    pub last: String,
    pub last_date: i64,
    /// Whether a tip that was asked for still has it.
    pub present: bool,
}

/// Bytes of a secret that are handed over.
pub const LONGEST_SECRET: usize = 64 << 10;
/// Bytes before a secret that are handed over.
pub const LONGEST_BEFORE: usize = 200;

/// Bytes on either side of a match that are handed over when its lines are asked for.
pub const LONGEST_AROUND: usize = 4 << 10;

/// What was found in one file, and what of it could not be searched.
#[derive(Default)]
pub struct Sightings {
    pub list: Vec<Sighting>,
    pub problems: Vec<String>,
}

impl Sightings {
    pub fn is_empty(&self) -> bool {
        self.list.is_empty() && self.problems.is_empty()
    }
}

impl std::fmt::Debug for Sighting {
    /// Without anything that is not masked.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Sighting(rule {}, {}:{}, {:?})", self.rule, self.start.line, self.start.column, self.matched)
    }
}

impl std::fmt::Debug for Sightings {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Sightings({:?}, {:?})", self.list, self.problems)
    }
}
