//! Documents of other programs (JSON, TOML, YAML) as one plain tree, within bounds.

use std::borrow::Cow;
use std::fmt;

pub mod hcl;
pub mod json;
pub mod marked;
pub mod nodes;
mod scalar;
pub mod toml;
pub mod yaml;
mod yaml_tree;

/// How deep documents may nest, whatever the caller asks for: trees are walked recursively.
pub const DEEPEST: usize = 2000;

/// How many values one document may hold.
pub const MOST_VALUES: usize = 20_000_000;

/// A value of a document. Text is borrowed from the document where it stands there unescaped.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// An integer that does not fit `Int`: decimal digits, perhaps behind a `-`.
    BigInt(Cow<'a, str>),
    Float(f64),
    Text(Cow<'a, str>),
    List(Vec<Value<'a>>),
    /// In JSON and TOML all keys are `Text`; in YAML they are scalars of any kind. A later equal key replaces an earlier one.
    Dict(Box<Dict<'a>>),
}

/// A mapping with the lines of its brackets (JSON only, counted from 1; else 0).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dict<'a> {
    pub entries: Vec<(Value<'a>, Value<'a>)>,
    pub first_line: u32,
    pub last_line: u32,
}

/// Why a document could not be read, and the line, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    pub what: String,
    pub line: usize,
}

impl Error {
    fn new(what: impl Into<String>, line: usize) -> Self {
        Self { what: what.into(), line }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} (line {})", self.what, self.line)
    }
}

impl std::error::Error for Error {}

/// The document as text: UTF-8 with or without a byte-order mark.
fn text_of(data: &[u8]) -> Result<&str, Error> {
    let data = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
    std::str::from_utf8(data).map_err(|error| {
        let before = data.get(..error.valid_up_to()).unwrap_or_default();
        Error::new("invalid UTF-8", line_of(before))
    })
}

/// The line on which the byte behind `before` stands.
fn line_of(before: &[u8]) -> usize {
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}
