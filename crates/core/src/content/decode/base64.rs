//! Texts in base64 (RFC 4648), in the usual alphabet or in that for URLs, padded or not, in lines or not.

use super::super::bits::{BLOCK, block, mask};
use super::prose::{Form, Prose, START};
use super::{Decoded, LONGEST_PART, OVERLAP};

/// Shorter runs are not decoded; padding counts.
const SHORTEST: usize = 20;
/// Of these, letters: what at most two signs of padding leave.
const LETTERS: usize = SHORTEST - 2;
/// Letters that `START` bytes are written with.
const FIRST: usize = START / 3 * 4;
/// A run may have something before the text, as a path has: so many places in it are tried.
const MOST_TRIES: usize = 8;
/// Lines of a text have at least so many letters, or they are a list of words.
const SHORTEST_LINE: usize = 48;
const MOST_INDENT: usize = 64;
/// Bytes of the first step; each is twice the one before, so that little is decoded in vain.
const STEP: usize = 48;
const LONGEST_STEP: usize = OVERLAP / 4 * 3;

const NONE: u8 = 0xff;

const VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut index = 0;
    while index < alphabet.len() {
        values[alphabet[index] as usize] = index as u8;
        index += 1;
    }
    values[b'-' as usize] = 62;
    values[b'_' as usize] = 63;
    values
};

/// In one of the alphabets, without a branch or a table.
#[inline(always)]
fn is_letter(byte: u8) -> bool {
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    // `-` `.` `/` and the digits stand side by side.
    let sign = (byte.wrapping_sub(b'-') < 13) & (byte != b'.');
    letter | sign | (byte == b'+') | (byte == b'_')
}

fn value(byte: u8) -> u8 {
    VALUES[usize::from(byte)]
}

/// How many letters follow each other from `at`.
fn run(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.iter().position(|byte| value(*byte) == NONE).unwrap_or(rest.len())
}

/// Finds the texts.
pub fn parts(text: &[u8], found: &mut dyn FnMut(Decoded<'_>)) {
    let mut decoder = Decoder { text, found, bytes: Vec::new(), prose: String::new() };
    let (mut at, mut before) = (0, 0_u64);
    while at < text.len() {
        let letters = mask(&block(text, at, 0), is_letter);
        // Bit n of the upper half: the `LETTERS` bytes up to byte n are letters.
        let both = u128::from(letters) << 64 | u128::from(before);
        let mut runs = both & both << 1;
        runs &= runs << 2;
        runs &= runs << 4;
        runs &= runs << 8;
        runs &= runs << (LETTERS - 16);
        let ends = (runs >> 64) as u64;
        if ends == 0 {
            (at, before) = (at + BLOCK, letters);
            continue;
        }
        // In the blocks before there was none, so the first run begins right here.
        let start = at + 1 + ends.trailing_zeros() as usize - LETTERS;
        let end = start + LETTERS + run(text, start + LETTERS);
        (at, before) = (decoder.run(start, end), 0);
    }
}

struct Decoder<'t, 'f> {
    text: &'t [u8],
    found: &'f mut dyn FnMut(Decoded<'_>),
    bytes: Vec<u8>,
    prose: String,
}

impl Decoder<'_, '_> {
    /// Decodes what is text of the run `[start, end)`; returns where the search goes on.
    fn run(&mut self, start: usize, end: usize) -> usize {
        let mut start = start + self.escape(start);
        let mut tries = 0;
        while end + self.padding(end) >= start + SHORTEST {
            match self.part(start, end) {
                Some(behind) if behind > end => return behind,
                Some(behind) => (start, tries) = (behind, 0),
                None => {
                    tries += 1;
                    let rest = self.text.get(start..end).unwrap_or_default();
                    let Some(sign) = rest.iter().position(|byte| matches!(byte, b'/' | b'-' | b'_' | b'+')) else {
                        return end;
                    };
                    if tries == MOST_TRIES {
                        return end;
                    }
                    start += sign + 1;
                }
            }
        }
        end
    }

    /// Letters at the start of a run that belong to what is before it: `\n`, `%3D`.
    fn escape(&self, start: usize) -> usize {
        let before = start.checked_sub(1).and_then(|before| self.text.get(before));
        match (before, self.text.get(start..start + 2)) {
            (Some(b'\\'), Some([b'n' | b'r' | b't', _])) => 1,
            (Some(b'%'), Some([first, second])) if first.is_ascii_hexdigit() && second.is_ascii_hexdigit() => 2,
            _ => 0,
        }
    }

    fn padding(&self, end: usize) -> usize {
        self.text.get(end..).unwrap_or_default().iter().take(2).take_while(|byte| **byte == b'=').count()
    }

