//! JSON (RFC 8259), strictly: no duplicate keys, no comments, nothing behind the document.

use std::borrow::Cow;
use std::collections::HashSet;

use super::yaml_tree::Place;
use super::{DEEPEST, Dict, Error, MOST_VALUES, Value, text_of};

/// Integers with more digits are refused: converting them takes quadratic time.
const LONGEST_INTEGER: usize = 4300;

/// Makes whatever a document becomes, from its values as they are met.
pub trait Build<'a> {
    type Value;
    type Dict;
    type Failure: From<Error>;

    /// Whether columns are wanted; else they are 0.
    const COLUMNS: bool = false;

    /// `Null`, `Bool`, `Int`, `BigInt`, `Float` or `Text`.
    fn scalar(&mut self, scalar: Value<'a>, place: Place) -> Result<Self::Value, Self::Failure>;

    /// A list from the bracket at `place` to that in `last_line`.
    fn list(&mut self, items: Vec<Self::Value>, place: Place, last_line: u32) -> Result<Self::Value, Self::Failure>;

    fn open(&mut self) -> Result<Self::Dict, Self::Failure>;

    /// Adds an entry whose key is at `place`; `false` when the key is there already.
    fn entry(
        &mut self,
        dict: &mut Self::Dict,
        key: Cow<'a, str>,
        place: Place,
        value: Self::Value,
    ) -> Result<bool, Self::Failure>;

    /// Ends a dict from the bracket at `place` to that in `last_line`.
    fn close(&mut self, dict: Self::Dict, place: Place, last_line: u32) -> Result<Self::Value, Self::Failure>;
}

/// Parses one document into a tree.
pub fn parse(data: &[u8], max_depth: usize) -> Result<Value<'_>, Error> {
    build(data, max_depth, &mut Tree)
}

/// Parses one document. A leading byte-order mark is skipped; a lone surrogate escape becomes U+FFFD.
pub fn build<'a, B: Build<'a>>(data: &'a [u8], max_depth: usize, builder: &mut B) -> Result<B::Value, B::Failure> {
    let text = text_of(data)?;
    let max_depth = max_depth.min(DEEPEST);
    let mut parser = Parser {
        builder,
        text,
        bytes: text.as_bytes(),
        at: 0,
        line: 1,
        counted: (0, 1),
        depth: 0,
        max_depth,
        values: 0,
    };
    parser.blanks();
    let value = parser.value()?;
    parser.blanks();
    if parser.at < parser.bytes.len() {
        return Err(parser.error("text after the document").into());
    }
    Ok(value)
}

/// Builds `Value`s.
struct Tree;

