//! Lines and columns of offsets in a text.

use memchr::{memchr_iter, memrchr};

/// A place as people count it: both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub line: usize,
    /// In characters of UTF-8; a byte that continues none counts nothing.
    pub column: usize,
}

impl Position {
    /// This place, counted from another one instead of the start.
    pub fn behind(self, other: Self) -> Self {
        let column = if self.line == 1 { other.column + self.column - 1 } else { self.column };
        Self { line: other.line + self.line - 1, column }
    }
}

/// Places in one text. A line ends with `\n`, so also with `\r\n`.
///
/// Asked for ascending offsets, all questions together read the text once, however long its lines are.
pub struct Lines<'t> {
    text: &'t [u8],
    /// The last offset asked for, and where it is.
    offset: usize,
    position: Position,
}

impl<'t> Lines<'t> {
    pub fn new(text: &'t [u8]) -> Self {
        Self { text, offset: 0, position: Position { line: 1, column: 1 } }
    }

    /// The place of an offset; one behind the end is at the end.
    pub fn position(&mut self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        if offset < self.offset {
            (self.offset, self.position) = (0, Position { line: 1, column: 1 });
        }
        let passed = &self.text[self.offset..offset];
        match memrchr(b'\n', passed) {
            Some(last) => {
                self.position.line += memchr_iter(b'\n', passed).count();
                self.position.column = 1 + characters(&passed[last + 1..]);
            }
            None => self.position.column += characters(passed),
        }
        self.offset = offset;
        self.position
    }
}

/// How many characters begin in these bytes.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte & 0xc0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, offset: usize) -> (usize, usize) {
        let position = Lines::new(text.as_bytes()).position(offset);
        (position.line, position.column)
    }

    #[test]
    fn lines_and_columns() {
        assert_eq!(at("", 0), (1, 1));
        assert_eq!(at("abc", 2), (1, 3));
        assert_eq!(at("abc\nde", 3), (1, 4));
        assert_eq!(at("abc\nde", 4), (2, 1));
        assert_eq!(at("abc\nde", 5), (2, 2));
        assert_eq!(at("abc\n", 4), (2, 1));
        assert_eq!(at("a\r\nb\r\nc", 6), (3, 1));
        assert_eq!(at("\n\n\nx", 3), (4, 1));
    }

    #[test]
    fn columns_are_characters() {
        assert_eq!(at("é€𝄞x", "é€𝄞".len()), (1, 4));
        assert_eq!(at("é\né", 5), (2, 2));
    }

    #[test]
    fn behind_the_end_is_the_end() {
        assert_eq!(at("a\nbc", 99), (2, 3));
    }

    #[test]
    fn any_order() {
        let text = b"one\ntwo\nthree";
        let mut lines = Lines::new(text);
        for offset in [9, 0, 13, 4, 5, 5, 2, 12] {
            assert_eq!(lines.position(offset), Lines::new(text).position(offset), "{offset}");
        }
    }
}
