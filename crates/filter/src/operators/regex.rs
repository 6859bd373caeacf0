//! `regex`: POSIX syntax, as RE2 reads it, over whole values.

use regex_automata::meta::{Config, Regex};
use regex_syntax::hir::{Hir, Look};

use super::posix;

/// A regular expression that must cover the whole value. Runs in linear time.
///
/// The syntax is RE2's in POSIX mode: no `\d`, `\s`, `\w`, `\b`, no `(?...)`; `.` is any character but a line break,
/// `[^x]` may be one; `^` and `$` match at line breaks too; repetitions may stack (`a+?` is `(a+)?`).
#[derive(Clone, Debug)]
pub struct PosixRegex {
    regex: Regex,
}

/// Why a text is no regular expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegexError {
    pub message: String,
    /// In bytes, from 0.
    pub offset: usize,
}

/// The memory that one expression may take, in bytes.
const LARGEST: usize = 8 << 20;

/// The length that one expression may have, in bytes.
const LONGEST: usize = 4096;

/// The memory for states found while searching, in bytes.
const CACHE: usize = 1 << 20;

impl PosixRegex {
    /// # Errors
    /// The text is no such expression, or one that takes too much memory.
    pub fn new(text: &[u8]) -> Result<PosixRegex, RegexError> {
        let text = std::str::from_utf8(text)
            .map_err(|error| RegexError { message: "not valid UTF-8".to_owned(), offset: error.valid_up_to() })?;
        let too_large = || RegexError { message: "the expression is too large".to_owned(), offset: 0 };
        if text.len() > LONGEST {
            return Err(too_large());
        }
        let inner = posix::parse(text)?;
        let whole = Hir::concat(vec![Hir::look(Look::Start), inner, Hir::look(Look::End)]);
        let config = Config::new().nfa_size_limit(Some(LARGEST)).hybrid_cache_capacity(CACHE).utf8_empty(false);
        let regex = Regex::builder().configure(config).build_from_hir(&whole).map_err(|_| too_large())?;
        Ok(PosixRegex { regex })
    }

    /// Whether the expression covers the value. What is not UTF-8 in it counts as U+FFFD.
    pub fn matches(&self, value: &[u8]) -> bool {
        match std::str::from_utf8(value) {
            Ok(value) => self.regex.is_match(value),
            Err(_) => self.regex.is_match(String::from_utf8_lossy(value).as_bytes()),
        }
    }
}

/// Whether a text is more than plain characters to `regex`: the loader warns of those that are not.
pub fn has_metacharacters(text: &[u8]) -> bool {
    text.iter().any(|byte| br"\.+*?()|[]{}^$".contains(byte))
}
