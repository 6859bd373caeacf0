//! Texts: quoted, heredocs, and whole files; with `${…}` and `%{…}`.

use std::borrow::Cow;

use crate::documents::Error;

use super::Expression;
use super::scan::Scanner;

/// A piece of a template before its directives are put together.
enum Piece<'a> {
    Text(Cow<'a, str>),
    Value(Expression<'a>),
    If(Expression<'a>),
    Else,
    EndIf,
    For { key: Option<&'a str>, value: &'a str, collection: Expression<'a> },
    EndFor,
}

/// Where a template ends.
#[derive(Clone, Copy, PartialEq)]
enum Until<'a> {
    Quote,
    Marker(&'a str),
    End,
}

/// The pieces read so far.
struct Pieces<'a> {
    pieces: Vec<Piece<'a>>,
    /// The next text loses its leading space.
    trim: bool,
}

impl<'a> Pieces<'a> {
    fn text(&mut self, text: Cow<'a, str>) {
        let text = if std::mem::take(&mut self.trim) {
            match text {
                Cow::Borrowed(text) => Cow::Borrowed(text.trim_start()),
                Cow::Owned(text) => Cow::Owned(text.trim_start().to_owned()),
            }
        } else {
            text
        };
        self.pieces.push(Piece::Text(text));
    }

    fn trim_last(&mut self) {
        if let Some(Piece::Text(text)) = self.pieces.last_mut() {
            *text = match std::mem::take(text) {
                Cow::Borrowed(text) => Cow::Borrowed(text.trim_end()),
                Cow::Owned(text) => Cow::Owned(text.trim_end().to_owned()),
            };
        }
    }

    /// Takes away the indentation that all lines share.
    fn flush(&mut self) {
        let mut least = usize::MAX;
        let mut begins = true;
        let mut heads = Vec::new();
        for (index, piece) in self.pieces.iter().enumerate() {
            let Piece::Text(text) = piece else {
                if begins {
                    least = 0;
                }
                begins = false;
                continue;
            };
            if begins {
                let trimmed = text.trim_start();
                if !(trimmed.is_empty() && text.ends_with('\n')) {
                    least = least.min(text.chars().count() - trimmed.chars().count());
                    heads.push(index);
                }
            }
            begins = text.ends_with('\n');
        }
        for index in heads {
            if let Some(Piece::Text(text)) = self.pieces.get_mut(index) {
                let cut: usize = text.chars().take(least).map(char::len_utf8).sum();
                *text = Cow::Owned(text.get(cut..).unwrap_or_default().to_owned());
            }
        }
    }
}

impl<'a> Scanner<'a> {
    /// A text in quotes without sequences, as the label of a block.
    pub fn plain_string(&mut self) -> Result<Cow<'a, str>, Error> {
        match self.quoted_template()? {
            Expression::Text(text) => Ok(text),
            _ => Err(self.error("a label of a block holds a template")),
        }
    }

    pub fn quoted_template(&mut self) -> Result<Expression<'a>, Error> {
        self.at += 1;
        // Most texts are plain.
        let rest = self.rest();
        let plain = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | b'$' | b'%' | b'\n' | b'\r'));
        if let Some(length) = plain {
            if rest.get(length) == Some(&b'"') {
                let text = self.slice(self.at, self.at + length);
                self.at += length + 1;
                self.last = self.at;
                return Ok(Expression::Text(Cow::Borrowed(text)));
            }
        }
        let pieces = self.nested(1, |scanner| scanner.pieces(Until::Quote))?;
        self.assembled(pieces)
    }

    pub fn bare_template(&mut self) -> Result<Expression<'a>, Error> {
        let pieces = self.pieces(Until::End)?;
        self.assembled(pieces)
    }

    pub fn heredoc(&mut self) -> Result<Expression<'a>, Error> {
        self.at += 2;
        let flush = self.take(b'-');
        let Some(marker) = self.identifier() else { return Err(self.unexpected("a word after <<")) };
        self.take(b'\r');
        if !self.take(b'\n') {
            return Err(self.unexpected("the end of the line after <<"));
        }
        let mut pieces = self.nested(1, |scanner| scanner.pieces(Until::Marker(marker)))?;
        if flush {
            pieces.flush();
        }
        self.assembled(pieces)
    }

    fn pieces(&mut self, until: Until<'a>) -> Result<Pieces<'a>, Error> {
        let begin = self.at;
        let mut pieces = Pieces { pieces: Vec::new(), trim: false };
        let mut line_begins = true;
        loop {
            if line_begins {
                if let Until::Marker(marker) = until {
                    if self.marker(marker) {
                        return Ok(pieces);
                    }
                }
            }
            let Some(byte) = self.peek() else {
                if until == Until::End {
                    return Ok(pieces);
                }
                self.at = begin;
                return Err(self.error("a text is not closed"));
            };
            line_begins = false;
            match byte {
                b'"' if until == Until::Quote => {
                    self.at += 1;
                    self.last = self.at;
                    return Ok(pieces);
                }
                b'$' if self.peek_at(1) == Some(b'{') => self.interpolation(&mut pieces)?,
                b'%' if self.peek_at(1) == Some(b'{') => self.directive(&mut pieces)?,
                _ => {
                    let text = self.literal(until)?;
                    line_begins = text.ends_with('\n');
                    pieces.text(text);
                }
            }
        }
    }

    /// Takes the line that ends a heredoc, up to the marker's last letter.
    fn marker(&mut self, marker: &str) -> bool {
        let rest = self.rest();
        let indent = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t')).unwrap_or(rest.len());
        let after = rest.get(indent..).unwrap_or_default().strip_prefix(marker.as_bytes());
        let Some(after) = after else { return false };
        let tail = after.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
        if matches!(tail, None | Some(b'\n')) {
            self.at += indent + marker.len();
            self.last = self.at;
            return true;
        }
        false
    }

    /// Text up to a sequence, the end of a line (included), or the closing quote.
    fn literal(&mut self, until: Until<'a>) -> Result<Cow<'a, str>, Error> {
        let mut owned: Option<String> = None;
        let mut from = self.at;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' if until == Until::Quote => break,
                b'\n' if until == Until::Quote => return Err(self.error("a text is not closed on its line")),
                b'\n' => {
                    self.at += 1;
                    break;
                }
                b'$' | b'%' if self.peek_at(1) == Some(b'{') => break,
                b'$' | b'%' if self.peek_at(1) == Some(byte) && self.peek_at(2) == Some(b'{') => {
                    let text = owned.get_or_insert_default();
                    text.push_str(self.text.get(from..=self.at).unwrap_or_default());
                    text.push('{');
                    self.at += 3;
                    from = self.at;
                }
                b'\\' if until == Until::Quote => {
                    let before = self.slice(from, self.at);
                    let letter = self.escape()?;
                    let text = owned.get_or_insert_default();
                    text.push_str(before);
                    text.push(letter);
                    from = self.at;
                }
                _ => self.at += 1,
            }
        }
        let tail = self.slice(from, self.at);
        Ok(match owned {
            None => Cow::Borrowed(tail),
            Some(mut text) => {
                text.push_str(tail);
                Cow::Owned(text)
            }
        })
    }

    fn escape(&mut self) -> Result<char, Error> {
        let length = match self.peek_at(1) {
            Some(b'n') => return self.escaped('\n'),
            Some(b'r') => return self.escaped('\r'),
            Some(b't') => return self.escaped('\t'),
            Some(b'"') => return self.escaped('"'),
            Some(b'\\') => return self.escaped('\\'),
            Some(b'u') => 4,
            Some(b'U') => 8,
            _ => return Err(self.error("unknown escape sequence")),
        };
        let digits = self.slice(self.at + 2, self.at + 2 + length);
        let letter = u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() == length).and_then(char::from_u32);
        let Some(letter) = letter else { return Err(self.error("unknown escape sequence")) };
        self.at += 2 + length;
        Ok(letter)
    }

    #[allow(clippy::unnecessary_wraps, reason = "ends `escape`")]
    fn escaped(&mut self, letter: char) -> Result<char, Error> {
        self.at += 2;
        Ok(letter)
    }

    /// Reads within `${` or `%{`, and the closing brace.
    fn sequence<T>(
        &mut self,
        pieces: &mut Pieces<'a>,
        read: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.at += 2;
        if self.take(b'~') {
            pieces.trim_last();
        }
        pieces.trim = false;
        self.nested(1, |scanner| {
            scanner.newlines = false;
            let result = read(scanner)?;
            scanner.space();
            pieces.trim = scanner.take(b'~');
            scanner.expect(b'}', "}")?;
            Ok(result)
        })
    }

    fn interpolation(&mut self, pieces: &mut Pieces<'a>) -> Result<(), Error> {
        let value = self.sequence(pieces, Self::expression)?;
        pieces.pieces.push(Piece::Value(value));
        Ok(())
    }

    fn directive(&mut self, pieces: &mut Pieces<'a>) -> Result<(), Error> {
        let piece = self.sequence(pieces, |scanner| {
            scanner.space();
            match scanner.identifier() {
                Some("if") => Ok(Piece::If(scanner.expression()?)),
                Some("else") => Ok(Piece::Else),
                Some("endif") => Ok(Piece::EndIf),
                Some("endfor") => Ok(Piece::EndFor),
                Some("for") => {
                    let (key, value) = scanner.for_names()?;
                    if !scanner.keyword("in") {
                        return Err(scanner.unexpected("in"));
                    }
                    Ok(Piece::For { key, value, collection: scanner.expression()? })
                }
                _ => Err(scanner.error("unknown directive of a template")),
            }
        })?;
        pieces.pieces.push(piece);
        Ok(())
    }

    fn assembled(&mut self, pieces: Pieces<'a>) -> Result<Expression<'a>, Error> {
        let mut pieces = pieces.pieces.into_iter().peekable();
        let parts = self.parts(&mut pieces)?;
        match pieces.next() {
            None => Ok(template(parts)),
            Some(_) => Err(self.error("a directive of a template ends nothing")),
        }
    }

    fn parts(&mut self, pieces: &mut std::iter::Peekable<impl Iterator<Item = Piece<'a>>>) -> Parts<'a> {
        let mut parts: Vec<Expression<'a>> = Vec::new();
        while let Some(piece) = pieces.next_if(|piece| !matches!(piece, Piece::Else | Piece::EndIf | Piece::EndFor)) {
            let part = match piece {
                Piece::Text(text) => {
                    match parts.last_mut() {
                        Some(Expression::Text(last)) => last.to_mut().push_str(&text),
                        _ => parts.push(Expression::Text(text)),
                    }
                    continue;
                }
                Piece::Value(value) => value,
                Piece::If(condition) => self.nested(1, |scanner| {
                    let yes = template(scanner.parts(pieces)?);
                    let mut no = Expression::Text(Cow::Borrowed(""));
                    let mut end = pieces.next();
                    if matches!(end, Some(Piece::Else)) {
                        no = template(scanner.parts(pieces)?);
                        end = pieces.next();
                    }
                    match end {
                        Some(Piece::EndIf) => Ok(Expression::TextIf(Box::new([condition, yes, no]))),
                        _ => Err(scanner.error("a template lacks an endif")),
                    }
                })?,
                Piece::For { key, value, collection } => self.nested(1, |scanner| {
                    let text = template(scanner.parts(pieces)?);
                    match pieces.next() {
                        Some(Piece::EndFor) => {
                            Ok(Expression::TextFor { key, value, parts: Box::new([collection, text]) })
                        }
                        _ => Err(scanner.error("a template lacks an endfor")),
                    }
                })?,
                Piece::Else | Piece::EndIf | Piece::EndFor => continue,
            };
            parts.push(part);
        }
        Ok(parts)
    }
}

type Parts<'a> = Result<Vec<Expression<'a>>, Error>;

/// Parts as one expression: a lone text is a text, a lone value stays as it is.
fn template(mut parts: Vec<Expression<'_>>) -> Expression<'_> {
    match parts.len() {
        0 => Expression::Text(Cow::Borrowed("")),
        1 if !matches!(parts.first(), Some(Expression::TextIf(_) | Expression::TextFor { .. })) => {
            match parts.pop() {
                // As in parentheses: the key `"${a}"` of an object is no name.
                Some(Expression::Reference(name, steps)) if steps.is_empty() => {
                    Expression::Path(Box::new(Expression::Reference(name, steps)), Vec::new())
                }
                part => part.unwrap_or(Expression::Null),
            }
        }
        _ => Expression::Template(parts),
    }
}
