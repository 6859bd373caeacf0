//! The tokens of conditions: names, values, keywords; where they stand.

use super::ast::{Literal, Span, SyntaxError, TransformerName};

/// A place in a text that is being read.
pub(super) struct Cursor<'t> {
    text: &'t str,
    pub at: usize,
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 8)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_bare(byte: u8) -> bool {
    !is_blank(byte) && !matches!(byte, b'(' | b')' | b'"' | b'\'' | b'=' | b',')
}

fn is_bare_argument(byte: u8) -> bool {
    !is_blank(byte) && !matches!(byte, b'[' | b']' | b'"' | b'\'')
}

impl<'t> Cursor<'t> {
    pub fn new(text: &'t str) -> Self {
        Cursor { text, at: 0 }
    }

    pub fn rest(&self) -> &'t [u8] {
        &self.text.as_bytes()[self.at..]
    }

    pub fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// From `start` to here.
    pub fn span(&self, start: usize) -> Span {
        let narrow = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { start: narrow(start), end: narrow(self.at) }
    }

    pub fn error<T>(&self, offset: usize, message: impl Into<String>) -> Result<T, SyntaxError> {
        let before = &self.text.as_bytes()[..offset];
        let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
        Err(SyntaxError {
            message: message.into(),
            offset,
            line: 1 + before.iter().filter(|&&byte| byte == b'\n').count(),
            column: 1 + offset - line_start,
        })
    }

    /// What stands here, for messages: a few characters, or that the text ends.
    pub fn found(&self) -> String {
        match self.text[self.at..].chars().next() {
            None => "the text ends".to_owned(),
            Some(first) => {
                let word: String = self.text[self.at..]
                    .chars()
                    .take(30)
                    .take_while(|&char| u8::try_from(char).map_or(true, is_bare))
                    .collect();
                if word.is_empty() { format!("found {first:?}") } else { format!("found `{}`", word.escape_debug()) }
            }
        }
    }

    pub fn blanks(&mut self) {
        self.at += self.rest().iter().take_while(|&&byte| is_blank(byte)).count();
    }

    pub fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token.as_bytes());
        if found {
            self.at += token.len();
        }
        found
    }

    /// A keyword: a blank, `(` or the end of the text must follow.
    pub fn keyword(&mut self, word: &str) -> bool {
        let found = self.rest().strip_prefix(word.as_bytes()).is_some_and(|rest| match rest.first() {
            None | Some(b'(') => true,
            Some(&byte) => is_blank(byte),
        });
        if found {
            self.at += word.len();
        }
        found
    }

    /// Letters, digits and `_` from here on, without moving.
    pub fn word(&self) -> &'t str {
        let length = self.rest().iter().take_while(|&&byte| is_word(byte)).count();
        &self.text[self.at..self.at + length]
    }

    /// A letter, then letters, digits, `_`.
    pub fn identifier(&mut self) -> Option<&'t str> {
        let word = self.word();
        let found = word.as_bytes().first().is_some_and(u8::is_ascii_alphabetic).then_some(word);
        self.at += found.map_or(0, str::len);
        found
    }

    /// Identifiers with dots between them, one dot at least.
    pub fn field_name(&mut self) -> Option<&'t str> {
        let start = self.at;
        self.identifier()?;
        let mut end = start;
        while self.peek() == Some(b'.') {
            self.at += 1;
            if self.identifier().is_none() {
                self.at -= 1;
                break;
            }
            end = self.at;
        }
        if end == start {
            self.at = start;
            return None;
        }
        Some(&self.text[start..end])
    }

    /// `[argument]`, bare or quoted, if one follows at once.
    pub fn argument(&mut self) -> Result<Option<String>, SyntaxError> {
        if !self.eat("[") {
            return Ok(None);
        }
        let start = self.at;
        let argument = if let Some(quoted) = self.quoted()? {
            match String::from_utf8(quoted.bytes) {
                Ok(argument) => argument,
                Err(_) => return self.error(start, "the argument is not valid UTF-8"),
            }
        } else {
            self.at += self.rest().iter().take_while(|&&byte| is_bare_argument(byte)).count();
            if self.at == start {
                return self
                    .error(start, format!("an argument is expected between the brackets, but {}", self.found()));
            }
            self.text[start..self.at].to_owned()
        };
        if !self.eat("]") {
            return self.error(self.at, format!("`]` is expected after the argument, but {}", self.found()));
        }
        Ok(Some(argument))
    }

    /// The name of a transformer with its parenthesis, which follows without blank.
    pub fn transformer(&mut self) -> Option<TransformerName> {
        let word = self.word();
        let name = TransformerName::of(word)?;
        if self.rest().get(word.len()) != Some(&b'(') {
            return None;
        }
        self.at += word.len() + 1;
        Some(name)
    }

    /// A string in single or double quotes, its escapes resolved.
    pub fn quoted(&mut self) -> Result<Option<Literal>, SyntaxError> {
        let start = self.at;
        let Some(quote @ (b'"' | b'\'')) = self.peek() else { return Ok(None) };
        let mut bytes = Vec::new();
        self.at += 1;
        loop {
            let plain = self.rest().iter().take_while(|&&byte| byte != quote && byte != b'\\').count();
            bytes.extend_from_slice(&self.rest()[..plain]);
            self.at += plain;
            match self.peek() {
                None => return self.error(start, "the string that begins here has no closing quote"),
                Some(b'\\') => bytes.push(self.escape(quote)?),
                Some(_) => {
                    self.at += 1;
                    return Ok(Some(Literal { bytes, span: self.span(start) }));
                }
            }
        }
    }

    fn escape(&mut self, quote: u8) -> Result<u8, SyntaxError> {
        let start = self.at;
        let rest = &self.rest()[1..];
        let byte = match rest.first() {
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            // Backslash and blank are a backslash.
            Some(b'\\' | b' ') => b'\\',
            Some(b'/') => b'/',
            Some(&byte) if byte == quote => quote,
            Some(b'x') => {
                let digit = |index: usize| rest.get(index).and_then(|&byte| char::from(byte).to_digit(16));
                let (Some(high), Some(low)) = (digit(1), digit(2)) else {
                    return self.error(start, "`\\x` needs two hexadecimal digits");
                };
                self.at += 2;
                u8::try_from(high * 16 + low).unwrap_or_default()
            }
            None => return self.error(start, "the text ends in a backslash"),
            Some(_) => {
                let char = self.text[start + 1..].chars().next().unwrap_or_default();
                return self.error(start, format!("`\\{}` is no known escape", char.escape_debug()));
            }
        };
        self.at += 2;
        Ok(byte)
    }

    /// Up to a blank, a parenthesis, a quote, `=` or a comma.
    pub fn bare(&mut self) -> Option<Literal> {
        let start = self.at;
        self.at += self.rest().iter().take_while(|&&byte| is_bare(byte)).count();
        (self.at > start)
            .then(|| Literal { bytes: self.text.as_bytes()[start..self.at].to_vec(), span: self.span(start) })
    }

    /// `0x` and digits, or a decimal number with optional sign, fraction and exponent.
    pub fn number(&mut self) -> Option<Literal> {
        let rest = self.rest();
        let digits = |from: usize| rest.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
        let mut length = if rest.starts_with(b"0x") || rest.starts_with(b"0X") {
            2 + rest[2..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count()
        } else {
            0
        };
        if length < 3 {
            length = usize::from(matches!(rest.first(), Some(b'+' | b'-')));
            let whole = digits(length);
            if whole == 0 {
                return None;
            }
            length += whole;
            if rest.get(length) == Some(&b'.') {
                length += 1 + digits(length + 1);
            }
            if matches!(rest.get(length), Some(b'e' | b'E')) {
                let sign = usize::from(matches!(rest.get(length + 1), Some(b'+' | b'-')));
                let exponent = digits(length + 1 + sign);
                length += if exponent > 0 { 1 + sign + exponent } else { 0 };
            }
        }
        let start = self.at;
        self.at += length;
        Some(Literal { bytes: rest[..length].to_vec(), span: self.span(start) })
    }
}
