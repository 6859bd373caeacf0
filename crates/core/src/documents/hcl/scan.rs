//! Walking over the text: spaces, comments, names, lines, and bounds.

use crate::documents::Error;

use super::{DEEPEST, MOST_NODES};

pub struct Scanner<'a> {
    pub text: &'a str,
    bytes: &'a [u8],
    pub at: usize,
    /// Where what was last read ends, spaces behind it left out.
    pub last: usize,
    /// Whether the end of a line ends what is being read.
    pub newlines: bool,
    pub depth: usize,
    pub blocks: usize,
    /// What is wrong without spoiling anything.
    pub notes: Vec<Error>,
    nodes: usize,
    /// Where lines end, up to the farthest that was asked for.
    ends: Vec<usize>,
    counted: usize,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            last: 0,
            newlines: true,
            depth: 0,
            blocks: 0,
            notes: Vec::new(),
            nodes: 0,
            ends: Vec::new(),
            counted: 0,
        }
    }

    pub fn done(&self) -> bool {
        self.at >= self.bytes.len()
    }

    pub fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    pub fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    pub fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    pub fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.at += 1;
            self.last = self.at;
        }
        found
    }

    /// Takes the byte, after spaces, or fails.
    pub fn expect(&mut self, byte: u8, what: &str) -> Result<(), Error> {
        self.space();
        if self.take(byte) { Ok(()) } else { Err(self.unexpected(what)) }
    }

    /// Skips spaces and comments, and the ends of lines where they have no meaning.
    pub fn space(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' => self.at += 1,
                b'\r' if !self.newlines || self.peek_at(1) != Some(b'\n') => self.at += 1,
                b'\n' if !self.newlines => self.at += 1,
                b'#' => self.skip_line(),
                b'/' if self.peek_at(1) == Some(b'/') => self.skip_line(),
                b'/' if self.peek_at(1) == Some(b'*') => {
                    let inside = self.bytes.get(self.at + 2..).unwrap_or_default();
                    // One that is not closed stays, and is what nobody expects.
                    let Some(length) = inside.windows(2).position(|pair| pair == b"*/") else { return };
                    self.at += length + 4;
                }
                _ => return,
            }
        }
    }

    /// Skips spaces, comments and empty lines.
    pub fn blank(&mut self) {
        let newlines = std::mem::replace(&mut self.newlines, false);
        self.space();
        self.newlines = newlines;
    }

    fn skip_line(&mut self) {
        let rest = self.rest();
        self.at += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    }

    /// A name: letters, digits, `_`, `-`, not beginning with a digit or `-`.
    pub fn identifier(&mut self) -> Option<&'a str> {
        let start = self.at;
        let mut at = start;
        while let Some(byte) = self.bytes.get(at) {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => at += 1,
                b'0'..=b'9' | b'-' if at > start => at += 1,
                0x80.. => {
                    let letter = self.text.get(at..)?.chars().next()?;
                    if !letter.is_alphanumeric() {
                        break;
                    }
                    at += letter.len_utf8();
                }
                _ => break,
            }
        }
        if at == start {
            return None;
        }
        self.at = at;
        self.last = at;
        Some(self.slice(start, at))
    }

    /// The line of a byte, counted from 1.
    pub fn line(&mut self, at: usize) -> usize {
        while self.counted <= at && self.counted < self.bytes.len() {
            let rest = self.bytes.get(self.counted..).unwrap_or_default();
            match rest.iter().position(|byte| *byte == b'\n') {
                Some(length) => {
                    self.counted += length + 1;
                    self.ends.push(self.counted - 1);
                }
                None => self.counted = self.bytes.len(),
            }
        }
        1 + self.ends.partition_point(|end| *end < at)
    }

    pub fn error(&mut self, what: impl Into<String>) -> Error {
        let line = self.line(self.at);
        Error::new(what, line)
    }

    pub fn unexpected(&mut self, wanted: &str) -> Error {
        let found = self.text.get(self.at..).and_then(|rest| rest.chars().next());
        let found = match found {
            None => "the end of the file".to_owned(),
            Some('\n' | '\r') => "the end of the line".to_owned(),
            Some(other) => format!("{other:?}"),
        };
        self.error(format!("expected {wanted}, found {found}"))
    }

    /// Counts a node.
    pub fn count(&mut self) -> Result<(), Error> {
        self.nodes += 1;
        if self.nodes > MOST_NODES { Err(self.error("too many expressions")) } else { Ok(()) }
    }

    /// Runs `read` one level deeper, and sets back whether lines matter.
    pub fn nested<T>(&mut self, levels: usize, read: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.depth + levels > DEEPEST {
            return Err(self.error("nested too deep"));
        }
        self.depth += levels;
        let newlines = self.newlines;
        let result = read(self);
        self.newlines = newlines;
        self.depth -= levels;
        result
    }

    /// After an error in what began at `start`: to the next line that begins a block of one of these kinds at the left
    /// margin; false when there is none.
    pub fn resume_after(&mut self, start: usize, words: &[&str]) -> bool {
        self.depth = 0;
        self.blocks = 0;
        self.at = start;
        loop {
            self.skip_line();
            if self.done() {
                return false;
            }
            self.at += 1;
            let line = self.at;
            if let Some(word) = self.identifier() {
                self.newlines = true;
                let begins = words.contains(&word) && self.labels().is_ok();
                self.at = line;
                if begins {
                    return true;
                }
            }
        }
    }
}