    fn form(&self, start: usize) -> Option<Form> {
        let letters = self.text.get(start..start + FIRST)?;
        let mut bytes = [0; START];
        for (bytes, letters) in bytes.chunks_exact_mut(3).zip(letters.chunks_exact(4)) {
            let mut four = 0;
            for letter in letters {
                four = four << 6 | u32::from(value(*letter) & 63);
            }
            bytes.copy_from_slice(&four.to_be_bytes()[1..]);
        }
        Prose::form(&bytes)
    }

    /// Decodes the text that begins at `start` of a run up to `end`, if there is one; returns the place behind it.
    fn part(&mut self, start: usize, end: usize) -> Option<usize> {
        let form = self.form(start)?;
        let mut judge = Prose::new(form);
        self.bytes.clear();
        let mut letters = Letters { text: self.text, line: start, at: start, end };
        let mut step = STEP;
        loop {
            let before = (letters.at, self.bytes.len());
            let whole = letters.decode(step, &mut self.bytes);
            if !judge.read(self.bytes.get(before.1..).unwrap_or_default()) {
                let mut letters = Letters { text: self.text, line: start, at: start, end };
                self.bytes.clear();
                letters.decode(judge.sound(), &mut self.bytes);
                // As short as this it is a text by chance.
                if letters.at - start < SHORTEST {
                    return None;
                }
                self.tell(form, start, letters.at);
                return Some(letters.at);
            }
            if !whole {
                let behind = letters.at + self.padding(letters.at);
                self.tell(form, start, behind);
                return Some(behind);
            }
            if letters.at - start >= LONGEST_PART {
                self.tell(form, start, letters.at);
                // The next piece begins with the last step of this one.
                return Some(before.0);
            }
            step = (2 * step).min(LONGEST_STEP);
        }
    }

    fn tell(&mut self, form: Form, start: usize, end: usize) {
        let text = match form {
            Form::Utf8 => self.bytes.as_slice(),
            Form::Utf16 => {
                let units = self.bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
                let marks = |read: &Result<char, _>| *read != Ok('\u{feff}');
                self.prose.clear();
                self.prose.extend(
                    char::decode_utf16(units).filter(marks).map(|read| read.unwrap_or(char::REPLACEMENT_CHARACTER)),
                );
                self.prose.as_bytes()
            }
        };
        if !text.is_empty() {
            (self.found)(Decoded { start, end, how: "base64", text });
        }
    }
}

/// The letters of a text, which goes on in the lines below.
struct Letters<'t> {
    text: &'t [u8],
    /// Where the letters of this line begin, and end.
    line: usize,
    end: usize,
    at: usize,
}

impl Letters<'_> {
    /// Decodes `count` bytes more, or what there is; false at the end. `count` is a multiple of 3 unless it is the last.
    fn decode(&mut self, count: usize, bytes: &mut Vec<u8>) -> bool {
        let until = bytes.len() + count;
        let (mut four, mut letters) = (0_u32, 0);
        while bytes.len() < until {
            if self.at == self.end && !self.next_line() {
                // Two letters are a byte, three are two; one alone is none.
                let rest = (four << (6 * (4 - letters))).to_be_bytes();
                let rest = &rest[1..1 + [0, 0, 1, 2][letters]];
                bytes.extend_from_slice(&rest[..rest.len().min(until - bytes.len())]);
                return false;
            }
            four = four << 6 | u32::from(value(self.text[self.at]) & 63);
            self.at += 1;
            letters += 1;
            if letters == 4 {
                let three = &four.to_be_bytes()[1..];
                bytes.extend_from_slice(&three[..3.min(until - bytes.len())]);
                (four, letters) = (0, 0);
            }
        }
        true
    }

    /// Goes on to the next line, if it belongs to the text: as long as this one, or the last and shorter.
    fn next_line(&mut self) -> bool {
        let length = self.end - self.line;
        if length < SHORTEST_LINE || length % 4 != 0 {
            return false;
        }
        let Some(behind) = line_break(self.text, self.end) else { return false };
        let rest = self.text.get(behind..).unwrap_or_default();
        let indent = rest.iter().take(MOST_INDENT).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let line = behind + indent;
        // No more of it is read than the lines before have.
        let rest = self.text.get(line..).unwrap_or_default();
        let next = rest.iter().take(length + 1).take_while(|byte| value(**byte) != NONE).count();
        let ends = matches!(rest.get(next), None | Some(b'\n' | b'\r' | b'=' | b'"' | b'\'' | b'`' | b'<' | b'\\'));
        if next < 2 || next > length || !ends {
            return false;
        }
        (self.line, self.at, self.end) = (line, line, line + next);
        true
    }
}

/// The place behind the line break at `at`; that may be one written `\n` in a string.
fn line_break(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let breaks: [&[u8]; 4] = [b"\n", b"\r\n", b"\\n", b"\\r\\n"];
    breaks.into_iter().find(|line| rest.starts_with(line)).map(|line| at + line.len())
}
