//! How the characters of a file are written, told by its first bytes; and UTF-16 as UTF-8.

/// Bytes at the start of a file by which it is judged.
pub const HEAD: usize = 8 << 10;
/// With fewer pairs of bytes nothing is said of UTF-16 that has no mark.
const FEWEST: usize = 8;

/// How a file is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// ASCII, UTF-8 or another encoding that keeps ASCII, behind `skip` bytes that mark the start.
    Text { skip: usize },
    /// UTF-16, behind `skip` bytes that mark the start.
    Utf16 { big: bool, skip: usize },
    /// UTF-32, as only a mark can tell.
    Utf32,
    /// There is a zero byte in its head.
    Binary,
}

/// The form of a file that begins so; what is behind `HEAD` does not count.
pub fn form(head: &[u8]) -> Form {
    let head = &head[..head.len().min(HEAD)];
    match head {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => return Form::Utf32,
        [0xff, 0xfe, ..] => return Form::Utf16 { big: false, skip: 2 },
        [0xfe, 0xff, ..] => return Form::Utf16 { big: true, skip: 2 },
        _ => {}
    }
    if memchr::memchr(0, head).is_some() {
        return unmarked(head).unwrap_or(Form::Binary);
    }
    Form::Text { skip: if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 } }
}

/// Whether these first bytes, of which more may follow, rule out that the file is a text.
pub fn is_surely_binary(head: &[u8]) -> bool {
    head.len() >= 4 * FEWEST && form(head) == Form::Binary
}

/// UTF-16 without a mark: in most pairs the same byte is zero, and the other one is a character that texts have.
fn unmarked(head: &[u8]) -> Option<Form> {
    let (mut zeros, mut pairs, mut controls) = ([0, 0], 0, 0);
    for pair in head.chunks_exact(2) {
        pairs += 1;
        match *pair {
            [0, 0] => return None,
            [0, low] | [low, 0] => {
                zeros[usize::from(pair[1] == 0)] += 1;
                controls += usize::from(low < b' ' && !matches!(low, b'\t' | b'\n' | b'\r' | 0x0c));
            }
            _ => {}
        }
    }
    if pairs < FEWEST || controls * 50 > pairs {
        return None;
    }
    // Marked by both: what has a character like U+0100 now and then.
    let most = |this: usize, other: usize| this * 10 >= pairs * 6 && other * 50 <= pairs;
    match zeros {
        [high, low] if most(high, low) => Some(Form::Utf16 { big: true, skip: 0 }),
        [high, low] if most(low, high) => Some(Form::Utf16 { big: false, skip: 0 }),
        _ => None,
    }
}

/// Turns UTF-16 into UTF-8, piece after piece. What is no character becomes U+FFFD, so that each two bytes of UTF-16
/// are one character of at most three bytes in UTF-8, or four are one of four: offsets can be told by counting.
#[derive(Debug)]
pub struct Utf16 {
    big: bool,
    /// The first byte of a pair,
    half: Option<u8>,
    /// and the first pair of a character.
    first: Option<u16>,
}

/// Bytes of UTF-8 that one step of `Utf16` makes at most.
const STEP: usize = 6;

impl Utf16 {
    pub fn new(big: bool) -> Self {
        Self { big, half: None, first: None }
    }

    /// How many bytes of UTF-16 surely fit into so many bytes of UTF-8.
    pub fn fitting(room: usize) -> usize {
        (room / 3).saturating_sub(STEP) * 2
    }

    /// Writes what these bytes say; returns how many bytes were written. `out` has room: see `fitting`.
    pub fn decode(&mut self, bytes: &[u8], out: &mut [u8]) -> usize {
        let mut writer = Writer { out, at: 0 };
        let mut bytes = bytes;
        if let (Some(half), [byte, rest @ ..]) = (self.half, bytes) {
            self.half = None;
            self.unit([half, *byte], &mut writer);
            bytes = rest;
        }
        let mut pairs = bytes.chunks_exact(2);
        for pair in &mut pairs {
            self.unit([pair[0], pair[1]], &mut writer);
        }
        if let [byte] = pairs.remainder() {
            self.half = Some(*byte);
        }
        writer.at
    }

    /// At the end: the character that was not finished. Half a pair is nothing.
    pub fn finish(&mut self, out: &mut [u8]) -> usize {
        let mut writer = Writer { out, at: 0 };
        self.half = None;
        if self.first.take().is_some() {
            writer.put(char::REPLACEMENT_CHARACTER);
        }
        writer.at
    }

