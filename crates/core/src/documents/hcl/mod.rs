//! HCL 2, the language of Terraform: a tree of blocks and expressions with their places.
//!
//! Written for judging files that need not be right: a broken block is left out and named, the others are read.
//! Grammar: HCL's `hclsyntax/spec.md`; where the words leave a choice it is decided as HashiCorp's parser decides.

mod expression;
mod scan;
mod template;

use std::borrow::Cow;

use super::{Error, line_of};
use scan::Scanner;

/// How deep expressions and blocks may nest: trees are walked recursively, here and by evaluators.
pub const DEEPEST: usize = 150;

/// How many nodes one file may hold.
pub const MOST_NODES: usize = 2_000_000;

/// After this many broken blocks the rest of a file is given up: each costs another look at what follows it.
const MOST_ERRORS: usize = 20;

/// How many names before one are looked at for an equal one.
const MOST_COMPARED: usize = 64;

/// Words that begin a block of Terraform at the left margin, where reading goes on after an error.
const TOP_LEVEL: [&str; 17] = [
    "resource",
    "data",
    "variable",
    "output",
    "module",
    "provider",
    "locals",
    "terraform",
    "check",
    "moved",
    "import",
    "removed",
    "ephemeral",
    "action",
    "language",
    "list",
    "run",
];

/// What stands between braces, or in a file. Attributes and blocks each in their order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Body<'a> {
    pub attributes: Vec<Attribute<'a>>,
    pub blocks: Vec<Block<'a>>,
}

/// `name = expression`. Lines count from 1; start and end are the bytes of the expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute<'a> {
    pub name: &'a str,
    pub first_line: usize,
    pub last_line: usize,
    pub start: usize,
    pub end: usize,
    pub value: Expression<'a>,
}

