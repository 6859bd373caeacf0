//! Where the values of secrets stand, again and again.

use std::collections::BTreeMap;
use std::ops::Bound;

use memchr::memmem;

/// Shorter values are not looked for,
const SHORTEST: usize = 4;
/// and those shorter than this only as words of their own.
const SHORT: usize = 8;
/// Bytes at the start of a value by which it is known, so that the time does not grow with its length.
const KNOWN_BY: usize = 64;
/// So many values are looked for one after the other; more of them together.
const FEW: usize = 6;
/// Bits of a filter of starts.
const BITS: usize = 1 << 16;

/// The values of the secrets in one file.
#[derive(Default)]
pub struct Values {
    /// What a value begins with, and the length of the longest one that begins so.
    list: BTreeMap<Vec<u8>, usize>,
}

impl Values {
    /// Takes up a value, and the lines of one that has some: they may stand elsewhere, written another way.
    pub fn add(&mut self, value: &[u8]) {
        self.add_one(value);
        if value.iter().any(|byte| is_break(*byte)) {
            let lines = value.split(|byte| is_break(*byte)).map(<[u8]>::trim_ascii);
            for line in lines.filter(|line| line.len() >= SHORT && !line.starts_with(b"-----")) {
                self.add_one(line);
            }
        }
    }

    fn add_one(&mut self, value: &[u8]) {
        if value.len() < SHORTEST {
            return;
        }
        let start = &value[..value.len().min(KNOWN_BY)];
        match self.list.get_mut(start) {
            Some(length) => *length = (*length).max(value.len()),
            None => {
                self.list.insert(start.to_vec(), value.len());
            }
        }
    }

    /// Adds all places of all values in a text: from, to. One that is cut at its end counts too when `KNOWN_BY` bytes
    /// of it are there.
    pub fn places(&self, text: &[u8], places: &mut Vec<(usize, usize)>) {
        let mut note = |at: usize, length: usize| {
            let end = text.len().min(at + length);
            if length >= SHORT || is_word(text, at, end) {
                places.push((at, end));
            }
        };
        if self.list.len() <= FEW {
            for (start, &length) in &self.list {
                let finder = memmem::Finder::new(start);
                let mut at = 0;
                while let Some(found) = finder.find(&text[at..]) {
                    note(at + found, length);
                    at += found + 1;
                }
            }
            return;
        }
        let mut filter = vec![0_u64; BITS / 64];
        for start in self.list.keys() {
            let bit = bit(start);
            filter[bit / 64] |= 1 << (bit % 64);
        }
        for (at, four) in text.windows(SHORTEST).enumerate() {
            let bit = bit(four);
            if filter[bit / 64] >> (bit % 64) & 1 == 1 {
                if let Some(length) = self.at(&text[at..]) {
                    note(at, length);
                }
            }
        }
    }

    /// The length of the longest value with which these bytes begin.
    fn at(&self, bytes: &[u8]) -> Option<usize> {
        let mut bytes = &bytes[..bytes.len().min(KNOWN_BY)];
        while bytes.len() >= SHORTEST {
            // What they begin with is not greater than they are, and nothing longer of that kind lies between.
            let not_greater = (Bound::Unbounded, Bound::Included(bytes));
            let (start, &length) = self.list.range::<[u8], _>(not_greater).next_back()?;
            let common = start.iter().zip(bytes).take_while(|(one, other)| one == other).count();
            if common == start.len() {
                return Some(length);
            }
            bytes = &bytes[..common];
        }
        None
    }
}

/// Whether a line ends here, in a text or in a string of a program.
fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r' | b'\\')
}

/// The bit of the filter for what begins with these four bytes.
fn bit(start: &[u8]) -> usize {
    let four = start.first_chunk::<SHORTEST>().map_or(0, |four| u32::from_le_bytes(*four));
    (four.wrapping_mul(0x9e37_79b1) >> 16) as usize
}

fn is_word(text: &[u8], from: usize, to: usize) -> bool {
    let in_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80);
    !in_word(from.checked_sub(1).and_then(|at| text.get(at))) && !in_word(text.get(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(values: &[&str], text: &str) -> Vec<(usize, usize)> {
        let mut list = Values::default();
        values.iter().for_each(|value| list.add(value.as_bytes()));
        let mut found = Vec::new();
        list.places(text.as_bytes(), &mut found);
        found.sort_unstable();
        found
    }

    #[test]
    fn everywhere_and_overlapping() {
        assert_eq!(places(&["abcabcabc"], "abcabcabcabc abcabcab"), [(0, 9), (3, 12)]);
        assert_eq!(places(&["word"], "word sword words 'word'"), [(0, 4), (18, 22)]);
        assert_eq!(places(&["abc"], "abc"), []);
    }

    #[test]
    fn many_together_as_one_by_one() {
        let text =
            "0123456789abcdefghij 0123456789 012345678 defghijk abcdefgh xyz12345678 0123456789abcdefgh".repeat(3);
        let values: Vec<String> = (0..20)
            .flat_map(|from| (8..18).map(move |length| (from, length)))
            .filter_map(|(from, length)| text.get(from..from + length).map(str::to_owned))
            .collect();
        let all: Vec<&str> = values.iter().map(String::as_str).collect();
        let covered = |places: &[(usize, usize)]| {
            let mut marks = vec![false; text.len()];
            places.iter().for_each(|&(from, to)| marks[from..to].fill(true));
            marks
        };
        let one_by_one: Vec<_> = all.iter().flat_map(|value| places(&[value], &text)).collect();
        assert_eq!(covered(&places(&all, &text)), covered(&one_by_one));
    }

    #[test]
    fn long_values_are_known_by_their_start() {
        let value: String = (100..170).map(|number| number.to_string()).collect();
        let text = format!("{} {} {value}", &value[..63], &value[..64]);
        assert_eq!(places(&[&value], &text), [(64, 274), (129, 339)]);
    }
}