    #[inline]
    fn unit(&mut self, pair: [u8; 2], writer: &mut Writer<'_>) {
        let unit = if self.big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) };
        if let Some(first) = self.first.take() {
            if (0xdc00..0xe000).contains(&unit) {
                let code = 0x1_0000 + (u32::from(first - 0xd800) << 10 | u32::from(unit - 0xdc00));
                writer.put(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                return;
            }
            writer.put(char::REPLACEMENT_CHARACTER);
        }
        match unit {
            0xd800..0xdc00 => self.first = Some(unit),
            _ => writer.put(char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER)),
        }
    }
}

struct Writer<'o> {
    out: &'o mut [u8],
    at: usize,
}

impl Writer<'_> {
    #[inline]
    fn put(&mut self, character: char) {
        if let Some(room) = self.out.get_mut(self.at..self.at + character.len_utf8()) {
            character.encode_utf8(room);
            self.at += room.len();
        }
    }
}

/// How many bytes of UTF-16 a text that `Utf16` made was written with.
pub fn utf16_length(text: &[u8]) -> u64 {
    let units = text.iter().filter(|&&byte| byte & 0xc0 != 0x80).count();
    let long = text.iter().filter(|&&byte| byte >= 0xf0).count();
    2 * (units + long) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    }

    #[test]
    fn marks_tell() {
        assert_eq!(form(b"\xef\xbb\xbfabc"), Form::Text { skip: 3 });
        assert_eq!(form(b"\xff\xfea\0"), Form::Utf16 { big: false, skip: 2 });
        assert_eq!(form(b"\xfe\xff\0a"), Form::Utf16 { big: true, skip: 2 });
        assert_eq!(form(b"\xff\xfe\0\0a\0\0\0"), Form::Utf32);
        assert_eq!(form(b"\0\0\xfe\xff"), Form::Utf32);
        assert_eq!(form(b""), Form::Text { skip: 0 });
    }

    #[test]
    fn zeros_tell() {
        for big in [false, true] {
            let expected = Form::Utf16 { big, skip: 0 };
            assert_eq!(form(&written("[settings]\r\nkey = value\r\n", big)), expected);
            assert_eq!(form(&written("name = \"Grüße, Łódź\"; path = /usr/bin", big)), expected);
            assert_eq!(form(&written(&"x".repeat(9000), big)), expected);
        }
        assert_eq!(form(b"GIF89a\0\0\x01\0\x01\0"), Form::Binary);
        assert_eq!(form(b"plain text with one \0 in it"), Form::Binary);
        // Numbers of 16 bits.
        let numbers: Vec<u8> = (1_u16..200).flat_map(u16::to_le_bytes).collect();
        assert_eq!(form(&numbers), Form::Binary);
        assert_eq!(form(&[b"text".repeat(3000).as_slice(), b"\0"].concat()), Form::Text { skip: 0 });
    }

    #[test]
    fn a_short_head_decides_nothing_too_early() {
        let text = written("key = value of something", false);
        for length in 0..text.len() {
            assert!(!is_surely_binary(&text[..length]), "{length}");
        }
        assert!(is_surely_binary(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0\x01\0\0\0\0\0\0\0\0\0\0\0"));
    }

    #[test]
    fn in_pieces_of_any_size() {
        let text = "a é € 𝄞 \u{ffff}\u{100}x\n𝄞𝄞";
        for big in [false, true] {
            let bytes = written(text, big);
            for size in 1..bytes.len() {
                let mut decoder = Utf16::new(big);
                let mut out = [0; 200];
                let mut at = 0;
                for piece in bytes.chunks(size) {
                    at += decoder.decode(piece, &mut out[at..]);
                }
                at += decoder.finish(&mut out[at..]);
                assert_eq!(std::str::from_utf8(&out[..at]), Ok(text), "{size}");
                assert_eq!(utf16_length(&out[..at]), bytes.len() as u64);
            }
        }
    }

    #[test]
    fn what_is_no_character_is_replaced_and_counted() {
        let units = [0xd834, 0x61, 0xdd1e, 0xd834, 0xd834, 0xdd1e, 0xd834_u16];
        let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).chain([7]).collect();
        let (mut decoder, mut out) = (Utf16::new(false), [0; 64]);
        let mut at = decoder.decode(&bytes, &mut out);
        at += decoder.finish(&mut out[at..]);
        assert_eq!(std::str::from_utf8(&out[..at]), Ok("\u{fffd}a\u{fffd}\u{fffd}𝄞\u{fffd}"));
        assert_eq!(utf16_length(&out[..at]), 14);
    }

    #[test]
    fn room_is_enough() {
        let bytes = written(&"€".repeat(1000), false);
        for room in [0, 10, 20, 100, 1000] {
            let fitting = Utf16::fitting(room);
            let mut out = vec![0; room];
            let written = Utf16::new(false).decode(&bytes[..fitting], &mut out);
            assert_eq!(written, fitting / 2 * 3);
        }
    }
}