/// `kind "label" { … }`: from the line of the kind to that of the closing brace.
#[derive(Debug, Clone, PartialEq)]
pub struct Block<'a> {
    pub kind: &'a str,
    pub labels: Vec<Cow<'a, str>>,
    pub first_line: usize,
    pub last_line: usize,
    pub body: Body<'a>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Expression<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// Digits that do not fit `Int`.
    BigInt(&'a str),
    Float(f64),
    Text(Cow<'a, str>),
    /// Parts that become one text.
    Template(Vec<Expression<'a>>),
    /// `%{ if }` within a template.
    TextIf(Box<[Expression<'a>; 3]>),
    /// `%{ for }` within a template: the collection and the text of one turn.
    TextFor {
        key: Option<&'a str>,
        value: &'a str,
        parts: Box<[Expression<'a>; 2]>,
    },
    /// A name and what is asked of it.
    Reference(&'a str, Vec<Step<'a>>),
    /// What is asked of any other expression.
    Path(Box<Expression<'a>>, Vec<Step<'a>>),
    /// expand: the last argument is followed by `...`.
    Call {
        name: &'a str,
        arguments: Vec<Expression<'a>>,
        expand: bool,
    },
    Not(Box<Expression<'a>>),
    Negative(Box<Expression<'a>>),
    /// Operations of equal precedence, from left to right.
    Chain(Box<Expression<'a>>, Vec<(&'static str, Expression<'a>)>),
    Conditional(Box<[Expression<'a>; 3]>),
    Tuple(Vec<Expression<'a>>),
    Object(Vec<(Expression<'a>, Expression<'a>)>),
    For(Box<For<'a>>),
}

/// `[for …]`; `{for …}` when there is a `result_key`, `group` with `...`.
#[derive(Debug, Clone, PartialEq)]
pub struct For<'a> {
    pub key: Option<&'a str>,
    pub value: &'a str,
    pub collection: Expression<'a>,
    pub result_key: Option<Expression<'a>>,
    pub result: Expression<'a>,
    pub group: bool,
    pub condition: Option<Expression<'a>>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Step<'a> {
    Attribute(&'a str),
    Index(Expression<'a>),
    /// `.*` or, when full, `[*]`, and what is asked of each element.
    Splat {
        full: bool,
        steps: Vec<Step<'a>>,
    },
}

/// The bytes as text: without a byte-order mark, and with `?` in place of bytes that are no UTF-8, which is an error.
/// Also how many bytes were cut in front.
#[must_use]
pub fn text_of(data: &[u8]) -> (Cow<'_, str>, usize, Option<Error>) {
    let text = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
    let cut = data.len() - text.len();
    match std::str::from_utf8(text) {
        Ok(text) => (Cow::Borrowed(text), cut, None),
        Err(error) => {
            let before = text.get(..error.valid_up_to()).unwrap_or_default();
            let problem = Error::new("invalid UTF-8", line_of(before));
            let mut mended = String::with_capacity(text.len());
            for chunk in text.utf8_chunks() {
                mended.push_str(chunk.valid());
                mended.extend(chunk.invalid().iter().map(|_| '?'));
            }
            (Cow::Owned(mended), cut, Some(problem))
        }
    }
}

/// Parses a file. What is broken is left out block by block, and named in the errors.
#[must_use]
pub fn parse(text: &str) -> (Body<'_>, Vec<Error>) {
    let mut scanner = Scanner::new(text);
    let mut body = Body::default();
    let mut errors = Vec::new();
    loop {
        scanner.blank();
        if scanner.done() {
            break;
        }
        let start = scanner.at;
        if let Err(error) = scanner.item(&mut body) {
            errors.push(error);
            if errors.len() >= MOST_ERRORS || !scanner.resume_after(start, &TOP_LEVEL) {
                if !scanner.done() && errors.len() >= MOST_ERRORS {
                    errors.push(scanner.error("too many errors; the rest of the file was not read"));
                }
                break;
            }
        }
    }
    errors.append(&mut scanner.notes);
    (body, errors)
}

/// Parses one expression, as in a variable's value from the environment.
///
/// # Errors
/// The text is no expression.
pub fn parse_expression(text: &str) -> Result<Expression<'_>, Error> {
    let mut scanner = Scanner::new(text);
    scanner.newlines = false;
    let expression = scanner.expression()?;
    scanner.space();
    if scanner.done() { Ok(expression) } else { Err(scanner.error("unexpected text after the expression")) }
}

/// Parses a whole text as a template, as `templatefile` does.
///
/// # Errors
/// A sequence in it is broken.
pub fn parse_template(text: &str) -> Result<Expression<'_>, Error> {
    Scanner::new(text).bare_template()
}

impl<'a> Scanner<'a> {
    fn body(&mut self) -> Result<Body<'a>, Error> {
        let mut body = Body::default();
        loop {
            self.blank();
            if self.take(b'}') {
                return Ok(body);
            }
            if self.done() {
                return Err(self.error("a block is not closed"));
            }
            self.item(&mut body)?;
        }
    }

    /// An attribute or a block, and the end of its line.
    fn item(&mut self, body: &mut Body<'a>) -> Result<(), Error> {
        self.depth = 0;
        self.nested(0, |scanner| scanner.item_at(body))
    }

    fn item_at(&mut self, body: &mut Body<'a>) -> Result<(), Error> {
        self.newlines = true;
        let begin = self.at;
        let Some(name) = self.identifier() else {
            return Err(self.unexpected("a name of an attribute or block"));
        };
        self.count()?;
        self.space();
        let first_line = self.line(begin);
        if self.peek() == Some(b'=') && self.peek_at(1) != Some(b'=') {
            self.at += 1;
            self.space();
            let start = self.at;
            let value = self.expression()?;
            let end = self.last;
            let last_line = self.line(end.saturating_sub(1).max(start));
            let before = body.attributes.iter().rev().take(MOST_COMPARED);
            if before.clone().any(|attribute| attribute.name == name) && self.notes.len() < MOST_ERRORS {
                self.notes.push(Error::new(format!("{name} is set twice, the last one counts"), first_line));
            }
            body.attributes.push(Attribute { name, first_line, last_line, start, end, value });
        } else {
            let labels = self.labels()?;
            let inner = self.inner_body()?;
            let last_line = self.line(self.at.saturating_sub(1));
            body.blocks.push(Block { kind: name, labels, first_line, last_line, body: inner });
        }
        self.space();
        match self.peek() {
            None | Some(b'\n' | b'}') => Ok(()),
            Some(b'\r') if self.peek_at(1) == Some(b'\n') => Ok(()),
            Some(_) => Err(self.unexpected("the end of the line")),
        }
    }

    fn inner_body(&mut self) -> Result<Body<'a>, Error> {
        self.blocks += 1;
        if self.blocks > DEEPEST {
            return Err(self.error("nested too deep"));
        }
        let body = self.body();
        self.blocks -= 1;
        body
    }

    fn labels(&mut self) -> Result<Vec<Cow<'a, str>>, Error> {
        let mut labels = Vec::new();
        loop {
            self.space();
            match self.peek() {
                Some(b'{') => {
                    self.at += 1;
                    return Ok(labels);
                }
                Some(b'"') => labels.push(self.plain_string()?),
                _ => match self.identifier() {
                    Some(label) => labels.push(Cow::Borrowed(label)),
                    None => return Err(self.unexpected("= or {")),
                },
            }
        }
    }
}

#[cfg(test)]
mod tests;