impl<'a> Build<'a> for Tree {
    type Value = Value<'a>;
    type Dict = (Vec<(Value<'a>, Value<'a>)>, HashSet<Cow<'a, str>>);
    type Failure = Error;

    fn scalar(&mut self, scalar: Value<'a>, _: Place) -> Result<Value<'a>, Error> {
        Ok(scalar)
    }

    fn list(&mut self, items: Vec<Value<'a>>, _: Place, _: u32) -> Result<Value<'a>, Error> {
        Ok(Value::List(items))
    }

    fn open(&mut self) -> Result<Self::Dict, Error> {
        Ok(Default::default())
    }

    fn entry(
        &mut self,
        (entries, keys): &mut Self::Dict,
        key: Cow<'a, str>,
        _: Place,
        value: Value<'a>,
    ) -> Result<bool, Error> {
        entries.push((Value::Text(key.clone()), value));
        Ok(keys.insert(key))
    }

    fn close(&mut self, (entries, _): Self::Dict, place: Place, last_line: u32) -> Result<Value<'a>, Error> {
        let first_line = u32::try_from(place.line).unwrap_or(u32::MAX);
        Ok(Value::Dict(Box::new(Dict { entries, first_line, last_line })))
    }
}

struct Parser<'a, 'b, B> {
    builder: &'b mut B,
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    line: u32,
    /// How far columns are counted: a byte and its column.
    counted: (usize, usize),
    depth: usize,
    max_depth: usize,
    values: usize,
}

impl<'a, B: Build<'a>> Parser<'a, '_, B> {
    fn error(&self, what: impl Into<String>) -> Error {
        Error::new(what, self.line as usize)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn unexpected(&self, wanted: &str) -> Error {
        match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(found) => self.error(format!("expected {wanted}, found {found:?}")),
            None => self.error(format!("expected {wanted}, found the end")),
        }
    }

    /// Where the parser is.
    fn place(&mut self) -> Place {
        let line = self.line as usize;
        if !B::COLUMNS {
            return Place { line, column: 0 };
        }
        let (from, column) = self.counted;
        let column = column + self.text.get(from..self.at).unwrap_or_default().chars().count();
        self.counted = (self.at, column);
        Place { line, column }
    }

    fn blanks(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' => {
                    self.line = self.line.saturating_add(1);
                    self.counted = (self.at + 1, 1);
                }
                b' ' | b'\t' | b'\r' => {}
                _ => break,
            }
            self.at += 1;
        }
    }

    fn value(&mut self) -> Result<B::Value, B::Failure> {
        self.values += 1;
        if self.values > MOST_VALUES {
            return Err(self.error("too many values").into());
        }
        let place = self.place();
        let scalar = match self.peek() {
            Some(b'"') => Value::Text(self.string()?),
            Some(b'{') => return self.nested(place, true),
            Some(b'[') => return self.nested(place, false),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            _ => return Err(self.unexpected("a value").into()),
        };
        self.builder.scalar(scalar, place)
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, Error> {
        if !self.bytes.get(self.at..).unwrap_or_default().starts_with(word.as_bytes()) {
            return Err(self.unexpected("a value"));
        }
        self.at += word.len();
        Ok(value)
    }

    /// The list or dict whose bracket is next.
    fn nested(&mut self, place: Place, dict: bool) -> Result<B::Value, B::Failure> {
        self.depth += 1;
        if self.depth > self.max_depth {
            return Err(self.error(format!("nested deeper than {} levels", self.max_depth)).into());
        }
        self.at += 1;
        let value = if dict { self.dict(place) } else { self.list(place) };
        self.depth -= 1;
        value
    }

    fn list(&mut self, place: Place) -> Result<B::Value, B::Failure> {
        self.blanks();
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return self.builder.list(items, place, self.line);
        }
        loop {
            items.push(self.value()?);
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.unexpected("',' or ']'").into()),
            }
            self.blanks();
        }
        self.at += 1;
        self.builder.list(items, place, self.line)
    }

    fn dict(&mut self, place: Place) -> Result<B::Value, B::Failure> {
        self.blanks();
        let mut dict = self.builder.open()?;
        if self.peek() != Some(b'}') {
            self.entries(&mut dict)?;
        }
        self.at += 1;
        self.builder.close(dict, place, self.line)
    }

    /// Up to the closing bracket.
    fn entries(&mut self, dict: &mut B::Dict) -> Result<(), B::Failure> {
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("a key").into());
            }
            let place = self.place();
            let start = self.at;
            let key = self.string()?;
            let end = self.at;
            self.blanks();
            if self.peek() != Some(b':') {
                return Err(self.unexpected("':'").into());
            }
            self.at += 1;
            self.blanks();
            let value = self.value()?;
            if !self.builder.entry(dict, key, place, value)? {
                let key = self.text.get(start..end).unwrap_or_default();
                return Err(Error::new(format!("key {key} stands twice"), place.line).into());
            }
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => return Ok(()),
                _ => return Err(self.unexpected("',' or '}'").into()),
            }
            self.blanks();
        }
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Error> {
        self.at += 1;
        let start = self.at;
        self.plain();
        if self.peek() == Some(b'"') {
            let text = self.text.get(start..self.at).unwrap_or_default();
            self.at += 1;
            return Ok(Cow::Borrowed(text));
        }
        let mut text = self.text.get(start..self.at).unwrap_or_default().to_owned();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(text));
                }
                Some(b'\\') => text.push(self.escape()?),
                Some(_) => return Err(self.error("a control character inside a string")),
                None => return Err(self.error("a string does not end")),
            }
            let from = self.at;
            self.plain();
            text.push_str(self.text.get(from..self.at).unwrap_or_default());
        }
    }

    /// Goes to the next quote, backslash or control character. These are ASCII, so the place is between characters.
    fn plain(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let stop = |byte: &u8| *byte == b'"' || *byte == b'\\' || *byte < 0x20;
        self.at += rest.iter().position(stop).unwrap_or(rest.len());
    }

    fn escape(&mut self) -> Result<char, Error> {
        self.at += 1;
        let Some(byte) = self.peek() else { return Err(self.error("a string does not end")) };
        self.at += 1;
        Ok(match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.hex()?;
                if !(0xd800..0xdc00).contains(&first) {
                    return Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                let back = self.at;
                if self.bytes.get(self.at..).unwrap_or_default().starts_with(b"\\u") {
                    self.at += 2;
                    let second = self.hex()?;
                    if (0xdc00..0xe000).contains(&second) {
                        let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                        return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    self.at = back;
                }
                char::REPLACEMENT_CHARACTER
            }
            _ => return Err(self.error("an unknown escape inside a string")),
        })
    }

    fn hex(&mut self) -> Result<u32, Error> {
        let digits = self.bytes.get(self.at..self.at + 4).unwrap_or_default();
        if digits.len() < 4 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(self.error("\\u without four hexadecimal digits"));
        }
        let value = digits.iter().fold(0, |sum, digit| sum * 16 + (*digit as char).to_digit(16).unwrap_or(0));
        self.at += 4;
        Ok(value)
    }

    fn digits(&mut self) -> Result<(), Error> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.unexpected("a digit")) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Value<'a>, Error> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        let integer = self.at;
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        if self.at > integer {
            return text.parse().map(Value::Float).map_err(|_| self.error("an unreadable number"));
        }
        if let Ok(number) = text.parse() {
            return Ok(Value::Int(number));
        }
        if text.len() > LONGEST_INTEGER {
            return Err(self.error("an integer with too many digits"));
        }
        Ok(Value::BigInt(Cow::Borrowed(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok(text: &str) -> Value<'_> {
        parse(text.as_bytes(), 500).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn bad(text: &str) -> Error {
        parse(text.as_bytes(), 500).err().unwrap_or_else(|| panic!("{text} was read"))
    }

    fn word(text: &str) -> Value<'_> {
        Value::Text(text.into())
    }

    #[test]
    fn scalars() {
        assert_eq!(ok(" null "), Value::Null);
        assert_eq!(ok("\u{feff}true"), Value::Bool(true));
        assert_eq!(ok("-12"), Value::Int(-12));
        assert_eq!(ok("9223372036854775808"), Value::BigInt("9223372036854775808".into()));
        assert_eq!(ok("1e3"), Value::Float(1000.0));
        assert_eq!(ok(r#""a\u00e9\ud83d\ude00\n""#), word("aé😀\n"));
        assert_eq!(ok(r#""\ud83dx\ud83d\u0041\udc00""#), word("\u{fffd}x\u{fffd}A\u{fffd}"));
    }

    #[test]
    fn lines_of_objects() {
        let Value::Dict(outer) = ok("\n{\n\n\"a\": {}, \"b\": [\n{\n}]}\n") else { panic!("no object") };
        assert_eq!((outer.first_line, outer.last_line), (2, 6));
        let Value::Dict(inner) = &outer.entries[0].1 else { panic!("no object") };
        assert_eq!((inner.first_line, inner.last_line), (4, 4));
        let Value::List(list) = &outer.entries[1].1 else { panic!("no list") };
        let Value::Dict(inner) = &list[0] else { panic!("no object") };
        assert_eq!((inner.first_line, inner.last_line), (5, 6));
    }

    #[test]
    fn refusals_say_the_line() {
        for text in
            ["", "{", "[1,]", "{\"a\":1,}", "01", "1.", "-", "+1", "nul", "NaN", "'a'", "[1 2]", "{\"a\" 1}", "{1:2}"]
        {
            assert_eq!(bad(text).line, 1, "{text}");
        }
        assert_eq!(bad("{\"a\":1,\n\"a\":2}"), Error::new("key \"a\" stands twice", 2));
        assert_eq!(bad("{}\n{}"), Error::new("text after the document", 2));
        assert_eq!(bad("[\n\"a\nb\"]").line, 2);
        assert_eq!(bad("\"\\x\"").what, "an unknown escape inside a string");
        assert_eq!(bad("\"\\u12").line, 1);
        assert_eq!(parse(b"[\n\"\xff\"]", 9).unwrap_err(), Error::new("invalid UTF-8", 2));
        assert!(bad(&"1".repeat(5000)).what.contains("digits"));
    }

    #[test]
    fn many_keys_are_still_compared() {
        let keys: Vec<String> = (0..20).map(|index| format!("\"k{index}\":0")).collect();
        for repeated in [0, 7, 8, 9, 19] {
            let text = format!("{{{},\"k{repeated}\":1}}", keys.join(","));
            assert!(bad(&text).what.contains("twice"), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = "[".repeat(100_000);
        assert!(bad(&deep).what.contains("deeper than 500"));
        let text = format!("{}{}", "[".repeat(3), "]".repeat(3));
        assert!(parse(text.as_bytes(), 3).is_ok());
        assert!(parse(text.as_bytes(), 2).is_err());
    }
}
